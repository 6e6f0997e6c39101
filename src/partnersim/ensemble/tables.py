"""From arrays to tables: metrics and events as data frames, the same for every driver."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.rules.constants import (
    DIRECTIONS,
    EVENT_COLUMNS,
    EVENT_COUNTRY,
    EVENT_DIRECTION,
    EVENT_INSTRUMENT,
    EVENT_KIND,
    EVENT_OTHER,
    EVENT_QUARTER,
    EVENT_SEVERITY,
    EVENT_SHOCK,
    EVENT_STAGE,
    EVENTS,
    SEVERITY_UNITS,
    STAGES,
)
from partnersim.rules.events import SHOCK, SWITCHED
from partnersim.rules.metrics import metric_names
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World


def metrics_table(
    world: World, scenario: Scenario, metrics: NDArray[np.float64], replicates: Sequence[int]
) -> pd.DataFrame:
    """Return the metrics of several replicates, one row per replicate and quarter.

    Parameters
    ----------
    metrics : (replicates, T + 1, M) float64 array
    replicates : sequence of int
        Number of each replicate.
    """
    labels = scenario.horizon.labels
    table = pd.DataFrame(
        metrics.reshape(-1, metrics.shape[2]), columns=list(metric_names(world.regions))
    )
    table.insert(
        0, "replicate", np.repeat(np.asarray(replicates, np.int32), len(labels)).astype(np.int32)
    )
    quarter = pd.Categorical.from_codes(
        np.tile(np.arange(len(labels)), len(replicates)), categories=list(labels), ordered=True
    )
    table.insert(1, "quarter", quarter)
    return table


def events_table(
    world: World,
    scenario: Scenario,
    events: Sequence[NDArray[np.int32]],
    replicates: Sequence[int],
) -> pd.DataFrame:
    """Return the event logs of several replicates as one table.

    Parameters
    ----------
    events : sequence of (E, 9) int32 arrays
        The log of each replicate, in the order in which things happened.
    replicates : sequence of int
        Number of each replicate.

    Returns
    -------
    DataFrame
        ``replicate, quarter, event, iso3, instrument, other, stage, direction, shock, severity``;
        missing where a column does not apply. ``other`` is the second country of a link, the
        origin of a spreading shock, the region that a regional shock strikes, or the switch by
        which the EU changes course.
    """
    rows = np.concatenate(events) if events else np.zeros((0, EVENT_COLUMNS), np.int32)
    columns = np.ascontiguousarray(rows.T)
    counts = [len(log) for log in events]
    iso3 = list(world.countries["iso3"])
    shock = columns[EVENT_SHOCK]
    # A strike on a whole region names no country, and the region as the other side.
    regional = (columns[EVENT_COUNTRY] < 0) & (columns[EVENT_OTHER] >= 0)
    other = columns[EVENT_OTHER] + np.where(regional, len(iso3), 0)
    switched = columns[EVENT_KIND] == SWITCHED
    other[switched] = columns[EVENT_OTHER][switched] + len(iso3) + len(world.regions)
    switches = [switch.name for switch in scenario.policy.switches]

    def named(codes: NDArray[np.int32], names: Sequence[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, categories=list(names))

    severity = columns[EVENT_SEVERITY] / SEVERITY_UNITS
    return pd.DataFrame(
        {
            "replicate": np.repeat(np.asarray(replicates, np.int32), counts).astype(np.int32),
            "quarter": pd.Categorical.from_codes(
                columns[EVENT_QUARTER], categories=list(scenario.horizon.labels), ordered=True
            ),
            "event": named(columns[EVENT_KIND], EVENTS),
            "iso3": named(columns[EVENT_COUNTRY], iso3),
            "instrument": named(columns[EVENT_INSTRUMENT], list(world.instruments["instrument"])),
            "other": named(other, [*iso3, *world.regions, *switches]),
            "stage": named(columns[EVENT_STAGE], STAGES),
            "direction": named(columns[EVENT_DIRECTION], DIRECTIONS),
            "shock": named(shock, list(scenario.shocks)),
            "severity": np.where(columns[EVENT_KIND] == SHOCK, severity, np.nan),
        }
    )
