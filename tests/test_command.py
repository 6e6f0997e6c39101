"""The program as a user types it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnersim.cli import experiment as on_screen
from partnersim.cli.completion import suggestions
from partnersim.cli.program import main
from partnersim.cli.settings_list import listed_settings
from partnersim.cli.verbs import VERBS
from partnersim.runs.reader import read_runs
from partnersim.scenario.experiment import Experiment

PROGRAM = [sys.executable, "-m", "partnersim.cli.program"]
SMALL = ["horizon.end=2026Q4", "replicates=2", "figures=false", "shock_tests=[]"]


def typed(*words: str, folder: Path, **options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
        env={**os.environ, **options},
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Experiment]:
    """Collect the experiments that would run, and run none."""
    experiments: list[Experiment] = []
    monkeypatch.setattr(on_screen, "run_experiment", lambda one, _: experiments.append(one))
    return experiments


# Help, version, completion


def test_help_starts_at_once_and_tells_the_essentials(tmp_path: Path) -> None:
    done = typed("--help", folder=tmp_path)
    assert done.returncode == 0
    assert not done.stderr
    for word in ("policy=", "*balanced", "coercion", "four_directions", "policy.openness", "-m"):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    # Two spaces at least part every option from what is told of it.
    assert "uncertain_estimates  Does" in done.stdout


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "suggest", ""]])
def test_quick_answers_import_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom partnersim.cli.program import main\n"
        f"main({words!r})\n"
        "heavy = {'numba', 'hydra', 'pandas', 'numpy', 'mesa', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_of_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        assert main([verb.name, "--help"]) == 0
        assert verb.name in capsys.readouterr().out


def test_help_of_run_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "-h"]) == 0
    text = capsys.readouterr().out
    for path in (
        "policy.offer.mix.skills",
        "geopolitics.shocks.SHOCK",
        "shocks.SHOCK.effects.struck.threat.AREA",
        "shocks.SHOCK.severity.mode",
        "behaviour.coefficients.COEFFICIENT.value",
        "world.switched_off",
        "seed",
    ):
        assert f"  {path}\n" in text
    assert all(setting.meaning for setting in listed_settings())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("partnersim ")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ru", "run"),
        ("geo", "geopolitics="),
        ("geopolitics=c", "geopolitics=calm"),
        ("experiment=f", "experiment=four_directions"),
        ("policy.offer.m", "policy.offer.mix."),
        ("policy.regions.su", "policy.regions.sub_saharan_africa="),
        (
            "shocks.cable_cut.effects.struck.threat.tr",
            "shocks.cable_cut.effects.struck.threat.trade=",
        ),
        ("behaviour.coefficients.need.v", "behaviour.coefficients.need.value="),
        ("policies=[balanced,dee", "policies=[balanced,deepen_first"),
        ("reference=no", "reference=no_offer"),
        ("world.links=s", "world.links=strict"),
        ("seed=", None),
        ("figures=t", "figures=true"),
        ("design.kind=so", "design.kind=sobol"),
        ("policy.nothing.", None),
    ],
)
def test_completion(word: str, expected: str | None) -> None:
    found = suggestions(word)
    assert all(item.startswith(word) for item in found)
    assert (expected in found) if expected else not found


def test_verbs_are_offered_as_the_first_word_only() -> None:
    assert "run" in suggestions("")
    assert "run" not in suggestions("", ["run"])


def test_completion_knows_the_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "main").mkdir(parents=True)
    for verb in ("report", "export", "verify", "resume"):
        assert suggestions("res", [verb]) == ["results/"]
        assert suggestions("results/m", [verb]) == ["results/main/"]
    assert suggestions("", ["export", "results/main", "--to"]) == [
        "csv",
        "netcdf",
        "xlsx",
        "graphml",
    ]
    assert "baseline" in suggestions("", ["reproduce"])
    assert not [word for word in suggestions("", ["reproduce"]) if word.startswith("policy")]
    assert "engine=dask" in suggestions("engine=", ["resume", "results/main"])
    assert "--dry-run" in suggestions("--", ["policy=balanced"])
    assert "world.weights.need_gap=" in suggestions("world.weights.need")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("partnersim policy=dee", ["deepen_first "]),
        ("partnersim run geopolitics=c", ["calm", "coercion"]),
        ("partnersim policy.offer.mix.gr", ["policy.offer.mix.green="]),
        ("partnersim compl", ["completion "]),
        ("partnersim export results --to cs", ["csv "]),
    ],
)
def test_completion_in_bash(line: str, expected: list[str], tmp_path: Path) -> None:
    link = tmp_path / "partnersim"
    link.write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n')
    link.chmod(0o755)
    script = f"""
