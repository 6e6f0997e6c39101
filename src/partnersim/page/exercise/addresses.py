"""The addresses of the exercise: one to wait for news, and one for each thing that may be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnersim.page.exercise.exercise import Exercise
from partnersim.page.exercise.roles import QUARTERS, Decision, role_facts
from partnersim.page.exercise.session import Annotation, Seat
from partnersim.page.guard import RefusedError, content_of, is_facilitator
from partnersim.page.request import MOST_ANNOTATIONS, MOST_GOALS, Goal, read_request
from partnersim.scenario.settings import Settings, Several, setting

#: What a phone brings. Its value is a secret of that phone, not the code of the room.
SEAT_COOKIE = "partnersim_seat"
_SECONDS_OF_SEAT = 24 * 3600

Endpoint = Callable[[Request], Awaitable[Response]]


class _Join(Settings):
    code: str = setting("Short code", max_length=40)


class _TakeRole(Settings):
    role: str = setting("Role, or nothing for none", max_length=80)


class _Decide(Settings):
    decision: Decision = setting("What is decided")
    lock: bool = setting("Whether it is final")
    role: str = setting("For which role, by the facilitator", "", max_length=80)


class _Story(Settings):
    goals: Several[Goal] = setting("What the room wants to reach", max_length=MOST_GOALS)
    annotations: Several[Annotation] = setting(
        "What is written at moments of the story", max_length=MOST_ANNOTATIONS
    )


class _Steer(Settings):
    act: str = setting("What to do", max_length=40)
    value: str = setting("With what", "", max_length=80)


def exercise_routes(exercise: Exercise) -> list[Route]:
    """Return the routes of a session."""

    def seat_of(request: Request) -> Seat | None:
        return exercise.session.seat_of(request.cookies.get(SEAT_COOKIE, ""))

    def seated(request: Request) -> Seat:
        seat = seat_of(request)
        if seat is None:
            raise RefusedError(401, "type the code on the screen first")
        return seat

    def facilitating(request: Request) -> None:
        if not is_facilitator(request.scope):
            raise RefusedError(403, "only the facilitator may do that")

    async def view(request: Request) -> Response:
        facilitator = is_facilitator(request.scope)
        seat = seat_of(request) if facilitator else seated(request)
        since = request.query_params.get("since", "")
        number = int(since) if since.isdecimal() and len(since) < 20 else -1
        return JSONResponse(await exercise.view(seat, facilitator, number))

    async def answer(request: Request) -> Response:
        if not is_facilitator(request.scope):
            seated(request)
        return JSONResponse(await exercise.answer())

    async def facts(request: Request) -> Response:
        return JSONResponse({"roles": role_facts(), "quarters": QUARTERS})

    async def join(request: Request) -> Response:
        asked = read_request(_Join, await content_of(request))
        address = request.client.host if request.client else ""
        secret = await exercise.join(asked.code, address)
        response = JSONResponse({})
        response.set_cookie(
            SEAT_COOKIE, secret, max_age=_SECONDS_OF_SEAT, httponly=True, samesite="strict"
        )
        return response

    async def decide(request: Request) -> Response:
        asked = read_request(_Decide, await content_of(request))
        if asked.role:
            facilitating(request)
            price = await exercise.decide(asked.role, asked.decision, asked.lock, "facilitator")
        else:
            role = seated(request).role
            price = await exercise.decide(role, asked.decision, asked.lock, "team")
        return JSONResponse({"price": price})

    def act(kind: type[Settings], allowed: Callable[[Request], Any], do: Any) -> Endpoint:
        """Return what reads a request of somebody who is allowed to make it, and does it."""

        async def acting(request: Request) -> Response:
            who = allowed(request)
            await do(who, read_request(kind, await content_of(request)))
            return JSONResponse({})

        return acting

    take_role = act(_TakeRole, seated, lambda seat, one: exercise.take_role(seat, one.role))
    steer = act(_Steer, facilitating, lambda _, one: exercise.steer(one.act, one.value))
    story = act(
        _Story, facilitating, lambda _, one: exercise.tell_story(one.goals, one.annotations)
    )
    return [
        Route("/api/exercise", view),
        Route("/api/exercise/facts", facts),
        Route("/api/exercise/answer", answer),
        Route("/api/exercise/join", join, methods=["POST"]),
        Route("/api/exercise/role", take_role, methods=["POST"]),
        Route("/api/exercise/decide", decide, methods=["POST"]),
        Route("/api/exercise/story", story, methods=["POST"]),
        Route("/api/exercise/steer", steer, methods=["POST"]),
    ]
