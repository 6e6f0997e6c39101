"""Estimate the coefficients from the dated history and write them down.

Usage: ``python tools/calibrate.py``

Writes ``configs/behaviour/estimated.yaml`` and, in ``src/partnersim/data``,
``coefficient_covariance.csv`` and ``pooled_effects.csv``.
The same data give the same files.
"""

from __future__ import annotations

import csv
from pathlib import Path

import yaml
from scipy.linalg import block_diag

from partnersim.history.estimate import (
    behaviour_of,
    estimate,
    past_scenario,
    significant,
    with_links,
)
from partnersim.history.evidence import read_evidence
from partnersim.history.likelihood import LOGARITHMIC
from partnersim.history.links import LinkEstimate, estimate_links
from partnersim.history.posterior import Posterior
from partnersim.scenario.behaviour import Behaviour
from partnersim.scenario.coefficient_draws import COVARIANCE, ESTIMATED
from partnersim.scenario.config_files import configs_folder
from partnersim.world.pooled import FILE as POOLED
from partnersim.world.tables import PACKAGE_DATA

#: Significant digits of the covariance.
_COVARIANCE_DIGITS = 6
_HEAD = """\
# What the dated history tells of the coefficients; written by tools/calibrate.py. All else is that
# of src/partnersim/model/coefficients.csv.
#
# origin: estimated (the history narrowed or moved it); source alone: why it stays assumed. How this
# was done: docs/calibration.md.
"""


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
    (configs / f"{ESTIMATED}.yaml").write_text(_yaml(behaviour, assumed), "utf-8")
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


def _yaml(behaviour: Behaviour, assumed: Behaviour) -> str:
    """Return the file: what is estimated, and why the rest of the likelihood is not."""
    tree = behaviour.model_dump()
    tree["coefficients"] = {
        name: item.model_dump(exclude={"unit", "meaning"})
        if item.origin == "estimated"
        else {"source": item.source}
        for name, item in behaviour.coefficients.items()
        if item != assumed.coefficients[name]
    }
    return _HEAD + yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, width=10_000)


if __name__ == "__main__":
    main()
