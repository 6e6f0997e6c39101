"""Sweeps as a user types them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from partnersim import read_runs
from partnersim.cli import screen, size
from partnersim.cli.experiment import work_of
from partnersim.cli.program import main
from partnersim.cli.screen import Screen, duration
from partnersim.configuration import load_experiment
from partnersim.runs.folder import facts_writer
from partnersim.runs.manifest import read_manifest
from partnersim.show import report
from sweeps import LISTED_WORDS, WORDS, listed_plan

PROGRAM = [sys.executable, "-m", "partnersim.cli.program"]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results after the small sweep was run, in several parts."""
    folder = tmp_path_factory.mktemp("command") / "results"
    words = [*WORDS, f"output={folder}", "threads=1", "engine.chunk_seconds=0.04"]
    assert main(words) == 0
    return folder


def test_a_dry_run_tells_all_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results"
    words = [*WORDS, "design.points=64", "replicates=5", "engine=processes", "--dry-run"]
    assert main([*words, f"output={folder}"]) == 0
    told = capsys.readouterr().out
    assert "Runs      640 = 2 policies x 64 futures x 5 replicates" in told
    for words_of_interest in ("Time      about", "Disk      about", "Nothing was written."):
        assert words_of_interest in told
    for setting in ("kind: latin_hypercube", "points: 64", "name: processes", "seed: 1"):
        assert setting in told
    assert told.startswith("Runs      ")
    assert list(tmp_path.iterdir()) == []


def test_absurd_sizes_are_refused_until_they_are_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*LISTED_WORDS, "replicates=100000", f"output={tmp_path}"]
    monkeypatch.setattr(size, "_LONGEST", 60.0)
    assert main(words) == 2
    told = capsys.readouterr()
    assert "300,000 runs take about" not in told.out
    assert "make it smaller, or start it with --yes" in told.err
    assert list(tmp_path.iterdir()) == []
    checked = load_experiment(words)
    size.check_size([work_of(checked)], Screen(), yes=True)
    assert "500,000 runs take about" in capsys.readouterr().err


def test_a_table_of_futures_that_fits_no_memory_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["experiment=sensitivity", "design.points=8388608"]) == 2
    assert "futures with 10 factors are too many" in capsys.readouterr().err


def test_a_sweep_of_one_policy_says_that_it_compares_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*WORDS, "policies=[]", "replicates=1", "--dry-run", f"output={tmp_path}"]) == 0
    told = capsys.readouterr()
    assert "note: only balanced runs: this tells what its outcome depends on" in told.err
    assert "Runs      8 = 1 policy x 8 futures x 1 replicate\n" in told.out


