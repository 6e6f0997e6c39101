"""Run the campaign; see the package."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from traceback import format_exception

from campaign.record import Record, write_record
from campaign.trials import ROOT, LeftOutError, NotHeldError, Part
from partnersim.cli.screen import Screen

PARTS = (
    *("kills", "fuzzing", "ranges", "disk", "clock"),
    *("two_sweeps", "corrupted_parts", "page_load", "upgrade"),
)
#: A part ends after so many failed trials; one shows what is wrong.
_MOST_FAILED = 20


def part_named(name: str) -> Part:
    """Return a part of the campaign."""
    part: Part = import_module(f"campaign.{name}").PART
    return part


def tried(part: Part, seed: int, trials: int, only: int | None, screen: Screen) -> Record:
    """Do the trials of a part, with progress, and return what they came to."""
    cases: Counter[str] = Counter()
    besides: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    failed: list[int] = []
    try:
        with (
            tempfile.TemporaryDirectory(prefix=f"campaign-{part.name}-") as folder,
            part.opened(Path(folder), seed) as trial,
            screen.progress(part.title, trials) as show,
        ):
            number = 0 if only is None else only
            while cases.total() + len(failed) + left_out.total() < trials:
                try:
                    seen = trial(number)
                    (cases if seen.counts else besides)[seen.case] += 1
                except LeftOutError as reason:
                    left_out[str(reason)] += 1
                except Exception as error:
                    failed.append(number)
                    again = f"python -m campaign {part.name} --seed {seed} --trial {number}"
                    screen.note(f"NOT HELD: {_told(error)}\nrepeat with: {again}")
                    if len(failed) >= _MOST_FAILED:
                        break
                if only is not None:
                    break
                number += 1
                show(part.title, cases.total() + len(failed))
    except NotHeldError as error:
        # Seen only when all trials were over, such as a server that wrote a traceback.
        failed.append(number)
        screen.note(f"NOT HELD: {_told(error)}")
    return Record(
        part=part.name,
        title=part.title,
        tried=part.tried,
        held=part.held,
        seed=seed,
        trials=cases.total() + len(failed),
        failed=failed,
        cases=dict(sorted(cases.items())),
        besides=dict(sorted(besides.items())),
        left_out=dict(sorted(left_out.items())),
    )


def _told(error: Exception) -> str:
    """Return what did not hold; an error that nobody expected is shown whole."""
    return str(error) if isinstance(error, NotHeldError) else "".join(format_exception(error))


def main() -> int:
    """Run the parts that the words name; exit status 1 if something did not hold."""
    words = argparse.ArgumentParser(prog="python -m campaign")
    words.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; all if none is named")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--trials", type=int, help="how many of each part instead of all")
    words.add_argument("--trial", type=int, help="only the trial of this number")
    words.add_argument("--record", type=Path, default=ROOT / "results" / "campaign")
    given = words.parse_args()
    unknown = sorted(set(given.part) - set(PARTS))
    if unknown:
        words.error(f"unknown part {unknown[0]} (parts: {', '.join(PARTS)})")
    screen = Screen()
    held = True
    for name in given.part or PARTS:
        part = part_named(name)
        wanted = 1 if given.trial is not None else given.trials or part.trials
        record = tried(part, given.seed, wanted, given.trial, screen)
        held &= not record.failed
        screen.line(record.told())
        if wanted >= part.trials:
            write_record(given.record, record)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
