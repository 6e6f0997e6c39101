"""Policies, measures, differences in words: the one vocabulary of all statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from partnersim.compare.labels import (
    MAIN_METRICS,
    NO_BREAK,
    capitalised,
    inside_sentence,
    metric_label,
    number,
    with_unit,
    words,
)
from partnersim.compare.tables import SHARE_RUNS

#: At most so many measures are judged together.
MOST_MEASURES = 9


def judged_measures(outcomes: pd.DataFrame) -> list[str]:
    """Return the main metrics of which more, or less, is better, that vary and that all runs have.

    A metric that does not exist under some policy (what share of no money is taken up?) cannot
    compare them. If none varies, as in a single run, all that the runs have are returned.
    """
    values = {
        name: outcomes[name].to_numpy(np.float64) for name in MAIN_METRICS if name in outcomes
    }
    whole = [
        name
        for name, column in values.items()
        if metric_label(name).better and np.isfinite(column).all()
    ]
    varying = [name for name in whole if np.ptp(values[name]) > 0]
    return (varying or whole)[:MOST_MEASURES]


def family(policies: int, metrics: Iterable[str], futures: int = 1) -> int:
    """Return how many differences hold together, wherever one of them is shown.

    Those of all other policies to one of them on the measures that can be judged.

    Parameters
    ----------
    policies : int
        Policies that are compared.
    metrics : iterable of str
        Metrics that runs have.
    futures : int
        So many futures are compared one by one; 1 if all are taken together.
    """
    judged = sum(name in MAIN_METRICS for name in metrics)
    return max(policies - 1, 1) * max(min(judged, MOST_MEASURES), 1) * futures


def called(policy: str) -> str:
    """Return a policy's name as it stands in a sentence: ``“deepen first”``."""
    return f"“{words(policy)}”"


def opening(text: str) -> str:
    """Return the text with a capital first letter, also behind an opening quotation mark."""
    first = 1 if text.startswith("“") else 0
    return text[:first] + capitalised(text[first:])


def titled(metric: str) -> str:
    """Return a metric's title as it stands in a sentence, without its range behind a comma."""
    return inside_sentence(metric_label(metric).title.split(",")[0])


def listed(parts: list[str], last: str = "and") -> str:
    """Join parts with commas and a final "and", or another word."""
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def some(items: Sequence[str], most: int) -> str:
    """Return the first items as `listed`, and how many more there are."""
    more = len(items) - most
    return listed([*items[:most], f"{more} more"] if more > 0 else list(items))


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number of things: ``1 run``, ``3 runs``, ``2 policies``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """Return a share in whole percent; none and all are said only if it is none and all."""
    if 0 < share < 0.005:
        return f"less than 1{NO_BREAK}%"
    if 0.995 <= share < 1:
        return f"more than 99{NO_BREAK}%"
    return f"{number(100 * share)}{NO_BREAK}%"


def small_percent(chance: float) -> str:
    """Return a forecast chance in percent without its sign, of small ones more digits."""
    return number(100 * chance, 0 if chance >= 0.1 else 1 if chance >= 0.01 else 2)


def share_of_runs(share: float, runs: int, of: str = "") -> str:
    """Return a share of runs in percent, with what stands behind it; of few: ``4 of 5 runs``."""
    if runs >= SHARE_RUNS:
        return f"{percent(share)}{of}"
    return f"{number(round(share * runs))} of {counted(runs, 'run')}"


def decimals_of(metric: str, half_width: float) -> int:
    """Return the digits after the point that show a difference with this uncertainty."""
    label = metric_label(metric)
    width = half_width * label.scale
    if not np.isfinite(width) or width <= 0:
        return label.decimals
    return max(label.decimals, min(4, -int(np.floor(np.log10(width)))))


def amount(
    metric: str, value: float, decimals: int, *, sign: bool = False, share: str = "points"
) -> str:
    """Return a difference with its unit; shares in percentage points, or as `share` says."""
    label = metric_label(metric)
    scaled = value * label.scale
    unit = share if label.unit == "%" else label.unit
    text = number(scaled if sign else abs(scaled), decimals, sign=sign)
    return with_unit(text, unit)


def between(metric: str, low: float, high: float, decimals: int, *, sign: bool = False) -> str:
    """Return an interval in the unit of the metric, without repeating the unit."""
    scale = metric_label(metric).scale
    ends = [number(scale * end, decimals, sign=sign) for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"
