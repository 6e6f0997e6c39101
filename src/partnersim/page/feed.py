"""The event feed: what happens, when, in how many of the futures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partnersim.page.futures import Futures

#: Events in fewer futures than this share are left out.
_RARE = 0.15
_MOST_ROWS = 400
_QUARTERS_PER_YEAR = 4


def _by_quarter(
    code: NDArray[np.int64], quarter: NDArray[np.int64], codes: int, quarters: int
) -> NDArray[np.int64]:
    """Count events by what happens and when, (codes, quarters)."""
    return np.bincount(code * quarters + quarter, minlength=codes * quarters).reshape(
        codes, quarters
    )


def _middle(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the median quarter of each row of counts."""
    cumulative = np.cumsum(counts, axis=1)
    return np.argmax(2 * cumulative >= cumulative[:, -1:], axis=1)


def feed(futures: Futures) -> dict[str, list[list[int]]]:
    """Return what happens in at least a sixth of the futures.

    Returns
    -------
    dict
        ``ties``: rows of median quarter, country, instrument, futures per 100 in which the pair
        enters into force. ``strikes``: rows of first quarter of the year, shock type, region
        (-1: the world or the EU), futures per 100 with at least one such strike in that year.
        ``switches``: rows of median quarter, switch of the policy, futures per 100 in which the
        EU changes course by it.
    """
    return {
        "ties": _ties(futures),
        "strikes": _strikes(futures),
        "switches": _switches(futures),
    }


def _ties(futures: Futures) -> list[list[int]]:
    countries, instruments = futures.first_in_force.shape
    rows = futures.log("entered").astype(np.int64)
    counts = _by_quarter(
        rows[:, 2] * instruments + rows[:, 3],
        rows[:, 1],
        countries * instruments,
        futures.quarters + 1,
    )
    share = counts.sum(axis=1) / futures.played
    kept = np.flatnonzero(share >= _RARE)
    # The most frequent first, then cut, then in the order of time.
    kept = kept[np.argsort(-share[kept], kind="stable")][:_MOST_ROWS]
    quarter = _middle(counts[kept])
    order = np.lexsort((kept, quarter))
    return [
        [int(quarter[n]), int(kept[n] // instruments), int(kept[n] % instruments), percent]
        for n in order
        if (percent := round(100 * float(share[kept[n]])))
    ]


def _switches(futures: Futures) -> list[list[int]]:
    rows = futures.log("switches").astype(np.int64)
    switches = len(futures.scenario.policy.switches)
    counts = _by_quarter(rows[:, 2], rows[:, 1], switches, futures.quarters + 1)
    percent = 100 * counts.sum(axis=1) / futures.played
    return [
        [int(quarter), number, round(float(percent[number]))]
        for number, quarter in enumerate(_middle(counts))
        if percent[number] > 0
    ]


def _strikes(futures: Futures) -> list[list[int]]:
    """Return strikes by year, type and region; each future counts once."""
    rows = futures.log("strikes").astype(np.int64)
    if not len(rows):
        return []
    region_of = futures.world.arrays.region
    regions = len(futures.world.regions)
    country, other = rows[:, 3], rows[:, 4]
    # A strike on a region names it as the other side; one on the world or the EU names nobody.
    region = np.where(country >= 0, region_of[np.maximum(country, 0)], other)
    year = (rows[:, 1] + 1) // _QUARTERS_PER_YEAR
    key = (year * len(futures.scenario.shocks) + rows[:, 2]) * (regions + 1) + region + 1
    # Each future counts once: marks are much faster than sorting.
    struck = np.zeros((int(key.max()) + 1, futures.played), bool)
    struck[key, rows[:, 0]] = True
    share = struck.mean(axis=1)
    keys = np.flatnonzero(share >= _RARE)
    answer = []
    for place in keys:
        what, region_ = divmod(int(place), regions + 1)
        when, shock = divmod(what, len(futures.scenario.shocks))
        quarter = max(1, when * _QUARTERS_PER_YEAR - 1)
        answer.append([quarter, shock, region_ - 1, round(100 * float(share[place]))])
    return answer
