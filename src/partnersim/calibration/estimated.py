"""The estimated behaviour on disk: a table of coefficients, and the covariance beside it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from partnersim.calibration.likelihood import LOGARITHMIC, PARAMETERS
from partnersim.calibration.posterior import NOT_OBSERVED, Posterior
from partnersim.errors import InputError
from partnersim.rules import coefficients as table
from partnersim.rules.world_arrays import Floats
from partnersim.scenario.behaviour import Behaviour, Coefficient
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA

#: Name of the set of coefficients, and of its file in ``configs/behaviour``.
NAME = "estimated"
COVARIANCE = PACKAGE_DATA / "coefficient_covariance.csv"

#: Significant digits of what is written.
_DIGITS = 4
_COVARIANCE_DIGITS = 6
#: A draw outside a plausible range is drawn again, in batches, so many times at most.
_BATCH, _TRIES = 32, 64
#: Rounded values may stand a little outside the end of a range.
_EDGE = 1e-6
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


@dataclass(frozen=True, eq=False)
class Covariance:
    """Uncertainty of the estimated coefficients.

    Attributes
    ----------
    names : tuple of str
    logarithmic : (P,) array of bool
        Whether the matrix is that of the logarithm.
    low, high : (P,) array
        Ends of the plausible range: the posterior is cut off there, as the prior is.
    matrix : (P, P) array
    """

    names: tuple[str, ...]
    logarithmic: np.ndarray
    low: Floats
    high: Floats
    matrix: Floats


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
            "name": NAME,
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
    (configs / f"{NAME}.yaml").write_text("\n".join(_yaml(behaviour)) + "\n", "utf-8")
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


@cache
def read_covariance(path: Path = COVARIANCE) -> Covariance:
    """Return the covariance that belongs to the estimated coefficients."""
    rows = pd.read_csv(path, index_col="coefficient")
    names = tuple(str(name) for name in rows.index)
    return Covariance(
        names,
        (rows["scale"] == "log").to_numpy(),
        rows["low"].to_numpy(np.float64),
        rows["high"].to_numpy(np.float64),
        rows[list(names)].to_numpy(np.float64),
    )


def covariance_of(posterior: Posterior, assumed: Behaviour) -> Covariance:
    """Return the covariance of a posterior in memory."""
    items = [assumed.coefficients[name] for name in posterior.names]
    return Covariance(
        posterior.names,
        np.array([name in LOGARITHMIC for name in posterior.names]),
        np.array([item.low for item in items]),
        np.array([item.high for item in items]),
        posterior.covariance,
    )


def draw_coefficients(
    behaviour: Behaviour, seed: int, count: int, covariance: Covariance | None = None
) -> pd.DataFrame:
    """Draw coefficients from their posterior.

    Parameters
    ----------
    behaviour : Behaviour
        Where the posterior is centred: the estimated table, or one changed by hand.
    seed : int
        The same seed gives the same draws; the first ones do not depend on ``count``.
    count : int
        How many.
    covariance : Covariance, optional
        That of the shipped estimate if left out.

    Returns
    -------
    DataFrame
        One row per draw, one column per coefficient of the rules. Coefficients that are not
        estimated keep their value.

    Raises
    ------
    InputError
        If no coefficient of the table is estimated, or the table was changed so much that no draw
        lies within the plausible ranges.

    Examples
    --------
    >>> from partnersim import load_scenario
    >>> draw_coefficients(load_scenario().behaviour, seed=1, count=3).shape
    (3, 76)
    """
    if not behaviour.named_by_origin("estimated"):
        raise InputError(
            f"behaviour '{behaviour.name}' has no estimated coefficient to draw; use"
            f" behaviour={NAME}"
        )
    known = read_covariance() if covariance is None else covariance
    values = behaviour.values()
    centre = np.array([values[name] for name in known.names])
    centre[known.logarithmic] = np.log(centre[known.logarithmic])
    root = _root(known.matrix)
    drawn = np.stack([_draw(centre, root, known, seed, row) for row in range(count)])
    drawn[:, known.logarithmic] = np.exp(drawn[:, known.logarithmic])
    frame = pd.DataFrame({name: np.full(count, value) for name, value in values.items()})
    frame[list(known.names)] = drawn
    return frame


def _draw(centre: Floats, root: Floats, known: Covariance, seed: int, row: int) -> Floats:
    """Return one draw within the plausible ranges, logarithms where the scale is logarithmic."""
    low, high = known.low.copy(), known.high.copy()
    low[known.logarithmic] = np.log(low[known.logarithmic])
    high[known.logarithmic] = np.log(high[known.logarithmic])
    generator = np.random.Generator(np.random.Philox(key=[seed, row]))
    for _ in range(_TRIES):
        noise = generator.standard_normal((_BATCH, 1, len(centre)))
        # Not a matrix product: its last digit may differ between machines.
        tried = centre + (noise * root).sum(axis=2)
        inside = np.flatnonzero(((tried >= low - _EDGE) & (tried <= high + _EDGE)).all(axis=1))
        if len(inside):
            return np.clip(tried[inside[0]], low, high)
    raise InputError(
        "behaviour: the coefficients lie so far outside their plausible ranges that none can be"
        " drawn from the posterior"
    )


def _root(matrix: Floats) -> Floats:
    """Return a triangular root of a covariance whose rows may be zero."""
    inside = np.flatnonzero(np.diag(matrix) > 0.0)
    root = np.zeros_like(matrix)
    root[np.ix_(inside, inside)] = np.linalg.cholesky(matrix[np.ix_(inside, inside)])
    return root


def with_values(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario with other values of some coefficients."""
    behaviour = scenario.behaviour
    coefficients = {
        name: item.model_copy(update={"value": float(values[name])}) if name in values else item
        for name, item in behaviour.coefficients.items()
    }
    return scenario.model_copy(
        update={"behaviour": behaviour.model_copy(update={"coefficients": coefficients})}
    )
