"""The application behind the page: its addresses, each with its limits."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from partnersim.errors import InputError
from partnersim.page.facts import facts_json, world_map
from partnersim.page.guard import Door, Guard, RefusedError, content_of, problems, refusal
from partnersim.page.request import (
    CountryRequest,
    ScoreboardRequest,
    SimulationRequest,
    read_request,
)
from partnersim.page.work import Workshop
from partnersim.scenario.settings import Settings

if TYPE_CHECKING:
    from partnersim.page.exercise.exercise import Exercise

#: Requests at work or waiting at once; more are told to come back.
MOST_AT_ONCE = 64
#: The same for one address, which a whole room may share: others find a place still.
MOST_OF_ONE_VISITOR = 48
_SECONDS_FOR_ANSWER = 120
#: Types of the shipped files: what this machine takes them for must not matter.
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
#: The bundle that Vite built.
STATIC = Path(__file__).parent / "static"


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
            body = json.dumps(line, separators=(",", ":")).encode() + b"\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    answering = asyncio.ensure_future(send_lines())
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait(
            (answering, leaving), timeout=_SECONDS_FOR_ANSWER, return_when=asyncio.FIRST_COMPLETED
        )
        if answering.done():
            await answering
        elif not leaving.done() and not begun:
            raise RefusedError(503, "the answer takes too long; try again in a moment")
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    """Wait until the visitor leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass


def application(
    workshop: Workshop, door: Door, static: Path = STATIC, exercise: Exercise | None = None
) -> Starlette:
    """Return the application.

    Parameters
    ----------
    workshop : Workshop
        Computes the answers; closed with the application.
    door : Door
        Who may come in.
    static : Path
        Folder of the built page.
    exercise : Exercise, optional
        The team exercise that is played here.
    """
    at_work: Counter[str] = Counter()

    class Ask[Kind: Settings]:
        """POST: a question as JSON, answered in lines of JSON."""

        def __init__(
            self, kind: type[Kind], answers: Callable[[Kind], AsyncIterator[dict[str, Any]]]
        ) -> None:
            self.kind, self.answers = kind, answers

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            # A body that comes slowly takes no place from those who wait for an answer.
            content = await content_of(Request(scope, receive))
            visitor = (scope.get("client") or ("",))[0]
            if at_work.total() >= MOST_AT_ONCE or at_work[visitor] >= MOST_OF_ONE_VISITOR:
                raise RefusedError(503, "too many requests at once; try again in a moment")
            at_work[visitor] += 1
            try:
                await _answer(self.answers(read_request(self.kind, content)), receive, send)
            finally:
                at_work[visitor] -= 1

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
            return problems(404, ["there is nothing at this address"])
        return Response(files[name], media_type=_KINDS.get(Path(name).suffix))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        if exercise is not None:
            await exercise.close()
        workshop.close()

    routes: list[Route] = []
    if exercise is not None:
        # Brings agents along, whose import takes as long as all the rest; seldom needed.
        from partnersim.page.exercise.addresses import exercise_routes

        routes = exercise_routes(exercise)
    return Starlette(
        routes=[
            Route("/api/simulate", Ask(SimulationRequest, workshop.answers), methods=["POST"]),
            Route("/api/country", Ask(CountryRequest, workshop.country), methods=["POST"]),
            Route("/api/scoreboard", Ask(ScoreboardRequest, workshop.scoreboard), methods=["POST"]),
            Route("/api/facts", known_facts),
            Route("/api/map", known_map),
            *routes,
            Route("/", file),
            Route("/{name:path}", file),
        ],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers=dict.fromkeys((RefusedError, InputError, ClientDisconnect), refusal),
        lifespan=lifespan,
    )
