"""Verifying an experiment without a design: arms are run again and compared bit by bit."""

from __future__ import annotations

import numpy as np

from partnersim.runs.ensemble import simulate_ensemble
from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.runs.tables import METRIC_KEYS
from partnersim.runs.versions import made_elsewhere, reading_configuration
from partnersim.scenario.experiment import experiment_from


def differences(stored: StoredExperiment, *, replicates: int, threads: int | None) -> list[str]:
    """Run the first replicates of every arm again and tell where stored metrics differ.

    Parameters
    ----------
    stored : StoredExperiment
    replicates : int
        How many of each arm, from the first.
    threads : int, optional
        How many run at once; all processors by default.

    Returns
    -------
    list of str
        One line per difference.

    Raises
    ------
    InputError
        If the stored configuration cannot be used.
    """
    if stored.recomputed_digest() != stored.manifest["digest"]:
        return [f"{stored.folder}: the stored tables do not have the digest of the manifest"]
    with reading_configuration(stored.folder, stored.manifest):
        experiment = experiment_from(stored.manifest["configuration"])
    world = experiment.arms[0].scenario.world.load()
    if world.digest != stored.manifest["world_digest"]:
        told = f"was made with other data on the world{made_elsewhere(stored.manifest)}"
        return [f"{stored.folder}: {told}"]
    problems = []
    for arm in experiment.arms:
        was = stored.table("metrics", arm=(arm.policy, arm.climate))
        was = was[was["replicate"] < replicates]
        now = simulate_ensemble(
            world,
            arm.scenario,
            seed=experiment.settings.seed,
            replicates=replicates,
            threads=threads,
        ).metrics
        names = [name for name in was.columns if name not in METRIC_KEYS]
        if names != [name for name in now.columns if name not in METRIC_KEYS]:
            return [f"{stored.folder}: was made with other metrics"]
        before, after = was[names].to_numpy(), now[names].to_numpy()
        if not np.array_equal(before, after, equal_nan=True):
            same = (before == after) | (np.isnan(before) & np.isnan(after))
            row, column = np.argwhere(~same)[0]
            place = was.iloc[row]
            problems.append(
                f"{arm.policy}, {arm.climate}, replicate {place['replicate']}, {place['quarter']}:"
                f" {names[column]} {before[row, column]!r} stored, {after[row, column]!r} now"
            )
    return problems
