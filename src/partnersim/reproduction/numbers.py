"""The kinds of number that a finding may rest on, each looked up in the results by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.compare.differences import differences
from partnersim.compare.factors import CLIMATE
from partnersim.compare.standing import RELUCTANCE
from partnersim.errors import InputError, nearest
from partnersim.reproduction.results import Results
from partnersim.runs.intervals import mean_interval

Names = Mapping[str, str | float]


@dataclass(frozen=True)
class Number:
    """A number with its interval; without one the ends are NaN."""

    value: float
    low: float = np.nan
    high: float = np.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The interval, or the number itself where there is none."""
        if np.isfinite(self.low) and np.isfinite(self.high):
            return self.low, self.high
        return self.value, self.value


def difference(results: Results, of: Names) -> Number:
    """Return the mean paired difference of ``policy`` to ``against`` on ``measure``.

    With ``climate`` only the futures of that climate count. The interval holds together with
    those of all other policies.
    """
    study = results.study
    measure, policy, against = (str(of[key]) for key in ("measure", "policy", "against"))
    known([policy, against], study.policies, "policy")
    runs = in_climate(results, of)
    known([measure], list(runs.columns), "measure")
    found = differences(runs, measure, against, sampled=study.sampled)[policy]
    return Number(found.mean, found.low, found.high)


def level(results: Results, of: Names) -> Number:
    """Return the mean of ``measure`` under ``policy`` at the end, with ``climate`` only there.

    Runs of a replicate share their luck, so its mean over futures counts once.
    """
    measure, policy = str(of["measure"]), str(of["policy"])
    known([policy], results.study.policies, "policy")
    runs = in_climate(results, of)
    known([measure], list(runs.columns), "measure")
    means = runs[runs["policy"] == policy].groupby("replicate")[measure].mean()
    mean, low, high, _ = mean_interval(means.to_numpy(dtype=np.float64)[:, None])
    return Number(float(mean[0]), float(low[0]), float(high[0]))


def regret(results: Results, of: Names) -> Number:
    """Return the score of robustness of ``policy``: its mean share of the largest regret."""
    scores = results.evidence.robustness.scores
    known([str(of["policy"])], list(scores.index), "policy")
    return Number(float(scores[of["policy"]]))


def comes_first(results: Results, of: Names) -> Number:
    """Return the share of resamples in which ``policy`` is the most robust."""
    first = results.evidence.robustness.first
    known([str(of["policy"])], list(first), "policy")
    return Number(first[str(of["policy"])])


def index(results: Results, of: Names) -> Number:
    """Return how much ``measure`` depends on ``factor``: its total Sobol (or PAWN) index."""
    indices = results.evidence.drivers(str(of["measure"])).indices.set_index("factor")
    known([str(of["factor"])], list(indices.index), "factor")
    return numbers_in(indices.loc[str(of["factor"])], "index", "low", "high")


def score(results: Results, of: Names) -> Number:
    """Return the ``score`` of a ``forecast`` in a ``group`` of cases of a backtest."""
    return numbers_in(score_row(results, of), "value", "low", "high")


def behind(results: Results, of: Names) -> Number:
    """Return the ``score`` of a ``forecast`` less that of the forecast that is offered."""
    row = score_row(results, of)
    return numbers_in(row, "difference", "difference_low", "difference_high")


def loss(results: Results, of: Names) -> Number:
    """Return what ``shock`` takes from ``measure`` at worst, in percent."""
    return numbers_in(loss_row(results, of), "loss", "loss_low", "loss_high")


def lost_at_end(results: Results, of: Names) -> Number:
    """Return what of ``measure`` is still lost to ``shock`` at the end, in percent."""
    return numbers_in(loss_row(results, of), "lost_at_end", "end_low", "end_high")


def half_back(results: Results, of: Names) -> Number:
    """Return the quarters until half of what ``shock`` took from ``measure`` is back."""
    return numbers_in(loss_row(results, of), "half_back")


def stands(results: Results, of: Names) -> Number:
    """Return the share of runs whose network stands without the EU at the end."""
    return numbers_in(standing_row(results, of), "share", "low", "high")


def stands_from(results: Results, of: Names) -> Number:
    """Return the year from which most runs stand without the EU."""
    return numbers_in(standing_row(results, of), "year")


@dataclass(frozen=True)
class Kind:
    """A kind of number.

    Attributes
    ----------
    look_up : callable
        Finds the number in the results.
    needs, allows : tuple of str
        Names that it must, and may, be given.
    confidence : int
        Of its interval, in percent.
    of_luck : bool
        Whether the interval says how far runs with other luck may lie off. That of a backtest's
        score does not: it tells what another history could have brought.
    """

    look_up: Callable[[Results, Names], Number]
    needs: tuple[str, ...]
    allows: tuple[str, ...] = ()
    confidence: int = 95
    of_luck: bool = True


