"""What the trials of a part came to, as plain data without times."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """Counts of one part.

    Attributes
    ----------
    part, title, tried, held : str
        See `campaign.trials.Part`.
    seed : int
    trials : int
        How many were done.
    failed : sequence of int
        Numbers of those in which something did not hold.
    cases, besides, left_out : mapping of str to int
        Trials by kind; those seen besides that are not counted; those that the machine could
        not do, by reason.
    """

    part: str
    title: str
    tried: str
    held: str
    seed: int
    trials: int
    failed: Sequence[int]
    cases: Mapping[str, int]
    besides: Mapping[str, int]
    left_out: Mapping[str, int]

    def told(self) -> str:
        """Return the counts in one line."""
        held = self.trials - len(self.failed)
        cases = ", ".join(f"{count:,} {case}" for case, count in self.cases.items())
        besides = ", ".join(f"{count:,} {case}" for case, count in self.besides.items())
        left = ", ".join(f"{count:,} {reason}" for reason, count in self.left_out.items())
        return (
            f"{self.title}: held in {held:,} of {self.trials:,} trials ({cases})"
            + (f"; besides {besides}" if besides else "")
            + (f"; left out: {left}" if left else "")
        )


def write_record(folder: Path, record: Record) -> None:
    """Write the counts of a part."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n"
    (folder / f"{record.part}.json").write_text(text, "utf-8")


def read_records(folder: Path) -> list[Record]:
    """Return the counts of all parts that were recorded, by name."""
    return [Record(**json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json"))]
