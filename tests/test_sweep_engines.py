"""Engines: real processes, a real dask cluster, submitit, MPI; killed workers; what is missing."""

from __future__ import annotations

import builtins
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from partnersim import read_runs
from partnersim.errors import InputError
from partnersim.runs import engines, running
from partnersim.runs.engines import open_engine
from partnersim.runs.running import resume_runs
from partnersim.scenario.run_settings import Engine
from sweeps import WORDS, cut_sweep, digest_now, small_sweep

PROGRAM = [sys.executable, "-m", "partnersim.cli.program"]


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the small sweep."""
    return str(cut_sweep(tmp_path_factory.mktemp("cut") / "sweep", 24).manifest["digest"])


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_every_engine_gives_the_same_digest(engine: str, digest: str, tmp_path: Path) -> None:
    if engine == "dask":
        pytest.importorskip("distributed")
    words = (f"engine={engine}", "engine.workers=1", "engine.chunk_seconds=0.1")
    assert small_sweep(tmp_path, *words).manifest["digest"] == digest


def test_a_dask_scheduler_that_does_not_answer_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(engines, "_PATIENCE", "1s")
    with pytest.raises(InputError, match="no dask scheduler answers there"):
        small_sweep(tmp_path, "engine=dask", "engine.address=tcp://127.0.0.1:1")


def test_submitit_jobs_give_the_same_digest(
    digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitit = pytest.importorskip("submitit")
    # submitit's debug executor runs the pickled jobs here, where there is no Slurm.
    monkeypatch.setattr(
        engines, "slurm_executor", lambda: submitit.AutoExecutor(tmp_path / "log", cluster="debug")
    )
    assert small_sweep(tmp_path, "engine=slurm").manifest["digest"] == digest


def test_a_machine_without_slurm_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("submitit")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="engine=slurm"):
        small_sweep(tmp_path, "engine=slurm")


def test_a_slurm_that_takes_no_job_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("submitit")
    refusing = tmp_path / "bin"
    refusing.mkdir()
    for name in ("sbatch", "srun", "squeue", "sacct", "scancel"):
        (refusing / name).write_text("#!/bin/sh\necho no controller >&2\nexit 1\n")
        (refusing / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(refusing), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"engine=slurm: Slurm takes no job .*no controller"):
        small_sweep(tmp_path / "out", "engine=slurm")


def test_mpi_without_ranks_is_refused_at_once(tmp_path: Path) -> None:
    pytest.importorskip("mpi4py")
    with pytest.raises(InputError, match=r"engine=mpi: (no MPI was found|this is no MPI job)"):
        small_sweep(tmp_path, "engine=mpi")


@pytest.mark.parametrize(
    ("engine", "package"), [("dask", "distributed"), ("slurm", "submitit"), ("mpi", "mpi4py")]
)
def test_a_missing_extra_is_named(
    engine: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setitem(sys.modules, package, None)
    with (
        pytest.raises(InputError) as refused,
        open_engine(Engine(name=engine), 1),  # type: ignore[arg-type]
    ):
        pass
    assert refused.value.problems == (
        f"engine={engine}: needs the package {package}, which is not installed;"
        f" install it with: pip install 'partnersim[{engine}]'",
    )


# Nobody's word is taken


class Unreliable(ThreadPoolExecutor):
    """Claims that every third chunk was done, and does not do it."""

    count = 0

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Any:
        Unreliable.count += 1
        if Unreliable.count % 3 == 1:
            return super().submit(float, 0.1)
        return super().submit(function, *arguments, **named)


class Dying(ThreadPoolExecutor):
    """Loses every chunk."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Any:
        def lost() -> float:
            raise RuntimeError("worker lost")

        return super().submit(lost)


def let_engines_be(kind: type[ThreadPoolExecutor], monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(engine: Engine, workers: int) -> Iterator[ThreadPoolExecutor]:
        with kind(workers) as executor:
            yield executor

    monkeypatch.setattr(running, "open_engine", opened)


def killed(*_: object) -> float:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0.0


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_killed_processes_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "work", killed)
    with pytest.raises(InputError, match=r"runs are missing.*BrokenProcessPool.*resume"):
        small_sweep(tmp_path, "engine=processes", "engine.workers=1")


def test_chunks_that_were_not_done_are_handed_out_again(
    digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_engines_be(Unreliable, monkeypatch)
    assert small_sweep(tmp_path, "engine.chunk_seconds=0.02").manifest["digest"] == digest


def test_lost_workers_are_one_line_and_can_be_resumed(
    digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_engines_be(Dying, monkeypatch)
    with pytest.raises(InputError, match=r"48 of 48 runs are missing.*worker lost.*resume"):
        small_sweep(tmp_path)
    monkeypatch.undo()
    folder = next(tmp_path.glob("robustness/*"))
    assert resume_runs(folder, Engine(), threads=1).manifest["digest"] == digest


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_killed_in_the_middle_and_resumed_gives_the_same_digest(tmp_path: Path) -> None:
    more = ("design.points=16", "replicates=6")
    whole = small_sweep(tmp_path / "whole", *more)
    output = tmp_path / "killed"
    words = [*WORDS, *more, f"output={output}", "threads=1", "engine.chunk_seconds=0.02"]
    process = subprocess.Popen([*PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 120
        while len(list(output.rglob("part-*"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
    finally:
        process.kill()
        process.communicate()
    killed = read_runs(output / "robustness")
    assert killed.manifest["digest"] is None
    assert 0 < len(killed.outcomes([])) < whole.layout.runs
    again = resume_runs(killed.folder, Engine(chunk_seconds=0.5), threads=2)
    assert again.manifest == whole.manifest
    assert digest_now(again) == whole.manifest["digest"]
    assert again.outcomes().equals(whole.outcomes())
