"""The table of coefficients that a posterior gives."""

from __future__ import annotations

import math

import numpy as np

from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS
from partnersim.history.links import LinkEstimate
from partnersim.history.posterior import NOT_OBSERVED, Posterior
from partnersim.scenario.behaviour import Behaviour, Coefficient
from partnersim.scenario.coefficient_draws import ESTIMATED

#: Significant digits of what is written.
_DIGITS = 4


def behaviour_of(posterior: Posterior, assumed: Behaviour) -> Behaviour:
    """Return a table of coefficients: estimated ones from the posterior, the rest as assumed.

    Parameters
    ----------
    posterior : Posterior
    assumed : Behaviour
        The table that the priors came from.
    """
    deviations = dict(
        zip(posterior.names, np.sqrt(np.diag(posterior.covariance)).tolist(), strict=True)
    )
    made = {}
    for name, old in assumed.coefficients.items():
        if name not in deviations:
            made[name] = old.model_copy(update={"source": _why_assumed(name, posterior)})
            continue
        place = PARAMETERS.index(name)
        low, high = _interval(name, posterior.theta[place], deviations[name], old)
        source = (
            f"history of 2010 to June 2025; prior {old.value:g}, its standard deviation cut"
            f" to {posterior.narrowing[name]:.0%}"
        )
        if name in posterior.at_end:
            source = (
                f"history of 2010 to June 2025; prior {old.value:g}; at the end of its"
                " plausible range, beyond which the history would push it"
            )
        made[name] = old.model_copy(
            update={
                "value": significant(_natural(name, posterior.theta[place])),
                "low": low,
                "high": high,
                "origin": "estimated",
                "source": source,
            }
        )
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
        old, ends = made[name], (value - 2 * deviation, value, value + 2 * deviation)
        low, middle, high = (
            significant(math.exp(end) if name in links.logarithmic else float(end)) for end in ends
        )
        made[name] = old.model_copy(
            update={
                "value": middle,
                "low": max(old.low, low),
                "high": min(old.high, high),
                "origin": "estimated",
                "source": links.source_of(name),
            }
        )
    return behaviour.model_copy(update={"coefficients": made})


def _why_assumed(name: str, posterior: Posterior) -> str:
    if name not in PARAMETERS:
        return "not part of the history's likelihood"
    if name in NOT_OBSERVED:
        return "how busy the EU was is not observed in the history"
    if posterior.narrowing[name] == 1.0:
        return "what it weighs did not vary in the history"
    return (
        f"not identified: the history leaves {posterior.narrowing[name]:.0%} of the prior standard"
        " deviation"
    )


def _interval(name: str, mode: float, deviation: float, old: Coefficient) -> tuple[float, float]:
    """Return two standard deviations to each side, within the plausible range."""
    if deviation == 0.0:
        return old.low, old.high
    low, high = (significant(_natural(name, mode + side * 2 * deviation)) for side in (-1, 1))
    return max(old.low, low), min(old.high, high)


def _natural(name: str, value: float) -> float:
    """Return a coefficient from its place in the parameter vector, logarithms undone."""
    return math.exp(value) if name in LOGARITHMIC else float(value)


def significant(value: float, digits: int = _DIGITS) -> float:
    """Return a number with so many significant digits."""
    return float(f"{value:.{digits}g}")
