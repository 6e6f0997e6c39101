"""The manifest: what was run, the axes of its tables, who ran it; plain JSON beside the results."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from partnersim.arrays import Integers
from partnersim.compiler.source_digest import PACKAGE, source_digest
from partnersim.errors import InputError
from partnersim.runs import folder as store
from partnersim.user_path import user_path

MANIFEST_NAME = "manifest.json"
#: Version of the layout of a folder of results.
FORMAT = "runs 2"
#: Kind of a design whose futures are listed one by one: the climates of an experiment.
LISTED = "listed"
#: Entries that tell what came out or who made it, not what was planned.
UNTOLD_BY_THE_PLAN = ("versions", "machine", "runs_done", "runs_failed", "digest")
#: Settings that decide where and how fast results appear, not what they are.
OUTSIDE_THE_HASH = ("output", "experiment", "threads", "figures", "engine")
#: So many digits of the configuration's hash name the folder.
HASH_DIGITS = 12
#: What turns a scenario into a run, as patterns below the package.
RULES = (
    *("random/*.py", "actor_oriented/tie.py", "model/*.py", "model/*.csv", "runs/replicate.py"),
    *("scenario/compile*.py", "runs/play.py", "runs/chunk.py"),
)


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """Return SHA-256 over the settings that decide the results, 64 hexadecimal digits."""
    return store.json_digest({k: v for k, v in configuration.items() if k not in OUTSIDE_THE_HASH})


def deciding(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a manifest keeps: those that decide the results, and the name."""
    left_out = {*OUTSIDE_THE_HASH} - {"experiment"}
    return {key: value for key, value in configuration.items() if key not in left_out}


def results_folder(output: str, name: str, configuration: Mapping[str, Any]) -> Path:
    """Return where results of a name lie, or will lie: a folder for each configuration."""
    return user_path(output) / name / configuration_hash(configuration)[:HASH_DIGITS]


def results_in(place: Path) -> list[Path]:
    """Return a folder of results itself, or those that a folder holds, by name."""
    there = [*place.glob(MANIFEST_NAME)] or sorted(place.glob(f"*/{MANIFEST_NAME}"))
    return [path.parent for path in there]


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder of results.

    Raises
    ------
    InputError
        If there is none, it was made in another format, or it was changed.
    """
    path = folder / MANIFEST_NAME
    try:
        facts = store.read_json_group(path)
    except FileNotFoundError:
        raise InputError(f"{folder}: holds no results (no {MANIFEST_NAME})") from None
    if str(facts.get("format")).partition(" ")[0] == "search":
        raise InputError(f"{folder}: holds a search, not runs; partnersim resume writes its report")
    if facts.get("format") != FORMAT:
        made = facts.get("versions")
        by = made.get("partnersim") if isinstance(made, Mapping) else None
        raise InputError(
            f"{folder}: holds results in format {facts.get('format')!r}, made with partnersim"
            f" {by or '(unknown)'}; this is {version('partnersim')} and reads format {FORMAT!r}:"
            " read them with the version that made them, or run the experiment again"
        )
    if not store.is_sealed(facts):
        raise InputError(f"{path}: damaged or changed by hand (its digest differs)")
    if configuration_hash(facts["configuration"]) != facts["configuration_hash"]:
        raise InputError(f"{path}: damaged or changed by hand (configuration: its hash differs)")
    return facts


def write_beginning(
    folder: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]
) -> None:
    """Write what will be run, before the first run.

    The manifest comes last: a folder with a manifest can be resumed.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with store.writing_results(folder):
        (folder / store.PARTS_NAME).mkdir(parents=True, exist_ok=True)
        files = {name: store.table_writer(table) for name, table in tables.items()}
        store.write_files(folder, {**files, MANIFEST_NAME: store.facts_writer(manifest)})


