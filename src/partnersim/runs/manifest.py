"""What was run: configuration, versions, seed and digests, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partnersim.runs.json_file import json_digest
from partnersim.runs.versions import versions

MANIFEST_NAME = "manifest.json"
#: Version of the layout of an experiment's folder.
FORMAT = 1
#: Settings that decide where and how fast results appear, not what they are.
OUTSIDE_THE_HASH = ("output", "experiment", "threads", "figures", "engine")


@dataclass(frozen=True)
class ExperimentFacts:
    """What the writer of an experiment cannot see in its results.

    Parameters
    ----------
    experiment : str
        Name of the experiment.
    configuration : mapping
        The whole composed configuration as plain data.
    seed : int
        Seed of all random numbers.
    replicates : int
        Runs per policy and climate.
    reference : str
        Policy that the others are compared with.
    world_digest : str
        Digest of the world's tables.
    assumed_coefficients : sequence of str
        Names of the coefficients whose value is assumed, neither estimated nor from literature.
    """

    experiment: str
    configuration: Mapping[str, Any]
    seed: int
    replicates: int
    reference: str
    world_digest: str
    assumed_coefficients: Sequence[str] = field(default_factory=tuple)


def configuration_hash(configuration: Mapping[str, Any]) -> str:
    """Return SHA-256 over the settings that decide the results, 64 hexadecimal digits."""
    return json_digest({k: v for k, v in configuration.items() if k not in OUTSIDE_THE_HASH})


def deciding(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a manifest keeps: those that decide the results, and the name."""
    return {
        key: value
        for key, value in configuration.items()
        if key not in OUTSIDE_THE_HASH or key == "experiment"
    }


def manifest(
    facts: ExperimentFacts,
    *,
    arms: Sequence[tuple[str, str]],
    quarters: Sequence[str],
    metrics: Sequence[str],
    rows: Mapping[str, int],
    table_digests: Mapping[str, str],
    digest: str,
) -> dict[str, Any]:
    """Return the manifest of a finished experiment as JSON-able data.

    It holds no time and no place, so that the same experiment gives the same manifest anywhere.
    """
    return {
        "format": FORMAT,
        "experiment": facts.experiment,
        "versions": versions(),
        "seed": facts.seed,
        "replicates": facts.replicates,
        "reference": facts.reference,
        "arms": [{"policy": policy, "climate": climate} for policy, climate in arms],
        "quarters": list(quarters),
        "metrics": list(metrics),
        "rows": dict(rows),
        "world_digest": facts.world_digest,
        "configuration_hash": configuration_hash(facts.configuration),
        "digest": digest,
        "table_digests": dict(table_digests),
        "assumed_coefficients": sorted(facts.assumed_coefficients),
        "configuration": deciding(facts.configuration),
    }
