"""Results on disk: tables and manifest of an experiment, written whole or not at all."""

from partnersim.store.experiment_reader import StoredExperiment, read_experiment
from partnersim.store.experiment_writer import ExperimentWriter
from partnersim.store.manifest import ExperimentFacts, configuration_hash
from partnersim.store.summary import bands
from partnersim.store.sweep_reader import StoredSweep, is_sweep, read_sweep
from partnersim.store.tables import Ensemble
from partnersim.store.wording import MAIN_METRICS, MetricLabel, metric_label, number, quantity

__all__ = [
    "MAIN_METRICS",
    "Ensemble",
    "ExperimentFacts",
    "ExperimentWriter",
    "MetricLabel",
    "StoredExperiment",
    "StoredSweep",
    "bands",
    "configuration_hash",
    "is_sweep",
    "metric_label",
    "number",
    "quantity",
    "read_experiment",
    "read_sweep",
]
