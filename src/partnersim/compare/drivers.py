"""What drives the outcome: which uncertain factor it depends on most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.compare.factors import CLIMATE, factor_name
from partnersim.compare.labels import capitalised, number, quantity, words
from partnersim.compare.screening import delta_indices, morris_effects
from partnersim.compare.sensitivity import pawn, sobol_indices
from partnersim.compare.tables import outcome_by_future
from partnersim.compare.words import amount, called, counted, decimals_of, listed, some, titled
from partnersim.errors import InputError
from partnersim.shipped_folder import rows_of

COLUMNS = ["factor", "index", "low", "high", "noise", "matters"]
_ROWS = rows_of(Path(__file__).with_name("drivers.csv"))
#: What a user may ask for, of futures that allow it.
METHODS = {row["method"]: row["name"] for row in _ROWS}
PAWN, SOBOL, DELTA, MORRIS = METHODS.values()
#: What the mark beside an index is, and what an index says, by how it was found.
MARK = {row["name"]: row["mark"] for row in _ROWS}
MEANING = {row["name"]: row["meaning"] for row in _ROWS}
#: What is found where nobody asks, by kind of the design.
_USUAL = {"sobol_indices": SOBOL, "morris": MORRIS}
#: A total index whose interval reaches below this share of the variance does not matter.
LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Drivers:
    """What one measure depends on under one policy.

    Attributes
    ----------
    policy, metric : str
        Whose outcome.
    method : str
        How the indices were found.
    indices : DataFrame
        ``factor``, ``index``, ``low``, ``high``, ``noise`` (what a factor without influence may
        reach), ``matters``; largest first; empty with too few futures.
    means : DataFrame
        Mean outcome, policies by futures.
    climates : Series
        The climate of each future; empty if futures differ in more than that.
    lacking : str
        Why there are no indices; empty if there are.
    """

    policy: str
    metric: str
    method: str
    indices: pd.DataFrame
    means: pd.DataFrame
    climates: pd.Series
    lacking: str = ""

    @property
    def outcome(self) -> pd.Series:
        """Mean outcome of the policy, by future."""
        return self.means.loc[self.policy].dropna()

    @property
    def leading(self) -> list[str]:
        """The factor with the largest index, and those that cannot be told apart from it."""
        rows = self.indices[self.indices["matters"]]
        if rows.empty:
            return []
        return [str(name) for name in rows["factor"][rows["high"] >= rows["low"].iloc[0]]]

    @property
    def _stays(self) -> bool:
        """Whether the measure is the same in all futures, as far as it is shown."""
        lowest, highest = float(self.outcome.min()), float(self.outcome.max())
        return quantity(self.metric, lowest) == quantity(self.metric, highest)

    @property
    def driver_sentence(self) -> str:
        """Which factors the measure depends on, in words.

        Empty if that was not looked for, or if the measure is the same in all futures as far as it
        is shown.
        """
        title, leading = titled(self.metric), self.leading
        if self.indices.empty or self._stays:
            return ""
        if not leading:
            futures = counted(len(self.outcome), "future")
            return f"With {futures} no single factor stands out from chance for {title}"
        title = capitalised(title)
        names = [factor_name(path) for path in leading]
        if len(names) > 3:
            return f"{title} hangs on no single factor: {some(names, 3)} cannot be ranked"
        rows = self.indices.set_index("factor")
        row = rows.loc[leading[0]]
        index = f"{number(row['index'], 2)}, {number(row['low'], 2)} to {number(row['high'], 2)}"
        text = f"{title} depends most on {names[0]} (index {index})"
        if len(names) > 1:
            return f"{text}, not to be told apart from {listed(names[1:])}"
        others = [str(name) for name in rows.index[rows["matters"]] if name not in leading]
        if others:
            second = number(rows.loc[others[0], "index"], 2)
            return f"{text}, then on {factor_name(others[0])} ({second})"
        weak = "matters much" if self.method == MORRIS else "can be told from chance"
        return f"{text}; no other factor {weak}"

    @property
    def sentence(self) -> str:
        """What drives the measure, and how far, in words."""
        return ". ".join(part for part in (self.driver_sentence, self.spread_sentence) if part)

    @property
    def spread_sentence(self) -> str:
        """How far futures and policies move the measure, in words; empty with one future."""
        outcome = self.outcome
        if len(outcome) < 2:
            return ""
        worst, best = (
            quantity(self.metric, float(outcome[future]))
            + (f" ({words(self.climates[future])})" if len(self.climates) else "")
            for future in (outcome.idxmin(), outcome.idxmax())
        )
        across = "climates" if len(self.climates) else "futures"
        # Some measures hang on luck, or on the policy, far more than on what differs.
        shown = quantity(self.metric, float(outcome.max()))
        where = f"stays at {shown}" if self._stays else f"runs from {worst} to {best}"
        text = f"Across {across}, {titled(self.metric)} under {called(self.policy)} {where}"
        by_policy = float(np.ptp(self.means.mean(axis=1)))
        if by_policy <= 0:
            return text
        apart = amount(self.metric, by_policy, decimals_of(self.metric, by_policy / 10))
        return f"{text}; the choice of policy moves its mean by at most {apart}"


def drivers(
    runs: pd.DataFrame,
    futures: pd.DataFrame,
    metric: str,
    policy: str,
    kind: str,
    method: str | None = None,
) -> Drivers:
    """Find what a measure depends on.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and the metric.
    futures : DataFrame
        ``future`` and factors.
    metric, policy : str
        The measure, and the policy under which it is looked at.
    kind : str
        Kind of the design: ``sobol_indices`` allows shares of variance, ``morris`` effects; any
        other gets PAWN.
    method : str, optional
        One of `METHODS` in place of that.

    Returns
    -------
    Drivers
    """
    means = outcome_by_future(runs, metric)
    outcome = means.loc[policy].dropna()
    known = futures.set_index("future").loc[outcome.index]
    method = METHODS[method] if method else _USUAL.get(kind, PAWN)
    find = {PAWN: pawn, SOBOL: total_indices, DELTA: delta_indices, MORRIS: morris_effects}[method]
    indices, lacking = pd.DataFrame(columns=COLUMNS), ""
    try:
        indices = find(futures, means.loc[policy])[COLUMNS]
    except InputError as error:
        lacking = "; ".join(error.problems).removeprefix("outcome: ")
    only_climate = list(known.columns) == [CLIMATE]
    climates = known[CLIMATE].astype(str) if only_climate else pd.Series(dtype=str)
    return Drivers(policy, metric, method, indices, means, climates, lacking)


def total_indices(futures: pd.DataFrame, outcome: pd.Series) -> pd.DataFrame:
    """Return total Sobol indices as `pawn` returns its own.

    A factor matters if it surely explains more than 5 % of the variance.

    Parameters
    ----------
    futures : DataFrame
        A whole Saltelli design: ``future`` and factors.
    outcome : Series
        By ``future``.
    """
    found = sobol_indices(futures, outcome)
    table = found[["factor", "total", "total_low", "total_high"]].set_axis(COLUMNS[:4], axis=1)
    table = table.assign(noise=LEAST_SHARE, matters=table["low"] > LEAST_SHARE)
    return table.sort_values("index", ascending=False, kind="stable", ignore_index=True)
