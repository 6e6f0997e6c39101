"""A session at work: who may do what, what everybody sees, and what has changed since."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from partnersim.errors import InputError, nearest, refuse
from partnersim.page.answers import answer, stage_of
from partnersim.page.exercise import playing
from partnersim.page.exercise.debrief import Debrief
from partnersim.page.exercise.roles import QUARTERS, Decision, Role, roles
from partnersim.page.exercise.session import (
    MOST_ROUNDS,
    MOST_SEATS,
    Annotation,
    Attempts,
    By,
    Round,
    Seat,
    Session,
    digest_of,
)
from partnersim.page.futures import SHOWN_METRICS, refuse_unknown_metrics
from partnersim.page.guard import RefusedError
from partnersim.page.request import Goal, quarter_name
from partnersim.scenario.config_files import options

#: A phone that has not asked for so long is away.
_SECONDS_AWAY = 40.0
#: A phone that waits for news is answered after so long at the latest.
_SECONDS_OF_WAITING = 15.0

AtDesk = Callable[..., Awaitable[Any]]


class NotNowError(RefusedError):
    """Something that is not allowed, or not at this moment; the message says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(409, reason)


class Exercise:
    """The one session that a server holds.

    Parameters
    ----------
    session : Session
    path : Path
        File that keeps it.
    join : str
        Address that phones open.
    at_desk : callable
        Does something in the one thread for short work.

    Raises
    ------
    InputError
        If the session cannot be played here, one line per problem.
    """

    def __init__(self, session: Session, path: Path, join: str, at_desk: AtDesk) -> None:
        self.session, self._path, self._join, self._at_desk = session, path, join, at_desk
        self.attempts = Attempts()
        # Rises with every change; begins anew after a restart, so that nobody waits for a number
        # of the server before.
        self._version = secrets.randbelow(2**31) << 8
        self._changed = asyncio.Condition()
        self._seen: dict[str, float] = {}
        self._steering = asyncio.Lock()
        self._preparing = asyncio.Lock()
        self._busy = ""
        self._closing = False
        self._world: dict[str, Any] | None = None
        self._debrief: Debrief | None = None
        self._work: asyncio.Task[None] | None = None
        refuse(f"--session {path}: {line}" for line in self._problems())

    def _problems(self) -> list[str]:
        """Return what of a session that was read cannot be played, one line each."""
        session = self.session
        lines = []
        if session.climate not in options("geopolitics"):
            lines.append(f"unknown climate '{session.climate}'")
        named = (session.metric, *(goal.metric for goal in session.goals))
        lines += [f"unknown metric '{name}'" for name in named if name not in SHOWN_METRICS]
        lines += [
            f"unknown role '{seat.role}'"
            for seat in session.seats
            if seat.role and seat.role not in roles()
        ]
        if session.over and not session.rounds:
            lines.append("is over before a round was played")
        drafts = Round(decisions=session.drafts, by={})
        for number, each in enumerate([*session.rounds, drafts]):
            levers = (
                playing.first_levers() if lines else playing.levers_after(session.rounds[:number])
            )
            for name, decision in each.decisions.items():
                if name in roles():
                    lines += decision.problems(roles()[name], levers)
                else:
                    lines.append(f"unknown role '{name}'")
        if set(session.locked) - set(session.drafts):
            lines.append("a role is locked that has decided nothing")
        return lines

    # What is seen

    async def view(self, seat: Seat | None, facilitator: bool, since: int) -> dict[str, Any]:
        """Return what a phone or the shared screen shows; waits while nothing has changed."""
        if seat is not None:
            back = self._is_away(seat)
            self._seen[seat.digest] = time.monotonic()
            if back:
                await self._tell()
        await self._ready()
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_OF_WAITING), self._changed:
                await self._changed.wait_for(lambda: since != self._version or self._closing)
        # What has changed may be the climate, and with it the whole world.
        await self._ready()
        # Meanwhile the phone may have taken another role.
        seats = self.session.seats
        now = next((one for one in seats if seat and one.digest == seat.digest), None)
        return self._seen_by(now, facilitator)

    def _is_away(self, seat: Seat) -> bool:
        return time.monotonic() - self._seen.get(seat.digest, -_SECONDS_AWAY) >= _SECONDS_AWAY

    def _seen_by(self, seat: Seat | None, facilitator: bool) -> dict[str, Any]:
        session = self.session
        world = self._world or {}
        mine = seat.role if seat else ""
        dumped = session.model_dump(mode="json", exclude=set() if facilitator else {"log"})
        shown = ("climate", "metric", "paused", "over", "goals", "annotations")
        drafts, played = dumped["drafts"], len(session.rounds)
        return {
            **{name: dumped[name] for name in shown},
            "version": self._version,
            "facilitator": facilitator,
            "code": session.code if facilitator else None,
            "join": self._join if facilitator else None,
            "round": played + 1,
            "rounds": MOST_ROUNDS,
            "quarter": quarter_name(played * QUARTERS),
            "until": quarter_name((played + 1) * QUARTERS),
            "busy": self._busy,
            "role": mine,
            "teams": [self._team(role) for role in roles()],
            "levers": playing.levers_after(session.rounds),
            "first": playing.first_levers(),
            "draft": drafts.get(mine),
            "drafts": {role: drafts.get(role) for role in roles()} if facilitator else None,
            "standing": {
                role: rows
                for role, rows in world.get("standing", {}).items()
                if facilitator or role == mine
            },
            "metrics": world.get("metrics"),
            "played": dumped["rounds"],
            "log": dumped["log"][-100:] if facilitator else None,
            "debrief": self._debrief.answer if self._debrief else None,
            "reached": self._debrief.reached(session.goals) if self._debrief else None,
        }

    def _team(self, role: str) -> dict[str, Any]:
        seats = [seat for seat in self.session.seats if seat.role == role]
        return {
            "role": role,
            "phones": len(seats),
            "here": sum(not self._is_away(seat) for seat in seats),
            "locked": self.session.locked.get(role),
        }

    async def answer(self) -> dict[str, Any]:
        """Return the world: A is that of the agents alone, B that of the room."""
        await self._ready()
        assert self._world is not None
        return self._world["answer"]

    async def _ready(self) -> None:
        """See to it that the world is there, also after a restart."""
        async with self._preparing:
            if self._world is None:
                self._world = await self._world_after(self.session.rounds)
            if self.session.over and self._debrief is None:
                self._begin_debrief()

    async def _world_after(self, rounds: Sequence[Round]) -> dict[str, Any]:
        """Return the world after some rounds, see `_world`."""
        return await self._at_desk(_world, self.session.climate, rounds, self.session.seed)

    async def _tell(self) -> None:
        """Let everybody who waits know that something has changed."""
        self._version += 1
        async with self._changed:
            self._changed.notify_all()

    async def _save(self, *noted: str) -> None:
        """Write the session, with who did what in its log; let everybody know."""
        if noted:
            self.session.note(*noted)
        self.session.write(self._path)
        await self._tell()

    # What phones do

    async def join(self, code: str, address: str) -> str:
        """Let a phone in by the short code; return the secret that it brings from now on.

        Raises
        ------
        NotNowError
            If the code is wrong, was tried too often, or the room is full.
        """
        if self.attempts.too_many(address):
            raise NotNowError("too many wrong codes; wait a minute")
        given = "".join(letter for letter in code.upper() if letter.isalnum())
        if not hmac.compare_digest(given.encode(), self.session.code.encode()):
            self.attempts.note(address)
            raise NotNowError("this is not the code on the screen")
        if len(self.session.seats) >= MOST_SEATS:
            raise NotNowError("the room is full")
        secret = secrets.token_urlsafe(16)
        self.session.seats = [*self.session.seats, Seat(digest=digest_of(secret))]
        await self._save()
        return secret

    async def take_role(self, seat: Seat, name: str) -> None:
        """Let a phone play a role, or none; several phones may play one role.

        Raises
        ------
        InputError
            If there is no such role.
        """
        if name:
            _role(name)
        self._seat(lambda one: one.digest == seat.digest, name)
        await self._save(*((name, "joined") if name else ()))

    async def decide(self, name: str, decision: Decision, lock: bool, by: By) -> float:
        """Note what a role wants to do in the round that comes next; return the points it costs.

        Raises
        ------
        InputError
            If the role may not decide that.
        NotNowError
            If the exercise is paused, over, or playing.
        """
        role = _role(name)
        self._refuse_unless_open(by)
        levers = playing.levers_after(self.session.rounds)
        refuse(decision.problems(role, levers))
        self.session.drafts = {**self.session.drafts, name: decision}
        locked = {role: who for role, who in self.session.locked.items() if role != name}
        if lock:
            locked[name] = by
            self.session.note(name, "locked_by_facilitator" if by == "facilitator" else "locked")
        self.session.locked = locked
        await self._save()
        return decision.price(role, levers)

    def _refuse_unless_open(self, by: By) -> None:
        if self.session.over:
            raise NotNowError("the exercise is over")
        if self._busy:
            raise NotNowError("the round is being played")
        if self.session.paused and by == "team":
            raise NotNowError("the facilitator has paused the exercise")

    # What the facilitator does

    async def tell_story(self, goals: Sequence[Goal], annotations: Sequence[Annotation]) -> None:
        """Set the goals of the room, and what is written at moments of its story.

        Raises
        ------
        InputError
            If a goal is of an unknown metric.
        """
        refuse_unknown_metrics(*(goal.metric for goal in goals))
        self.session.goals = list(goals)
        self.session.annotations = sorted(annotations, key=lambda each: each.quarter)
        await self._save()

    async def steer(self, act: str, value: str) -> None:
        """Do one of the facilitator's acts.

        Raises
        ------
        InputError
            If there is no such act or value.
        NotNowError
            If it cannot be done now.
        """
        acts = {
            "play": self._play,
            "undo": self._undo,
            "pause": lambda _: self._set_paused(True),
            "resume": lambda _: self._set_paused(False),
            "finish": self._finish,
            "go_on": self._go_on,
            "release": self._release,
            "climate": self._set_climate,
            "metric": self._set_metric,
        }
        if act not in acts:
            raise InputError(f"act: unknown act '{act}'{nearest(act, acts)}")
        async with self._steering:
            await acts[act](value)

    async def _play(self, value: str) -> None:
        session = self.session
        if session.over or len(session.rounds) >= MOST_ROUNDS:
            raise NotNowError("all rounds have been played")
        if value != str(len(session.rounds) + 1):
            raise NotNowError("this round has been played already")
        played = Round(
            decisions={role: session.drafts[role] for role in session.locked},
            by=dict(session.locked),
        )
        rounds = [*session.rounds, played]
        self._busy = "playing"
        await self._tell()
        try:
            world = await self._world_after(rounds)
        finally:
            self._busy = ""
            await self._tell()
        session.rounds = rounds
        session.drafts, session.locked, session.paused = {}, {}, False
        self._world = world
        await self._save("facilitator", "played")

    async def _undo(self, value: str) -> None:
        session = self.session
        if not session.rounds:
            raise NotNowError("no round has been played")
        if value != str(len(session.rounds)):
            raise NotNowError("this round has been undone already")
        *rounds, last = session.rounds
        world = await self._world_after(rounds)
        session.rounds = rounds
        # The teams find what they had decided, and may change it.
        session.drafts, session.locked, session.over = dict(last.decisions), {}, False
        self._world, self._debrief = world, None
        await self._save("facilitator", "undone")

    async def _set_paused(self, paused: bool) -> None:
        self.session.paused = paused
        await self._save("facilitator", "paused" if paused else "resumed")

    async def _finish(self, value: str) -> None:
        if not self.session.rounds:
            raise NotNowError("no round has been played")
        self.session.over = True
        self._begin_debrief()
        await self._save("facilitator", "finished")

    async def _go_on(self, value: str) -> None:
        self.session.over = False
        self._debrief = None
        await self._save("facilitator", "resumed")

    async def _release(self, value: str) -> None:
        role = _role(value)
        self._seat(lambda one: one.role == role.name, "")
        await self._save(role.name, "released")

    def _seat(self, chosen: Callable[[Seat], bool], role: str) -> None:
        """Give the chosen phones another role, or none."""
        self.session.seats = [
            Seat(digest=one.digest, role=role) if chosen(one) else one for one in self.session.seats
        ]

    async def _set_climate(self, value: str) -> None:
        if value not in options("geopolitics"):
            near = nearest(value, options("geopolitics"))
            raise InputError(f"climate: unknown climate '{value}'{near}")
        if self.session.rounds:
            raise NotNowError("the climate is chosen before the first round")
        self.session.climate, self._world = value, None
        await self._save("facilitator", "climate")

    async def _set_metric(self, value: str) -> None:
        refuse_unknown_metrics(value)
        self.session.metric = value
        await self._save()

    def _begin_debrief(self) -> None:
        session = self.session
        debrief = self._debrief = Debrief(session.climate, session.rounds, session.seed)

        async def work() -> None:
            for step in debrief.steps:
                if self._debrief is not debrief:
                    return
                await self._at_desk(step)
                await self._tell()

        self._work = asyncio.create_task(work())

    async def close(self) -> None:
        """Stop what is still being computed, and answer who waits for news."""
        self._closing = True
        if self._work is not None:
            self._work.cancel()
        await self._tell()


