"""The kinds of number that a finding may rest on, each looked up in the results by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import paired_differences
from partnersim.compare.factors import CLIMATE
from partnersim.compare.resilience import LINK_RATE, resilience, standing_of
from partnersim.errors import InputError, nearest, refuse
from partnersim.runs.digest import combined
from partnersim.runs.export import read_tables
from partnersim.runs.folder import read_json_group
from partnersim.runs.intervals import mean_interval
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.reader import read_runs, the_one_in

Names = Mapping[str, str | float]

#: Measures of which losses after shocks are looked up.
RESILIENT = ("instruments", "depth_mean", "links", "partner_value")


#: What a superlative compares with.
OTHERS = ("largest other", "smallest other")


class Results:
    """Results of an experiment on disk, whatever its kind: read and analysed when first asked.

    Parameters
    ----------
    folder : Path
        Folder of a finished experiment, a sweep or a backtest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = the_one_in(folder)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run."""
        if not (self.folder / MANIFEST_NAME).exists():
            return read_runs(self.folder).manifest
        return read_json_group(self.folder / MANIFEST_NAME)

    @property
    def digest(self) -> str:
        """One digest of everything that was found; empty if a sweep is unfinished."""
        return digest_of_results(self.manifest)

    @cached_property
    def comparison(self) -> Comparison:
        """Policies compared over climates or futures."""
        return Comparison(read_runs(self.folder))

    def table(self, kind: str, of: Names) -> pd.DataFrame:
        """Return the table in which numbers of a kind are looked up."""
        found = getattr(self, KINDS[kind].table)
        return found(of) if callable(found) else found

    @cached_property
    def losses(self) -> pd.DataFrame:
        """What shocks take, see `partnersim.compare.resilience`."""
        runs = self.comparison.runs
        kept = [metric for metric in RESILIENT if metric in runs.metrics]
        return resilience(runs.shock_response(kept), kept)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """When the network stands alone, see `partnersim.compare.resilience`."""
        table = standing_of(self.comparison.runs)
        return table.rename(columns={CLIMATE: "climate", LINK_RATE: "link_rate"})

    @property
    def scores(self) -> pd.DataFrame:
        """The scores of a backtest."""
        return read_tables(self.folder, ("scores",))["scores"]

    def indices_of(self, of: Names) -> pd.DataFrame:
        """Return what ``measure`` depends on, see `partnersim.compare.drivers`."""
        return self.comparison.drivers(str(of["measure"])).indices

    @property
    def ranks(self) -> pd.DataFrame:
        """Mean share of the largest regret, and share of resamples in which it is first."""
        found = self.comparison.ranking
        first = found.scores.index.map(lambda policy: found.first.get(str(policy), np.nan))
        return pd.DataFrame({"score": found.scores, "first": first}).reset_index(names="policy")

    def differences_of(self, of: Names) -> pd.DataFrame:
        """Return paired differences of all policies to ``against``, in one ``climate`` if named.

        The intervals hold together for all policies.
        """
        against, futures = str(of["against"]), self.comparison.futures
        known(against, self.comparison.policies, "policy")
        return paired_differences(self.outcomes(of), str(of["measure"]), against, futures=futures)

    def by_replicate(self, of: Names) -> pd.DataFrame:
        """Return the mean of ``measure`` at the end, replicates by policies.

        Runs of a replicate share their luck, so its mean over futures counts once.
        """
        runs = self.outcomes(of).groupby(["replicate", "policy"])[str(of["measure"])]
        return runs.mean().unstack()

    def levels_of(self, of: Names) -> pd.DataFrame:
        """Return the mean of ``measure`` under each policy at the end, with its interval."""
        table = self.by_replicate(of)
        mean, low, high, _ = mean_interval(table.to_numpy(dtype=np.float64))
        return pd.DataFrame({"policy": table.columns, "value": mean, "low": low, "high": high})

    def outcomes(self, of: Names) -> pd.DataFrame:
        """Return the runs at the end of the horizon, of one ``climate`` if it is named."""
        runs = self.comparison.runs
        known(str(of["measure"]), runs.metrics, "measure")
        outcomes = runs.outcomes([str(of["measure"])]).astype({"policy": str})
        if "climate" not in of:
            return outcomes
        futures = runs.futures
        if CLIMATE not in futures:
            raise InputError(f"{self.folder}: has one climate, so that none can be chosen")
        climates = futures[CLIMATE].astype(str)
        known(str(of["climate"]), set(climates), "climate")
        chosen = futures["future"][climates == of["climate"]]
        return outcomes[outcomes["future"].isin(chosen)]


def digest_of_results(manifest: Mapping[str, Any]) -> str:
    """Return one digest of results: of their tables, if they are some, else of their runs."""
    return combined(manifest["tables"]) if "tables" in manifest else str(manifest["digest"] or "")


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

    def __sub__(self, other: Number) -> Number:
        """Return the difference; its interval is zero-free only if the two do not overlap.

        That is too wide rather than too narrow, however the two depend on each other.
        """
        return Number(self.value - other.value, self.low - other.high, self.high - other.low)


@dataclass(frozen=True)
class Kind:
    """A kind of number: a row of a table, chosen by the names that are columns of it.

    Attributes
    ----------
    table : str
        Where `Results` has it: a property, or a method that takes the names.
    columns : tuple of str
        Of the number and of the ends of its interval, if it has one.
    needs, allows : tuple of str
        Names that it must, and may, be given.
    unit : {"measure", "share", "percent", "year", "quarters", ""}
        How it is written; ``measure``: as the measure is that it is a number of.
    signed : bool
        Whether a positive number carries its sign.
    confidence : int
        Of its interval, in percent.
    of_luck : bool
        Whether the interval says how far runs with other luck may lie off. That of a backtest's
        score does not: it says what another history could have brought.
    """

    table: str
    columns: tuple[str, ...]
    needs: tuple[str, ...]
    allows: tuple[str, ...] = ()
    unit: str = ""
    signed: bool = False
    confidence: int = 95
    of_luck: bool = True


_STRUCK = ("shock", "measure")
_LINKING = ("policy", "climate", "link_rate")
_SCORED = ("forecast", "group", "score")
_SCORES = Kind("scores", ("value", "low", "high"), _SCORED, confidence=90, of_luck=False)
_BEHIND = ("difference", "difference_low", "difference_high")
_AGAINST = ("policy", "against", "measure")
KINDS = {
    "difference": Kind(
        "differences_of", ("mean", "low", "high"), _AGAINST, ("climate",), "measure", signed=True
    ),
    "level": Kind(
        "levels_of", ("value", "low", "high"), ("policy", "measure"), ("climate",), "measure"
    ),
    "regret": Kind("ranks", ("score",), ("policy",), unit="share"),
    "comes_first": Kind("ranks", ("first",), ("policy",), unit="share"),
    "index": Kind("indices_of", ("index", "low", "high"), ("factor", "measure")),
    "score": _SCORES,
    "behind": replace(_SCORES, columns=_BEHIND, signed=True),
    "loss": Kind("losses", ("loss", "loss_low", "loss_high"), _STRUCK, unit="percent"),
    "lost_at_end": Kind("losses", ("lost_at_end", "end_low", "end_high"), _STRUCK, unit="percent"),
    "half_back": Kind("losses", ("half_back",), _STRUCK, unit="quarters"),
    "stands": Kind("standing", ("share", "low", "high"), _LINKING, unit="share"),
    "stands_from": Kind("standing", ("year",), _LINKING, unit="year"),
}


def number_of(results: Results, kind: str, of: Names, than: Names | None = None) -> Number:
    """Look a number up, less another one if the finding compares.

    Parameters
    ----------
    results : Results
    kind : str
        One of `KINDS`.
    of : mapping
        Which number of that kind.
    than : mapping, optional
        What is other in the number that is subtracted; ``number`` if it is of another kind. A name
        may be one of `OTHERS`: of all others that with the largest, or smallest, number.

    Raises
    ------
    InputError
        If there is no such number.
    """
    refuse(naming_problems(kind, of, than))
    found = _looked_up(results, kind, of)
    if not than:
        return found
    other = {**of, **{name: _named(results, kind, of, name, than[name]) for name in than}}
    base_kind = str(other.pop("number", kind))
    if kind == base_kind == "level":
        # The same random numbers under both: subtracted replicate by replicate.
        ours, base = (results.by_replicate(one)[str(one["policy"])] for one in (of, other))
        mean, low, high, _ = mean_interval((ours - base).dropna().to_numpy()[:, None])
        return Number(float(mean[0]), float(low[0]), float(high[0]))
    return found - _looked_up(results, base_kind, other)


def _named(results: Results, kind: str, of: Names, name: str, value: str | float) -> str | float:
    """Return which one "largest other" and "smallest other" are; any other name as it is."""
    if value not in OTHERS:
        return value
    table = results.table(kind, of)
    names = table[name] if name in table else results.comparison.runs.futures[CLIMATE]
    values = {
        other: _looked_up(results, kind, {**of, name: other}).value
        for other in sorted(set(names.astype(str)) - {str(of[name])})
    }
    return (max if value == OTHERS[0] else min)(values, key=lambda other: values[other])


def _looked_up(results: Results, kind: str, of: Names) -> Number:
    rows = table = results.table(kind, of)
    for name, value in of.items():
        if name not in table:
            continue
        if isinstance(value, str):
            known(value, set(table[name].astype(str)), name)
            rows = rows[rows[name].astype(str) == value]
        else:
            rows = rows[np.isclose(rows[name].to_numpy(dtype=np.float64), value)]
    which = ", ".join(f"{name} {value}" for name, value in of.items())
    if len(rows) != 1:
        raise InputError(f"{kind}: {len(rows)} rows with {which}, one is needed")
    number = Number(*(float(rows[column].iloc[0]) for column in KINDS[kind].columns))
    if not np.isfinite(number.value):
        raise InputError(f"{results.folder}: there is no number '{kind}' of {which}")
    return number


def naming_problems(kind: str, of: Names, than: Names | None = None) -> list[str]:
    """Say what is wrong with how a number is named, before any results are there."""
    if kind not in KINDS:
        return [f"number: unknown kind '{kind}'{nearest(kind, KINDS)} ({', '.join(KINDS)})"]
    every = (*KINDS[kind].needs, *KINDS[kind].allows)
    problems = [f"{kind}: needs {key}" for key in KINDS[kind].needs if key not in of]
    problems += [
        f"{kind}: takes no {key}{nearest(key, every)} ({', '.join(every)})"
        for key in of
        if key not in every
    ]
    if than:
        other = {**of, **than}
        problems += naming_problems(str(other.pop("number", kind)), other)
    return problems


def known(wanted: str, names: Any, what: str) -> None:
    """Refuse a name that results do not hold.

    Raises
    ------
    InputError
    """
    every = sorted(map(str, names))
    if wanted not in every:
        raise InputError(f"{what}: no '{wanted}'{nearest(wanted, every)}")
