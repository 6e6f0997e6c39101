"""Campaigns on real machinery: MPI ranks and a Slurm on this machine. Run with ``-m slow``.

MPI: any implementation, such as ``pip install mpi4py mpich``. Slurm: ``tools/loopback_slurm``
starts one on Debian, as root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from partnersim import read_runs
from partnersim.runs.running import resume_runs
from partnersim.scenario.run_settings import Engine
from sweeps import WORDS, digest_now, small_sweep

pytestmark = pytest.mark.slow

PROGRAM = ["-m", "partnersim.cli.program"]
MORE = ("design.points=64", "replicates=10", "engine.chunk_seconds=0.2")
#: Of this environment first: a wheel brings its own.
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the campaign in threads."""
    return str(small_sweep(tmp_path_factory.mktemp("threads"), *MORE).manifest["digest"])


@pytest.mark.skipif(MPIEXEC is None, reason="needs MPI")
def test_mpi_gives_the_same_digest(digest: str, tmp_path: Path) -> None:
    pytest.importorskip("mpi4py")
    words = [*WORDS, *MORE, f"output={tmp_path}", "engine=mpi"]
    subprocess.run(
        [str(MPIEXEC), "-n", "3", sys.executable, "-m", "mpi4py.futures", *PROGRAM, *words],
        check=True,
        timeout=600,
    )
    assert read_runs(tmp_path / "robustness").manifest["digest"] == digest


def test_dask_with_a_killed_worker_gives_the_same_digest(digest: str, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.submit(os._exit, 1, retries=0)
        words = (*MORE, "engine=dask", f"engine.address={cluster.scheduler_address}")
        assert small_sweep(tmp_path, *words).manifest["digest"] == digest


needs_slurm = pytest.mark.skipif(shutil.which("sbatch") is None, reason="needs Slurm")


@needs_slurm
def test_slurm_gives_the_same_digest(digest: str, tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    words = (*MORE, "engine=slurm", "engine.workers=2", "engine.chunk_seconds=1")
    assert small_sweep(tmp_path, *words).manifest["digest"] == digest


@needs_slurm
def test_a_killed_coordinator_of_slurm_is_resumed_in_threads(digest: str, tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    words = [*WORDS, *MORE, f"output={tmp_path}", "engine=slurm", "engine.workers=2"]
    process = subprocess.Popen([sys.executable, *PROGRAM, *words])
    try:
        deadline = time.monotonic() + 300
        while not list(tmp_path.rglob("part-*")) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    # Jobs of the dead coordinator may still be at work; their parts fit or overlap.
    again = resume_runs(tmp_path / "robustness", Engine(), threads=2)
    assert again.manifest["digest"] == digest_now(again) == digest