_SCORED = ("forecast", "group", "score")
_STRUCK = ("shock", "measure")
_LINKING = ("policy", "climate", "reluctance")
KINDS = {
    "difference": Kind(difference, ("policy", "against", "measure"), ("climate",)),
    "level": Kind(level, ("policy", "measure"), ("climate",)),
    "regret": Kind(regret, ("policy",)),
    "comes_first": Kind(comes_first, ("policy",)),
    "index": Kind(index, ("factor", "measure")),
    "score": Kind(score, _SCORED, confidence=90, of_luck=False),
    "behind": Kind(behind, _SCORED, confidence=90, of_luck=False),
    "loss": Kind(loss, _STRUCK),
    "lost_at_end": Kind(lost_at_end, _STRUCK),
    "half_back": Kind(half_back, _STRUCK),
    "stands": Kind(stands, _LINKING),
    "stands_from": Kind(stands_from, _LINKING),
}


def number_of(results: Results, kind: str, of: Names) -> Number:
    """Look a number up.

    Parameters
    ----------
    results : Results
    kind : str
        One of `KINDS`.
    of : mapping
        Which number of that kind.

    Raises
    ------
    InputError
        If there is no such number.
    """
    problems = naming_problems(kind, of)
    if problems:
        raise InputError(problems)
    found = KINDS[kind].look_up(results, of)
    if not np.isfinite(found.value):
        told = ", ".join(f"{key} {value}" for key, value in of.items())
        raise InputError(f"{results.folder}: there is no number '{kind}' of {told}")
    return found


def naming_problems(kind: str, of: Names) -> list[str]:
    """Say what is wrong with how a number is named, before any results are there."""
    if kind not in KINDS:
        return [f"number: unknown kind '{kind}'{nearest(kind, KINDS)} ({', '.join(KINDS)})"]
    problems = [f"{kind}: needs {key}" for key in KINDS[kind].needs if key not in of]
    every = (*KINDS[kind].needs, *KINDS[kind].allows)
    problems += [
        f"{kind}: takes no {key}{nearest(key, every)} ({', '.join(every)})"
        for key in of
        if key not in every
    ]
    return problems


def known(wanted: list[str], names: list[str], what: str) -> None:
    """Refuse names that results do not hold.

    Raises
    ------
    InputError
        One line per name.
    """
    unknown = [f"{what}: no '{name}'{nearest(name, names)}" for name in wanted if name not in names]
    if unknown:
        raise InputError(unknown)


def in_climate(results: Results, of: Names) -> pd.DataFrame:
    """Return the runs of a climate, or all."""
    study = results.study
    if "climate" not in of:
        return study.runs
    if CLIMATE not in study.futures:
        raise InputError(f"{results.folder}: has one climate, so that none can be chosen")
    climates = study.futures[CLIMATE].astype(str)
    known([str(of["climate"])], sorted(set(climates)), "climate")
    points = study.futures["point"][climates == of["climate"]]
    return study.runs[study.runs["point"].isin(points)]


def one_row(table: pd.DataFrame, keys: Mapping[str, str | float], what: str) -> pd.Series:
    """Return the one row that has these values.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    rows = table
    for column, value in keys.items():
        if isinstance(value, str):
            names = [str(name) for name in table[column].unique()]
            known([value], names, column)
            rows = rows[rows[column].astype(str) == value]
        else:
            rows = rows[np.isclose(rows[column].to_numpy(dtype=np.float64), value)]
    if len(rows) != 1:
        told = ", ".join(f"{key} {value}" for key, value in keys.items())
        raise InputError(f"{what}: {len(rows)} rows with {told}, one is needed")
    return rows.iloc[0]


def numbers_in(row: pd.Series, *columns: str) -> Number:
    """Return a number of a row, with the ends of its interval if it has one."""
    return Number(*(float(row[column]) for column in columns))


def loss_row(results: Results, of: Names) -> pd.Series:
    """Return the row of a shock and a measure."""
    return one_row(results.losses, of, "losses")


def score_row(results: Results, of: Names) -> pd.Series:
    """Return the row of a forecast, a group and a score."""
    return one_row(results.scores, of, "scores")


def standing_row(results: Results, of: Names) -> pd.Series:
    """Return the row of a policy in a future."""
    columns = {
        "policy": "policy",
        "climate": CLIMATE,
        "reluctance": RELUCTANCE,
    }
    return one_row(results.standing, {columns[key]: of[key] for key in of}, "standing")
