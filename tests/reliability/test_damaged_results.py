"""Damaged results.

Tried: one to three files of a finished sweep or experiment were damaged: a bit or a stretch
changed, cut, lengthened, zeroed, removed, swapped, replaced by a folder; then `verify`, `export`
and `resume`

Held: no traceback; `verify` finds every change of a value; `resume` gives the undisturbed manifest
and numbers, or refuses in one line where the design itself is damaged
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from partnersim.runs.reader import read_runs
from program import DONE, UNUSABLE, Trials, call, files, must_not_crash
from small_results import EXPERIMENT, SWEEP, made, must_equal

pytestmark = pytest.mark.slow

HARMS = ("flip", "noise", "cut", "append", "zero", "remove", "swap", "folder")


def harmed(draw: random.Random, path: Path) -> None:
    """Damage a file."""
    content, harm = path.read_bytes(), draw.choice(HARMS)
    place = draw.randrange(len(content))
    noise = draw.randbytes(draw.randint(1, 200))
    others = sorted(other for other in path.parent.glob(f"*{path.suffix}") if other != path)
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm == "swap" and others:
        shutil.copyfile(draw.choice(others), path)
    elif harm not in ("remove", "swap"):
        damaged = {
            "flip": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
            "noise": content[:place] + noise + content[place + len(noise) :],
            "cut": content[:place],
            "append": content + noise,
            "zero": content[:place] + b"\0" * (len(content) - place),
        }
        path.write_bytes(damaged[harm])


def test_damage_is_found_and_mended(trials: Trials, tmp_path: Path) -> None:
    whole = {words: made(tmp_path / str(len(words)), words) for words in (SWEEP, EXPERIMENT)}
    place = tmp_path / "damaged"

    def trial(draw: random.Random) -> str:
        shutil.rmtree(place, ignore_errors=True)
        words = draw.choice((SWEEP, SWEEP, SWEEP, EXPERIMENT))
        shutil.copytree(whole[words], place)
        paths = [place / name for name in files(place) if (place / name).is_file()]
        paths = [path for path in paths if path.name != ".lock"]
        for path in draw.sample(paths, draw.choice((1, 1, 1, 2, 3))):
            harmed(draw, path)
        verified = call("verify", place, "threads=2")
        must_not_crash(verified)
        told = "error: " in verified.err or "not as it" in verified.out
        assert verified.status == DONE or told, "verify said nothing"
        must_not_crash(call("export", place, "--to", "csv"))
        shutil.rmtree(place / "export", ignore_errors=True)
        if verified.status == DONE:
            mine, undisturbed = read_runs(place), read_runs(whole[words])
            assert mine.outcomes(quarters="all").equals(undisturbed.outcomes(quarters="all"))
            return "no value was touched"
        resumed = call("resume", place, "figures=false", "threads=2")
        must_not_crash(resumed)
        if resumed.status == UNUSABLE:
            assert resumed.last.startswith("error: "), resumed
            return "refused, what was run cannot be read any more"
        must_equal(place, whole[words])
        return "found and mended"

    trials(trial, 2, 100)
