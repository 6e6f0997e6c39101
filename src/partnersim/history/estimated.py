"""The estimated behaviour on disk: a table of coefficients, and the covariance beside it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from partnersim.history.likelihood import LOGARITHMIC, PARAMETERS
from partnersim.history.posterior import NOT_OBSERVED, Posterior
from partnersim.model import coefficients as table
from partnersim.model.world_arrays import Floats
from partnersim.scenario.behaviour import Behaviour, Coefficient
from partnersim.scenario.coefficient_draws import COVARIANCE, ESTIMATED

#: Significant digits of what is written.
_DIGITS = 4
_COVARIANCE_DIGITS = 6
_SECTIONS = (
    ("Activity: how often a country gets to act", table.ACTIVITY),
    ("Instruments: utility against holding still, which is 0", table.INSTRUMENT),
    ("Links between partner countries: utility against holding still", table.LINK),
    ("Consent of the EU: utility of opening a negotiation, against declining", table.CONSENT),
    ("Stages: hazard per quarter of reaching the next one", table.STAGE),
    ("Strain and recovery", table.STRAIN),
    ("The Offer: absorption and effect of money", table.OFFER),
    ("Slow change", table.ADAPTATION),
    ("Value", table.VALUE),
)


def natural(theta: Floats) -> dict[str, float]:
    """Return the coefficients of a parameter vector by name, logarithms undone."""
    return {
        name: float(math.exp(value)) if name in LOGARITHMIC else float(value)
        for name, value in zip(PARAMETERS, theta, strict=True)
    }


def behaviour_of(posterior: Posterior, assumed: Behaviour) -> Behaviour:
    """Return a table of coefficients: estimated ones from the posterior, the rest as assumed.

    Parameters
    ----------
    posterior : Posterior
    assumed : Behaviour
        The table that the priors came from.
    """
    values = natural(posterior.theta)
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
            f"history of 2010 to June 2025; prior {_short(old.value)}, its standard deviation cut"
            f" to {posterior.narrowing[name]:.0%}"
        )
        if name in posterior.at_end:
            source = (
                f"history of 2010 to June 2025; prior {_short(old.value)}; at the end of its"
                " plausible range, beyond which the history would push it"
            )
        made[name] = old.model_copy(
            update={
                "value": _rounded(values[name]),
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
    ends = mode - 2 * deviation, mode + 2 * deviation
    if name in LOGARITHMIC:
        ends = math.exp(ends[0]), math.exp(ends[1])
    return max(old.low, _rounded(ends[0])), min(old.high, _rounded(ends[1]))


def _rounded(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")


def _short(value: float) -> str:
    return f"{value:g}"


def write_estimated(
    posterior: Posterior, assumed: Behaviour, configs: Path, covariance: Path = COVARIANCE
) -> None:
    """Write the table of coefficients and the covariance; the same bytes for the same posterior.

    Parameters
    ----------
    configs : Path
        The folder ``configs/behaviour``.
    covariance : Path
        The file beside the other tables of the package.
    """
    behaviour = behaviour_of(posterior, assumed)
    (configs / f"{ESTIMATED}.yaml").write_text("\n".join(_yaml(behaviour)) + "\n", "utf-8")
    places = [PARAMETERS.index(name) for name in posterior.names]
    with covariance.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["coefficient", "scale", "low", "high", *posterior.names])
        for row, (name, place) in enumerate(zip(posterior.names, places, strict=True)):
            old = assumed.coefficients[name]
            writer.writerow(
                [
                    name,
                    "log" if PARAMETERS[place] in LOGARITHMIC else "plain",
                    _short(old.low),
                    _short(old.high),
                    *(
                        f"{_rounded(value, _COVARIANCE_DIGITS):g}"
                        for value in posterior.covariance[row]
                    ),
                ]
            )


def _yaml(behaviour: Behaviour) -> Iterator[str]:
    """Return the lines of the file, in the order of the table."""
    yield "# Coefficients estimated from the dated history; written by tools/calibrate.py."
    yield "#"
    yield "# origin: estimated (the history narrowed or moved it), assumed (it did not, or could"
    yield "# not; source says why). How this was done: docs/calibration.md."
    yield f"name: {behaviour.name}"
    yield f"description: {behaviour.description}"
    yield "coefficients:"
    for title, names in _SECTIONS:
        yield f"  # {title}"
        for name in names:
            yield f"  {name}:"
            for key, value in behaviour.coefficients[name].model_dump().items():
                yield f"    {key}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}" if "e" not in f"{value:.10g}" else f"{value:.10f}".rstrip("0")
    text = str(yaml.safe_dump(value, width=10_000, default_style='"' if ":" in value else None))
    return text.removesuffix("\n").removesuffix("\n...")
