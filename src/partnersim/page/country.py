"""One country at one moment: what it holds, what it weighs and why, what would change its mind."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnersim.arrays import Floats, Integers
from partnersim.model.choice import terms_of, weigh_options
from partnersim.model.consent import union_chance
from partnersim.model.constants import IN_FORCE, NOT_HALTED, STAGES
from partnersim.model.instrument_utility import InstrumentTerms
from partnersim.model.metrics import metric_names
from partnersim.model.state import State, copied, with_event_capacity
from partnersim.page.futures import Futures
from partnersim.runs.play import Player

#: Futures looked into; utilities differ little between them.
LOOKED_INTO = 24
#: Changes in a package that is searched for.
MOST_STEPS = 3
TERM_NAMES: tuple[str, ...] = InstrumentTerms._fields
_OPTIONS_SHOWN = 5
_NEXT_QUARTERS = 8
_STEPS_SHOWN = 8
#: Where a pair may stand: its stage, or why it does not move, in the order of
#: ``constants.SUSPENDED_BY_SHOCKS`` and the one after it.
STANDINGS = (*STAGES, "suspended", "stalled")

#: What could change a mind, and by how much.
NUDGES = {
    "offer": 1.0,
    "alignment": 0.1,
    "readiness": 0.1,
    "rival": -0.2,
    "threat": 0.2,
    "reputation": 0.1,
    "linked_holders": 1.0,
}


def _nudge(state: State, i: int, name: str) -> None:
    """Change one thing that a country sees; a score stays from 0 to 1."""
    by, country = NUDGES[name], state.countries[i]
    if name == "offer":
        country["recent"] += by * country["investment_unit"]
    elif name == "linked_holders":
        holders = state.pairs["linked_holders"]
        holders[i] = np.minimum(state.degree[i], holders[i] + int(by))
    elif name == "alignment":
        state.alignment[i] = np.clip(state.alignment[i] + by, 0.0, 1.0)
    else:
        seen = state.union[0] if name == "reputation" else country
        score = "supplied" if name == "rival" else name
        seen[score] = np.clip(seen[score] + by, 0.0, 1.0)


def weighed(state: State, i: int) -> Floats:
    """Return the utility of every option of country i: instruments, holding still."""
    weigh_options(state, i)
    return np.asarray(state.utilities[: state.pairs.shape[1] + 1]).copy()


def weighed_after(state: State, i: int, *nudges: str) -> Floats:
    """Return what country i would weigh if some things were different; the run stays as it is."""
    own = slice(i, i + 1)
    parts = (state.countries[own], state.pairs[own], state.union, state.alignment[own])
    before = [part.copy() for part in parts]
    try:
        for nudge in nudges:
            _nudge(state, i, nudge)
        return weighed(state, i)
    finally:
        for part, old in zip(parts, before, strict=True):
            part[:] = old


def standings_of(pairs: NDArray[Any]) -> Integers:
    """Return where the pairs of a country stand, as places in `STANDINGS`."""
    halt = pairs["suspended"]
    return np.where(halt > NOT_HALTED, len(STAGES) - 1 + halt, pairs["stage"])


def chances_of(utilities: Floats) -> Floats:
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
        which they may be taken. ``still``: chance of holding still. ``minds``: chance of asking
        for any instrument if one thing were different. ``steps``: entries into force in the next
        two years.
    """
    instruments = futures.first_in_force.shape[1]
    player = _until(futures, quarter)
    state = player.state
    stage_count = np.zeros((instruments, len(STANDINGS)))
    chance = np.zeros(instruments + 1)
    nudged = {name: np.zeros(instruments + 1) for name in NUDGES}
    admissible = np.zeros(instruments)
    term_sum = np.zeros((instruments, len(TERM_NAMES)))
    scores = dict.fromkeys(("alignment", "load", "capacity", "activity"), 0.0)
    for replicate in range(LOOKED_INTO):
        player.play(futures.seed, replicate)
        country = state.countries[place]
        stage_count[np.arange(instruments), standings_of(state.pairs[place])] += 1
        utilities = weighed(state, place)
        chance += chances_of(utilities)
        for name, total in nudged.items():
            total += chances_of(weighed_after(state, place, name))
        for k in np.flatnonzero(np.isfinite(utilities[:instruments])):
            admissible[k] += 1
            term_sum[k] += terms_of(state, place, int(k), union_chance(state, place, int(k)))
        for name in scores:
            value = state.alignment[place] if name == "alignment" else country[name]
            scores[name] += float(value) / LOOKED_INTO
    chance /= LOOKED_INTO
    ranked = np.argsort(-chance[:instruments], kind="stable")[:_OPTIONS_SHOWN]
    return {
        "stages": _stages(stage_count / LOOKED_INTO),
        "scores": {name: round(value, 4) for name, value in scores.items()},
        "still": round(float(chance[-1]), 4),
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
                "by": NUDGES[name],
                "asks": round(float(total[:instruments].sum()) / LOOKED_INTO, 4),
                "favourite": int(np.argmax(total[:instruments])),
            }
            for name, total in nudged.items()
        ],
        "steps": _next_steps(futures, place, quarter),
    }


