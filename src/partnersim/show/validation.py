"""Is a model any good? Its forecast of the past, patterns of the record, what it was fitted to."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from partnersim.compare.labels import NO_BREAK, number
from partnersim.errors import refuse
from partnersim.runs.export import read_tables
from partnersim.runs.folder import FIGURES_NAME, writing_results
from partnersim.runs.manifest import read_manifest
from partnersim.runs.reader import the_one_in
from partnersim.show.marks import BLUE, ORANGE, PALE, PURPLE, SHADE, SKY, VERMILION, quiet_axes
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption, house_style, width_of

#: Name, colour and marker of every forecast; the marker tells them apart without colour.
LOOK = {
    "pooled": ("Forecast: half model, half record", BLUE, "o"),
    "model": ("Bare model", SKY, "v"),
    "record": ("Record alone", GREY, "P"),
    "instrument_rate": ("Rule: each instrument as before", INK, "X"),
    "pipeline_rate": ("Rule: what is under way moves next", VERMILION, "s"),
    "popularity": ("Rule: who has much gets more", PURPLE, "^"),
    "base_rate": ("Rule: base rate", ORANGE, "D"),
}
#: The forecast that is offered, and what it is made of.
OURS = ("pooled", "model", "record")
GROUP = "new ties"
LISTS = ("recall at 20", "recall at 50", "recall at 100")
TICKS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw_backtest(folder: Path) -> Sheet:
    """Draw how a forecast of the past did, from the folder of a backtest.

    Parameters
    ----------
    folder : Path
        Holds the tables ``scores`` and ``calibration`` and a manifest.
    """
    tables = read_tables(folder, ("scores", "calibration"))
    facts = read_manifest(the_one_in(folder))
    scores, cuts = tables["scores"], facts["configuration"]["cuts"]
    part = scores[scores["group"] == GROUP]
    sheet = Sheet(
        None,
        9.6,
        4.4,
        title=backtest_finding(part),
        **caption(
            "backtest", count=len(cuts), cuts=cuts, last=cuts[-1], facts=facts, part=part.iloc[0]
        ),
    )
    key, body = sheet.with_key(0.45, 3.95)
    panels = body.subgridspec(1, 2).subplots(squeeze=False)[0]
    _draw_recall(panels[0], part)
    _draw_calibration(panels[1], tables["calibration"])
    handles, labels = panels[1].get_legend_handles_labels()
    key.legend(handles, labels, loc="center left", borderpad=0, ncols=3, fontsize=8)
    return sheet


def draw_reliability(folder: Path, until: str, decisions: int) -> None:
    """Draw how often it happened, by class of probability, from the folder of a score.

    Parameters
    ----------
    folder : Path
        Holds the table ``calibration``; the figure is written into it.
    until : str
        Quarter at which it was scored.
    decisions : int
        Independent ones that made something happen.
    """
    table = read_tables(folder, ("calibration",))["calibration"]
    given = table[(table["forecast"] == "forecast") & table["frequency"].notna()].iloc[-1]
    chance, came = (f"{100 * given[name]:.0f}%" for name in ("probability", "frequency"))
    with house_style("reliability"):
        sheet = Sheet(
            None,
            6.4,
            4.4,
            title=f"Given the highest chances, {chance} on the mean, it came in {came} by {until}",
            **caption("reliability", decisions=decisions),
        )
        axes = sheet.figure.subplots()
        _draw_calibration(axes, table.replace({"forecast": {"forecast": OURS[0]}}))
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(handles, ["Forecast", *labels[1:]], fontsize=7)
        with writing_results(folder):
            sheet.save(folder / FIGURES_NAME, "reliability")


def backtest_finding(part: pd.DataFrame) -> str:
    """Say how much the model finds, and whether its probabilities beat the best simple rule."""
    found = part[part["score"] == LISTS[-1]].set_index("forecast")["value"]
    rules = found.drop(list(OURS))
    losses = part[part["score"] == "log score"].set_index("forecast")
    best = losses["value"].drop(list(OURS)).idxmin()
    ahead = losses.loc[best, "difference_low"] > 0.0
    behind = losses.loc[best, "difference_high"] < 0.0
    judged = "better than" if ahead else ("worse than" if behind else "no better than")
    by = abs(losses.loc[best, "difference"]) / losses.loc[best, "value"]
    share = f" (by {100 * by:.0f}%)" if ahead or behind else ""
    return (
        f"Of the new ties that came, the forecast has {100 * found[OURS[0]]:.0f}% among the 100"
        f" most likely of their year, the best simple rule {100 * rules.max():.0f}%; its"
        f" probabilities as such are {judged} the best rule's{share}"
    )


def _draw_recall(axes: Axes, part: pd.DataFrame) -> None:
    """Draw which share of new ties is among the most likely cases of each forecast."""
    step = 0.15
    for row, (name, (_, colour, marker)) in enumerate(LOOK.items()):
        known = part[part["forecast"] == name].set_index("score").reindex(LISTS)
        height = np.arange(len(LISTS)) + (row - (len(LOOK) - 1) / 2) * step
        bars = [known["value"] - known["low"], known["high"] - known["value"]]
        look: Look = {"fmt": marker, "color": colour, "markersize": 6}
        axes.errorbar(100 * known["value"], height, xerr=100 * np.array(bars), **look)
    axes.set_yticks(range(len(LISTS)), [f"{name.split()[-1]} likeliest" for name in LISTS])
    axes.set_ylim(len(LISTS) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("% of new ties found among them")
    axes.set_title("Who comes next?")
    quiet_axes(axes, "x")


def _draw_calibration(axes: Axes, calibration: pd.DataFrame) -> None:
    """Draw how often it happened, by class of probability."""
    axes.plot([0.001, 1], [0.001, 1], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    for name, (label, colour, marker) in LOOK.items():
        known = calibration[(calibration["forecast"] == name) & (calibration["frequency"] > 0)]
        if known.empty:
            continue
        # Only the forecast is joined by a line: seven lines could not be told apart.
        ours = name == OURS[0]
        look: Look = {"color": colour, "marker": marker, "label": label, "zorder": 3 if ours else 2}
        look |= {"linewidth": 1.6, "markersize": 6} if ours else {"linewidth": 0, "markersize": 4.5}
        axes.plot(known["probability"], known["frequency"], **look)
        if ours:
            low = known["low"].clip(lower=0.001)
            axes.vlines(known["probability"], low, known["high"], color=colour, linewidth=1.4)
    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(TICKS))
        axis.set_major_formatter(lambda value, _: f"{100 * value:g}")
        axis.set_minor_locator(FixedLocator(()))
    axes.set(xlim=(0.0015, 1), ylim=(0.0015, 1))
    axes.set(xlabel="probability forecast, %", ylabel="happened, %")
    axes.set_title("Can its probabilities be believed?")
    axes.annotate("more often than forecast", (0.0019, 0.55), fontsize=7.5, color=GREY)
    axes.annotate("less often", (0.9, 0.0022), fontsize=7.5, color=GREY, ha="right")
    quiet_axes(axes, "y")


#: Numbers are drawn in widths of their band; what lies further out stands at the edge.
_EDGE = 2.5
_ROW = 0.19
_TEXT = 8.0
#: How the result of a pattern looks; shape and colour say the same.
_LOOKS = {"pass": (BLUE, "o"), "fail": (VERMILION, "X"), "no cases": (GREY, "_")}


def draw_patterns(folder: Path) -> Sheet:
    """Draw the patterns of a validation, one row each.

    Parameters
    ----------
    folder : Path
        Results of ``partnersim validate``.

    Raises
    ------
    InputError
        If a table is not there or damaged.
    """
    tables = read_tables(folder, ("patterns", "definitions", "climates"))
    patterns = tables["patterns"].merge(tables["definitions"][["id", "pattern"]], on="id")
    passing = int((patterns["result"] == "pass").sum())
    labels = [f"{row.id}  {row.pattern}" for row in patterns.itertuples()]
    sheet = Sheet(
        None,
        max(width_of(label, _TEXT) for label in labels) + 5.2,
        _ROW * len(patterns) + 0.75,
        title=f"{passing} of {len(patterns)} patterns of the record show in the model",
        **caption("patterns", version=version("partnersim")),
    )
    axes = sheet.figure.subplots()
    places = np.arange(len(patterns))[::-1]
    axes.axvspan(0, 1, color=SHADE, linewidth=0)
    axes.vlines([0, 1], -0.5, len(patterns) - 0.5, color=PALE, linewidth=0.8)
    for place, row in zip(places, patterns.itertuples(), strict=True):
        single = tables["climates"].loc[tables["climates"]["id"] == row.id, "value"]
        at = _scaled(single, row.low, row.high)
        axes.plot(at, np.full(len(single), place), ".", markersize=3, color=GREY)
        colour, marker = _LOOKS[row.result]
        at = _scaled(pd.Series([row.value]).fillna(0), row.low, row.high)
        axes.plot(at, [place], marker, markersize=5.5, color=colour, clip_on=False)
    axes.set_yticks(places, labels, color=INK, fontsize=_TEXT)
    axes.set_ylim(-0.7, len(patterns) - 0.3)
    axes.set_xlim(-_EDGE, 1 + _EDGE)
    axes.set_xlabel("number of the model, in widths of the band")
    quiet_axes(axes, "x")
    return sheet


def _scaled(values: pd.Series, low: float, high: float) -> np.ndarray:
    """Return values in widths of a band, kept within the edges of the drawing."""
    width = high - low if high > low else max(abs(high), 1e-9)
    return np.clip((values.to_numpy(float) - low) / width, -_EDGE, 1 + _EDGE)


#: Below this p-value the model misses what was observed.
_MISSED = 0.05
_MOST_ENTRIES = 24


class Simulated(Protocol):
    """Observed and simulated values of m entries: any object that has these three."""

    @property
    def observed(self) -> pd.Series:
        """(m,) observed values; the index names them. At most 24."""

    @property
    def simulated(self) -> pd.DataFrame:
        """(histories, m) simulated values, columns as the index of the observed ones."""

    @property
    def p_value(self) -> float:
        """Of the distance between observed and simulated values, 0 to 1."""


def draw_goodness_of_fit(
    compared: Simulated, *, what: str, horizontal: str, vertical: str, folder: Path | str
) -> list[Path]:
    """Draw observed values on the distributions that a fitted model simulates.

    Parameters
    ----------
    compared : Simulated
        Tables of observed and simulated values, and a p-value.
    what : str
        What is compared, as inside a sentence: ``how treaties spread over countries``.
    horizontal, vertical : str
        What the names of the values and the values are: ``treaties of a country``, ``countries``.
    folder : Path or str
        Where to write ``goodness_of_fit_<what>.png``, ``.svg`` and ``.pdf``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        If the tables do not belong together or hold too much.
    """
    observed, simulated, p_value = compared.observed, compared.simulated, compared.p_value
    _check(observed, simulated, p_value)
    name = f"goodness_of_fit_{re.sub(r'[^a-z0-9]+', '_', what.lower()).strip('_')}"
    with house_style(name):
        step = min(1.1, max(0.45, 6.2 / len(observed)))
        sheet = Sheet(
            None,
            max(6.5, 1.2 + step * len(observed)),
            3.6,
            title=fit_finding(observed, simulated, p_value, what),
            **caption(
                "goodness_of_fit",
                histories=number(len(simulated)),
                version=version("partnersim"),
            ),
        )
        slant = max(len(str(label)) for label in observed.index) > 8
        axes = sheet.figure.subplots()
        _draw_simulated(axes, observed, simulated, slant)
        axes.set_xlabel(horizontal)
        axes.set_ylabel(vertical)
        return sheet.save(Path(folder), name)


def fit_finding(observed: pd.Series, simulated: pd.DataFrame, p_value: float, what: str) -> str:
    """Say whether the model reproduces what was observed, and how many values lie in the band."""
    low, high = simulated.quantile(0.05), simulated.quantile(0.95)
    inside = int(((observed >= low) & (observed <= high)).sum())
    verdict = "reproduces" if p_value >= _MISSED else "misses"
    whole = "all" if inside == len(observed) else f"{inside} of"
    shown = "< 0.01" if p_value < 0.01 else f"= {p_value:.2f}"
    values = f"{len(observed)} observed value{'s' if len(observed) > 1 else ''}"
    lie = "lies" if inside == 1 else "lie"
    return (
        f"The model {verdict} {what}: {whole} {values} {lie} within the 90{NO_BREAK}% band "
        f"(p{NO_BREAK}{shown.replace(' ', NO_BREAK)})"
    )


def _draw_simulated(axes: Axes, observed: pd.Series, simulated: pd.DataFrame, slant: bool) -> None:
    places = np.arange(len(observed))
    values = simulated.to_numpy(dtype=float)
    bodies: Any = axes.violinplot(list(values.T), places, widths=0.8, showextrema=False)["bodies"]
    for body in bodies:
        body.set(facecolor=SKY, alpha=0.45, edgecolor="none")
    low, lower, middle, upper, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    axes.vlines(places, low, high, color=GREY, linewidth=1.2)
    axes.vlines(places, lower, upper, color=GREY, linewidth=6)
    axes.plot(places, middle, linestyle="none", marker="_", color="white", markersize=6)
    diamond: Look = {"marker": "D", "markersize": 5, "clip_on": False, "linewidth": 1.2}
    values_seen = observed.to_numpy(dtype=float)
    axes.plot(places, values_seen, color=VERMILION, linestyle=(0, (1.5, 1.5)), **diamond)
    axes.set_xlim(-0.6, len(observed) - 0.4)
    if values.min() >= 0 and observed.min() >= 0:
        axes.set_ylim(bottom=0)
    turned: Look = {"rotation": 30, "ha": "right"} if slant else {"rotation": 0, "ha": "center"}
    axes.set_xticks(places, [str(label) for label in observed.index], color=INK, **turned)
    quiet_axes(axes, "y")
    axes.tick_params(axis="x", pad=9)


def _check(observed: pd.Series, simulated: pd.DataFrame, p_value: float) -> None:
    problems = []
    if not 1 <= len(observed) <= _MOST_ENTRIES:
        problems.append(f"observed: {len(observed)} values, allowed are 1 to {_MOST_ENTRIES}")
    if list(observed.index) != list(simulated.columns):
        problems.append("simulated: its columns must be the index of observed, in that order")
    if len(simulated) < 2:
        problems.append(f"simulated: {len(simulated)} histories, must be 2 or more")
    values = [*observed.to_numpy(float), *simulated.to_numpy(float).ravel()]
    if not np.isfinite(values).all():
        problems.append("observed, simulated: must be finite numbers")
    if not 0 <= p_value <= 1:
        problems.append(f"p_value: {p_value!r} given, must be from 0 to 1")
    refuse(problems)
