"""The answer to a question: the whole time path of two strategies, as compact as it can be."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnersim.page.feed import feed
from partnersim.page.futures import Futures
from partnersim.runs.intervals import mean_interval

#: The band holds this share of the futures.
BAND = 0.9
#: Depths are sent as whole numbers of bytes: 240 is depth 4.
DEPTH_UNITS = 60
#: Links found in fewer futures than this share at every moment are not drawn.
_RARE_LINK = 0.05


def _packed(numbers: NDArray[Any], kind: type[Any]) -> str:
    """Return whole numbers as base64, little-endian, in C order."""
    return base64.b64encode(np.ascontiguousarray(numbers, np.dtype(kind)).tobytes()).decode()


def arm_answer(futures: Futures, *, whole: bool) -> dict[str, Any]:
    """Return the time path of one strategy over its futures so far.

    Parameters
    ----------
    whole : bool
        Whether to tell the feed, which needs many futures.

    Returns
    -------
    dict
        ``metrics``: (M, 3, T + 1) low end of the band, mean, high end. ``depth``: (T + 1, N, 8)
        mean depth in `DEPTH_UNITS`. ``ties``: (T + 1, N) mean number of instruments in force, in
        tenths. ``links``: pairs of countries, and by pair and quarter the percent of futures in
        which they are linked. ``feed``: see `partnersim.page.feed.feed`.
    """
    played = futures.played
    tail = (1.0 - BAND) / 2.0
    low, high = np.quantile(futures.metrics, [tail, 1.0 - tail], axis=0)
    bands = np.stack([low, futures.metrics.mean(axis=0), high])
    first_depth = _first_depth(futures)
    depth = np.concatenate([first_depth[None], futures.depth / played])
    in_force = futures.in_force.sum(axis=2) / played
    ties = np.concatenate([futures.first_in_force.sum(axis=1)[None], in_force])
    pairs, shares = _links(futures)
    return {
        "metrics": _packed(bands.transpose(2, 0, 1), np.float32),
        "depth": _packed(np.round(depth * DEPTH_UNITS), np.uint8),
        "ties": _packed(np.round(ties * 10), np.uint16),
        "links": {"pairs": pairs.tolist(), "shares": _packed(shares, np.uint8)},
        "feed": feed(futures) if whole else None,
    }


def _first_depth(futures: Futures) -> NDArray[np.float64]:
    """Return the depth of 5 June 2025, (N, 8)."""
    arrays = futures.world.arrays
    binding = np.where(futures.first_in_force, arrays.binding[None, :], 0)
    covered = arrays.area.astype(bool)
    return np.max(binding[:, :, None] * covered[None], axis=1).astype(float)


def _links(futures: Futures) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of countries ever linked, and the share of futures by quarter, percent."""
    countries = len(futures.first_in_force)
    changes = futures.log("links")
    code = np.concatenate(
        [
            futures.first_links[:, 0] * countries + futures.first_links[:, 1],
            changes[:, 1].astype(np.int64) * countries + changes[:, 2],
        ]
    )
    quarter = np.concatenate([np.zeros(len(futures.first_links), np.int64), changes[:, 0]])
    weight = np.concatenate(
        [np.full(len(futures.first_links), futures.played), np.ones(len(changes), np.int64)]
    )
    known, place = np.unique(code, return_inverse=True)
    quarters = futures.quarters + 1
    # Whole numbers below 2 ** 53 are exact as weights.
    counts = np.bincount(place * quarters + quarter, weight, minlength=len(known) * quarters)
    share = np.cumsum(counts.reshape(len(known), quarters), axis=1) / futures.played
    kept = share.max(axis=1) >= _RARE_LINK if len(known) else np.zeros(0, bool)
    pairs = np.column_stack([known // countries, known % countries])[kept]
    return pairs, np.round(100 * share[kept])


def difference(a: Futures, b: Futures) -> str:
    """Return B minus A, future by future under the same luck, packed.

    Returns
    -------
    str
        (M, 3, T + 1) float32: mean difference, half-width of its 95 % interval (Student's t over
        futures; the intervals of all M metrics at a quarter hold together; infinite with a single
        future), share of futures in which B lies above A.
    """
    count = min(a.played, b.played)
    gap = b.metrics[:count] - a.metrics[:count]
    mean, _, high, _ = mean_interval(gap, comparisons=gap.shape[2])
    half = np.nan_to_num(high - mean, nan=np.inf)
    above = (gap > 0).mean(axis=0)
    return _packed(np.stack([mean, half, above]).transpose(2, 0, 1), np.float32)


def answer(a: Futures, b: Futures, *, whole: bool) -> dict[str, Any]:
    """Return the answer for two strategies; ``b`` is missing where both are the same scenario."""
    return {
        "futures": min(a.played, b.played),
        "quarters": list(b.scenario.horizon.labels),
        "a": a.told(("arm", whole), lambda: arm_answer(a, whole=whole)),
        "b": b.told(("arm", whole), lambda: arm_answer(b, whole=whole)) if b is not a else None,
        "difference": difference(a, b) if b is not a else None,
        "whole": whole,
    }
