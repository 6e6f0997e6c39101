"""Files of finished results are damaged: verify finds it, resume mends it, nothing crashes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaign import small_experiment
from campaign.program import call, must_not_crash
from campaign.trials import Part, Seen, Trial, drawn, must
from partnersim.errors import InputError
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.sweep_reader import StoredSweep, read_sweep

# Of the tests, see campaign.trials.
from sweeps import cut_sweep  # isort: skip

_RUNS_OF_A_PART = 6
_DONE, _UNUSABLE = 0, 2


def flipped(draw: random.Random, path: Path) -> None:
    """Change one bit."""
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def overwritten(draw: random.Random, path: Path) -> None:
    """Overwrite a stretch with noise."""
    content = bytearray(path.read_bytes())
    start = draw.randrange(len(content))
    stop = min(len(content), start + draw.randint(1, 200))
    content[start:stop] = draw.randbytes(stop - start)
    path.write_bytes(content)


def cut(draw: random.Random, path: Path) -> None:
    """Leave the beginning only."""
    content = path.read_bytes()
    path.write_bytes(content[: draw.randrange(len(content))])


def lengthened(draw: random.Random, path: Path) -> None:
    """Append noise."""
    path.write_bytes(path.read_bytes() + draw.randbytes(draw.randint(1, 500)))


def zeroed(draw: random.Random, path: Path) -> None:
    """Fill a stretch with zeros, as after a power failure."""
    content = path.read_bytes()
    start = draw.randrange(len(content))
    path.write_bytes(content[:start] + b"\0" * (len(content) - start))


def removed(draw: random.Random, path: Path) -> None:
    """Remove the file."""
    path.unlink()


def swapped(draw: random.Random, path: Path) -> None:
    """Put another file of the same kind in its place."""
    others = sorted(other for other in path.parent.glob(f"*{path.suffix}") if other != path)
    if others:
        shutil.copyfile(draw.choice(others), path)
    else:
        path.unlink()


def made_a_folder(draw: random.Random, path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


HARMS = (flipped, overwritten, cut, lengthened, zeroed, removed, swapped, made_a_folder)


def _damaged(draw: random.Random, folder: Path) -> list[str]:
    """Damage one to three files of a folder; return their names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    parts = [path for path in paths if path.parent.name == "parts"]
    names = []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        path = draw.choice(parts if parts and draw.random() < 0.6 else paths)
        if path.is_file() and path.stat().st_size:
            draw.choice(HARMS)(draw, path)
            names.append(path.relative_to(folder).as_posix())
    return names


class _Damage:
    """Does the trials on copies of undisturbed results."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        # Cut by hand: how a sweep is cut otherwise depends on the speed of the machine.
        self._sweep: StoredSweep = cut_sweep(folder / "undisturbed" / "sweep", _RUNS_OF_A_PART)
        self._experiment: StoredExperiment = small_experiment.undisturbed(folder / "undisturbed")

    def trial(self, number: int) -> Seen:
        draw = drawn("corrupted_parts", self._seed, number)
        place = self._folder / f"trial-{number}"
        try:
            if draw.random() < 0.75:
                return self._of_a_sweep(draw, place)
            return self._of_an_experiment(draw, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _of_a_sweep(self, draw: random.Random, place: Path) -> Seen:
        shutil.copytree(self._sweep.folder, place)
        names = _damaged(draw, place)
        verified = call(["verify", str(place), "threads=2"])
        must_not_crash(verified, f"verify after {names}")
        must(
            verified.status == _DONE or "error: " in verified.err or "not as it" in verified.out,
            f"{names}: verify said nothing",
        )
        exported = call(["export", str(place), "--to", "csv"])
        must_not_crash(exported, f"export after {names}")
        shutil.rmtree(place / "export", ignore_errors=True)
        resumed = call(["resume", str(place), "figures=false", "threads=2"])
        must_not_crash(resumed, f"resume after {names}")
        if resumed.status == _UNUSABLE:
            must(resumed.last.startswith("error: "), f"{names}: {resumed}")
            if "Is a directory" in resumed.last:
                return Seen("sweep refused: a folder lies in the place of a part")
            must(any("/" not in name for name in names), f"{names}: parts can be mended: {resumed}")
            return Seen("sweep refused: what it is cannot be read any more")
        again = read_sweep(place)
        must(again.manifest["digest"] == self._sweep.manifest["digest"], f"{names}: another digest")
        must(again.recomputed_digest() == again.manifest["digest"], f"{names}: not mended")
        must(again.runs().equals(self._sweep.runs()), f"{names}: other runs")
        must(again.signing().equals(self._sweep.signing()), f"{names}: other counts")
        if verified.status == _DONE:
            return Seen("sweep: no value was touched")
        return Seen("sweep: found and mended")

    def _of_an_experiment(self, draw: random.Random, place: Path) -> Seen:
        shutil.copytree(self._experiment.folder, place)
        names = _damaged(draw, place)
        verified = call(["verify", str(place), "threads=2"])
        must_not_crash(verified, f"verify after {names}")
        must_not_crash(call(["export", str(place), "--to", "csv"]), f"export after {names}")
        if verified.status != _DONE:
            return Seen("experiment: found")
        try:
            same = read_experiment(place).recomputed_digest() == self._experiment.manifest["digest"]
        except InputError:
            same = False
        must(same, f"{names}: damaged, but verified")
        return Seen("experiment: no value was touched")


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make the results that are damaged."""
    yield _Damage(folder, seed).trial


PART = Part(
    name="corrupted_parts",
    title="Damaged results",
    tried=(
        "one to three files of a finished sweep or experiment were damaged: a bit or a stretch"
        " changed, cut, lengthened, zeroed, removed, swapped, replaced by a folder; then `verify`,"
        " `export` and `resume`"
    ),
    held=(
        "no traceback; `verify` finds every change of a value; `resume` gives the undisturbed"
        " digest and tables, or refuses in one line where the design itself is damaged"
    ),
    trials=100,
    opened=opened,
)
