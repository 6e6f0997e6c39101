"""Which policy is robust: whose regret stays small in nine of ten futures, on most measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.differences import NEGLIGIBLE
from partnersim.compare.labels import metric_label, number
from partnersim.compare.regret import MOST_FUTURES, regret_of
from partnersim.compare.tables import RANKING_FUTURES, RANKING_RUNS
from partnersim.compare.words import called, decimals_of, listed, opening, percent, titled
from partnersim.errors import InputError

RESAMPLES = 400
#: At most so many measures that do not count are named within a sentence.
MOST_NAMED = 2
#: A policy is first for sure if it is so in this share of the resamples.
SURE = 0.95


@dataclass(frozen=True)
class Ranking:
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
    unranked : str
        Why policies must not be ranked, in words; empty if they may be.
    """

    regret: pd.DataFrame
    first: dict[str, float]
    resampled: str
    left_out: tuple[str, ...] = ()
    unranked: str = ""

    @property
    def every(self) -> str:
        """What ``every measure`` means here, in words; `left_out_note` names the others."""
        if not self.left_out:
            return "every measure"
        if len(self.left_out) > MOST_NAMED:
            count = len(self.regret.columns)
            several = f"all {number(count)} measures that count"
            return "the one measure that counts" if count == 1 else several
        return f"every measure but {listed([titled(name) for name in self.left_out])}"

    @property
    def left_out_note(self) -> str:
        """Which measures do not count and why, in words; empty if all do or nothing is ranked."""
        if not self.left_out or self.unranked:
            return ""
        names = listed([titled(name) for name in self.left_out])
        return (
            f"Not counted: {names}; in nine of ten futures no policy stays {percent(NEGLIGIBLE)} "
            "behind the best there"
        )

    @property
    def shares(self) -> pd.DataFrame:
        """Regret as a share of the largest of any policy on the same measure, 0..1."""
        return pd.DataFrame(_shares(self.regret.to_numpy()), self.regret.index, self.regret.columns)

    @property
    def scores(self) -> pd.Series:
        """Mean over measures of the shares, by policy; small is robust."""
        return self.shares.mean(axis=1)

    @property
    def ranked(self) -> list[str]:
        """Policies, the one with the smallest score first."""
        return [str(name) for name in self.scores.sort_values(kind="stable").index]

    @property
    def best(self) -> str:
        """The policy with the smallest score."""
        return self.ranked[0]

    @property
    def rivals(self) -> list[str]:
        """Policies that come first too often in the resamples to be told apart from the best."""
        if self.first.get(self.best, 1.0) >= SURE:
            return []
        enough = (1 - SURE) / len(self.ranked)
        return [policy for policy in self.ranked[1:] if self.first.get(policy, 0.0) > enough]

    @property
    def smallest_on(self) -> list[str]:
        """Measures on which the best policy alone has the smallest regret."""
        rest = self.regret.drop(index=self.best)
        return [
            str(name) for name in self.regret if (self.regret[name][self.best] < rest[name]).all()
        ]

    def decimals(self, metric: str) -> int:
        """Return the digits after the point that tell policies apart on a measure."""
        return decimals_of(metric, float(self.regret[metric].max()) / 10)

    @property
    def sentence(self) -> str:
        """The finding in words."""
        if self.unranked:
            return self.unranked
        if not (self.regret.to_numpy() > 0).any():
            return "All policies come out alike on every measure: none is more robust"
        best, share = called(self.best), number(100 * self.first[self.best])
        times = f"first in {share} of 100 resamples of the {self.resampled}"
        if not self.rivals:
            robust = f"is the most robust of {len(self.regret)} policies in this model"
            return f"{opening(best)} {robust} ({times})"
        rivals = listed([called(policy) for policy in self.rivals])
        return (
            f"No policy is clearly the most robust: {best} comes {times}, but {rivals} cannot be "
            "told apart from it"
        )

    @property
    def reason(self) -> str:
        """Why the best policy is, in words."""
        count = len(self.regret.columns)
        of_all = f" of {count + len(self.left_out)}" if self.left_out else ""
        measures = "measure" if count == 1 and not of_all else "measures"
        return (
            f"{opening(called(self.best))} stays closest to the best choice for each future: its "
            f"regret is {percent(self.scores[self.best])} of that of the worst policy, on average "
            f"over {count}{of_all} {measures}"
        )


