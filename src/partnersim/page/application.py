"""The application behind the page: five addresses, each with its limits."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from partnersim.errors import InputError
from partnersim.page.facts import facts_json, world_map
from partnersim.page.guard import Door, Guard
from partnersim.page.request import CountryRequest, SimulationRequest, read_request
from partnersim.page.work import Workshop

LARGEST_BODY = 64 * 1024
#: Requests at work or waiting at once; more are told to come back.
MOST_AT_ONCE = 64
_SECONDS_FOR_BODY = 10
_SECONDS_FOR_ANSWER = 120
#: The bundle that Vite built.
STATIC = Path(__file__).parent / "static"


class _RefusedError(Exception):
    """A request that is not answered."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason


def _problems(status: int, problems: list[str]) -> JSONResponse:
    return JSONResponse({"problems": problems}, status_code=status)


async def _content(request: Request) -> Any:
    """Return the JSON that a request brings.

    Raises
    ------
    _RefusedError
        If it is too large, too slow, or not JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _RefusedError(415, "the content type must be application/json")
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS_FOR_BODY):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY:
                    raise _RefusedError(413, f"more than {LARGEST_BODY} bytes")
    except TimeoutError:
        raise _RefusedError(408, "the request took too long to arrive") from None
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _RefusedError(400, "the request is not readable JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _encoded(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


class _Lines:
    """A response of several lines of JSON, each sent when it is ready.

    A visitor who leaves stops the work.
    """

    def __init__(self, lines: AsyncIterator[dict[str, Any]]) -> None:
        self.lines = lines
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._answer(scope, receive, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait(
                (answering, leaving),
                timeout=_SECONDS_FOR_ANSWER,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if answering.done():
                await answering
            elif not leaving.done() and not self._begun:
                raise _RefusedError(503, "the answer takes too long; try again in a moment")
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async for line in self.lines:
                if not self._begun:
                    headers = [(b"content-type", b"application/x-ndjson")]
                    await send({"type": "http.response.start", "status": 200, "headers": headers})
                    self._begun = True
                await send(
                    {"type": "http.response.body", "body": _encoded(line), "more_body": True}
                )
        except InputError as error:
            await _problems(422, list(error.problems))(scope, receive, send)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Wait until the visitor leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass


def application(workshop: Workshop, door: Door, static: Path = STATIC) -> Starlette:
    """Return the application.

    Parameters
    ----------
    workshop : Workshop
        Computes the answers; closed with the application.
    door : Door
        Who may come in.
    static : Path
        Folder of the built page.
    """
    at_work = 0

    @asynccontextmanager
    async def one_more() -> AsyncIterator[None]:
        nonlocal at_work
        if at_work >= MOST_AT_ONCE:
            raise _RefusedError(503, "too many requests at once; try again in a moment")
        at_work += 1
        try:
            yield
        finally:
            at_work -= 1

    class Simulate:
        """POST /api/simulate: two lines, the first futures and then all."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            try:
                async with one_more():
                    content = await _content(Request(scope, receive))
                    lines = workshop.answers(read_request(SimulationRequest, content))
                    await _Lines(lines)(scope, receive, send)
            except _RefusedError as refused:
                await _problems(refused.status, [refused.reason])(scope, receive, send)
            except InputError as error:
                await _problems(422, list(error.problems))(scope, receive, send)
            except ClientDisconnect:
                return

    async def country(request: Request) -> Response:
        try:
            async with one_more():
                asked = read_request(CountryRequest, await _content(request))
                return Response(
                    _encoded(await workshop.country(asked)), media_type="application/json"
                )
        except _RefusedError as refused:
            return _problems(refused.status, [refused.reason])
        except InputError as error:
            return _problems(422, list(error.problems))

    async def known_facts(request: Request) -> Response:
        return Response(await workshop.at_desk(facts_json), media_type="application/json")

    async def known_map(request: Request) -> Response:
        return Response(world_map(), media_type="application/json")

    # The whole bundle is small and read once: no path from a request ever meets the disk.
    files = {
        path.relative_to(static).as_posix(): path.read_bytes()
        for path in sorted(static.rglob("*"))
        if path.is_file()
    }

    async def file(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in files:
            return _problems(404, ["there is nothing at this address"])
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(files[name], media_type=kind)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        workshop.close()

    return Starlette(
        routes=[
            Route("/api/simulate", Simulate(), methods=["POST"]),
            Route("/api/country", country, methods=["POST"]),
            Route("/api/facts", known_facts),
            Route("/api/map", known_map),
            Route("/", file),
            Route("/{name:path}", file),
        ],
        middleware=[Middleware(Guard, door=door)],
        lifespan=lifespan,
    )