source <(partnersim completion bash)
COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}
COMP_WORDS=($COMP_LINE); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_partnersim
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.stdout.rstrip("\n").split("\n") == expected


def test_completion_of_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion"]) == 2
    assert "completion: name one shell, bash or zsh (none given)" in capsys.readouterr().err
    assert main(["completion", "bsh"]) == 2
    assert "did you mean 'bash'?" in capsys.readouterr().err


# What is run


def test_no_words_run_the_main_experiment(asked: list[Experiment]) -> None:
    assert main([]) == 0
    assert main(["run"]) == 0
    assert [experiment.settings.experiment for experiment in asked] == ["main", "main"]


def test_the_verb_may_be_left_out(asked: list[Experiment]) -> None:
    words = ["policy=deepen_first", "geopolitics=fragmentation", "replicates=500", "seed=7"]
    main(words)
    main(["run", *words])
    assert asked[0] == asked[1]
    assert asked[0].settings.replicates == 500


@pytest.mark.parametrize("flag", ["-m", "--multirun"])
def test_several_jobs(flag: str, asked: list[Experiment]) -> None:
    assert main(["policy=deepen_first,no_offer", flag, "seed=1,2"]) == 0
    assert len({experiment.settings.experiment for experiment in asked}) == 4


# What is refused


