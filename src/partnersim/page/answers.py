"""The answer to a question: the whole time path of two strategies, as compact as it can be.

The feed of events says what happens, when, in how many of the futures.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Container, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.arrays import Floats, Integers
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.page.futures import SHOWN_METRICS, Futures
from partnersim.page.request import Goal
from partnersim.runs.intervals import mean_interval

#: The band holds this share of the futures.
BAND = 0.9
#: Depths are sent as whole numbers of bytes: 240 is depth 4.
DEPTH_UNITS = 60
#: Links found in fewer futures than this share at every moment are not drawn.
_RARE_LINK = 0.05
#: Events in fewer futures than this share are left out of the feed.
_RARE_EVENT = 0.15
_MOST_ROWS = 400


def _packed(numbers: NDArray[Any], kind: type[Any]) -> str:
    """Return whole numbers as base64, little-endian, in C order."""
    return base64.b64encode(np.ascontiguousarray(numbers, np.dtype(kind)).tobytes()).decode()


class Stage(NamedTuple):
    """One strategy after some of its futures; those played later do not change it.

    Attributes
    ----------
    answer : dict
        ``metrics``: (M, 3, T + 1) low end of the band, mean, high end. ``depth``: (T + 1, N, 8)
        mean depth in `DEPTH_UNITS`. ``ties``: (T + 1, N) mean number of instruments in force, in
        tenths. ``links``: pairs of countries, and by pair and quarter the percent of futures in
        which they are linked. ``feed``: see `feed`. ``digest``: of all of this; who holds it needs
        it not again.
    metrics : (futures, T + 1, M) float64 array
    """

    answer: dict[str, Any]
    metrics: Floats


def stage_of(futures: Futures, *, whole: bool) -> Stage:
    """Return the time path of one strategy over its futures so far.

    Parameters
    ----------
    whole : bool
        Whether to add the feed, which needs many futures.
    """
    played = futures.played
    tail = (1.0 - BAND) / 2.0
    # Side by side, the futures of a number are put in order in half the time.
    by_number = np.ascontiguousarray(futures.metrics.transpose(1, 2, 0))
    low, high = np.quantile(by_number, [tail, 1.0 - tail], axis=2)
    bands = np.stack([low, futures.metrics.mean(axis=0), high])
    first_depth = _first_depth(futures)
    depth = np.concatenate([first_depth[None], futures.depth / played])
    in_force = futures.in_force.sum(axis=2, dtype=np.uint32) / played
    ties = np.concatenate([futures.first_in_force.sum(axis=1)[None], in_force])
    pairs, shares = _links(futures)
    content = {
        "metrics": _packed(bands.transpose(2, 0, 1), np.float32),
        "depth": _packed(np.round(depth * DEPTH_UNITS), np.uint8),
        "ties": _packed(np.round(ties * 10), np.uint16),
        "links": {"pairs": _packed(pairs, np.uint16), "shares": _packed(shares, np.uint8)},
        "feed": feed(futures) if whole else None,
    }
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return Stage({**content, "digest": digest}, futures.metrics)


def _first_depth(futures: Futures) -> Floats:
    """Return the depth of 5 June 2025, (N, 8)."""
    arrays = futures.world.arrays
    binding = np.where(futures.first_in_force, arrays.binding, 0)
    of_area = arrays.area.astype(bool).T
    deepest = [binding[:, covers].max(axis=1, initial=0) for covers in of_area]
    return np.column_stack(deepest).astype(float)


def _links(futures: Futures) -> tuple[Integers, Floats]:
    """Return the pairs of countries ever linked, and the share of futures by quarter, percent."""
    countries = len(futures.first_in_force)
    made = futures.events("linked")
    first = futures.first_links
    one, other = (
        np.concatenate([first[:, end], made[name]]).astype(np.int64)
        for end, name in enumerate(("country", "other"))
    )
    code = np.minimum(one, other) * countries + np.maximum(one, other)
    quarter = np.concatenate([np.zeros(len(first), np.int64), made["quarter"]])
    weight = np.repeat([futures.played, 1], [len(first), len(made)])
    known, place = np.unique(code, return_inverse=True)
    quarters = futures.quarters + 1
    # Whole numbers below 2 ** 53 are exact as weights.
    counts = np.bincount(place * quarters + quarter, weight, minlength=len(known) * quarters)
    by_pair = counts.reshape(len(known), quarters)
    # Links stay: the last share is the largest, so that of rare pairs no others are needed.
    kept = by_pair.sum(axis=1) / futures.played >= _RARE_LINK
    share = np.cumsum(by_pair[kept], axis=1) / futures.played
    known = known[kept]
    return np.column_stack([known // countries, known % countries]), np.round(100 * share)


def difference(a: Floats, b: Floats) -> Floats:
    """Return B minus A, future by future under the same luck.

    Parameters
    ----------
    a, b : (futures, ..., M) float64 array

    Returns
    -------
    (3, ..., M) float64 array
        Mean difference, half-width of its 95 % interval (Student's t over futures; the intervals of
        all M metrics at a quarter hold together; infinite with a single future), share of futures
        in which B lies above A.
    """
    gap = b - a
    mean, _, high, _ = mean_interval(gap, comparisons=gap.shape[-1])
    return np.stack([mean, np.nan_to_num(high - mean, nan=np.inf), (gap > 0).mean(axis=0)])


def reached(metrics: Floats, goals: Sequence[Goal]) -> list[list[int]]:
    """Return how many of 100 futures reach each goal, and then all of them, by quarter.

    Parameters
    ----------
    metrics : (futures, T + 1, M) float64 array
    goals : sequence of Goal
        At least one.
    """
    marks = []
    for goal in goals:
        values = metrics[:, :, SHOWN_METRICS.index(goal.metric)]
        marks.append(values >= goal.value if goal.sense == "more" else values <= goal.value)
    marks.append(np.all(marks, axis=0))
    return [[round(100 * float(share)) for share in mark.mean(axis=0)] for mark in marks]


def answer(
    a: Stage,
    b: Stage,
    quarters: Sequence[str],
    goals: Sequence[Goal] = (),
    held: Container[str] = (),
    *,
    whole: bool,
) -> dict[str, Any]:
    """Return the answer for two strategies, which rest on the same futures.

    Parameters
    ----------
    a, b : Stage
        The very same where both strategies are one scenario; B is then left out.
    quarters : sequence of str
        Labels of quarters 0..T.
    goals : sequence of Goal
        Of which the futures are counted, see `reached`.
    held : container of str
        Digests of time paths that whoever asks holds: of these, the digest alone is sent.
    whole : bool
        Whether all futures asked for have been played.
    """
    same, change = a is b, None
    if not same:
        # (M, 3, T + 1)
        change = _packed(difference(a.metrics, b.metrics).transpose(2, 0, 1), np.float32)
    one, other = (
        digest if (digest := stage.answer["digest"]) in held else stage.answer for stage in (a, b)
    )
    return {
        "futures": len(a.metrics),
        "quarters": list(quarters),
        "a": one,
        "b": None if same else other,
        "difference": change,
        "goals": [reached(stage.metrics, goals) for stage in (a, b)] if goals else None,
        "whole": whole,
    }


def _by_quarter(code: NDArray[Any], quarter: NDArray[Any], codes: int, quarters: int) -> Integers:
    """Count events by what happens and when, (codes, quarters)."""
    counts = np.bincount(code * quarters + quarter, minlength=codes * quarters)
    return counts.reshape(codes, quarters)


def _middle(counts: Integers) -> Integers:
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
        EU changes its policy by it.
    """
    return {"ties": _ties(futures), "strikes": _strikes(futures), "switches": _switches(futures)}


