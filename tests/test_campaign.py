"""The reliability campaign: a few trials of every part, and what it found once."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from starlette.types import Message, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from campaign import __main__ as campaign
from campaign import corrupted_parts, disk, fuzzing, kills, ranges, small_sweep, upgrade
from campaign.program import call, environment
from campaign.record import Record, read_records, write_record
from campaign.trials import LeftOutError, Part, Seen, Trial, must

from partnersim import load_scenario, simulate, synthetic_world
from partnersim.cli.program import main
from partnersim.cli.screen import Screen, duration
from partnersim.compare.comparison import Comparison
from partnersim.errors import InputError, one_line
from partnersim.page.guard import Door, Guard
from partnersim.page.server import listening_socket
from partnersim.runs.durable_file import leftovers
from partnersim.runs.sweep_parts import without_part
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.runs.versions import other_maker, versions
from partnersim.show.trade_off import disagreeing
from partnersim.user_path import user_path


def held(part: Part, folder: Path, numbers: Iterable[int]) -> list[Seen]:
    """Do some trials of a part."""
    with part.opened(folder, 1) as trial:
        return [trial(number) for number in numbers]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    """The small sweep, undisturbed; tests that change it take a copy."""
    return small_sweep.undisturbed(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def own(whole: StoredSweep, tmp_path: Path) -> StoredSweep:
    """A copy of the small sweep that may be broken."""
    return small_sweep.copied(whole, tmp_path / "own")


# A few trials of every part


def test_malformed_input_is_refused(tmp_path: Path) -> None:
    seen = held(fuzzing.PART, tmp_path, (*range(1, 6), *range(7, 40)))
    assert sum(each.counts for each in seen) > 30
    assert len({each.case for each in seen}) > 3


def test_numbers_are_sound_over_their_ranges(tmp_path: Path) -> None:
    seen = held(ranges.PART, tmp_path, (0, 70, 990, 1058, 1064))
    assert {each.case.partition(":")[0] for each in seen} >= {"single settings"}


def test_damage_is_found_and_mended(tmp_path: Path) -> None:
    held(corrupted_parts.PART, tmp_path, range(1))


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
def test_disks_that_cannot_be_written(tmp_path: Path) -> None:
    with disk.PART.opened(tmp_path, 1) as trial:
        for number in range(2):
            try:
                trial(number)
            except LeftOutError as reason:
                pytest.skip(str(reason))


def test_results_of_version_0_1_0_are_read_or_refused(tmp_path: Path) -> None:
    with upgrade.PART.opened(tmp_path, 1) as trial:
        upgrades = trial.__self__  # type: ignore[attr-defined]
        older = [
            number
            for number, (_, maker, verb) in enumerate(upgrades.cases)
            if maker not in upgrade.CHANGES and verb in ("verify", "resume")
        ]
        assert len(older) == 4
        for number in older:
            trial(number)


@pytest.mark.slow
def test_a_sweep_killed_at_a_write_is_finished(whole: StoredSweep, tmp_path: Path) -> None:
    output = tmp_path / "killed"
    words = [*small_sweep.WORDS, f"output={output}"]
    own = [sys.executable, "-m", "campaign.self_killing", "30", "before", *words]
    died = subprocess.run(own, capture_output=True, check=False, env=environment())
    assert died.returncode == -signal.SIGKILL
    assert small_sweep.finished(output).status == 0
    small_sweep.must_equal(read_sweep(output / "robustness"), whole)


# The campaign itself


def campaign_of(*held_in: bool) -> Part:
    """Return a part whose trials hold or not."""

    def trial(number: int) -> Seen:
        must(held_in[number], "it did not")
        return Seen("done", counts=number != 1)

    from contextlib import contextmanager

    @contextmanager
    def opened(folder: Path, seed: int) -> Iterator[Trial]:
        yield trial

    return Part("invented", "Invented", "tried", "held", 3, opened)


def test_a_trial_that_does_not_hold_says_how_to_repeat_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = campaign.tried(campaign_of(True, True, False, True), 7, 3, None, Screen())
    assert record.failed == [2]
    assert (record.trials, record.cases, record.besides) == (3, {"done": 2}, {"done": 1})
    told = capsys.readouterr().err
    assert "NOT HELD: it did not" in told
    assert "python -m campaign invented --seed 7 --trial 2" in told
    assert "held in 2 of 3 trials (2 done); besides 1 done" in record.told()


def test_records_are_read_as_written(tmp_path: Path) -> None:
    record = campaign.tried(campaign_of(True, True, True, True), 1, 3, None, Screen())
    write_record(tmp_path, record)
    assert read_records(tmp_path) == [record]
    assert isinstance(record, Record)


def test_every_part_is_known() -> None:
    for name in campaign.PARTS:
        assert campaign.part_named(name).name == name


# What the campaign found once


#: A coordinator with one idle worker.
COORDINATOR = """
import time
from os import getpid
from partnersim.scenario.engine import Engine
from partnersim.runs.engines.processes_engine import pool
if __name__ == "__main__":
    with pool(Engine(), 1) as workers:
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
            assert kills.lives(worker)
        finally:
            process.kill()
    deadline = time.monotonic() + 60
    while kills.lives(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not kills.lives(worker)


def test_counts_without_a_part_are_removed(own: StoredSweep) -> None:
    parts = own.folder / "parts"
    max(parts.glob("part-*.parquet")).unlink()
    orphan = parts / "signing-000000000000-000000000048.parquet"
    orphan.write_bytes(b"left by a kill")
    for path in (own.folder / ".design.json.a0d56528", parts / ".part-0-1.parquet.00c0ffee"):
        path.write_bytes(b"half-writ")
    assert len([*leftovers(own.folder), *leftovers(parts)]) == 2
    assert len(without_part(parts)) == 2
    small_sweep.manifest_changed(own.folder, digest=None)
    assert call(["resume", str(own.folder), "figures=false"]).status == 0
    assert not orphan.exists()
    assert without_part(parts) == []
    assert leftovers(own.folder) == leftovers(parts) == []


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
        ({"versions": {"partnersim": "0.1.0"}}, "not recorded"),
    ],
)
def test_other_rules_of_the_same_version_are_not_mixed(
    own: StoredSweep, changes: dict[str, Any], told: str
) -> None:
    assert other_maker(own.manifest) is None
    small_sweep.manifest_changed(own.folder, **changes)
    answer = call(["resume", str(own.folder)])
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
    own: StoredSweep, change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    small_sweep.manifest_changed(own.folder, **change)
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


def test_a_trade_off_is_drawn_where_one_measure_differs() -> None:
    means = pd.DataFrame({"links": [1.0, 2.0], "instruments": [3.0, 3.0]})
    evidence = SimpleNamespace(means=means, headlines=["links", "instruments"])
    assert disagreeing(cast(Comparison, evidence)) == ("links", "instruments")


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