def what_it_takes(futures: Futures, place: int, quarter: int, target: float) -> dict[str, Any]:
    """Return the smallest package of changes after which a country is as likely as wanted to ask.

    All packages of up to `MOST_STEPS` changes are tried, the same change several times included.

    Parameters
    ----------
    futures : Futures
    place : int
        Row of the country.
    quarter : int
        Quarters played, 0..T.
    target : float
        Chance, 0..1, of asking the EU for anything at its next turn.

    Returns
    -------
    dict
        ``now``: the chance as things stand. ``changes``: of the smallest package that reaches the
        target (of those the one that helps most), else of the one that helps most. ``asks``: the
        chance after it. ``reached``: whether that is enough.
    """
    player = _until(futures, quarter)
    instruments = futures.first_in_force.shape[1]
    packages = [
        package
        for steps in range(MOST_STEPS + 1)
        for package in combinations_with_replacement(NUDGES, steps)
    ]
    asks = np.zeros(len(packages))
    for replicate in range(LOOKED_INTO):
        player.play(futures.seed, replicate)
        for row, package in enumerate(packages):
            chances = chances_of(weighed_after(player.state, place, *package))
            asks[row] += chances[:instruments].sum() / LOOKED_INTO
    # What is enough before what is not; then the fewest changes, then what helps most.
    sizes = [
        len(package) if ask >= target else np.inf
        for package, ask in zip(packages, asks, strict=True)
    ]
    best = min(range(len(packages)), key=lambda row: (sizes[row], -asks[row]))
    return {
        "now": round(float(asks[0]), 4),
        "changes": [[name, NUDGES[name]] for name in packages[best]],
        "asks": round(float(asks[best]), 4),
        "reached": bool(asks[best] >= target),
    }


def _until(futures: Futures, quarter: int) -> Player:
    """Return what plays futures up to a quarter, without an event log."""
    nothing = np.full(quarter + 1, -1, np.int64)
    metrics = len(metric_names(futures.world.regions))
    state = with_event_capacity(copied(futures.state), 0)
    return Player(state, nothing, metrics, np.zeros(quarter + 1, bool))


def _stages(shares: Floats) -> list[list[Any]]:
    """Return instrument, its commonest stage (or why it stands still), and in how many futures."""
    answer: list[list[Any]] = []
    for k, row in enumerate(shares):
        commonest = int(np.argmax(row[1:])) + 1 if row[0] < 0.5 else 0
        if STANDINGS[commonest] not in ("none", "planned"):
            answer.append([k, STANDINGS[commonest], round(float(row[commonest]), 3)])
    return sorted(answer, key=lambda row: (-min(STANDINGS.index(row[1]), IN_FORCE), row[0]))


def _next_steps(futures: Futures, place: int, quarter: int) -> list[list[int]]:
    """Return instrument, median quarter and futures per 100 of entries in the next two years."""
    rows = futures.events("advanced")
    rows = rows[rows["country"] == place]
    rows = rows[(rows["quarter"] > quarter) & (rows["quarter"] <= quarter + _NEXT_QUARTERS)]
    answer = []
    for k in np.unique(rows["instrument"]):
        mine = rows["quarter"][rows["instrument"] == k]
        answer.append([int(k), int(np.median(mine)), round(100 * len(mine) / futures.played)])
    return sorted(answer, key=lambda row: -row[2])[:_STEPS_SHOWN]