def ranking(
    runs: pd.DataFrame, policies: list[str], measures: list[str], *, sampled: bool
) -> Ranking:
    """Rank policies by their regret.

    The regret of a policy in a future is how much worse its mean outcome is than that of the best
    policy there. It is taken at its 90 % quantile over futures, divided by the largest of any
    policy, and averaged over measures, all with the same weight. A measure on which even the
    largest regret is below 2 % of the mean outcome is left out: it would only add noise. The
    runs are drawn anew 400 times with replacement: replicates (the same for all policies), and
    futures as well where they are a sample.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and the measures.
    policies, measures : list of str
        Rows and columns of the comparison.
    sampled : bool
        Whether the futures are a sample.

    Returns
    -------
    Ranking

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
    cube = outcome_cube(runs, policies, measures)
    futures, replicates = cube.shape[2:]
    if not futures:
        raise InputError("runs: in no future has every policy a run, so none can be compared")
    means = weighted_means(cube, np.ones(replicates))
    table = quantile_regret(means)
    matters = table.max(axis=0) > NEGLIGIBLE * np.abs(means).mean(axis=(1, 2))
    if not matters.any():
        matters[:] = True
    kept = [measure for measure, matter in zip(measures, matters, strict=True) if matter]
    several = {"futures": sampled and futures > 1, "runs": replicates > 1}
    drawn = [name for name, varies in several.items() if varies]
    first = {}
    if drawn and len(policies) > 1:
        wins = _wins(cube[matters], redraw_futures="futures" in drawn)
        first = {policy: float(share) for policy, share in zip(policies, wins, strict=True)}
    return Ranking(
        pd.DataFrame(table[:, matters], policies, kept),
        first,
        " and ".join(drawn),
        tuple(measure for measure in measures if measure not in kept),
        _why_unranked(policies, futures, replicates, sampled=sampled),
    )


def _why_unranked(policies: list[str], futures: int, replicates: int, *, sampled: bool) -> str:
    """Say why policies must not be ranked; empty if they may be."""
    runs, one = futures * replicates, "future" if sampled else "climate"
    if len(policies) == 1:
        only = called(policies[0])
        return f"Only {only} was run: nothing can be said about which policy is robust"
    if futures < RANKING_FUTURES:
        why = f"robust is what does well in several {one}s, and one was run"
    elif replicates == 1:
        why = f"a single run per policy and {one} says nothing about luck"
    elif runs < RANKING_RUNS:
        why = f"{runs} runs of each are too few, it takes {RANKING_RUNS}"
    else:
        return ""
    return f"Policies are not ranked: {why}"


def _wins(cube: Floats, *, redraw_futures: bool) -> Floats:
    """Return in which share of the resamples each policy has the smallest score; equals share."""
    futures, replicates = cube.shape[2:]
    random = np.random.default_rng(0)
    wins = np.zeros(cube.shape[1])
    for _ in range(RESAMPLES):
        drawn = random.integers(replicates, size=replicates)
        weights = np.bincount(drawn, minlength=replicates).astype(np.float64)
        again = weighted_means(cube, weights)
        if redraw_futures:
            again = again[..., random.integers(futures, size=futures)]
        scores = _shares(quantile_regret(again)).mean(axis=1)
        first = scores == scores.min()
        wins += first / first.sum()
    return wins / RESAMPLES


def weighted_means(cube: Floats, weights: Floats) -> Floats:
    """Return means over the last axis, NaN left out; where no weighted run is, the plain mean."""
    there = np.isfinite(cube)
    if there.all():
        return np.asarray(cube @ weights / weights.sum())
    filled = np.where(there, cube, 0.0)
    total = there @ weights
    plain = filled.sum(axis=-1) / there.sum(axis=-1)
    return np.where(total > 0, filled @ weights / np.maximum(total, 1e-300), plain)


def quantile_regret(means: Floats) -> Floats:
    """Return the 90 % quantile of regret, policies by measures.

    The means have the shape (measures, policies, futures).
    """
    return np.asarray(np.quantile(regret_of(means), MOST_FUTURES, axis=-1).T)


def outcome_cube(runs: pd.DataFrame, policies: list[str], measures: list[str]) -> Floats:
    """Return outcomes where more is better, shape (measures, policies, futures, replicates).

    Futures in which a policy has no run at all are left out; single runs that failed are NaN.
    """
    futures, future = np.unique(runs["future"], return_inverse=True)
    replicates, replicate = np.unique(runs["replicate"], return_inverse=True)
    policy = pd.Index(policies).get_indexer(runs["policy"])
    cube = np.full((len(measures), len(policies), len(futures), len(replicates)), np.nan)
    for place, measure in enumerate(measures):
        gains = metric_label(measure).sign * runs[measure].to_numpy(np.float64)
        cube[place][policy, future, replicate] = gains
    return cube[:, :, np.isfinite(cube).any(axis=-1).all(axis=(0, 1))]


def _shares(table: Floats) -> Floats:
    """Divide each column by its largest value; a column of zeros stays so."""
    largest = table.max(axis=0, keepdims=True)
    return np.divide(table, largest, out=np.zeros_like(table), where=largest > 0)
