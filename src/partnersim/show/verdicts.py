"""Which differences to the reference are clear, and for better or for worse."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from partnersim.runs.wording import MAIN_METRICS, capitalised, inside_sentence, metric_label, words

INTERVAL = ["difference", "difference_low", "difference_high"]


@dataclass(frozen=True)
class Tally:
    """Metrics on which a policy is clearly better, or worse, in every climate."""

    better: tuple[str, ...]
    worse: tuple[str, ...]


def compared_metrics(summary: pd.DataFrame, reference: str, most: int) -> list[str]:
    """Return the main metrics in which anything differs from the reference, in their order."""
    others = summary[(summary["policy"] != reference) & (summary["difference"].abs() > 0)]
    differing = set(others["metric"])
    return [metric for metric in MAIN_METRICS if metric in differing][:most]


def judged(mean: float, low: float, high: float, better: str) -> int:
    """Return 1 if clearly better than the reference, -1 if clearly worse, 0 otherwise.

    Clear means that the interval of the mean difference leaves out zero; `better` is ``more``,
    ``less`` or empty where neither side is better.
    """
    if not better or not (low > 0 or high < 0):
        return 0
    return 1 if (mean > 0) == (better == "more") else -1


def tallied(summary: pd.DataFrame, policy: str, metrics: list[str]) -> Tally:
    """Return on which of the metrics a policy is clearly better or worse in every climate."""
    better, worse = [], []
    for metric in metrics:
        rows = summary[(summary["policy"] == policy) & (summary["metric"] == metric)]
        verdicts = {
            judged(mean, low, high, metric_label(metric).better)
            for mean, low, high in rows[INTERVAL].to_numpy()
        }
        if verdicts == {1}:
            better.append(metric)
        if verdicts == {-1}:
            worse.append(metric)
    return Tally(tuple(better), tuple(worse))


def finding(tallies: dict[str, Tally], reference: str) -> str:
    """Say whether a policy beats the reference everywhere, and what the best one trades."""
    if not any(tally.better or tally.worse for tally in tallies.values()):
        return f"No policy differs clearly from “{words(reference)}” in every climate"
    balance = {name: len(tally.better) - len(tally.worse) for name, tally in tallies.items()}
    flawless = [name for name, tally in tallies.items() if tally.better and not tally.worse]
    telling = [name for name, tally in tallies.items() if tally.better or tally.worse]
    best = max(flawless or telling, key=lambda name: balance[name])
    tally = tallies[best]
    if flawless:
        return (
            f"“{capitalised(words(best))}” is clearly better than “{words(reference)}” on "
            f"{named(tally.better)} in every climate, and on nothing clearly worse in all of them"
        )
    parts = []
    if tally.better:
        parts.append(f"better on {named(tally.better)}")
    if tally.worse:
        parts.append(f"worse on {named(tally.worse)}")
    return (
        f"No policy beats “{words(reference)}” without losing elsewhere: “{words(best)}” is "
        f"{', but '.join(parts)}"
    )


def named(metrics: tuple[str, ...]) -> str:
    """Return the first two metrics in words, and how many more there are."""
    titles = [inside_sentence(metric_label(metric).title) for metric in metrics]
    if len(titles) > 2:
        return f"{titles[0]}, {titles[1]} and {len(titles) - 2} more"
    return " and ".join(titles)
