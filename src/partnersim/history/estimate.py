"""Estimates: the posterior that the evidence gives, and the table of coefficients made of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from partnersim.history.design import build_design
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import LAST_QUARTER
from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS, HistoryLikelihood
from partnersim.history.links import LinkEstimate
from partnersim.history.posterior import NOT_OBSERVED, Posterior, posterior_of, priors_of
from partnersim.scenario.behaviour import Behaviour, Coefficient
from partnersim.scenario.coefficient_draws import ESTIMATED
from partnersim.scenario.scenario import Scenario

#: Coefficients of the history played again: what shocks and money did in it, its estimates hold.
PLAYED_AGAIN = {"usual_shocks": 0.0, "usual_offer": 0.0}


@cache
def past_scenario() -> Scenario:
    """Return the levers that stand for the past: neutral priorities, no Offer, no shocks."""
    from partnersim.configuration import load_scenario

    return load_scenario("policy=no_offer", "geopolitics.intensity=0", "behaviour=assumed")


def estimate(evidence: HistoryEvidence, until: str = LAST_QUARTER) -> Posterior:
    """Return the posterior of the coefficients, given what was known at the end of a quarter.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `read_evidence`.
    until : str
        Nothing later is looked at.

    Examples
    --------
    >>> estimate(read_evidence()).names  # doctest: +SKIP
    ('activity_rate', 'deepen', ...)
    """
    scenario = past_scenario()
    design = build_design(evidence, scenario, until)
    # Sums that several threads share out end in other last digits.
    with threadpool_limits(limits=1, user_api="blas"):
        return posterior_of(HistoryLikelihood(design), priors_of(scenario.behaviour))


def behaviour_of(posterior: Posterior, assumed: Behaviour) -> Behaviour:
    """Return a table of coefficients: estimated ones from the posterior, the rest as assumed.

    Parameters
    ----------
    posterior : Posterior
    assumed : Behaviour
        The table that the priors came from.
    """
    deviations = np.sqrt(np.diag(posterior.covariance))
    made = dict(assumed.coefficients)
    for name, deviation in zip(posterior.names, deviations.tolist(), strict=True):
        old, mode = made[name], posterior.theta[PARAMETERS.index(name)]
        source = f"history of 2010 to June 2025; prior {old.value:g}"
        if name in posterior.at_end:
            source += "; at the end of its plausible range, beyond which the history would push it"
        else:
            source += f", its standard deviation cut to {posterior.narrowing[name]:.0%}"
        made[name] = _estimated(old, mode, deviation, source, logarithmic=name in LOGARITHMIC)
    for name in set(PARAMETERS) - set(posterior.names):
        made[name] = made[name].model_copy(update={"source": _why_assumed(name, posterior)})
    return assumed.model_copy(
        update={
            "name": ESTIMATED,
            "description": "Estimated from the dated history where it tells something",
            "coefficients": made,
        }
    )


def with_links(behaviour: Behaviour, links: LinkEstimate) -> Behaviour:
    """Return a table of coefficients in which those of links are estimated.

    Parameters
    ----------
    behaviour : Behaviour
        Its ranges are the plausible ones.
    links : LinkEstimate
    """
    made = dict(behaviour.coefficients)
    deviations = np.sqrt(np.diag(links.covariance))
    for name, value, deviation in zip(links.names, links.values, deviations, strict=True):
        logarithmic = name in links.logarithmic
        made[name] = _estimated(
            made[name], value, deviation, links.source_of(name), logarithmic=logarithmic
        )
    return behaviour.model_copy(update={"coefficients": made})


def _why_assumed(name: str, posterior: Posterior) -> str:
    if name in NOT_OBSERVED:
        return NOT_OBSERVED[name]
    if posterior.narrowing[name] == 1.0:
        return "what it weighs did not vary in the history"
    return (
        f"not identified: the history leaves {posterior.narrowing[name]:.0%} of the prior standard"
        " deviation"
    )


def _estimated(
    old: Coefficient, value: float, deviation: float, source: str, *, logarithmic: bool
) -> Coefficient:
    """Return a coefficient with two deviations to each side, within its plausible range."""
    low, middle, high = (
        significant(math.exp(end) if logarithmic else float(end))
        for end in (value - 2 * deviation, value, value + 2 * deviation)
    )
    # At an end of its range nothing is known of the deviation.
    ends = (max(old.low, low), min(old.high, high)) if deviation else (old.low, old.high)
    estimate = {"value": middle, "low": ends[0], "high": ends[1], "origin": "estimated"}
    return old.model_copy(update={**estimate, "source": source})


def significant(value: float, digits: int = 4) -> float:
    """Return a number with so many significant digits."""
    return float(f"{value:.{digits}g}")
