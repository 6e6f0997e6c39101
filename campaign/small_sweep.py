"""The sweep that is killed, choked, doubled and damaged: tiny, but in many parts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from campaign.program import Answer, call, files
from campaign.trials import must
from partnersim.errors import InputError
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

#: 48 runs of two quarters, two parts or more.
WORDS = (
    "experiment=robustness",
    "world=named",
    "horizon.end=2025Q4",
    "policies=[balanced,connect_first]",
    "climates=[calm,coercion]",
    "design.points=12",
    "design.metrics=[instruments,links,partners,partner_value,covered_population,drawdown]",
    "replicates=2",
    "figures=false",
    "threads=2",
    "engine.chunk_seconds=0.01",
)
#: Nothing else may lie in the folder of a finished sweep.
_NAMES = {
    *("manifest.json", "design.json", "points.parquet", "signing.parquet", "failures.parquet"),
    *("partners.parquet", "instruments.parquet", "network.parquet", "parts", ".lock"),
}


def undisturbed(output: Path) -> StoredSweep:
    """Run the sweep in peace."""
    answer = call([*WORDS, f"output={output}"])
    must(answer.status == 0, answer.err)
    return read_sweep(output / "robustness")


def copied(sweep: StoredSweep, folder: Path) -> StoredSweep:
    """Return a copy of a sweep that may be broken."""
    return read_sweep(shutil.copytree(sweep.folder, folder))


def sweep_in(output: Path) -> StoredSweep | None:
    """Return the sweep below a folder of results, None if none has begun."""
    try:
        return read_sweep(output / "robustness")
    except InputError:
        return None


def finished(output: Path, *words: str) -> Answer:
    """Finish the sweep as a user would: resume it, or begin anew if nothing is there to resume."""
    begun = sweep_in(output)
    if begun is None:
        return call([*WORDS, f"output={output}", *words])
    return call(["resume", str(begun.folder), "figures=false", "threads=2", *words])


@cache
def _tables(folder: Path) -> Sequence[object]:
    stored = read_sweep(folder)
    return stored.runs(), stored.quarters(), stored.signing(), stored.points(), stored.failures()


def must_equal(sweep: StoredSweep, undisturbed: StoredSweep) -> None:
    """Hold that a sweep is the undisturbed one: digest, every table, nothing besides."""
    must(sweep.manifest == undisturbed.manifest, f"{sweep.folder}: another manifest")
    must(sweep.recomputed_digest() == undisturbed.manifest["digest"], "another digest")
    for part in sweep.parts:
        must(part.intact(sweep.layout), f"{part.path}: damaged")
    own = (sweep.runs(), sweep.quarters(), sweep.signing(), sweep.points(), sweep.failures())
    for mine, expected in zip(own, _tables(undisturbed.folder), strict=True):
        must(mine.equals(expected), f"{sweep.folder}: another table")
    for name, content in files(undisturbed.folder).items():
        if "/" not in name and name != "parts":
            same = (sweep.folder / name).read_bytes() == content
            must(same, f"{sweep.folder / name}: other bytes")
    strange = {path.name for path in sweep.folder.iterdir()} - _NAMES
    must(not strange, f"{sweep.folder}: left behind {sorted(strange)}")
    parts = {path.name for part in sweep.parts for path in (part.path, part.signing_path)}
    left = {path.name for path in (sweep.folder / "parts").iterdir()} - parts
    must(not left, f"{sweep.folder}: left behind {sorted(left)}")


def manifest_changed(folder: Path, **changes: object) -> None:
    """Write other values into a manifest, as another version or a hand would have."""
    path = folder / "manifest.json"
    facts = {**json.loads(path.read_text("utf-8")), **changes}
    path.write_text(json.dumps(facts), "utf-8")
