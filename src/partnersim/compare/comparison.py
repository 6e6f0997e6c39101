"""Policies compared over futures: every analysis done once, when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partnersim.compare.differences import PolicyDifference, by_measure, paired_differences
from partnersim.compare.drivers import Drivers, drivers
from partnersim.compare.factors import FactorWords, factor_words
from partnersim.compare.failing import Failing, failing
from partnersim.compare.labels import HEADLINES, MAIN_METRICS, metric_label, number
from partnersim.compare.ranking import Ranking, ranking
from partnersim.compare.signers import Signers, new_pairs, signers
from partnersim.compare.tables import mean_outcomes
from partnersim.compare.trade_offs import non_dominated
from partnersim.compare.words import counted, family, judged_measures
from partnersim.errors import InputError
from partnersim.runs.intervals import wilson
from partnersim.runs.manifest import LISTED
from partnersim.runs.stored_forecast import FORECAST, StoredForecast, folder_like

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs

#: By which measure policies fail, and what drivers are looked for: the first that is there.
FOCUS = ("partner_value", "eu_value", "instruments")
#: Kinds of design whose futures were drawn from ranges, rather than listed one by one.
SAMPLED = ("latin_hypercube", "sobol", "sobol_indices", "morris")


class Comparison:
    """Policies compared over futures.

    Parameters
    ----------
    runs : Runs
        Results, complete or not.
    fails : (metric, float), optional
        What counts as failing: a metric that is worse than this.
    method : str, optional
        How drivers are looked for, one of `partnersim.compare.drivers.METHODS`; as if nothing is
        said: what the design was made for, else PAWN.

    Attributes
    ----------
    runs : Runs
        Where the results lie, what was run, further tables.
    outcomes : DataFrame
        ``policy``, ``future``, ``replicate`` and the main metrics at the end of the horizon.
    failures : DataFrame
        ``policy``, ``future``, ``replicate``, ``error`` of every run that failed.
    policies : list of str
        Those with at least one run, in the order of the design.

    Raises
    ------
    InputError
        If no run succeeded.
    """

    def __init__(
        self, runs: Runs, fails: tuple[str, float] | None = None, method: str | None = None
    ) -> None:
        self.runs = runs
        self.fails = fails
        self.method = method
        self.manifest = runs.manifest
        kept = [metric for metric in MAIN_METRICS if metric in runs.metrics]
        self.outcomes = runs.outcomes(kept).astype({"policy": str})
        self.failures = runs.failures()
        if self.outcomes.empty:
            raise InputError(f"{runs.folder}: no run succeeded, there is nothing to compare")
        there = set(self.outcomes["policy"])
        self.policies = [policy for policy in runs.policies if policy in there]
        self._differences: dict[str, dict[str, dict[str, PolicyDifference]]] = {}
        self._drivers: dict[str, Drivers] = {}

    @property
    def reference(self) -> str:
        """The policy that the others are compared with; the first one if it has no run."""
        named = self.runs.reference
        return named if named in self.policies else self.policies[0]

    @property
    def sampled(self) -> bool:
        """Whether the futures were drawn from ranges, rather than listed one by one."""
        return self.runs.kind in SAMPLED

    @property
    def futures(self) -> str:
        """What the futures are, as `paired_differences` wants to know: ``sampled``, ``listed``."""
        return "sampled" if self.sampled else "listed"

    @property
    def noun(self) -> str:
        """What a future is called: a climate if nothing else can differ."""
        return "climate" if self.runs.kind == LISTED else "future"

    @property
    def end(self) -> str:
        """Last quarter of the horizon; its year alone if it is the fourth."""
        return str(self.manifest["configuration"]["horizon"]["end"]).removesuffix("Q4")

    @property
    def lacking(self) -> int:
        """Runs that are not there; one that failed is."""
        return self.runs.planned - len(self.outcomes) - len(self.failures)

    @property
    def extent(self) -> str:
        """How many runs stand behind the comparison, in words."""
        each = f"{counted(self.runs.replicates, 'run')} per policy and {self.noun}"
        if self.runs.kind == LISTED:
            return each
        failed = f", {number(len(self.failures))} failed" if len(self.failures) else ""
        done = counted(len(self.outcomes), "run")
        if self.lacking:
            planned = number(self.runs.planned)
            return f"only {number(len(self.outcomes))} of {planned} runs ({each} planned){failed}"
        return f"{done}: {each}{failed}"

    @property
    def made_of(self) -> str:
        """The number of runs and what they are made of, in words."""
        runs = self.runs
        policies = counted(len(runs.policies), "policy", "policies")
        futures, replicates = counted(len(runs.futures), self.noun), runs.replicates
        parts = f"{policies} × {futures} × {counted(replicates, 'replicate')}"
        tests = len(self.manifest.get("shock_tests", ())) * replicates
        more = f", and {counted(tests, 'run')} of shock tests" if tests else ""
        if self.lacking:
            done, planned = number(len(self.outcomes)), number(runs.planned)
            return f"Only {done} of {planned} runs ({parts} were planned{more})"
        return f"{counted(len(self.outcomes), 'run')} ({parts}){more}"

    @cached_property
    def measures(self) -> list[str]:
        """The measures by which policies are judged."""
        return judged_measures(self.outcomes)

    @property
    def focus(self) -> str:
        """The measure that failing and drivers are about."""
        return next((name for name in FOCUS if name in self.measures), self.measures[0])

    @property
    def headlines(self) -> list[str]:
        """The measures that figures of single measures show."""
        return [name for name in HEADLINES if name in self.measures] or self.measures[:4]

    @cached_property
    def means(self) -> pd.DataFrame:
        """The number that stands for a policy, policies by measures: see `mean_outcomes`."""
        return mean_outcomes(self.outcomes, self.measures).loc[self.policies]

    @cached_property
    def ranking(self) -> Ranking:
        """How robust every policy is."""
        return ranking(self.outcomes, self.policies, self.measures, sampled=self.sampled)

    @property
    def best(self) -> str:
        """The most robust policy; where policies must not be ranked, that which is asked about."""
        if not self.ranking.unranked:
            return self.ranking.best
        return self.runs.subject if self.runs.subject in self.policies else self.reference

    @property
    def family(self) -> int:
        """How many differences hold together, see `partnersim.compare.words.family`."""
        return family(len(self.runs.policies), self.runs.metrics)

    def differences(self, metric: str, base: str) -> dict[str, PolicyDifference]:
        """Return the differences of all policies to `base` on one measure, by policy.

        Their intervals hold together for all policies and all measures.
        """
        if base not in self._differences:
            table = paired_differences(
                *(self.outcomes, self.measures, base), futures=self.futures, comparisons=self.family
            )
            self._differences[base] = by_measure(table, base, self.measures)
        return self._differences[base][metric]

    def drivers(self, metric: str) -> Drivers:
        """Return what a measure depends on under the most robust policy."""
        if metric not in self._drivers:
            self._drivers[metric] = drivers(
                *(self.outcomes, self.runs.futures, metric, self.best),
                *(self.runs.kind, self.method),
            )
        return self._drivers[metric]

    @cached_property
    def failing(self) -> Failing:
        """Where the most robust policy fails."""
        metric, threshold = self.fails or (self.focus, None)
        outcomes = self.outcomes
        if metric not in outcomes:
            outcomes = self.runs.outcomes([metric]).astype({"policy": str})
        return failing(outcomes, self.runs.futures, metric, self.best, self.words, threshold)

    @cached_property
    def words(self) -> FactorWords:
        """Names and ranges of the factors."""
        return factor_words(self.runs.factors, self.runs.futures)

    @cached_property
    def chances(self) -> pd.DataFrame:
        """Chances of pairs that were not in force at the start, see `with_chances`."""
        new = new_pairs(self.runs.in_force().astype({"policy": str}), self.runs.world.held)
        return with_chances(new, self.runs.replicates)

    def forecast(self, policy: str) -> StoredForecast | None:
        """Return the forecast of a policy in the first listed climate that lies beside the runs."""
        if self.runs.kind != LISTED:
            return None
        made_of = f"{self.manifest['versions'].get('rules')} {self.manifest.get('world_digest')}"
        climate = str(self.runs.futures["geopolitics"].iloc[0])
        place = self.runs.folder.absolute().parents[1] / FORECAST
        found = folder_like(place, self.manifest["configuration"], made_of, policy, climate)
        return None if found is None else StoredForecast.read(found)

    @cached_property
    def signers(self) -> Signers:
        """What comes into force under the most robust policy, as forecast if it is."""
        world, stored = self.runs.world, self.forecast(self.best)
        chances = stored.year_ends.assign(policy=self.best, runs=0) if stored else self.chances
        return signers(chances, self.best, world.country, world.instrument, stored)

    @cached_property
    def beaten(self) -> list[str]:
        """Policies that another one beats.

        The other one's means are at least as good on every measure that counts, and its difference
        is clearly better on one of them: policies that cannot be told apart do not beat each other.
        """
        measures = list(self.ranking.regret.columns)
        better = {name: metric_label(name).better for name in measures}
        table = non_dominated(self.means[measures], better)
        return [
            str(policy)
            for policy, others in table["dominated_by"].items()
            if any(
                self.differences(metric, str(policy))[other].verdict > 0
                for other in others
                for metric in measures
            )
        ]


def with_chances(counts: pd.DataFrame, replicates: int) -> pd.DataFrame:
    """Add ``probability`` and its 95 % Wilson interval to counts of runs.

    The runs of a replicate share their luck in all futures, so the interval counts each replicate
    once: it is too wide rather than too narrow.

    Parameters
    ----------
    counts : DataFrame
        ``in_force`` of ``runs``, and other columns.
    replicates : int
        Runs of a policy in one future.
    """
    some = counts[counts["in_force"] > 0].reset_index(drop=True)
    share = (some["in_force"] / some["runs"]).to_numpy(np.float64)
    low, high = wilson(share * replicates, replicates)
    return some.assign(probability=share, low=low, high=high)
