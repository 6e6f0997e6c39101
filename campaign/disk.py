"""Disks that fill up and folders that cannot be written."""

from __future__ import annotations

import os
import random
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaign import small_experiment, small_sweep
from campaign.program import Answer, begun, call, ended, files, must_not_crash
from campaign.trials import LeftOutError, Part, Seen, Trial, drawn, must
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

#: Kilobytes of the small disk; what the sweep needs at most lies above.
_SMALLEST, _LARGEST = 8, 900
#: Largest file that a process may write, bytes.
_LARGEST_FILE = 60_000
_DONE, _UNUSABLE = 0, 2


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[None]:
    """Put a disk in memory at a place; needs the rights to mount.

    Raises
    ------
    LeftOutError
        If this machine does not allow it.
    """
    place.mkdir(parents=True)
    _mount("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _mount(*words: str) -> None:
    try:
        done = subprocess.run(words, capture_output=True, check=False)
    except FileNotFoundError:
        raise LeftOutError("no disks can be mounted on this machine") from None
    if done.returncode:
        raise LeftOutError("mounting a small disk is not allowed here")


def _grown(place: Path) -> None:
    _mount("mount", "-o", "remount,size=100m", str(place))


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let nothing be written below a folder: by its disk for root, by its rights for others."""
    if os.geteuid() == 0:
        _mount("mount", "--bind", str(place), str(place))
        try:
            _mount("mount", "-o", "remount,ro,bind", str(place))
            yield
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
        return
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    rights = {path: path.stat().st_mode for path in folders}
    for path in folders:
        path.chmod(rights[path] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        yield
    finally:
        for path in folders:
            path.chmod(rights[path])


class _Disk:
    """Does the trials beside the undisturbed results."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._sweep: StoredSweep = small_sweep.undisturbed(folder / "undisturbed")
        self._experiment: StoredExperiment = small_experiment.undisturbed(folder / "undisturbed")
        self._kinds = {
            "sweep on a disk that fills up": self._sweep_on_a_full_disk,
            "experiment on a disk that fills up": self._experiment_on_a_full_disk,
            "export or report on a disk that fills up": self._export_on_a_full_disk,
            "sweep that may write small files only": self._small_files,
            "folder that cannot be written": self._read_only,
        }

    def trial(self, number: int) -> Seen:
        draw = drawn("disk", self._seed, number)
        case = draw.choice(sorted(self._kinds))
        place = self._folder / f"trial-{number}"
        try:
            self._kinds[case](draw, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return Seen(case)

    def _must_say_so(self, answer: Answer, *reasons: str) -> bool:
        """Hold that it worked, or that the last line says what the disk did; tell which."""
        must_not_crash(answer, "disk")
        if answer.status == _DONE:
            return True
        must(answer.status == _UNUSABLE, str(answer))
        last = answer.last
        must(last.startswith("error: ") and any(map(last.__contains__, reasons)), str(answer))
        return False

    def _sweep_on_a_full_disk(self, draw: random.Random, place: Path) -> None:
        with small_disk(place, draw.randint(_SMALLEST, _LARGEST)):
            answer = call([*small_sweep.WORDS, f"output={place}"])
            self._must_say_so(answer, "No space left on device")
            self._must_be_whole(place)
            _grown(place)
            answer = small_sweep.finished(place)
            must(answer.status == _DONE, answer.err)
            small_sweep.must_equal(read_sweep(place / "robustness"), self._sweep)

    def _must_be_whole(self, output: Path) -> None:
        """Hold that what is there is whole, and that nothing half-written lies about."""
        stored = small_sweep.sweep_in(output)
        if stored is not None:
            must(all(part.intact(stored.layout) for part in stored.parts), "a part is broken")
        hidden = [path for path in output.rglob(".*") if path.name != ".lock"]
        must(not hidden, f"half-written: {hidden}")

    def _experiment_on_a_full_disk(self, draw: random.Random, place: Path) -> None:
        with small_disk(place, draw.randint(_SMALLEST, _LARGEST // 3)):
            words = [*small_experiment.WORDS, f"output={place}"]
            if not self._must_say_so(call(words), "No space left on device"):
                must(not files(place), f"something was left: {sorted(files(place))}")
                _grown(place)
                must(call(words).status == _DONE, "not even on a large disk")
            stored = read_experiment(place / small_experiment.NAME)
            must(stored.manifest == self._experiment.manifest, "another manifest")
            must(stored.recomputed_digest() == stored.manifest["digest"], "another digest")

    def _export_on_a_full_disk(self, draw: random.Random, place: Path) -> None:
        source = draw.choice((self._sweep.folder, self._experiment.folder))
        needed = sum(len(content) for content in files(source).values()) // 1024
        parts = 4 * len(list(source.rglob("*")))
        with small_disk(place, needed + parts + draw.randint(0, 150)):
            folder = shutil.copytree(source, place / "results")
            form = draw.choice(("csv", "netcdf", "xlsx", "report"))
            words = ["report", str(folder)] if form == "report" else []
            words = words or ["export", str(folder), "--to", form]
            before = files(folder)
            answer = call(words)
            self._must_say_so(answer, "No space left on device", "cannot be written")
            after = files(folder)
            must(all(after[name] == before[name] for name in before), "results were changed")
            hidden = [name for name in after if Path(name).name.startswith(".") and name != ".lock"]
            must(not hidden, f"half-written: {hidden}")

    def _small_files(self, draw: random.Random, place: Path) -> None:
        place.mkdir()
        largest = draw.randint(1, _LARGEST_FILE)

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

        answer = ended(begun([*small_sweep.WORDS, f"output={place}"], preexec_fn=limited))
        self._must_say_so(answer, "File too large")
        self._must_be_whole(place)
        answer = small_sweep.finished(place)
        must(answer.status == _DONE, answer.err)
        small_sweep.must_equal(read_sweep(place / "robustness"), self._sweep)

    def _read_only(self, draw: random.Random, place: Path) -> None:
        sweep = shutil.copytree(self._sweep.folder, place / "robustness" / "x")
        experiment = shutil.copytree(self._experiment.folder, place / small_experiment.NAME)
        max((sweep / "parts").glob("part-*.parquet")).unlink()
        words = draw.choice(
            (
                [*small_sweep.WORDS, f"output={place}"],
                [*small_experiment.WORDS, f"output={place}"],
                [*small_experiment.FORECAST_WORDS, f"output={place}"],
                ["resume", str(sweep), "threads=2"],
                ["export", str(experiment), "--to", "csv"],
                ["report", str(experiment)],
            )
        )
        before = files(place)
        with read_only(place):
            answer = call(words)
        must(answer.status == _UNUSABLE, f"{words}: {answer}")
        self._must_say_so(answer, "Read-only file system", "Permission denied", "not be written")
        must(files(place) == before, f"{words}: something was written")


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make the results that are undisturbed."""
    if sys.platform == "win32":
        raise LeftOutError("needs POSIX")
    yield _Disk(folder, seed).trial


PART = Part(
    name="disk",
    title="Full and read-only disks",
    tried=(
        "sweeps, experiments, exports and reports on a disk of a random size that fills up, with"
        " a limit on the size of files, and in folders that cannot be written; then again with"
        " room"
    ),
    held=(
        "status 2 and one clear last line, or all is done; nothing half-written; with room, the"
        " digest and every table of an undisturbed run"
    ),
    trials=40,
    opened=opened,
)
