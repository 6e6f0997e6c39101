"""The verb ``serve``: the workshop page, on this machine or in a room."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from partnersim.cli.streams import line
from partnersim.errors import nearest, refuse
from partnersim.user_path import user_path

HOST, PORT = "127.0.0.1", 8765
_LARGEST_PORT = 65535
_OPTIONS = ("--host", "--port", "--open", "--room", "--session")
#: Settings: where all that the page plays begins, and what forecasts it shows.
_DATA, _FORECAST = "world.data", "forecast"


class Options(NamedTuple):
    """What was typed."""

    host: str
    port: int
    opening: bool
    session: Path | None
    """File of a team exercise."""
    data: str
    """Folder of data to begin from."""
    forecast: str
    """Folder of forecasts to show."""


def main(words: Sequence[str]) -> int:
    """Serve the page.

    Parameters
    ----------
    words : sequence of str
        Options.

    Raises
    ------
    InputError
        If an option cannot be used.
    """
    host, port, opening, session, data, forecast = options(words)
    if session is not None:
        # An exercise needs it, and it takes longer the more modules there are when it comes.
        import partnersim.mesa  # noqa: F401
    from partnersim.page.server import serve

    def ready(address: str) -> None:
        line(f"partnersim workshop page: {address}  (Ctrl+C ends it)")
        if session is not None:
            line(f"The exercise is kept in {session}; go on with it later:")
            # Phones come back to the port that they know, also if any was taken.
            where = _where(host, urlsplit(address).port or port, data, forecast)
            line(f"  partnersim serve --session {shlex.quote(str(session))}{where}")
            if host == HOST:
                line("Phones cannot reach this address; they can with --host 0.0.0.0")
        if opening:
            import webbrowser

            webbrowser.open(address)

    def compiling() -> None:
        line("compiling the rules, once on this machine; half a minute or less ...")

    try:
        serve(host, port, ready, compiling, session, data, forecast)
    except KeyboardInterrupt:
        line()
    return 0


def _where(host: str, port: int, data: str, forecast: str) -> str:
    """Return the words that lead to the same page again, as far as they are not the usual."""
    parts = {" --host ": (host, HOST), " --port ": (port, PORT)}
    parts |= {f" {_DATA}=": (data, ""), f" {_FORECAST}=": (forecast, "")}
    given = {word: one for word, (one, usual) in parts.items() if one != usual}
    return "".join(f"{word}{shlex.quote(str(one))}" for word, one in given.items())


def options(words: Sequence[str]) -> Options:
    """Return what was typed.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    given: dict[str, str] = {}
    opening = room = False
    problems = []
    left = list(words)
    while left:
        word, equals, value = left.pop(0).partition("=")
        if word == "--open" and not equals:
            opening = True
        elif word == "--room" and not equals:
            room = True
        elif word in (_DATA, _FORECAST) and equals:
            given[word] = value
        elif word in ("--host", "--port", "--session"):
            if not equals and not left:
                problems.append(f"{word}: needs a value")
                continue
            given[word] = value if equals else left.pop(0)
        else:
            problems.append(
                f"{word}: unknown option of serve{nearest(word, (*_OPTIONS, _DATA, _FORECAST))}"
                f" (options: {', '.join(_OPTIONS)}, {_DATA}=FOLDER, {_FORECAST}=FOLDER)"
            )
    typed = given.get("--port", str(PORT))
    port = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 5 else -1
    if not 0 <= port <= _LARGEST_PORT:
        problems.append(f"--port {typed}: must be a whole number from 0 to {_LARGEST_PORT}")
    host = given.get("--host", HOST)
    if not host:
        problems.append("--host: must not be empty")
    file = given.get("--session", f"room_{datetime.now():%Y-%m-%d_%H%M%S}.json" if room else None)
    if file == "":
        problems.append("--session: must not be empty")
    refuse(problems)
    path = user_path(file) if file else None
    return Options(host, port, opening, path, given.get(_DATA, ""), given.get(_FORECAST, ""))
