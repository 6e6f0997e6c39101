"""In which futures a policy fails, and what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.compare.box import Box
from partnersim.compare.cart import cart
from partnersim.compare.factors import CLIMATE, FactorWords
from partnersim.compare.labels import metric_label, number, quantity, words
from partnersim.compare.prim import MOST_BOXES, prim
from partnersim.compare.tables import BOX_FAILURES, BOX_FUTURES, outcome_by_future
from partnersim.compare.words import called, counted, listed, opening, percent, titled

#: A policy fails in a future where its outcome lies among this share of the worst of all.
WORST = 0.2
#: From this share of the failures on, a box says where a policy mostly fails.
MOSTLY = 0.5


@dataclass(frozen=True)
class Failing:
    """Where a policy fails on one measure.

    Attributes
    ----------
    policy, metric : str
        Who fails on what.
    threshold : float
        Outcome beyond which a future counts as failed.
    futures : DataFrame
        ``future`` and factors of the futures with an outcome.
    fails : ndarray of bool
        Whether it fails there.
    boxes : list of Box
        What failures have in common; empty where there are too few.
    shares : dict of str to float
        Share of futures in which each policy fails.
    factors : FactorWords
        Names of the factors.
    lacking : str
        Why boxes could not be looked for; empty if they were.
    method : str
        How the boxes were found.
    chosen : bool
        Whether somebody chose the threshold.
    """

    policy: str
    metric: str
    threshold: float
    futures: pd.DataFrame
    fails: np.ndarray
    boxes: list[Box]
    shares: dict[str, float]
    factors: FactorWords
    lacking: str
    method: str
    chosen: bool = False

    @property
    def rule(self) -> str:
        """What counts as failing, in words."""
        side = "below" if metric_label(self.metric).better == "more" else "above"
        text = f"{titled(self.metric)} {side} {quantity(self.metric, self.threshold)}"
        return text if self.chosen else f"{text}, the worst {percent(WORST)} of all outcomes"

    @property
    def noun(self) -> str:
        """What a future is called: a climate if nothing else differs."""
        return "climate" if list(self.futures) == ["future", CLIMATE] else "future"

    @property
    def sentence(self) -> str:
        """Where it fails, in words."""
        failed, futures = int(self.fails.sum()), len(self.fails)
        if futures == 1:
            return f"One {self.noun} was run: where a policy fails shows only over several"
        policy = opening(called(self.policy))
        if failed == 0:
            return f"{policy} fails in none of {counted(futures, self.noun)}"
        text = f"{policy} fails in {number(failed)} of {counted(futures, self.noun)}"
        if self.boxes:
            box = self.boxes[0]
            where, density = self.factors.box(box), percent(box.density)
            coverage = f"{percent(box.coverage)} of its failures"
            if box.coverage >= MOSTLY:
                return (
                    f"{text}, mostly where {where}: {coverage} lie there, and {density} of the "
                    "futures there are failures"
                )
            return f"{text}; where {where}, {density} of futures fail ({coverage})"
        if self.noun == "climate":
            climates = [words(str(name)) for name in self.futures[CLIMATE][self.fails]]
            return f"{text}: {listed(climates)}"
        if self.lacking:
            return f"{text}; what these have in common was not looked for ({self.lacking})"
        return f"{text}; no simple condition sets these apart"


def failing(
    runs: pd.DataFrame,
    futures: pd.DataFrame,
    metric: str,
    policy: str,
    words: FactorWords,
    threshold: float | None = None,
) -> Failing:
    """Find where a policy fails.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and the metric.
    futures : DataFrame
        ``future`` and factors.
    metric : str
        The measure by which a policy fails.
    policy : str
        The policy asked about.
    words : FactorWords
        Names of the factors.
    threshold : float, optional
        Outcome beyond which a future counts as failed; the worst `WORST` of all if left out.

    Returns
    -------
    Failing
    """
    means = outcome_by_future(runs, metric)
    better = metric_label(metric).better
    chosen = threshold is not None
    if threshold is None:
        threshold = float(np.nanquantile(means, WORST if better == "more" else 1 - WORST))
    failed = means < threshold if better == "more" else means > threshold
    shares = {str(name): float(failed.loc[name].mean()) for name in means.index}
    outcome = means.loc[policy].dropna()
    known = futures.set_index("future").loc[outcome.index].reset_index()
    # A lever is chosen: where it stands is no future in which a policy fails.
    known = known.drop(columns=[name for name in known if str(name).startswith("policy.")])
    fails = failed.loc[policy, outcome.index].to_numpy(dtype=bool)
    boxes: list[Box] = []
    method, lacking = "", too_few(fails)
    if not lacking:
        method, boxes = boxes_of(known.drop(columns="future"), fails)
    return Failing(
        *(policy, metric, threshold, known, fails, boxes, shares, words, lacking, method), chosen
    )


def too_few(fails: np.ndarray) -> str:
    """Say why boxes cannot be looked for; empty if they can."""
    futures, failures = len(fails), int(fails.sum())
    sizes = ((futures, "future", BOX_FUTURES), (failures, "failure", BOX_FAILURES))
    for count, one, enough in sizes:
        if count < enough:
            verb = "is" if count == 1 else "are"
            return f"{counted(count, one)} {verb} too few, it takes {enough}"
    return "" if failures < futures else "it fails in all of them"


def boxes_of(futures: pd.DataFrame, fails: np.ndarray) -> tuple[str, list[Box]]:
    """Return the boxes of failures and how they were found.

    PRIM looks for few conditions that set failures apart. Where it finds none that chance would
    not bring about, the leaves of a classification tree (CART) may.
    """
    found = [box for box in prim(futures, fails) if box.limits]
    if found:
        return "PRIM", found
    return "CART", [box for box in cart(futures, fails) if box.limits][:MOST_BOXES]