def test_a_dry_run_of_an_experiment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*LISTED_WORDS, "--dry-run", f"output={tmp_path}"]) == 0
    shown = capsys.readouterr().out
    runs = "15 = 2 policies x 2 futures x 3 replicates + 3 of shock tests"
    assert f"Runs      {runs}" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_shows_its_policies_and_where_results_are(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing is missing: the sweep shows what is there.
    assert main([*WORDS, f"output={output}", "threads=1"]) == 0
    told = capsys.readouterr()
    sweep = read_runs(output / "robustness")
    assert "over 8 futures, 2026Q1: mean and 90 % band of 24 runs" in told.out
    assert "connect_first" in told.out
    assert f"Results in {sweep.folder}" in told.out
    assert f"Digest {sweep.manifest['digest']}" in told.out
    assert f"48 runs; results in {sweep.folder}" in told.err


def test_resume_verify_and_export(
    output: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests of the report draw its figures.
    monkeypatch.setattr(report, "draw_all", lambda _: [])
    folder = read_runs(output / "robustness").folder
    digest = read_runs(folder).manifest["digest"]
    shutil.rmtree(max((folder / "parts").glob("part-*")))
    assert main(["verify", str(folder), "threads=1"]) == 1
    assert "(missing: run" in capsys.readouterr().out
    # As a kill leaves it: some parts, and a manifest without a digest.
    begun = {**read_manifest(folder), "digest": None, "runs_done": 0}
    facts_writer(begun)(folder / "manifest.json")
    assert main(["verify", str(folder), "threads=1"]) == 1
    assert "of 48 runs are there (missing: run" in capsys.readouterr().out
    assert main(["resume", str(folder), "threads=1", "figures=false"]) == 0
    assert f"Digest {digest}" in capsys.readouterr().out
    assert main(["verify", str(folder), "--all", "threads=1"]) == 0
    assert "as stored; 48 of 48 runs run again" in capsys.readouterr().out
    assert main(["verify", str(folder.parent), "threads=1"]) == 0
    assert "as stored; 24 of 48 runs run again" in capsys.readouterr().out
    assert main(["export", str(folder), "--to", "csv"]) == 0
    paths = capsys.readouterr().out.split()
    assert len(paths) == 9
    assert all(Path(path).is_file() for path in paths)
    # A path may hold what looks like a setting.
    odd = shutil.copytree(folder, output / "policy=no_offer" / "results")
    assert main(["export", str(odd), "--to", "csv"]) == 0
    assert main(["report", str(odd)]) == 0
    shutil.rmtree(odd)
    capsys.readouterr()
    # What was made of fewer runs is named as long as it is there.
    assert main(["resume", str(folder), "threads=1", "figures=false"]) == 0
    assert "of before" not in capsys.readouterr().err
    shutil.rmtree(max((folder / "parts").glob("part-*")))
    assert main(["resume", str(folder), "threads=1", "figures=false"]) == 0
    assert f"note: export in {folder} is of before" in capsys.readouterr().err


def test_an_experiment_without_a_design_is_verified_and_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["policy=no_offer", "horizon.end=2026Q1", "replicates=3"]
    assert main([*words, "figures=false", "threads=1", f"output={tmp_path}"]) == 0
    folder = read_runs(tmp_path / "no_offer_calm").folder
    capsys.readouterr()
    assert main(["verify", str(folder), "--all", "threads=1"]) == 0
    assert "as stored; 6 of 6 runs run again" in capsys.readouterr().out
    assert main(["export", str(folder), "--to=csv"]) == 0
    for name in ("events", "countries", "links", "quarters"):
        assert (folder / "export" / f"{name}.csv").is_file()
    next(folder.glob("parts/*/events.parquet")).unlink()
    assert main(["verify", str(folder), "threads=1"]) in (1, 2)
    assert main(["resume", str(folder), "threads=1", "figures=false"]) == 0
    assert main(["verify", str(folder), "threads=1"]) == 0


@pytest.mark.slow
def test_whoever_stops_reading_loses_no_results(tmp_path: Path) -> None:
    words = [*LISTED_WORDS, f"output={tmp_path}", "threads=1"]
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "sh", *PROGRAM, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert read_runs(tmp_path / "main").manifest["digest"]


def test_every_configuration_has_a_folder_of_its_own() -> None:
    assert len({listed_plan(f"policy.negotiators={value}").folder() for value in (300, 800)}) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["resume"], "resume: name one folder of results (none given)"),
        (["resume", "a", "b"], "resume: name one folder of results (2 given)"),
        (["resume", "nowhere"], "nowhere: holds no results (no manifest.json)"),
        (["resume", "x", "seed=2"], "seed=2: resume takes no such setting"),
        (["resume", "x", "engine=dsk"], "unknown engine, did you mean 'dask'?"),
        (["resume", "a" * 300], "cannot be the name of a file (File name too long)"),
        (["verify", "nowhere"], "nowhere: holds no results"),
        (["verify", "a" * 300], "cannot be the name of a file (File name too long)"),
        (["signposts", "a" * 300], "cannot be the name of a file (File name too long)"),
        (["verify", "x", "--al"], "--al: verify takes no such option"),
        (["export", "nowhere", "--to", "csv"], "nowhere: holds no results"),
        (["export", "nowhere"], "export: name a format, --to csv|netcdf|xlsx|graphml"),
        (["export", "x", "--to", "cvs"], "--to cvs: unknown format, did you mean 'csv'?"),
    ],
)
def test_refused(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_failed_runs_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = (
        "design.factors.shocks.cable_cut.severity.low={low: 0.3, high: 0.39}",
        "design.factors.shocks.cable_cut.severity.mode={low: 0.21, high: 0.5}",
    )
    assert main([*WORDS, *more, f"output={tmp_path}", "threads=1"]) == 0
    told = capsys.readouterr().err
    assert "of 48 runs failed; partnersim export --to csv tells which, and why" in told
    assert "must rise: low <= mode <= high" in told


# Progress without a terminal


def test_progress_is_a_line_every_half_minute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(screen.time, "monotonic", lambda: clock[0])
    with Screen().progress("Simulating", 10_000) as show:
        # A resumed sweep: the rate must not count what was there before.
        for done in range(4000, 5001, 10):
            show("", done)
            clock[0] += 1.0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == "Simulating: 4,300 of 10,000 runs, 10 a second, 9 min 30 s left"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (3600 * 30 + 90, "30 h 1 min")],
)
def test_durations_in_words(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_what_is_neither_better_nor_worse_is_told_of_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The runs are kept; there is nothing to judge policies by."""
    place = tmp_path / "talks.yaml"
    place.write_text(
        "policies: [balanced, connect_first]\nclimates: [calm]\nreplicates: 1\n"
        "horizon: {end: 2025Q4}\ndesign:\n  kind: latin_hypercube\n  points: 2\n"
        "  factors:\n    policy.negotiators: {low: 400, high: 800}\n  metrics: [negotiations]\n",
        "utf-8",
    )
    assert main([f"scenario={place}", f"output={tmp_path}"]) == 0
    told = "no figures and no report, neither more nor less of negotiations is better"
    assert told in capsys.readouterr().err
    (folder,) = (tmp_path / "talks").iterdir()
    assert main(["report", str(folder)]) == 2
    assert "no report, neither more nor less of negotiations" in capsys.readouterr().err
