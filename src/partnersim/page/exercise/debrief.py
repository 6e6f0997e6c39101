"""What the teams changed: the room against the agents alone, and against itself without each team.

One future has luck in it. The debrief plays many, under common random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from partnersim.page.answers import difference, reached
from partnersim.page.exercise.playing import team_futures
from partnersim.page.exercise.roles import QUARTERS, roles
from partnersim.page.exercise.session import Round
from partnersim.page.futures import SHOWN_METRICS, Futures
from partnersim.page.request import Goal

#: Futures of the debrief.
FUTURES = 20
_MOST_ROWS = 12


def deciding(rounds: Sequence[Round]) -> list[str]:
    """Return the roles that decided anything, in the order of their table."""
    return [
        name
        for name in roles()
        if any(
            one.levers or one.shocks or one.proposes or one.declines
            for each in rounds
            if (one := each.decisions.get(name))
        )
    ]


def without(rounds: Sequence[Round], role: str) -> list[Round]:
    """Return the rounds with a role left to the agents and its levers as they stood."""
    return [
        Round(
            decisions={name: each.decisions[name] for name in each.decisions if name != role},
            by={name: each.by[name] for name in each.by if name != role},
        )
        for each in rounds
    ]


class Debrief:
    """The debrief of a session, filled step by step.

    Parameters
    ----------
    climate : str
    rounds : sequence of Round
        At least one.
    seed : int
    """

    def __init__(self, climate: str, rounds: Sequence[Round], seed: int) -> None:
        self._rounds = tuple(rounds)
        quarters = len(rounds) * QUARTERS
        self._play = partial(team_futures, climate, quarters=quarters, seed=seed, count=FUTURES)
        #: Of the agents alone, and of the room, once they are played.
        self._compared: tuple[Futures, Futures] | None = None
        #: The work, to be done one after another.
        self.steps: list[Callable[[], None]] = [self._compare]
        self.steps += [partial(self._leave_out, role) for role in deciding(rounds)]
        #: Plain data: ``futures``, ``done``, ``of``, ``metrics``, ``roles``, ``countries``.
        self.answer: dict[str, Any] = {
            "futures": FUTURES,
            "done": 0,
            "of": len(self.steps),
            "metrics": {},
            "roles": {},
            "countries": {},
        }

    def reached(self, goals: Sequence[Goal]) -> list[list[int]] | None:
        """Return how many of 100 futures reach each goal at the end, and then all of them.

        Returns
        -------
        list
            Of the agents alone, and of the room; None where there is no goal or nothing is known.
        """
        if not goals or self._compared is None:
            return None
        ends = [futures.metrics[:, -1:] for futures in self._compared]
        return [[shares[0] for shares in reached(end, goals)] for end in ends]

    def _compare(self) -> None:
        alone, room = self._compared = self._play(()), self._play(self._rounds)
        self.answer["metrics"] = _differences(alone, room)
        codes = list(room.world.countries["iso3"])
        for role in roles().values():
            if role.countries:
                places = [codes.index(code) for code in role.countries]
                entries = [_entries(futures, places) for futures in (alone, room)]
                self.answer["countries"][role.name] = entries
        self.answer["done"] += 1

    def _leave_out(self, role: str) -> None:
        assert self._compared is not None
        other = self._play(without(self._rounds, role))
        self.answer["roles"][role] = _differences(other, self._compared[1])
        self.answer["done"] += 1


def _differences(base: Futures, other: Futures) -> dict[str, list[float]]:
    """Return, by metric at the end, mean of both, mean difference, half-width, share above."""
    one, two = base.metrics[:, -1], other.metrics[:, -1]
    columns = [one.mean(axis=0), two.mean(axis=0), *difference(one, two)]
    return dict(zip(SHOWN_METRICS, np.transpose(columns).tolist(), strict=True))


def _entries(futures: Futures, places: Sequence[int]) -> list[list[int]]:
    """Return country, instrument and futures per 100 of entries into force, the likeliest first."""
    rows = futures.events("advanced")
    answer = []
    for place in places:
        mine = rows[rows["country"] == place]
        for k in np.unique(mine["instrument"]):
            share = len(np.unique(mine["future"][mine["instrument"] == k])) / futures.played
            answer.append([place, int(k), round(100 * share)])
    return sorted(answer, key=lambda row: (-row[2], row[0], row[1]))[:_MOST_ROWS]
