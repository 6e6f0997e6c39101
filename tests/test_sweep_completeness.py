"""What is there of a sweep is counted once, from its parts, and told wherever it is read."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Callable
from html import unescape
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from partnersim import Runs, read_runs
from partnersim.cli.program import main
from partnersim.compare.comparison import Comparison
from partnersim.errors import InputError
from partnersim.runs import folder as results_folder
from partnersim.runs.folder import facts_writer
from partnersim.runs.manifest import read_manifest
from partnersim.runs.parts import DAMAGED, FOREIGN, Completeness, StoredPart, name_of
from partnersim.runs.running import resume_runs
from partnersim.scenario.run_settings import Engine
from partnersim.show import report
from partnersim.show.report import page
from partnersim.show.sheet import provenance
from sweeps import RUNS, cut_sweep

FIRST = "part-000000000000-000000000008"
RESUME = "run the rest with: partnersim resume"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The small sweep in six parts of eight runs."""
    return cut_sweep(tmp_path_factory.mktemp("robustness") / "finished", 8)


@pytest.fixture
def folder(finished: Runs, tmp_path: Path) -> Path:
    """A copy of the small sweep that may be broken."""
    return shutil.copytree(finished.folder, tmp_path / "own")


def flipped(part: Path, name: str = "metrics.parquet") -> None:
    content = bytearray((part / name).read_bytes())
    content[len(content) // 4] ^= 0xFF
    (part / name).write_bytes(content)


def flipped_counts(part: Path) -> None:
    flipped(part, "in_force.parquet")


def flipped_facts(part: Path) -> None:
    flipped(part, "part.json")


def truncated(part: Path) -> None:
    path = part / "metrics.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def without_counts(part: Path) -> None:
    (part / "in_force.parquet").unlink()


def of_other_making(part: Path) -> None:
    pd.DataFrame({"policy": ["balanced"], "links": [1.0]}).to_parquet(part / "metrics.parquet")


def removed(part: Path) -> None:
    shutil.rmtree(part)


HARMS = [
    flipped,
    flipped_counts,
    flipped_facts,
    truncated,
    without_counts,
    of_other_making,
    removed,
]


@pytest.mark.parametrize("harm", HARMS, ids=lambda f: f.__name__)
def test_every_table_leaves_out_the_same_runs_and_says_which(
    finished: Runs, folder: Path, harm: Callable[[Path], None]
) -> None:
    harm(folder / "parts" / FIRST)
    sweep = read_runs(folder)
    assert (sweep.completeness.done, sweep.completeness.planned, sweep.completeness.complete) == (
        RUNS - 8,
        RUNS,
        False,
    )
    lost = "missing: runs 0 to 7" if harm is removed else f"damaged: {FIRST}"
    assert sweep.completeness.loss == lost
    assert sweep.warning == f"{folder}: only 40 of 48 runs are there ({lost}); {RESUME} {folder}"
    whole = finished.outcomes().set_index(["policy", "future", "replicate"])
    runs = sweep.outcomes().set_index(["policy", "future", "replicate"])
    assert len(runs) == RUNS - 8
    assert runs.equals(whole.loc[runs.index])
    assert len(sweep.outcomes(["links"], "all")) == 2 * (RUNS - 8)
    signing = sweep.in_force()
    assert signing.groupby("policy", observed=True)["runs"].first().sum() == RUNS - 8
    assert (signing["in_force"] <= signing["runs"]).all()
    for policy, rows in signing.groupby("policy", observed=True):
        assert sweep.in_force(policy=str(policy)).equals(rows.reset_index(drop=True))
    with pytest.raises(InputError, match="counts who signs over all futures together"):
        sweep.in_force(future=0)


def test_a_sweep_without_any_part_is_run_again(finished: Runs, folder: Path) -> None:
    shutil.rmtree(folder / "parts")
    assert read_runs(folder).completeness.loss == "missing: runs 0 to 47"
    again = resume_runs(folder, Engine(), threads=1)
    assert again.manifest == finished.manifest
    assert again.outcomes().equals(finished.outcomes())


def test_parts_of_another_sweep_are_named(folder: Path) -> None:
    own = read_runs(folder)
    # As if all parts had been copied here from a sweep of another configuration.
    sweep = Runs(folder, {**own.manifest, "configuration_hash": "0" * 64})
    assert sweep.completeness.done == 0
    assert sweep.loss.startswith(f"of another configuration: {FIRST}, part-")
    assert sweep.loss.endswith(" and 3 more")
    with pytest.raises(InputError, match="none of 48 runs are there"):
        sweep.outcomes()


def test_a_part_too_many_loses_nothing(finished: Runs, folder: Path) -> None:
    shutil.copytree(folder / "parts" / FIRST, folder / "parts" / "part-000000000048-000000000056")
    (folder / "parts" / "part-of-mine.parquet").write_text("notes")
    sweep = read_runs(folder)
    assert sweep.completeness.complete
    assert sweep.warning == sweep.completeness.loss == ""
    assert len(sweep.completeness.unusable) == 1
    assert sweep.outcomes().equals(finished.outcomes())


def test_what_is_lost_is_what_neither_parts_nor_names_cover() -> None:
    stretches = [(0, 3), (3, 4), (4, 10), (10, 17)]

    def held(start: int, stop: int) -> StoredPart:
        return StoredPart(Path("x"), "sweep", start, stop, (), "0", {})

    for kept in range(len(stretches) + 1):
        for chosen in combinations(stretches, kept):
            found = Completeness(tuple(held(*stretch) for stretch in chosen), {}, 20)
            there = {run for stretch in chosen for run in range(*stretch)}
            assert found.done == len(there)
            lost = set()
            for first, last in re.findall(r"runs? (\d+)(?: to (\d+))?", found.loss):
                lost |= set(range(int(first), int(last or first) + 1))
            assert lost == set(range(20)) - there
    whole, half, large = (Path(name_of(*runs)) for runs in ((10, 17), (0, 3), (0, 99)))
    assert Completeness((held(3, 4),), {whole: FOREIGN, half: DAMAGED}, 20).loss == (
        f"damaged: {half}; of another configuration: {whole}; missing: runs 4 to 9, runs 17 to 19"
    )
    assert Completeness((), {large: DAMAGED}, 20).loss == f"damaged: {large}"


# The screen, the export and the page say the same


def test_an_export_of_less_says_so_and_writes_what_is_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truncated(folder / "parts" / FIRST)
    assert main(["export", str(folder), "--to", "csv"]) == 1
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"{folder}: only 40 of 48 runs are there (damaged: {FIRST}); {RESUME} {folder}"
    ]
    assert len(told.out.split()) == 9
    assert len(pd.read_csv(folder / "export" / "runs.csv")) == RUNS - 8
    for path in (folder / "parts").glob("part-*"):
        shutil.rmtree(path)
    shutil.rmtree(folder / "export")
    for words in (["export", str(folder), "--to", "csv"], ["report", str(folder)]):
        assert main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "none of 48 runs are there (missing: runs 0 to 47)" in line
    assert not (folder / "export").exists()
    assert not (folder / "report.html").exists()


