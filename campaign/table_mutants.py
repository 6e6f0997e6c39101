"""Forecasts and lists of later events gone wrong, for the verb that scores."""

from __future__ import annotations

import random
from collections.abc import Callable

from campaign.yaml_mutants import STRANGE_BYTES

EVENTS = (
    "date,iso3,instrument,event\n"
    "2025-09-01,KEN,DIGITAL_DIALOGUE,announced\n"
    "2025-11-12,JPN,DTA,concluded\n"
    "2026-02,CAN,DIGITAL_PARTNERSHIP,signed\n"
)
#: Cells that no column may hold.
_CELLS = (
    *("", " ", "x", "-1", "nan", "inf", "1e999", "2", "0", "1", "KNE", "ken", "2025-13-01"),
    *("2025-02-31x", "01.09.2025", "annonced", "2026Q5", "NULL", "=1+1", "é", "🛰", "\x00"),
    *("a" * 500, '"', '"a', "a,b", "٢٠٢٥", "20255", "NaN", "None", "-inf", "\x1b[2J"),
)


def _columns(draw: random.Random, lines: list[list[str]]) -> None:
    place = draw.randrange(len(lines[0]))
    choice = draw.randrange(4)
    if choice == 0:
        lines[0][place] = draw.choice(("", "x", lines[0][place].upper() + "x", lines[0][place - 1]))
    elif choice == 1:
        for line in lines:
            del line[place]
    elif choice == 2:
        lines.pop(0)
    else:
        lines[0].append(lines[0][place])


def _cell(draw: random.Random, lines: list[list[str]]) -> None:
    line = draw.choice(lines[1:])
    line[draw.randrange(len(line))] = draw.choice(_CELLS)


def _width(draw: random.Random, lines: list[list[str]]) -> None:
    line = draw.choice(lines[1:])
    line[:] = draw.choice(([*line, "x"], line[:-1], [], [*line, *line], [""]))


def mutated_table(draw: random.Random, text: str) -> bytes:
    """Return the bytes of a CSV with columns, cells, widths or bytes gone wrong."""
    kind = draw.randrange(7)
    if kind == 6:
        content = text.encode()
        place = draw.randrange(len(content))
        return content[:place] + draw.choice(STRANGE_BYTES) + content[place:]
    if kind == 5:
        return draw.choice(
            (b"", b"\n\n", b",,,\n", b"\xef\xbb\xbf", text.encode("utf-16"), b"PAR1", b"\x00" * 50)
        )
    lines = [line.split(",") for line in text.splitlines()]
    change: Callable[[random.Random, list[list[str]]], None] = (
        _columns,
        _cell,
        _cell,
        _width,
        _cell,
    )[kind]
    change(draw, lines)
    return "".join(",".join(line) + "\n" for line in lines).encode()
