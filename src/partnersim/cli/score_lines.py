"""Scores on the screen: one table per group of cases, a column per forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.cli.screen import Screen

GROUPS = ("new ties", "new ties, pipeline", "new ties, novel", "all")
_NAMES = {
    "pooled": "forecast",
    "model": "bare model",
    "base_rate": "base rate",
    "pipeline_rate": "pipeline",
    "popularity": "popularity",
}
_CELL = 23
#: With fewer events scores and their intervals say nothing about a forecast.
FEWEST_EVENTS = 5


def show_scores(screen: Screen, scores: pd.DataFrame) -> None:
    """Show value and 90 % interval of every score of every forecast.

    Where hardly anything happened, that is said in place of scores that would tell nothing.
    """
    for group in GROUPS:
        part = scores[scores["group"] == group]
        if part.empty:
            continue
        names = list(dict.fromkeys(part["forecast"]))
        first = part.iloc[0]
        screen.line()
        screen.line(f"{group}: {first['happened']} of {first['cases']} cases happened")
        if first["happened"] < FEWEST_EVENTS:
            screen.line(f"  too few to score a forecast by: it takes {FEWEST_EVENTS}")
            continue
        heads = [f"{_NAMES.get(name, name):>{_CELL}s}" for name in names]
        screen.line(f"  {'':15s}" + "".join(heads))
        for score in dict.fromkeys(part["score"]):
            rows = part[part["score"] == score].set_index("forecast")
            cells = [
                f"{rows.at[name, 'value']:.3f}"
                f" ({rows.at[name, 'low']:.3f}..{rows.at[name, 'high']:.3f})"
                for name in names
            ]
            screen.line(f"  {score:15s}" + "".join(f"{cell:>{_CELL}s}" for cell in cells))