def test_a_table_of_the_world_that_is_another_is_one_line_and_resumed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copyfile(folder / "partners.parquet", folder / "instruments.parquet")
    assert main(["export", str(folder), "--to", "csv"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"error: {folder / 'instruments.parquet'}: was changed (it has no column 'instrument')"
    )
    (folder / "network.parquet").unlink()
    assert main(["resume", str(folder), "figures=false"]) == 0
    told = capsys.readouterr().err
    for name in ("instruments.parquet", "network.parquet"):
        assert f"{name}: damaged, or not of this configuration; it is written again" in told
    assert main(["verify", str(folder)]) == 0


def test_a_folder_that_may_not_be_written_is_told_before_any_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results_folder.os, "access", lambda *_: False)
    for words in (["export", str(folder), "--to", "csv"], ["report", str(folder)]):
        assert main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line == (
            f"error: {folder}: results cannot be written: the folder may not be written"
        )


def test_netcdf_tells_how_many_runs_it_holds(folder: Path) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    shutil.rmtree(folder / "parts" / FIRST)
    assert main(["export", str(folder), "--to=netcdf"]) == 1
    with xarray.open_dataset(folder / "export" / "results.nc") as data:
        assert (data.attrs["runs"], data.attrs["runs_planned"]) == (RUNS - 8, RUNS)


def test_the_report_of_less_warns_at_its_top_and_on_the_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As kill -9 leaves it: some parts, and the manifest of the beginning.
    for path in sorted((folder / "parts").glob("part-*"))[2:]:
        shutil.rmtree(path)
    begun = {**read_manifest(folder), "digest": None, "runs_done": 0}
    facts_writer(begun)(folder / "manifest.json")
    monkeypatch.setattr(report, "draw_all", lambda *_: [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["report", str(folder)]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"{folder}: only 16 of 48 runs are there (missing: runs 16 to 47); {RESUME} {folder}"
    )
    text = (folder / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text)))
    top = text[: text.index("The answer")]
    made = "2 policies × 8 futures × 3 replicates were planned"
    assert f"Only 16 of 48 runs ({made})" in top
    assert "Only 16 of 48 runs are there (missing: runs 16 to 47). All that follows rests on" in top
    assert f"Run them with: partnersim resume {folder}" in top
    assert "none yet: the sweep is not finished" in text
    assert "48 runs (" not in text.replace("of 48 runs (", "")


def test_figures_count_the_runs_that_are_there(
    finished: Runs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert provenance(Comparison(finished), "").startswith(
        "48 runs: 3 runs per policy and future ·"
    )
    shutil.rmtree(folder / "parts" / FIRST)
    study = Comparison(read_runs(folder))
    extent = "only 40 of 48 runs (3 runs per policy and future planned)"
    assert provenance(study, "").startswith(f"{extent} ·")
    failures = pd.DataFrame({"policy": ["a"], "future": [1], "replicate": [0], "error": ["broke"]})
    study.failures = failures
    monkeypatch.setattr(Runs, "planned", 41)
    assert study.extent == "40 runs: 3 runs per policy and future, 1 failed"


def test_a_whole_sweep_has_no_warning(finished: Runs) -> None:
    content = page(Comparison(finished), {})
    assert "are there" not in content
    assert "48 runs (2 policies × 8 futures × 3 replicates)" in content
