"""The application behind the page: five addresses, each with its limits."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from partnersim.scenario.settings import Settings

LARGEST_BODY = 64 * 1024
#: Requests at work or waiting at once; more are told to come back.
MOST_AT_ONCE = 64
#: The same for one address, which a whole room may share: others find a place still.
MOST_OF_ONE_VISITOR = 48
#: Values in one request, and how deep they may be nested.
_MOST_VALUES, _DEEPEST = 2000, 20
_SECONDS_FOR_BODY = 10
_SECONDS_FOR_ANSWER = 120
#: Types of the shipped files: what this machine takes them for must not matter.
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
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
        content = json.loads(body.decode(), parse_constant=_no_constant)
        # A lone half of a pair of UTF-16 is no text.
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _RefusedError(400, "the request is not readable JSON") from None
    if _values(content) > _MOST_VALUES:
        raise _RefusedError(400, f"more than {_MOST_VALUES} values")
    return content


def _values(content: Any, deeper: int = _DEEPEST) -> int:
    """Return how many values are nested in one; refuse what is nested too deep.

    Raises
    ------
    _RefusedError
    """
    if not isinstance(content, (dict, list)):
        return 0
    if deeper == 0:
        raise _RefusedError(400, f"values nested more than {_DEEPEST} deep")
    inner = content.values() if isinstance(content, dict) else content
    return len(inner) + sum(_values(value, deeper - 1) for value in inner)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _encoded(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


async def _answer(lines: AsyncIterator[dict[str, Any]], receive: Receive, send: Send) -> None:
    """Answer with one or several lines of JSON, each sent when it is ready.

    A visitor who leaves stops the work.
    """
    begun = False

    async def send_lines() -> None:
        nonlocal begun
        async for line in lines:
            if not begun:
                headers = [(b"content-type", b"application/x-ndjson")]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                begun = True
            await send({"type": "http.response.body", "body": _encoded(line), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    answering = asyncio.ensure_future(send_lines())
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait(
            (answering, leaving),
            timeout=_SECONDS_FOR_ANSWER,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if answering.done():
            await answering
        elif not leaving.done() and not begun:
            raise _RefusedError(503, "the answer takes too long; try again in a moment")
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


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
    at_work: Counter[str] = Counter()

    @contextmanager
    def one_more(visitor: str) -> Iterator[None]:
        if at_work.total() >= MOST_AT_ONCE or at_work[visitor] >= MOST_OF_ONE_VISITOR:
            raise _RefusedError(503, "too many requests at once; try again in a moment")
        at_work[visitor] += 1
        try:
            yield
        finally:
            at_work[visitor] -= 1

    class Ask[Kind: Settings]:
        """POST: a question as JSON, answered in lines of JSON."""

        def __init__(
            self, kind: type[Kind], answers: Callable[[Kind], AsyncIterator[dict[str, Any]]]
        ) -> None:
            self.kind, self.answers = kind, answers

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            try:
                # A body that comes slowly takes no place from those who wait for an answer.
                content = await _content(Request(scope, receive))
                with one_more((scope.get("client") or ("",))[0]):
                    await _answer(self.answers(read_request(self.kind, content)), receive, send)
            except _RefusedError as refused:
                await _problems(refused.status, [refused.reason])(scope, receive, send)
            except InputError as error:
                await _problems(422, list(error.problems))(scope, receive, send)
            except ClientDisconnect:
                return

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
        return Response(files[name], media_type=_KINDS.get(Path(name).suffix))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        workshop.close()

    return Starlette(
        routes=[
            Route("/api/simulate", Ask(SimulationRequest, workshop.answers), methods=["POST"]),
            Route("/api/country", Ask(CountryRequest, workshop.country), methods=["POST"]),
            Route("/api/facts", known_facts),
            Route("/api/map", known_map),
            Route("/", file),
            Route("/{name:path}", file),
        ],
        middleware=[Middleware(Guard, door=door)],
        lifespan=lifespan,
    )
