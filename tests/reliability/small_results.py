"""The sweep and the experiment that are killed, choked, doubled and damaged: tiny, undisturbed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from partnersim.errors import InputError
from partnersim.runs.folder import facts_writer
from partnersim.runs.reader import read_runs
from program import Answer, call, files

#: 48 runs of two quarters, in many parts.
SWEEP = (
    *("experiment=robustness", "horizon.end=2025Q4", "design.points=12"),
    *("policies=[balanced,connect_first]", "climates=[calm,coercion]", "replicates=2"),
    *("design.metrics=[instruments,links,partner_value,eu_value,partners,hub_dependence]",),
    *("figures=false", "threads=2", "engine.chunk_seconds=0.01"),
)
#: Two policies, two runs of two quarters.
EXPERIMENT = (
    *("policy=no_offer", "horizon.end=2025Q4", "replicates=2", "shock_tests=[]"),
    *("figures=false", "threads=2"),
)
FORECAST = ("forecast", "draws=2", "runs=2", "horizon.end=2026Q2", "threads=2")


def made(output: Path, words: tuple[str, ...]) -> Path:
    """Run a sweep or an experiment in peace; return its folder."""
    answer = call(*words, f"output={output}")
    assert answer.status == 0, answer
    return folder_in(output)


def manifests(output: Path) -> Iterator[Path]:
    """Return the manifests below a folder of results."""
    return (path for path in output.rglob("manifest.json") if path.parent.name[:1] != ".")


def folder_in(output: Path) -> Path:
    """Return the one folder of results below a folder."""
    (manifest,) = manifests(output)
    return manifest.parent


def finished(output: Path, *words: str) -> Answer:
    """Finish a sweep as a user would: resume it, or begin anew if there is nothing to resume."""
    try:
        folder = folder_in(output)
        read_runs(folder)
    except (ValueError, InputError):
        return call(*SWEEP, f"output={output}", *words)
    return call("resume", folder, "figures=false", "threads=2", *words)


def must_equal(folder: Path, undisturbed: Path) -> None:
    """Hold that results are the undisturbed ones: manifest, every number, nothing besides."""
    mine, whole = read_runs(folder), read_runs(undisturbed)
    assert mine.manifest == whole.manifest
    assert not mine.warning
    assert mine.outcomes(quarters="all").equals(whole.outcomes(quarters="all"))
    assert mine.futures.equals(whole.futures)
    own, expected = files(folder), files(undisturbed)
    # How a sweep is cut into parts depends on the speed of the machine.
    assert {name for name in own if "parts/" not in name} == {
        name for name in expected if "parts/" not in name
    }
    assert not [name for name in own if Path(name).name.startswith(".") and name != ".lock"]


def change_manifest(folder: Path, **changes: object) -> None:
    """Write other values into a manifest, as another version or a hand would have."""
    path = folder / "manifest.json"
    facts = {**json.loads(path.read_text("utf-8")), **changes}
    facts.pop("digest_of_this_file", None)
    facts_writer(facts)(path)
