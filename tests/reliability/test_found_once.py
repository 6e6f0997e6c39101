"""What the reliability campaign found once: each was mended, and must stay so."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.types import Message, Receive, Scope, Send

from partnersim import load_scenario, simulate, synthetic_world
from partnersim.cli.program import main
from partnersim.cli.screen import duration
from partnersim.errors import InputError, one_line
from partnersim.page.guard import Door, Guard
from partnersim.page.server import listening_socket
from partnersim.runs.folder import leftovers
from partnersim.runs.manifest import other_maker, versions
from partnersim.runs.reader import Runs, read_runs
from partnersim.user_path import user_path
from program import call
from small_results import SWEEP, change_manifest, made
from test_kills import lives


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sweep, undisturbed; tests that change it take a copy."""
    return made(tmp_path_factory.mktemp("whole"), SWEEP)


@pytest.fixture
def own(whole: Path, tmp_path: Path) -> Runs:
    """A copy of the small sweep that may be broken."""
    return read_runs(shutil.copytree(whole, tmp_path / "own"))


#: A coordinator with one idle worker.
COORDINATOR = """
import time
from os import getpid
from partnersim.scenario.run_settings import Engine
from partnersim.runs.engines import open_engine
if __name__ == "__main__":
    with open_engine(Engine(name="processes"), 1) as workers:
        print(workers.submit(getpid).result(), flush=True)
        time.sleep(600)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
def test_workers_end_with_a_killed_coordinator(tmp_path: Path) -> None:
    script = tmp_path / "coordinator.py"
    script.write_text(COORDINATOR)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            worker = int(process.stdout.readline())
            assert lives(worker)
        finally:
            process.kill()
    deadline = time.monotonic() + 60
    while lives(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(worker)


def test_what_a_killed_program_had_not_finished_is_removed(own: Runs) -> None:
    parts = own.folder / "parts"
    shutil.rmtree(max(parts.glob("part-*")))
    unfinished = parts / ".part-000000000000-000000000048.00c0ffee"
    unfinished.mkdir()
    for path in (own.folder / ".manifest.json.a0d56528", unfinished / "metrics.parquet"):
        path.write_bytes(b"half-writ")
    assert len(leftovers(own.folder)) == 2
    change_manifest(own.folder, digest=None)
    assert call("resume", own.folder, "figures=false").status == 0
    assert leftovers(own.folder) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a" * 300, "cannot be the name of a file"),
        ("a\0b", "cannot be the name of a file"),
        ("~nobody-of-this-name/x", "there is no such user"),
    ],
)
def test_names_that_no_file_can_have(typed: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        user_path(typed)


def test_a_line_shows_no_control_characters() -> None:
    assert one_line("a\x1b[2Jb\u202e\ud800 \n c") == "a?[2Jb?? c"
    assert len(one_line("x" * 9999)) == 2000


def test_no_time_is_negative() -> None:
    assert duration(-3.0) == "0 s"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"versions": {**versions(), "rules": "0" * 16}}, "and other rules"),
        ({"versions": {"partnersim": versions()["partnersim"]}}, "not recorded"),
    ],
)
def test_other_rules_of_the_same_version_are_not_mixed(
    own: Runs, changes: dict[str, Any], told: str
) -> None:
    assert other_maker(own.manifest) is None
    change_manifest(own.folder, **changes)
    answer = call("resume", own.folder)
    assert answer.status == 2
    assert told in answer.err
    assert "must not be mixed" in answer.err


@pytest.mark.parametrize(
    "change",
    [
        {"policies": 3},
        {"digest": "x"},
        {"design": None},
        {"reference": "nobody"},
        {"configuration": []},
        {"replicates": 7},
    ],
    ids=str,
)
def test_a_damaged_manifest_is_one_line(
    own: Runs, change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    path = own.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert main(["export", str(own.folder), "--to", "csv"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "manifest.json" in lines[0]


def test_coefficients_are_bounded_and_extremes_say_nothing(
    recwarn: pytest.WarningsRecorder,
) -> None:
    with pytest.raises(InputError, match="from -1000000 to 1000000"):
        load_scenario("behaviour.coefficients.need.value=1000000.1")
    for rate in (1_000_000, 0, -1_000_000):
        values = {"size": 1_000_000, "rate": rate}
        words = [f"behaviour.coefficients.activity_{k}.value={v}" for k, v in values.items()]
        run = simulate(synthetic_world(12, 1), load_scenario("horizon.end=2025Q4", *words))
        assert np.isfinite(run.metrics.select_dtypes("number").to_numpy()).all()
    assert not list(recwarn)


def test_who_waits_is_told_when_the_page_closes() -> None:
    sent: list[Message] = []

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def closing() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
        headers = [(b"host", b"127.0.0.1")]
        guard = Guard(waiting, Door("127.0.0.1"))
        task = asyncio.ensure_future(guard({**scope, "headers": headers}, receive, send))
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(closing())
    assert sent[0]["status"] == 503
    assert b"the page was closed" in sent[1]["body"]


def test_a_socket_listens_before_its_address_is_told() -> None:
    listening = listening_socket("127.0.0.1", 0)
    with listening, socket.create_connection(listening.getsockname(), 5):
        pass
