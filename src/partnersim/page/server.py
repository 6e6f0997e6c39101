"""The server: listens on this machine, or with a token for a room."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from partnersim.compiler.compiled import compiled_before
from partnersim.errors import InputError
from partnersim.page.application import STATIC, application
from partnersim.page.forecast import look_in
from partnersim.page.futures import HEADLINES
from partnersim.page.guard import Door, is_loopback
from partnersim.page.request import begin_from
from partnersim.page.work import Workshop
from partnersim.runs.manifest import rules_fingerprint
from partnersim.scenario.config_files import default_options, options
from partnersim.user_path import user_path
from partnersim.world.world import shipped_world

if TYPE_CHECKING:
    from partnersim.page.exercise.exercise import Exercise
    from partnersim.page.exercise.session import Session

_MOST_CONNECTIONS = 400
#: Of one address, which a whole room may share.
_MOST_OF_ONE_VISITOR = 300
_LONGEST_HEADERS = 16 * 1024
#: A connection on which no request has come by then is closed.
_SECONDS_FOR_HEADERS = 10


#: Files that the program itself may have open, and connections taken in one go.
_OWN_FILES, _AT_ONCE = 64, 16


def most_connections() -> int:
    """Return how many connections may be open: no more than files that this process may open.

    A process that has no file left can neither take a connection nor say so.
    """
    try:
        import resource
    except ImportError:  # Windows
        return _MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _OWN_FILES + 4 * _AT_ONCE
    if 0 <= soft < wanted:
        soft = wanted if hard < 0 else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = _MOST_CONNECTIONS if soft < 0 else soft - _OWN_FILES - 4 * _AT_ONCE
    return max(1, min(_MOST_CONNECTIONS, room))


class ImpatientProtocol(H11Protocol):
    """HTTP that waits for a visitor only so long, and for so many connections of one visitor.

    Idle connections of somebody who opens hundreds of them must not keep out the others: where
    there are too many, the one that has been silent longest makes room for a new one.
    """

    _open: ClassVar[Counter[str]] = Counter()
    #: Connections on which no request has come yet, the oldest first.
    _silent: ClassVar[dict[ImpatientProtocol, None]] = {}
    #: Connections of all visitors, and of one.
    most: ClassVar[int] = _MOST_CONNECTIONS
    most_of_one: ClassVar[int] = _MOST_OF_ONE_VISITOR

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; close another one if there are too many."""
        super().connection_made(transport)
        self._visitor = self.client[0] if self.client else ""
        self._open[self._visitor] += 1
        self._silent[self] = None
        self._patience = self.loop.call_later(_SECONDS_FOR_HEADERS, self._hang_up)
        if self._open[self._visitor] > self.most_of_one:
            self._make_room(self._visitor)
        elif sum(self._open.values()) > self.most:
            self._make_room(max(self._open, key=self._open.__getitem__))

    def _make_room(self, visitor: str) -> None:
        """Close the connection of a visitor that has been silent longest; this one if none is."""
        silent = (one for one in self._silent if one._visitor == visitor and one.cycle is None)
        next(silent, self)._hang_up()

    def _hang_up(self) -> None:
        """Close the connection if no request has come."""
        self._silent.pop(self, None)
        if self.cycle is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection no more."""
        self._patience.cancel()
        self._silent.pop(self, None)
        self._open[self._visitor] -= 1
        super().connection_lost(exc)


class Server(uvicorn.Server):
    """A server with a long line at its door, that answers who waits for news before it ends."""

    def __init__(self, config: uvicorn.Config, exercise: Exercise | None = None) -> None:
        super().__init__(config)
        self._exercise = exercise

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve; a room that comes at once waits in line, though few are let in in one go.

        Whoever finds no place in the line tries again after a second.
        """
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_MOST_CONNECTIONS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in an orderly way."""
        if self._exercise is not None:
            await self._exercise.close()
        await super().shutdown(sockets)


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host : str
        Address or name of this machine.
    port : int
        0 takes any that is free.

    Raises
    ------
    InputError
        If the address is not one of this machine's, or the port is taken.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it can be no name of a machine"
        raise InputError(f"--host {host[:80]}: cannot be used ({reason})") from None
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        # At once: whoever gets the address may come before the application is up, and waits then.
        listening.listen(_MOST_CONNECTIONS)
    except OSError as error:
        listening.close()
        raise InputError(
            f"--host {host} --port {port}: cannot be used ({error.strerror or error}); "
            "--port 0 takes any that is free"
        ) from None
    return listening


def serve(
    host: str,
    port: int,
    ready: Callable[[str], None],
    compiling: Callable[[], None],
    session: Path | None = None,
    data: str = "",
    forecast: str = "",
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    host, port : str, int
        Where to listen.
    ready : callable
        Called with the address to open, once the page can be opened.
    compiling : callable
        Called before that if the rules have to be compiled first: half a minute or less.
    session : Path, optional
        File of a team exercise, which goes on as it stands there, or begins.
    data : str
        Folder of data to begin from; empty for the shipped ones.
    forecast : str
        Folder of a forecast, on which the page is opened, or of several.

    Raises
    ------
    InputError
        If the page is not built, the data or the address cannot be used, or the file is no session.
    """
    if not (STATIC / "index.html").is_file():
        raise InputError(
            "the page is not built here; `make page` in a checkout builds it (it needs Node), and"
            " wheels made by `make dist` hold it"
        )
    opened = look_in(forecast) if forecast else {}
    data = data or opened.get("data", "")
    played = None if session is None else _session(session, data)
    if played is None and data:
        begin_from(data)
    ImpatientProtocol.most = most = most_connections()
    ImpatientProtocol.most_of_one = max(1, most * _MOST_OF_ONE_VISITOR // _MOST_CONNECTIONS)
    listening = listening_socket(host, port)
    token = "" if is_loopback(host) else secrets.token_urlsafe(16)
    door = Door(host, played.token if played else token, room=played is not None)
    workshop = Workshop()
    shown = f"[{host}]" if ":" in host else _own_address() if host == "0.0.0.0" else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    exercise = None
    if played is not None and session is not None:
        from partnersim.page.exercise.exercise import Exercise

        exercise = Exercise(played, session, f"{address}?team", workshop.at_desk)
    if door.token:
        address += f"?token={door.token}"
    if opened and opened["policy"] in options("policy"):
        address += "#" + "&".join(
            f"{arm}.policy={opened['policy']}&{arm}.geopolitics={opened['climate']}" for arm in "ab"
        )
    server = Server(
        uvicorn.Config(
            application(workshop, door, STATIC, exercise),
            log_level="warning",
            access_log=False,
            server_header=False,
            http=ImpatientProtocol,
            ws="none",
            proxy_headers=False,
            # Above what the protocol lets stay open: whoever is just being sent away counts too.
            limit_concurrency=2 * most,
            backlog=_AT_ONCE,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=_LONGEST_HEADERS,
        ),
        exercise,
    )
    cold = not compiled_before()
    if cold:
        compiling()
        from partnersim.page.ahead import begin

        begin()
    warming = workshop.warm_up()
    if cold:
        warming.result()
    ready(address)
    try:
        server.run(sockets=[listening])
    finally:
        listening.close()


def _session(path: Path, data: str) -> Session:
    """Return the session that a file holds; where there is none, a new one, written to it.

    It is played from the data that it began with, wherever the page is served again.
    """
    from partnersim.page.exercise.session import Session

    kept = Session.read(path) if path.exists() else None
    folder = kept.data if kept and not data else data
    try:
        world = begin_from(folder) if folder else shipped_world()
    except InputError as error:
        raise InputError(f"--session {path}: {line}" for line in error.problems) from None
    if kept is None:
        begun = Session.new(default_options()["geopolitics"], HEADLINES[0])
        begun.data = str(user_path(folder).absolute()) if folder else ""
        begun.digest, begun.rules = world.digest, rules_fingerprint()
        begun.write(path)
        return begun
    if kept.rules != rules_fingerprint():
        # Its rounds are played anew: under other rules they would come out otherwise.
        raise InputError(f"--session {path}: was begun with another version of partnersim")
    if kept.digest != world.digest:
        began = f"world.data={kept.data}" if kept.data else "the shipped data of another version"
        other = f"; {folder} holds other data" if folder else ""
        raise InputError(f"--session {path}: was begun with {began}{other}")
    return kept


def _own_address() -> str:
    """Return an address under which others in the room may reach this machine."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: this only asks which of our addresses would be used.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