class Layout(BaseModel):
    """The axes of the tables.

    A series is all replicates of one policy in one future. Run number
    ``series * replicates + replicate``, series number ``future * len(policies) + policy``:
    whatever part of the runs is done, it holds the same futures under every policy. Behind them
    come the series of the shock tests, each a future of its own under the first policy.

    Attributes
    ----------
    policies : tuple of str
        In the order of the design, the reference first.
    futures, replicates : int
    shock_tests : tuple of str
        Shocks whose effect is measured in runs of their own.
    metrics, quarters : tuple of str
        What is kept; the last quarter is the end of the horizon.
    iso3, instruments : tuple of str
        Axes of the counts of what comes into force.
    years : tuple of int
        Years whose end lies within the horizon.
    detailed : bool
        Whether event logs, countries at the ends of years and links at the end are kept, and
        counts by future.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    policies: tuple[str, ...]
    futures: int
    replicates: int
    shock_tests: tuple[str, ...]
    metrics: tuple[str, ...]
    quarters: tuple[str, ...]
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]
    years: tuple[int, ...]
    detailed: bool

    @property
    def compared(self) -> int:
        """Number of series that compare policies in futures, the shock tests left out."""
        return self.futures * len(self.policies)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return (self.compared + len(self.shock_tests)) * self.replicates

    def places(self, runs: Integers) -> tuple[Integers, Integers, Integers]:
        """Return policy (its position), future and replicate of run numbers.

        The future of shock test t is ``futures + t``.
        """
        series, replicate = np.divmod(runs, self.replicates)
        future, policy = np.divmod(series, len(self.policies))
        tested = series >= self.compared
        policy = np.where(tested, 0, policy)
        return policy, np.where(tested, series - self.compared + self.futures, future), replicate

    def place(self, run: int) -> tuple[str, int, int]:
        """Return policy, future and replicate of one run."""
        policy, future, replicate = (int(axis[0]) for axis in self.places(np.array([run])))
        return self.policies[policy], future, replicate

    def numbers(self, policy: Integers, future: Integers, replicate: Integers) -> Integers:
        """Return the numbers of runs from their places; see `places`."""
        tested = future >= self.futures
        series = np.where(
            tested, self.compared + future - self.futures, future * len(self.policies) + policy
        )
        return np.asarray(series * self.replicates + replicate)


# Who made results: versions of the program, its rules and the libraries below it


@cache
def rules_fingerprint() -> str:
    """Return a digest of the rules, 16 hexadecimal digits.

    It tells apart states of the program that bear the same version; comments, docstrings and
    labels do not count.
    """
    return source_digest(path for pattern in RULES for path in PACKAGE.glob(pattern))


def versions() -> dict[str, str]:
    """Return the versions that a manifest keeps."""
    libraries = {name: version(name) for name in ("numpy", "numba")}
    own = {"partnersim": version("partnersim"), "rules": rules_fingerprint()}
    return {**own, "python": platform.python_version(), **libraries}


@cache
def machine() -> dict[str, str]:
    """Return what may change the last digits of a number: processor and library of mathematics."""
    named = Path("/proc/cpuinfo")
    lines = named.read_text("utf-8", "replace").splitlines() if named.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = next(iter(models), platform.processor() or platform.machine())
    library = " ".join(platform.libc_ver()).strip() or platform.platform(terse=True)
    return {"processor": processor, "mathematics": library}


def other_machine(manifest: Mapping[str, Any]) -> str:
    """Say on which machine results were made, and which this is."""
    made = ", ".join(manifest.get("machine", {}).values()) or "a machine that is not recorded"
    here = ", ".join(machine().values())
    return f"made on {made}; this is {'the same' if made == here else here}"


def other_maker(manifest: Mapping[str, Any]) -> str | None:
    """Say who made results, and who this is, if their rules may differ; else None."""
    theirs, own = manifest["versions"], versions()
    if theirs["partnersim"] != own["partnersim"]:
        return f"made with partnersim {theirs['partnersim']}, this is {own['partnersim']}"
    if theirs.get("rules") != own["rules"]:
        given = theirs.get("rules", "not recorded")
        return (
            f"made with partnersim {own['partnersim']} and other rules (fingerprint {given}),"
            f" this is {own['partnersim']} with {own['rules']}"
        )
    return None


def made_elsewhere(manifest: Mapping[str, Any]) -> str:
    """Return what to put behind a problem of results whose rules may differ; else nothing."""
    other = other_maker(manifest)
    return f"; it was {other}: use the version that made it" if other else ""


@contextmanager
def reading_configuration(place: Path, manifest: Mapping[str, Any]) -> Iterator[None]:
    """Say of whose results it is that a configuration cannot be used, and who made them.

    Parameters
    ----------
    place : Path
        Where it stands.
    manifest : mapping
        The manifest that holds it.

    Raises
    ------
    InputError
        One line per problem that is raised within.
    """
    try:
        yield
    except InputError as error:
        other = made_elsewhere(manifest)
        raise InputError(
            f"{place}: its configuration cannot be used: {problem}{other}"
            for problem in error.problems
        ) from None