def _ties(futures: Futures) -> list[list[int]]:
    countries, instruments = futures.first_in_force.shape
    rows = futures.events("advanced")
    pair = rows["country"].astype(np.int64) * instruments + rows["instrument"]
    counts = _by_quarter(pair, rows["quarter"], countries * instruments, futures.quarters + 1)
    share = counts.sum(axis=1) / futures.played
    kept = np.flatnonzero(share >= _RARE_EVENT)
    # The most frequent first, then cut, then in the order of time.
    kept = kept[np.argsort(-share[kept], kind="stable")][:_MOST_ROWS]
    quarter = _middle(counts[kept])
    order = np.lexsort((kept, quarter))
    return [
        [int(quarter[n]), *divmod(int(kept[n]), instruments), round(100 * float(share[kept[n]]))]
        for n in order
    ]


def _switches(futures: Futures) -> list[list[int]]:
    rows = futures.events("switched")
    switches = len(futures.scenario.policy.switches)
    counts = _by_quarter(rows["other"], rows["quarter"], switches, futures.quarters + 1)
    percent = 100 * counts.sum(axis=1) / futures.played
    return [
        [int(quarter), number, round(float(percent[number]))]
        for number, quarter in enumerate(_middle(counts))
        if percent[number] > 0
    ]


def _strikes(futures: Futures) -> list[list[int]]:
    """Return strikes by year, type and region; each future counts once."""
    share = futures.struck / futures.played
    return [
        [
            *(max(1, year * QUARTERS_PER_YEAR - 1), shock, region - 1),
            round(100 * float(share[year, shock, region])),
        ]
        for year, shock, region in np.argwhere(share >= _RARE_EVENT).tolist()
    ]
