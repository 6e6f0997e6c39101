"""Estimate the coefficients from the dated history and write them down.

Usage: ``python tools/calibrate.py``

Writes ``configs/behaviour/estimated.yaml`` and ``src/partnersim/data/coefficient_covariance.csv``.
The same data give the same files.
"""

from __future__ import annotations

from partnersim.history.estimated import write_estimated
from partnersim.history.evidence import estimate, past_scenario, read_evidence
from partnersim.scenario.config_files import configs_folder


def main() -> None:
    """Estimate and write."""
    posterior = estimate(read_evidence())
    write_estimated(posterior, past_scenario().behaviour, configs_folder() / "behaviour")
    told = f"log-likelihood {posterior.log_likelihood:.2f}"
    print(f"{len(posterior.names)} coefficients estimated, {told}")


if __name__ == "__main__":
    main()
