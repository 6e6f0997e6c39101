"""Full and read-only disks.

Tried: sweeps, experiments, exports and reports on a disk of a random size that fills up, with a
limit on the size of files, and in folders that cannot be written; then again with room

Held: status 2 and one clear last line, or all is done; nothing half-written; with room, the
manifest and every number of an undisturbed run
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from program import DONE, UNUSABLE, Answer, Trials, begun, call, ended, files, must_not_crash
from small_results import EXPERIMENT, FORECAST, SWEEP, finished, folder_in, made, must_equal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux"),
]


def mount(*words: object) -> None:
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a small disk is not allowed here")


@contextmanager
def mounted(place: Path, *words: object) -> Iterator[None]:
    """Mount something at a place for a while; needs the rights to do so."""
    place.mkdir(parents=True, exist_ok=True)
    mount(*words, place)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def worked(answer: Answer) -> bool:
    """Hold that it worked, or that the last line says what the disk did; tell which."""
    must_not_crash(answer)
    if answer.status == DONE:
        return True
    reasons = ("No space left", "cannot be written", "may not be written", "File too large")
    reasons += ("Read-only", "not permitted")
    assert answer.status == UNUSABLE, answer
    assert answer.last.startswith("error: "), answer
    assert any(map(answer.last.__contains__, reasons)), answer
    return False


def nothing_is_half_written(folder: Path) -> None:
    assert not [path for path in folder.rglob(".*") if path.name != ".lock"]


def test_disks_that_cannot_be_written(trials: Trials, tmp_path: Path) -> None:
    whole = {words: made(tmp_path / str(len(words)), words) for words in (SWEEP, EXPERIMENT)}
    place = tmp_path / "disk"

    def full(draw: random.Random) -> str:
        words = draw.choice((SWEEP, EXPERIMENT))
        size = draw.randint(8, 900 if words == SWEEP else 300)
        with mounted(place, "-t", "tmpfs", "-o", f"size={size}k", "tmpfs"):
            done = worked(call(*words, f"output={place}"))
            nothing_is_half_written(place)
            left = [path for path in place.rglob("*") if path.is_file() and path.name != ".lock"]
            # What is done is kept, of experiments as of sweeps: then a manifest says how to go on.
            assert not left or list(place.rglob("manifest.json")), "left without a manifest"
            mount("-o", "remount,size=100m", place)
            if not done:
                answer = finished(place) if words == SWEEP else call(*words, f"output={place}")
                assert answer.status == DONE, answer
            must_equal(folder_in(place), whole[words])
        return f"{'sweep' if words == SWEEP else 'experiment'} on a disk that fills up"

    def exported(draw: random.Random) -> str:
        source = whole[draw.choice((SWEEP, EXPERIMENT))]
        needed = sum(map(len, files(source).values())) // 1024 + 4 * len(files(source))
        size = needed + draw.randint(0, 150)
        with mounted(place, "-t", "tmpfs", "-o", f"size={size}k", "tmpfs"):
            folder = shutil.copytree(source, place / "results")
            before = files(folder)
            form = draw.choice(("csv", "xlsx", "report"))
            worked(
                call("report", folder) if form == "report" else call("export", folder, "--to", form)
            )
            after = files(folder)
            assert all(after[name] == content for name, content in before.items())
            nothing_is_half_written(folder)
        return "export or report on a disk that fills up"

    def small_files(draw: random.Random) -> str:
        import resource

        largest = draw.randint(1, 60_000)

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

        worked(ended(begun(*SWEEP, f"output={place}", preexec_fn=limited)))
        nothing_is_half_written(place)
        answer = finished(place)
        assert answer.status == DONE, answer
        must_equal(folder_in(place), whole[SWEEP])
        return "sweep that may write small files only"

    def read_only(draw: random.Random) -> str:
        folders = [
            shutil.copytree(folder, place / words[0] / "results") for words, folder in whole.items()
        ]
        shutil.rmtree(next((folders[0] / "parts").glob("part-*")))
        words = draw.choice(
            (
                *((*words, f"output={place}") for words in (SWEEP, EXPERIMENT, FORECAST)),
                ("resume", folders[0], "threads=2"),
                ("export", folders[1], "--to", "csv"),
                ("report", folders[1]),
            )
        )
        before = files(place)
        with mounted(place, "--bind", place):
            mount("-o", "remount,ro,bind", place)
            assert not worked(call(*words))
        assert files(place) == before
        return "folder that cannot be written"

    def trial(draw: random.Random) -> str:
        shutil.rmtree(place, ignore_errors=True)
        return draw.choice((full, full, exported, small_files, read_only))(draw)

    trials(trial, 2, 40)
