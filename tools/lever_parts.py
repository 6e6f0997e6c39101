"""Generated parts about levers and codings: what ends of levers do, which findings turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd

from doc_tables import code, table
from findings_by_coding import CODINGS, HOLDS, NOT_CLEAR, OTHER_SIDE, TURNS, read_findings
from lever_ends import INSTRUMENTS, LEVERS, moves
from partnersim.compare.cost import COST
from partnersim.compare.labels import MAIN_METRICS, metric_label, number
from partnersim.model.metrics import shown_metrics

_HEADLINE = shown_metrics("headline")


def levers() -> str | None:
    """Return what the ends of all levers but the instruments' do; None if they were not run."""
    return _ends(lambda lever: not lever.startswith(INSTRUMENTS))


def levers_by_instrument() -> str | None:
    """Return what priority of single instruments does; None if it was not run."""
    return _ends(lambda lever: lever.startswith(INSTRUMENTS))


def idle_levers() -> str | None:
    """Return the levers that move no main metric beyond noise; None if they were not run."""
    if not LEVERS.exists():
        return None
    parts: dict[str, list[str]] = {"no run at all": [], "nothing beyond noise": []}
    for lever, rows in pd.read_csv(LEVERS).groupby("lever", sort=False):
        if not moves(rows):
            same = not rows[list(MAIN_METRICS)].to_numpy().any()
            parts["no run at all" if same else "nothing beyond noise"].append(str(lever))
    rows = [
        (change, len(names), ", ".join(map(code, names)) or "–") for change, names in parts.items()
    ]
    return table(("changes", "levers", "which"), rows)


def findings_by_coding() -> str | None:
    """Return which shipped findings turn under which coding; None if none was tried."""
    found = list(read_findings())
    if not found:
        return None
    experiments = dict.fromkeys(row["experiment"] for row in found)
    lines: list[tuple[int, int, tuple[object, ...]]] = []
    for experiment in experiments:
        own = [row for row in found if row["experiment"] == experiment]
        for says in dict.fromkeys(row["finding"] for row in own):
            rows = [row for row in own if row["finding"] == says]
            count = Counter(row["verdict"] for row in rows)
            under = [
                "; ".join(row["coding"] for row in rows if row["verdict"] == verdict) or "–"
                for verdict in (TURNS, OTHER_SIDE)
            ]
            line = (code(experiment), says, *under, count[NOT_CLEAR], count[HOLDS])
            lines.append((-count[TURNS], -count[OTHER_SIDE], line))
    # What turns comes first.
    lines.sort(key=lambda line: line[:2])
    tried = len({row["coding"] for row in found})
    counted = f"{tried} of {len(CODINGS)} codings were run.\n\n"
    return counted + table(
        ("experiment", "finding", "turns under", OTHER_SIDE, NOT_CLEAR, HOLDS),
        (line for _, _, line in lines),
    )


def _ends(chosen: Callable[[str], bool]) -> str | None:
    if not LEVERS.exists():
        return None
    every = pd.read_csv(LEVERS)
    rows = []
    for (lever, end), part in every[every["lever"].map(chosen)].groupby(
        ["lever", "end"], sort=False
    ):
        climates = [row for _, row in part.iterrows()]
        cells = [" / ".join(_difference(row, metric) for row in climates) for metric in _HEADLINE]
        rows.append((code(lever), end, *cells, _others(climates), _cost(climates)))
    titles = [metric_label(metric).title for metric in _HEADLINE]
    return table(("lever", "end", *titles, "moves besides", "cost, bn EUR"), rows)


def _clear(row: pd.Series, metric: str) -> bool:
    return abs(row[metric]) > row[f"{metric} half"]


def _difference(row: pd.Series, metric: str) -> str:
    label = metric_label(metric)
    half = number(label.scale * row[f"{metric} half"], label.decimals)
    signed = number(label.scale * row[metric], label.decimals, sign=True)
    return f"**{signed}** ± {half}" if _clear(row, metric) else f"{signed} ± {half}"


def _others(climates: list[pd.Series]) -> str:
    found = []
    for metric in MAIN_METRICS:
        signs = {row[metric] > 0 for row in climates if _clear(row, metric)}
        if metric not in _HEADLINE and signs:
            found.append(
                f"{code(metric)} {'±' if len(signs) > 1 else '+' if True in signs else '−'}"
            )
    return ", ".join(found) or "–"


def _cost(climates: list[pd.Series]) -> str:
    return " / ".join(number(row[COST] / 1000, 1, sign=True) for row in climates)