def _role(name: str) -> Role:
    if name not in roles():
        raise InputError(f"role: unknown role '{name}'{nearest(name, roles())}")
    return roles()[name]


def _world(climate: str, rounds: Sequence[Round], seed: int) -> dict[str, Any]:
    """Return the world after some rounds, beside that of the agents alone.

    Returns
    -------
    dict
        ``answer``: see `partnersim.page.answers.answer`, of one future. ``metrics``: by metric,
        value at the start of the last round, now, and now of the agents alone. ``standing``: see
        `partnersim.page.exercise.playing.standing`.
    """
    now = len(rounds) * QUARTERS
    # Before the first round the quarter after the start is played, and not shown.
    quarters = max(1, now)
    alone = playing.team_futures(climate, (), quarters, seed, 1)
    a = b = stage_of(alone, whole=True)
    if rounds:
        b = stage_of(playing.team_futures(climate, rounds, quarters, seed, 1), whole=True)
    before = max(0, now - QUARTERS)
    columns = [b.metrics[0, before], b.metrics[0, now], a.metrics[0, now]]
    return {
        "answer": answer(a, b, alone.scenario.horizon.labels, whole=True),
        "metrics": dict(zip(SHOWN_METRICS, np.transpose(columns).tolist(), strict=True)),
        "standing": playing.standing(climate, rounds, seed),
    }
