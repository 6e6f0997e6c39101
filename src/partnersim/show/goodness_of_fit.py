"""Does a fitted model reproduce what was observed? Simulated distributions, observed line."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partnersim.compare.labels import NO_BREAK, number
from partnersim.errors import refuse
from partnersim.show.marks import SKY, VERMILION, quiet_axes
from partnersim.show.sheet import GREY, INK, Look, Sheet, caption, house_style

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
            title=finding(observed, simulated, p_value, what),
            **caption(
                "goodness_of_fit",
                histories=number(len(simulated)),
                version=version("partnersim"),
            ),
        )
        slant = max(len(str(label)) for label in observed.index) > 8
        axes = sheet.figure.subplots()
        _draw(axes, observed, simulated, slant)
        axes.set_xlabel(horizontal)
        axes.set_ylabel(vertical)
        return sheet.save(Path(folder), name)


def finding(observed: pd.Series, simulated: pd.DataFrame, p_value: float, what: str) -> str:
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


def _draw(axes: Axes, observed: pd.Series, simulated: pd.DataFrame, slant: bool) -> None:
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