def test_all_problems_are_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rum", "policy=deepn_first", "seed=-1", "policy.hubs=[Kenya]"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("error: rum: unknown verb, did you mean 'run'?")
    assert all(line.startswith("error: ") for line in lines)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--config-dir", "/tmp"],
        ["--cfg", "job"],
        ["-x"],
        ["run", "rum"],
        ["policy"],
        ["hydra.run.dir=x"],
        ["-m", "policy=deepen_first,nothing"],
        ["-m", "seed=range(0,1000000)"],
        ["scenario=/nowhere/mine.yaml"],
    ],
)
def test_refused(
    words: list[str], asked: list[Experiment], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert asked == []
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err
    assert all(line.startswith("error: ") for line in captured.err.splitlines())


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.text(max_size=15), min_size=1, max_size=4))
def test_any_words_are_refused_or_understood(
    asked: list[Experiment], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    capsys.readouterr()
    status = main(words)
    told = capsys.readouterr().err
    assert status in (0, 2)
    assert bool(told) == (status == 2)
    assert all(line.startswith("error: ") for line in told.split("\n")[:-1])


@pytest.mark.parametrize("verb", [["policy=no_offer"], ["experiment=robustness", "--dry-run"]])
@pytest.mark.parametrize("output", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_told_before_anything_runs(
    verb: list[str],
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    asked: list[Experiment],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert main([*verb, f"output={output}"]) == 2
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    assert line.startswith(f"error: output={output}: ")
    assert line.endswith("file is not a folder, but results need one")
    assert told.out == ""
    assert asked == []
    assert (tmp_path / "file").read_text() == "in the way"


# Real runs


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run and what it showed; runs as processes of their own follow below."""
    folder, screen = tmp_path_factory.mktemp("run"), io.StringIO()
    with chdir(folder), redirect_stdout(screen):
        assert main(["policy=deepen_first", *SMALL, "shock_tests=[cable_cut]"]) == 0
    (results,) = (folder / "results" / "deepen_first_calm").iterdir()
    return results, screen.getvalue()


def test_a_run_shows_every_arm(small_run: tuple[Path, str]) -> None:
    _, shown = small_run
    lines = shown.splitlines()
    assert any(line.startswith("calm, 2026Q4: mean of 2 runs") for line in lines)
    assert any(line.startswith("balanced ") for line in lines)
    assert any(line.startswith("deepen_first ") for line in lines)
    assert sum(line.startswith("  vs balanced") for line in lines) == 1
    assert "results/deepen_first_calm/" in lines[-2]
    assert lines[-1].startswith("Digest ")
    assert "\x1b" not in shown


def test_a_run_keeps_its_results(small_run: tuple[Path, str]) -> None:
    from partnersim import read_runs

    folder, _ = small_run
    stored = read_runs(folder)
    assert stored.policies == ["balanced", "deepen_first"]
    assert stored.futures["geopolitics"].tolist() == ["calm"]
    assert stored.manifest["configuration"]["policy"]["deepen_first"]["openness"] == 0.45
    assert set(stored.shock_response()["shock"]) == {"cable_cut"}
    assert len(stored.outcomes()) == 4


def test_what_is_on_the_screen_is_what_was_stored(small_run: tuple[Path, str]) -> None:
    from partnersim import read_runs

    folder, shown = small_run
    ends = read_runs(folder).outcomes(["instruments"], policy="deepen_first")
    line = next(line for line in shown.splitlines() if line.startswith("deepen_first "))
    assert float(line.split()[1]) == pytest.approx(ends["instruments"].mean(), abs=0.51)


def test_results_do_not_depend_on_threads(small_run: tuple[Path, str], tmp_path: Path) -> None:
    from partnersim import read_runs

    words = ["policy=deepen_first", *SMALL, "shock_tests=[cable_cut]", "threads=1"]
    assert main([*words, f"output={tmp_path}"]) == 0
    again = read_runs(tmp_path / "deepen_first_calm")
    assert again.manifest["digest"] == read_runs(small_run[0]).manifest["digest"]


SIGNS = ["policies=[connect_first,no_offer]", "climates=[calm]", "reference=connect_first"]


@pytest.mark.parametrize(("encoding", "half"), [("ascii", "+-"), ("cp1252", "±"), ("koi8-r", "+-")])
def test_signs_are_written_so_that_a_terminal_can_show_them(
    encoding: str, half: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*SIGNS, *SMALL, "horizon.end=2025Q4"]
    monkeypatch.chdir(tmp_path)
    if encoding == "ascii":  # as the environment tells a process
        done = subprocess.run(
            [*PROGRAM, *words],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C"},
        )
        told = done.stdout.decode(encoding)
    else:
        screen = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(screen, encoding, write_through=True))
        assert main(words) == 0
        told = screen.getvalue().decode(encoding)
    assert "?" not in told
    row = next(line for line in told.splitlines() if line.startswith("  vs connect_first"))
    assert " -" in row
    assert f" {half}" in row


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("screen", "status", "told"),
    [
        (">/dev/full", 2, "error: the output cannot be written (No space left on device)\n"),
        (">&-", 0, ""),
        ("2>/dev/full", 2, ""),
        pytest.param(">&- 2>&-", 0, "", marks=pytest.mark.slow),
        pytest.param(">/dev/full 2>/dev/full", 2, "", marks=pytest.mark.slow),
        ("| head -0", 0, ""),
        pytest.param("2>&1 | head -0", 0, "", marks=pytest.mark.slow),
    ],
)
def test_results_are_kept_whatever_happens_to_the_screen(
    screen: str, status: int, told: str, tmp_path: Path
) -> None:
    words = " ".join([*PROGRAM, *SMALL, "'policies=[balanced]'", "'climates=[calm]'"])
    done = subprocess.run(
        ["bash", "-c", f"{words} {screen}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith(told)
    (folder,) = (tmp_path / "results" / "main").iterdir()
    assert read_runs(folder).completeness.complete
    assert read_runs(folder).manifest["digest"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "bash"], ["x=1"]])
def test_a_full_screen_is_told_in_one_line(words: list[str], tmp_path: Path) -> None:
    command = " ".join([*PROGRAM, *words])
    done = subprocess.run(
        ["bash", "-c", f"{command} >/dev/full"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    words = ["policy=no_offer", "horizon.end=2025Q4", "replicates=100000", "figures=false"]
    words += ["shock_tests=[]", "threads=1", "engine.chunk_seconds=0.1"]
    process = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Started in the background, a shell would have its children ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("results/*/*/parts/part-*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert "Traceback" not in told
    from partnersim import read_runs

    runs = read_runs(tmp_path / "results" / "no_offer_calm")
    last = told.splitlines()[-1]
    assert last.startswith("interrupted: what is done is kept; go on with: partnersim resume")
    assert last.endswith(str(runs.folder.relative_to(tmp_path)))
    assert len(runs.outcomes([])) > 0
    assert not runs.completeness.unusable


def test_whoever_stops_reading_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(PROGRAM)} run --help | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0
    assert done.stderr == ""
