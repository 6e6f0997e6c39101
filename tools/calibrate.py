"""Estimate the coefficients from the dated history and write them down.

Usage: ``python tools/calibrate.py``

Writes ``configs/behaviour/estimated.yaml`` and, in ``src/partnersim/data``,
``coefficient_covariance.csv`` and ``pooled_effects.csv``.
The same data give the same files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from scipy.linalg import block_diag

from partnersim.history.estimate import (
    behaviour_of,
    estimate,
    past_scenario,
    read_evidence,
    significant,
    with_links,
)
from partnersim.history.likelihood import LOGARITHMIC
from partnersim.history.links import LinkEstimate, estimate_links
from partnersim.history.posterior import Posterior
from partnersim.model import coefficients
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.coefficient_draws import COVARIANCE, ESTIMATED
from partnersim.scenario.config_files import configs_folder
from partnersim.world.pooled import FILE as POOLED
from partnersim.world.tables import PACKAGE_DATA

#: Significant digits of the covariance.
_COVARIANCE_DIGITS = 6
_SECTIONS = (
    ("Activity: how often a country gets to act", coefficients.ACTIVITY),
    ("Instruments: utility against holding still, which is 0", coefficients.INSTRUMENT),
    (
        "Links between partners: how often they are decided, by whom, and who joins",
        coefficients.LINK,
    ),
    (
        "Consent of the EU: utility of opening a negotiation, against declining",
        coefficients.CONSENT,
    ),
    (
        "Initiative of the EU: whom it turns to, what it proposes; soundings on both sides",
        coefficients.INITIATIVE,
    ),
    ("Stages: hazard per quarter of reaching the next one", coefficients.STAGE),
    ("Suspension and recovery", coefficients.SUSPENSION),
    ("The Offer: absorption and effect of money", coefficients.OFFER),
    ("Slow change", coefficients.ADAPTATION),
    ("Rivals", coefficients.RIVALS),
    ("Value", coefficients.VALUE),
    (
        "Effects of instruments (instrument_effects.csv): 0 none, 0.5 low, 1 mode, 2 high",
        coefficients.EFFECT,
    ),
    ("Modes of connection (connection_modes.csv)", coefficients.CONNECTION),
)


def main() -> None:
    """Estimate and write."""
    evidence = read_evidence()
    posterior, links = estimate(evidence), estimate_links(evidence)
    write_effects(posterior)
    write_estimated(posterior, links, past_scenario().behaviour, configs_folder() / "behaviour")
    fit = f"log-likelihood {posterior.log_likelihood:.2f}"
    print(f"{len(posterior.names)} coefficients of instruments estimated, {fit}")
    fit = f"log-likelihood {links.fit.log_likelihood:.2f}"
    print(f"{len(links.names)} of links, from {len(links.decisions)} decisions, {fit}")


def write_estimated(
    posterior: Posterior,
    links: LinkEstimate,
    assumed: Behaviour,
    configs: Path,
    covariance: Path = COVARIANCE,
) -> None:
    """Write the table of coefficients and the covariance; the same bytes for the same posterior.

    Parameters
    ----------
    configs : Path
        The folder ``configs/behaviour``.
    covariance : Path
        The file beside the other tables of the package.
    """
    behaviour = with_links(behaviour_of(posterior, assumed), links)
    names = (*posterior.names, *links.names)
    matrix = block_diag(posterior.covariance, links.covariance)
    logarithmic = {*LOGARITHMIC, *links.logarithmic}
    (configs / f"{ESTIMATED}.yaml").write_text("\n".join(_yaml(behaviour)) + "\n", "utf-8")
    with covariance.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["coefficient", "scale", "low", "high", *names])
        for row, name in enumerate(names):
            old = assumed.coefficients[name]
            writer.writerow(
                [
                    name,
                    "log" if name in logarithmic else "plain",
                    f"{old.low:g}",
                    f"{old.high:g}",
                    *(f"{significant(value, _COVARIANCE_DIGITS):g}" for value in matrix[row]),
                ]
            )


def write_effects(posterior: Posterior, path: Path = PACKAGE_DATA / POOLED) -> None:
    """Write the pooled effects of instruments and countries."""
    effects = posterior.effects.copy()
    for column in effects.columns[2:]:
        effects[column] = effects[column].map(significant)
    effects.to_csv(path, index=False, lineterminator="\n")


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


if __name__ == "__main__":
    main()
