"""Everything found in a study, each analysis done once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from partnersim.compare.differences import Difference, differences
from partnersim.compare.drivers import Drivers, drivers
from partnersim.compare.factors import FactorWords, factor_words
from partnersim.compare.failing import Failing, failing
from partnersim.compare.futures import outcome_by_future
from partnersim.compare.measures import judged_measures
from partnersim.compare.robust import Robustness, robustness_of
from partnersim.compare.signers import Signers, signers
from partnersim.compare.study import Study
from partnersim.compare.trade_offs import non_dominated
from partnersim.model.metrics import shown_metrics
from partnersim.runs.wording import metric_label

#: By which measure policies fail, and what drivers are looked for: the first that is there.
FOCUS = ("partner_value", "eu_value", "instruments")
#: Measures that single figures show, in this order.
HEADLINES = shown_metrics("headline")


class Evidence:
    """The analyses of a study, computed when first asked for.

    Parameters
    ----------
    study : Study
        Policies compared over futures.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._differences: dict[tuple[str, str], dict[str, Difference]] = {}
        self._drivers: dict[str, Drivers] = {}

    @cached_property
    def measures(self) -> list[str]:
        """The measures by which policies are judged."""
        return judged_measures(self.study.runs)

    @property
    def focus(self) -> str:
        """The measure that failing and drivers are about."""
        return next((name for name in FOCUS if name in self.measures), self.measures[0])

    @property
    def headlines(self) -> list[str]:
        """The measures that figures of single measures show."""
        return [name for name in HEADLINES if name in self.measures] or self.measures[:4]

    @cached_property
    def words(self) -> FactorWords:
        """Names of the factors."""
        return factor_words(self.study.factors, self.study.futures)

    @cached_property
    def robustness(self) -> Robustness:
        """How robust every policy is."""
        study = self.study
        return robustness_of(study.runs, self.ran, self.measures, sampled=study.sampled)

    @property
    def ran(self) -> list[str]:
        """Policies with at least one run, in the order of the design."""
        there = set(self.study.runs["policy"])
        return [policy for policy in self.study.policies if policy in there]

    @property
    def best(self) -> str:
        """The most robust policy."""
        return self.robustness.best

    def differences(self, metric: str, base: str) -> dict[str, Difference]:
        """Return the differences of all policies to `base` on one measure."""
        if (metric, base) not in self._differences:
            self._differences[metric, base] = differences(
                self.study.runs,
                metric,
                base,
                sampled=self.study.sampled,
                measures=len(self.measures),
            )
        return self._differences[metric, base]

    def drivers(self, metric: str) -> Drivers:
        """Return what a measure depends on under the most robust policy."""
        if metric not in self._drivers:
            study = self.study
            self._drivers[metric] = drivers(
                study.runs, study.futures, metric, self.best, study.kind
            )
        return self._drivers[metric]

    @cached_property
    def failing(self) -> Failing:
        """Where the most robust policy fails."""
        study = self.study
        return failing(study.runs, study.futures, self.focus, self.best, self.words)

    @cached_property
    def signers(self) -> Signers:
        """Who signs next under the most robust policy."""
        study = self.study
        return signers(study.signing, self.best, study.country, study.instrument)

    @cached_property
    def means(self) -> pd.DataFrame:
        """Mean outcomes, policies by measures, see `mean_outcomes`."""
        return mean_outcomes(self.study.runs, self.measures).loc[self.ran]

    @cached_property
    def undominated(self) -> list[str]:
        """Policies of which no other is at least as good on every measure that counts."""
        measures = list(self.robustness.regret.columns)
        better = {name: metric_label(name).better for name in measures}
        table = non_dominated(self.means[measures], better)
        return [str(policy) for policy, by in table["dominated_by"].items() if not by]


def mean_outcomes(runs: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the number that stands for a policy: the mean over futures of means over replicates.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``point``, ``replicate`` and the metrics.
    metrics : sequence of str
        Which ones.

    Returns
    -------
    DataFrame
        Policies by metrics. Futures in which a policy has no run are left out for all, so that
        means differ by the mean difference.
    """
    return pd.DataFrame(
        {metric: outcome_by_future(runs, metric).dropna(axis=1).mean(axis=1) for metric in metrics}
    )
