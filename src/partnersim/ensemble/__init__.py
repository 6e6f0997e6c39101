"""The compiled driver: one scenario, many replicates, in threads."""

from partnersim.ensemble.ensemble import Ensemble, Run, simulate, simulate_ensemble

__all__ = ["Ensemble", "Run", "simulate", "simulate_ensemble"]
