"""One country at one moment: what it holds, what it weighs and why, what would change its mind."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnersim.model.constants import IN_FORCE, STAGES
from partnersim.model.metrics import metric_names
from partnersim.page.futures import Futures
from partnersim.page.run_view import (
    NUDGES,
    TERM_NAMES,
    own_copy,
    stages,
    standing,
    terms,
    weighed,
    weighed_after,
)
from partnersim.runs.replicate import new_year_ends, run_replicate

#: Futures looked into; utilities differ little between them.
LOOKED_INTO = 24
_OPTIONS_SHOWN = 5
_NEXT_QUARTERS = 8
_STEPS_SHOWN = 8


def _chances(utilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the multinomial logit probabilities of the options."""
    weights = np.exp(utilities - utilities.max())
    return np.asarray(weights / weights.sum())


def country_answer(futures: Futures, place: int, quarter: int) -> dict[str, Any]:
    """Return what one country holds and weighs after some quarters.

    Parameters
    ----------
    futures : Futures
        Played already, for the likely next steps.
    place : int
        Row of the country.
    quarter : int
        Quarters played, 0..T.

    Returns
    -------
    dict
        ``stages``: by instrument, the share of futures in each stage. ``options``: those most
        likely chosen at a turn, with chance and mean terms of the utility, over the futures in
        which they may be taken. ``still``: chance of holding still; ``links``: of proposing a
        link, with the likeliest partners. ``minds``: chance of asking for any instrument if one
        thing were different. ``steps``: entries into force in the next two years.
    """
    state = own_copy(futures.state)
    countries, instruments = futures.first_in_force.shape
    metrics = np.zeros((quarter + 1, len(metric_names(futures.world.regions))))
    nothing = np.full(quarter + 1, -1, np.int64)
    notes = new_year_ends(1, countries, instruments)
    stage_count = np.zeros((instruments, len(STAGES) + 1))
    chance = np.zeros(instruments + countries + 1)
    nudged = {name: np.zeros(instruments + countries + 1) for name in NUDGES}
    admissible = np.zeros(instruments)
    term_sum = np.zeros((instruments, len(TERM_NAMES)))
    scores: dict[str, float] = {}
    for replicate in range(LOOKED_INTO):
        run_replicate(state, futures.seed, replicate, nothing, metrics, notes)
        stage, suspended = stages(state, place)
        stage_count[np.arange(instruments), np.where(suspended == 1, len(STAGES), stage)] += 1
        utilities = weighed(state, place)
        chance += _chances(utilities)
        for name, total in nudged.items():
            total += _chances(weighed_after(state, place, name))
        for k in np.flatnonzero(np.isfinite(utilities[:instruments])):
            admissible[k] += 1
            term_sum[k] += terms(state, place, int(k))
        for name, value in standing(state, place).items():
            scores[name] = scores.get(name, 0.0) + value / LOOKED_INTO
    chance /= LOOKED_INTO
    ranked = np.argsort(-chance[:instruments], kind="stable")[:_OPTIONS_SHOWN]
    partners = np.argsort(-chance[instruments:-1], kind="stable")[:3]
    return {
        "stages": _stages(stage_count / LOOKED_INTO),
        "scores": {name: round(value, 4) for name, value in scores.items()},
        "still": round(float(chance[-1]), 4),
        "links": {
            "chance": round(float(chance[instruments:-1].sum()), 4),
            "partners": [
                [int(j), round(float(chance[instruments + j]), 4)]
                for j in partners
                if chance[instruments + j] > 0
            ],
        },
        "options": [
            {
                "instrument": int(k),
                "chance": round(float(chance[k]), 4),
                "terms": {
                    name: round(float(value), 3)
                    for name, value in zip(TERM_NAMES, term_sum[k] / admissible[k], strict=True)
                },
            }
            for k in ranked
            if admissible[k] > 0
        ],
        "asks": round(float(chance[:instruments].sum()), 4),
        "minds": [
            {
                "change": name,
                "by": NUDGES[name][1],
                "asks": round(float(total[:instruments].sum()) / LOOKED_INTO, 4),
                "favourite": int(np.argmax(total[:instruments])),
            }
            for name, total in nudged.items()
        ],
        "steps": _next_steps(futures, place, quarter),
    }


def _stages(shares: NDArray[np.float64]) -> list[list[Any]]:
    """Return instrument, its commonest stage (or "suspended"), and the share of futures in it."""
    names = (*STAGES, "suspended")
    answer: list[list[Any]] = []
    for k, row in enumerate(shares):
        commonest = int(np.argmax(row))
        if row[0] < 0.5:
            commonest = int(np.argmax(row[1:])) + 1
        if names[commonest] not in ("none", "planned"):
            answer.append([k, names[commonest], round(float(row[commonest]), 3)])
    order = {name: place for place, name in enumerate(names)}
    return sorted(answer, key=lambda row: (-min(order[row[1]], IN_FORCE), row[0]))


def _next_steps(futures: Futures, place: int, quarter: int) -> list[list[int]]:
    """Return instrument, median quarter and futures per 100 of entries in the next two years."""
    rows = futures.log("entered").astype(np.int64)
    soon = (rows[:, 2] == place) & (rows[:, 1] > quarter) & (rows[:, 1] <= quarter + _NEXT_QUARTERS)
    rows = rows[soon]
    answer = [
        [
            int(k),
            int(np.median(rows[rows[:, 3] == k, 1])),
            round(100 * float((rows[:, 3] == k).sum()) / futures.played),
        ]
        for k in np.unique(rows[:, 3])
    ]
    return sorted(answer, key=lambda row: -row[2])[:_STEPS_SHOWN]
