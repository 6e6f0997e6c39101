"""From arrays to tables: metrics and events as data frames, the same for every driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.model.constants import (
    DIRECTIONS,
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
from partnersim.model.events import PACKAGE, SHOCK, SWITCHED
from partnersim.model.metrics import metric_names
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
        ``replicate, quarter, event, iso3, instrument, other, stage, direction, shock, severity,
        million_eur``; missing where a column does not apply. ``other`` is the second country of a
        link, the origin of a spreading shock, the region that a regional shock strikes, or the
        switch by which the EU changes course. A package of the Offer names the framework that it
        joins as ``instrument``.
    """
    counts = [len(log) for log in events]

    def gathered(place: int, kind: type[np.signedinteger[Any]] = np.int16) -> NDArray[Any]:
        """Return one column of all logs; whole tables of them would not fit into memory."""
        column = np.empty(sum(counts), kind)
        first = 0
        for log in events:
            column[first : first + len(log)] = log[:, place]
            first += len(log)
        return column

    iso3 = list(world.countries["iso3"])
    kind, country, other = (gathered(place) for place in (EVENT_KIND, EVENT_COUNTRY, EVENT_OTHER))
    # A strike on a whole region names no country, and the region as the other side.
    other[(country < 0) & (other >= 0) & (kind == SHOCK)] += len(iso3)
    other[kind == SWITCHED] += len(iso3) + len(world.regions)
    switches = [switch.name for switch in scenario.policy.switches]
    amount = gathered(EVENT_SEVERITY, np.int32) / SEVERITY_UNITS

    def named(
        codes: NDArray[Any], names: Sequence[str], *, ordered: bool = False
    ) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, categories=list(names), ordered=ordered)

    return pd.DataFrame(
        {
            "replicate": np.repeat(np.asarray(replicates, np.int32), counts),
            "quarter": named(gathered(EVENT_QUARTER), scenario.horizon.labels, ordered=True),
            "event": named(kind, EVENTS),
            "iso3": named(country, iso3),
            "instrument": named(gathered(EVENT_INSTRUMENT), world.instruments["instrument"]),
            "other": named(other, [*iso3, *world.regions, *switches]),
            "stage": named(gathered(EVENT_STAGE), STAGES),
            "direction": named(gathered(EVENT_DIRECTION), DIRECTIONS),
            "shock": named(gathered(EVENT_SHOCK), list(scenario.shocks)),
            "severity": np.where(kind == SHOCK, amount, np.nan),
            "million_eur": np.where(kind == PACKAGE, amount, np.nan),
        },
        copy=False,
    )
