"""The measures by which policies are judged, and how their differences are told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.runs.wording import (
    MAIN_METRICS,
    NO_BREAK,
    capitalised,
    inside_sentence,
    metric_label,
    number,
    words,
)

#: At most so many measures are judged together.
MOST_MEASURES = 9


def judged_measures(runs: pd.DataFrame) -> list[str]:
    """Return the main metrics of which more, or less, is better, that vary and that all runs have.

    A metric that does not exist under some policy (what share of no money is taken up?) cannot
    compare them.
    """
    return [metric for metric in MAIN_METRICS if metric in runs and judged(runs, metric)][
        :MOST_MEASURES
    ]


def judged(runs: pd.DataFrame, metric: str) -> bool:
    """Say whether a metric can tell runs apart for better or for worse."""
    values = runs[metric].to_numpy(dtype=np.float64)
    whole = len(values) > 0 and bool(np.isfinite(values).all())
    return bool(metric_label(metric).better) and whole and bool(np.ptp(values) > 0)


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


def listed(parts: list[str]) -> str:
    """Join parts with commas and a final "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def decimals_of(metric: str, half_width: float) -> int:
    """Return the digits after the point that show a difference with this uncertainty."""
    label = metric_label(metric)
    width = half_width * (100.0 if label.unit == "%" else 1.0)
    if not np.isfinite(width) or width <= 0:
        return label.decimals
    return max(label.decimals, min(4, -int(np.floor(np.log10(width)))))


def amount(
    metric: str, value: float, decimals: int, *, sign: bool = False, share: str = "points"
) -> str:
    """Return a difference with its unit; shares in percentage points, or as `share` says."""
    label = metric_label(metric)
    scaled = value * (100.0 if label.unit == "%" else 1.0)
    unit = share if label.unit == "%" else label.unit
    text = number(scaled if sign else abs(scaled), decimals, sign=sign)
    return f"{text}{NO_BREAK}{unit}" if unit else text


def between(metric: str, low: float, high: float, decimals: int, *, sign: bool = False) -> str:
    """Return an interval in the unit of the metric, without repeating the unit."""
    scale = 100.0 if metric_label(metric).unit == "%" else 1.0
    ends = [number(scale * end, decimals, sign=sign) for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"
