"""Which policy is robust: whose regret stays small in nine of ten futures, on most measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.compare.measures import called, decimals_of, listed, opening, titled
from partnersim.errors import InputError
from partnersim.runs.wording import NO_BREAK, metric_label, number

Floats = npt.NDArray[np.float64]
#: Share of futures in which regret is no larger.
SHARE = 0.9
RESAMPLES = 400
#: Measures on which policies lie less than this share of the outcome apart are left out.
SMALLEST = 0.02
#: At most so many of them are named within a sentence.
MOST_NAMED = 2
#: A policy is first for sure if it is so in this share of the resamples.
SURE = 0.95


@dataclass(frozen=True)
class Robustness:
    """How robust every policy is.

    Attributes
    ----------
    regret : DataFrame
        Regret by policy (rows) and measure (columns) that is not exceeded in 90 % of futures, in
        the unit of the measure.
    first : dict of str to float
        Share of the resamples in which the policy has the smallest score; empty where nothing
        can be resampled.
    resampled : str
        What the resamples drew anew: ``futures``, ``runs``, both or nothing.
    left_out : tuple of str
        Measures that do not count: in 90 % of futures no policy stays 2 % behind the best.
    """

    regret: pd.DataFrame
    first: dict[str, float]
    resampled: str
    left_out: tuple[str, ...] = ()

    @property
    def every(self) -> str:
        """What ``every measure`` means here, in words; `left_out_note` names the others."""
        if not self.left_out:
            return "every measure"
        if len(self.left_out) > MOST_NAMED:
            counted = len(self.regret.columns)
            return (
                "the one measure that counts"
                if counted == 1
                else f"all {counted} measures that count"
            )
        return f"every measure but {listed([titled(name) for name in self.left_out])}"

    @property
    def left_out_note(self) -> str:
        """Which measures do not count and why, in words; empty if all do."""
        if not self.left_out:
            return ""
        names = listed([titled(name) for name in self.left_out])
        return (
            f"Not counted: {names}; in nine of ten futures no policy stays "
            f"{number(100 * SMALLEST)}{NO_BREAK}% behind the best there"
        )

    @property
    def shares(self) -> pd.DataFrame:
        """Regret as a share of the largest of any policy on the same measure, 0..1."""
        return pd.DataFrame(shared(self.regret.to_numpy()), self.regret.index, self.regret.columns)

    @property
    def scores(self) -> pd.Series:
        """Mean over measures of the shares, by policy; small is robust."""
        return self.shares.mean(axis=1)

    @property
    def ranked(self) -> list[str]:
        """Policies, the most robust first."""
        return [str(name) for name in self.scores.sort_values(kind="stable").index]

    @property
    def best(self) -> str:
        """The most robust policy."""
        return self.ranked[0]

    @property
    def rivals(self) -> list[str]:
        """Policies that come first too often in the resamples to be told apart from the best."""
        if self.first.get(self.best, 1.0) >= SURE:
            return []
        return [
            policy
            for policy in self.ranked[1:]
            if self.first.get(policy, 0.0) > (1 - SURE) / len(self.ranked)
        ]

    @property
    def smallest_on(self) -> list[str]:
        """Measures on which the best policy alone has the smallest regret."""
        mine = self.regret.loc[self.best]
        rest = self.regret.drop(index=self.best)
        return [str(name) for name in self.regret if (mine[name] < rest[name]).all()]

    def decimals(self, metric: str) -> int:
        """Return the digits after the point that tell policies apart on a measure."""
        return decimals_of(metric, float(self.regret[metric].max()) / 10)

    @property
    def sentence(self) -> str:
        """The finding in words."""
        best, policies = called(self.best), len(self.regret)
        if policies == 1:
            return f"Only {best} was run: nothing can be said about which policy is robust"
        if not (self.regret.to_numpy() > 0).any():
            return "All policies come out alike on every measure: none is more robust"
        claim = f"{opening(best)} is the most robust of {policies} policies in this model"
        if not self.first:
            return f"{claim}, but a single run per future tells no uncertainty"
        times = f"first in {number(100 * self.first[self.best])} of 100 resamples of the "
        times += self.resampled
        if self.rivals:
            rivals = listed([called(policy) for policy in self.rivals])
            return (
                f"No policy is clearly the most robust: {best} comes {times}, but {rivals} cannot "
                "be told apart from it"
            )
        return f"{claim} ({times})"

    @property
    def reason(self) -> str:
        """Why the best policy is, in words."""
        measures = len(self.regret.columns)
        of_all = f" of {measures + len(self.left_out)}" if self.left_out else ""
        several = "s" if measures > 1 or of_all else ""
        return (
            f"{opening(called(self.best))} stays closest to the best choice for each future: its "
            f"regret is {number(100 * self.scores[self.best])}{NO_BREAK}% of that of the worst "
            f"policy, on average over {measures}{of_all} measure{several}"
        )


def robustness_of(
    runs: pd.DataFrame, policies: list[str], measures: list[str], *, sampled: bool
) -> Robustness:
    """Compare policies by their regret.

    The regret of a policy in a future is how much worse its mean outcome is than that of the best
    policy there. It is taken at its 90 % quantile over futures, divided by the largest of any
    policy, and averaged over measures, all with the same weight. A measure on which even the
    largest regret is below 2 % of the mean outcome is left out: it would only add noise. The
    runs are drawn anew 400 times with replacement: replicates (the same for all policies), and
    futures as well where they are a sample.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and the measures.
    policies, measures : list of str
        Rows and columns of the comparison.
    sampled : bool
        Whether the futures are a sample.

    Returns
    -------
    Robustness

    Raises
    ------
    InputError
        If no future has a run of every policy.

    References
    ----------
    Savage, L. J. (1951). The theory of statistical decision. Journal of the American Statistical
    Association 46, 55-67. doi:10.1080/01621459.1951.10500768

    Herman, J. D., Reed, P. M., Zeff, H. B. and Characklis, G. W. (2015). How should robustness be
    defined for water systems planning under change? Journal of Water Resources Planning and
    Management 141. doi:10.1061/(ASCE)WR.1943-5452.0000509
    """
    cube = outcomes(runs, policies, measures)
    futures, replicates = cube.shape[2:]
    if not futures:
        raise InputError("runs: in no future has every policy a run, so none can be compared")
    means = weighted_means(cube, np.isfinite(cube), np.ones(replicates))
    table = quantile_regret(means)
    scale = np.abs(means).mean(axis=(1, 2))
    matters = table.max(axis=0) > SMALLEST * scale
    if not matters.any():
        matters[:] = True
    cube, table = cube[matters], table[:, matters]
    there = np.isfinite(cube)
    kept = [measure for measure, matter in zip(measures, matters, strict=True) if matter]
    drawn = [
        name
        for name, several in (("futures", sampled and futures > 1), ("runs", replicates > 1))
        if several
    ]
    first: dict[str, float] = {}
    if drawn and len(policies) > 1:
        random = np.random.default_rng(0)
        wins = np.zeros(len(policies))
        for _ in range(RESAMPLES):
            drawn_runs = random.integers(replicates, size=replicates)
            weights = np.bincount(drawn_runs, minlength=replicates).astype(np.float64)
            again = weighted_means(cube, there, weights)
            if "futures" in drawn:
                again = again[..., random.integers(futures, size=futures)]
            wins[np.argmin(shared(quantile_regret(again)).mean(axis=1))] += 1
        first = {policy: float(won) / RESAMPLES for policy, won in zip(policies, wins, strict=True)}
    left_out = tuple(measure for measure in measures if measure not in kept)
    regret = pd.DataFrame(table, policies, kept)
    return Robustness(regret, first, " and ".join(drawn), left_out)


def weighted_means(cube: Floats, there: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    """Return means over the last axis; where no weighted run is left, the plain mean.

    `there` marks the runs that there are.
    """
    if there.all():
        return cube @ weights / weights.sum()
    filled = np.where(there, cube, 0.0)
    total = there @ weights
    plain = filled.sum(axis=-1) / there.sum(axis=-1)
    return np.where(total > 0, filled @ weights / np.maximum(total, 1e-300), plain)


def quantile_regret(means: Floats) -> Floats:
    """Return the 90 % quantile of regret, policies by measures.

    The means have the shape (measures, policies, futures).
    """
    regret = means.max(axis=1, keepdims=True) - means
    quantile: Floats = np.quantile(regret, SHARE, axis=-1).T
    return quantile


def outcomes(runs: pd.DataFrame, policies: list[str], measures: list[str]) -> Floats:
    """Return outcomes where more is better, shape (measures, policies, futures, replicates).

    Futures in which a policy has no run at all are left out; single runs that failed are NaN.
    """
    points = np.unique(runs["point"])
    replicates = np.unique(runs["replicate"])
    policy = runs["policy"].map({name: place for place, name in enumerate(policies)})
    places = (
        policy.to_numpy(dtype=np.int64),
        np.searchsorted(points, runs["point"]),
        np.searchsorted(replicates, runs["replicate"]),
    )
    cube = np.full((len(measures), len(policies), len(points), len(replicates)), np.nan)
    for number_, measure in enumerate(measures):
        sign = -1.0 if metric_label(measure).better == "less" else 1.0
        cube[number_][places] = sign * runs[measure].to_numpy(dtype=np.float64)
    complete = np.isfinite(cube).any(axis=-1).all(axis=(0, 1))
    return cube[:, :, complete]


def shared(table: Floats) -> Floats:
    """Divide each column by its largest value; a column of zeros stays so."""
    largest = table.max(axis=0, keepdims=True)
    return np.divide(table, largest, out=np.zeros_like(table), where=largest > 0)
