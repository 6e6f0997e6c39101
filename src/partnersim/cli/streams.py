"""What the program writes on: streams that may be closed, be full, or know few letters."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from contextlib import suppress
from typing import TextIO

_ERRORS = "partnersim.plain"
#: Signs that carry meaning, as every encoding can write them.
_PLAIN = {
    "−": "-",
    "±": "+-",
    "×": "x",
    "…": "...",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "–": "-",
    "—": "-",
    "·": ".",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "ß": "ss",
    "€": "EUR",
}
#: Why nothing more can be written on a stream, by its number; whoever stopped reading is no reason.
_lost: dict[int, str] = {}


def prepare() -> None:
    """See to it that printing can neither fail for a letter nor for a stream that is closed."""
    codecs.register_error(_ERRORS, _plain)
    _lost.clear()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream := getattr(sys, name), "reconfigure"):
            stream.reconfigure(errors=_ERRORS)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return what to write in place of the letters that an encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    given = error.object[error.start : error.end]
    return "".join(map(_letter, given)), error.end


def _letter(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return _PLAIN.get(letter) or bare or "?"


def write(stream: TextIO, text: str) -> None:
    """Write a line; if that cannot be done any more, work goes on without it."""
    try:
        print(text, file=stream, flush=True)
    except OSError as failure:
        give_up(stream, failure)


def line(text: str = "") -> None:
    """Write a line of results; see `write`."""
    write(sys.stdout, text)


def give_up(stream: TextIO, failure: OSError) -> None:
    """Write nothing more on a stream; unless nobody reads it, the other one says so."""
    with suppress(OSError, ValueError):
        # What waits to be written goes nowhere, so that Python does not complain when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if isinstance(failure, BrokenPipeError):
        return
    first = not _lost
    _lost[id(stream)] = reason = failure.strerror or str(failure)
    if first and stream is not sys.stderr:
        write(sys.stderr, f"error: the output cannot be written ({reason})")


def anything_lost() -> bool:
    """Tell whether something could not be written, though somebody may read it."""
    return bool(_lost)
