"""From arrays to tables: metrics, event logs, and counts over runs, the same for every driver.

Counts are whole numbers, so that sums over runs do not depend on their order or on the parts that
they are kept in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from partnersim.arrays import Floats, Integers
from partnersim.model.constants import (
    AREAS,
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
    QUARTERS_PER_YEAR,
    SEVERITY_UNITS,
    STAGES,
)
from partnersim.model.events import ADVANCED, CLIMATE, PACKAGE, RIVAL_WON, SHOCK, SWITCHED
from partnersim.model.metrics import metric_names
from partnersim.runs.replicate import MILLIONTHS, YearEnds, new_year_ends
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

_DEPTHS = [f"depth_{area}" for area in AREAS]
#: Of a country, summed over runs: from `YearEnds` by name.
_SUMMED = ("links", "invested", "alignment")


def metrics_table(
    world: World, scenario: Scenario, metrics: Floats, replicates: Sequence[int]
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
    table.insert(0, "replicate", np.repeat(np.asarray(replicates, np.int32), len(labels)))
    quarter = _named(np.tile(np.arange(len(labels)), len(replicates)), labels, ordered=True)
    table.insert(1, "quarter", quarter)
    return table


def events_table(
    world: World, scenario: Scenario, events: Sequence[NDArray[np.int32]], replicates: Sequence[int]
) -> pd.DataFrame:
    """Return the event logs of several replicates as one table.

    Parameters
    ----------
    events : sequence of (9, E) int32 arrays
        The log of each replicate by column, in the order in which things happened.
    replicates : sequence of int
        Number of each replicate.

    Returns
    -------
    DataFrame
        ``replicate, quarter, event, iso3, instrument, other, stage, direction, shock, severity,
        million_eur``; missing where a column does not apply. ``other`` is the second country of a
        link, the country behind a shock, where it has spread from (``spread from SYR``), the
        region that it strikes, the switch by which the EU changes course, the phase that the
        climate enters (``climate NAME``), or the offer by which a rival wins the country (``CHN
        cable_built``). A package of the Offer names the framework that it joins as ``instrument``.
    """
    none = np.zeros((EVENT_COLUMNS, 0), np.int32)

    def gathered(place: int) -> NDArray[np.int32]:
        """Return one column of all logs; whole tables of them would not fit into memory."""
        return np.concatenate([log[place] for log in (none, *events)])

    iso3, regions = list(world.countries["iso3"]), list(world.regions)
    kind, country, other = (gathered(place) for place in (EVENT_KIND, EVENT_COUNTRY, EVENT_OTHER))
    # A strike on a whole region names no country, and the region as the other side.
    on_region = np.array([shock.scope == "region" for shock in scenario.shocks.values()], bool)
    regional = (kind == SHOCK) & (country < 0) & (other >= 0)
    regional[regional] = on_region[gathered(EVENT_SHOCK)[regional]]
    spread = (kind == SHOCK) & (country >= 0) & (other >= len(iso3))
    other[spread] -= len(iso3)
    turning = scenario.geopolitics.phases
    phases = [f"climate {name}" for name in scenario.geopolitics.by_phase] if turning else []
    others = list(iso3)
    for those, names in (
        (regional, regions),
        (kind == SWITCHED, [switch.name for switch in scenario.policy.switches]),
        (kind == CLIMATE, phases),
        (kind == RIVAL_WON, world.rival_offers),
        (spread, [f"spread from {code}" for code in iso3]),
    ):
        other[those] += len(others)
        others += names
    amount = gathered(EVENT_SEVERITY) / SEVERITY_UNITS
    counts = [log.shape[1] for log in events]
    return pd.DataFrame(
        {
            "replicate": np.repeat(np.asarray(replicates, np.int32), counts),
            "quarter": _named(gathered(EVENT_QUARTER), scenario.horizon.labels, ordered=True),
            "event": _named(kind, EVENTS),
            "iso3": _named(country, iso3),
            "instrument": _named(gathered(EVENT_INSTRUMENT), world.instruments["instrument"]),
            "other": _named(other, others),
            "stage": _named(gathered(EVENT_STAGE), STAGES),
            "direction": _named(gathered(EVENT_DIRECTION), DIRECTIONS),
            "shock": _named(gathered(EVENT_SHOCK), scenario.shocks),
            "severity": np.where(kind == SHOCK, amount, np.nan),
            "million_eur": np.where(kind == PACKAGE, amount, np.nan),
        },
        copy=False,
    )


def _named(codes: NDArray[Any], names: Iterable[str], *, ordered: bool = False) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=list(names), ordered=ordered)


class Totals:
    """Sums over the runs of one series, or of all futures of a policy.

    Parameters
    ----------
    years : sequence of int
    iso3, instruments : sequence of str
        Names of the axes.
    detailed : bool, default True
        Whether anything but `YearEnds.in_force` is summed.

    Attributes
    ----------
    runs : int
    sums : YearEnds
        Sums over the runs, int64; int32 if not detailed.
    moved : (Y, N, K) array of the same kind
        Runs in which a pair has reached at least one new stage by the end of a year; only known
        where event logs are given.
    """

    def __init__(
        self,
        years: Sequence[int],
        iso3: Sequence[str],
        instruments: Sequence[str],
        *,
        detailed: bool = True,
    ) -> None:
        self.axes = list(years), list(iso3), list(instruments)
        self._summed = YearEnds._fields if detailed else ("in_force",)
        self.runs = 0
        empty = new_year_ends(len(years), len(iso3), len(instruments))
        # Half as wide is added twice as fast, and holds 2**31 runs.
        whole: Any = np.int64 if detailed else np.int32
        self.sums = YearEnds(*(part.astype(whole) for part in empty))
        self.moved = np.zeros_like(self.sums.in_force)

    def add(self, year_ends: YearEnds) -> None:
        """Add one run."""
        self.runs += 1
        for name in self._summed:
            total = getattr(self.sums, name)
            total += getattr(year_ends, name)

    def add_log(self, events: NDArray[np.int32], year_of_quarter: Integers) -> None:
        """Add the event log of one run.

        Parameters
        ----------
        events : (E, 9) int32 array
        year_of_quarter : (T + 1,) int64 array
            Position of the first end of a year in or after each quarter, Y where there is none.
        """
        steps = events[events[:, EVENT_KIND] == ADVANCED]
        pairs = steps[:, EVENT_COUNTRY].astype(np.int64) * self.moved.shape[2]
        pairs, first = np.unique(pairs + steps[:, EVENT_INSTRUMENT], return_index=True)
        year = year_of_quarter[steps[first, EVENT_QUARTER]]
        for place, moved in enumerate(self.moved):
            moved.reshape(-1)[pairs[year <= place]] += 1

    def in_force_rows(self) -> pd.DataFrame:
        """Return ``iso3, instrument, year, in_force, moved`` (runs), without rows of zeros."""
        years, iso3, instruments = self.axes
        counts, moved = (part.transpose(1, 2, 0) for part in (self.sums.in_force, self.moved))
        place = country, instrument, year = np.nonzero((counts > 0) | (moved > 0))
        return pd.DataFrame(
            {
                "iso3": _named(country, iso3),
                "instrument": _named(instrument, instruments),
                "year": np.asarray(years, np.int32)[year],
                "in_force": counts[place].astype(np.int64),
                "moved": moved[place].astype(np.int64),
            }
        )

    def country_rows(self) -> pd.DataFrame:
        """Return sums over runs per end of a year and country; `country_means` divides them.

        Returns
        -------
        DataFrame
            ``quarter, iso3, depth_<area>, instruments, links``, ``invested`` and ``alignment`` in
            millionths, ``runs``.
        """
        sums, (years, iso3, _) = self.sums, self.axes
        year, country = np.divmod(np.arange(len(years) * len(iso3)), len(iso3))
        frame: dict[str, object] = {
            "quarter": _named(year, [f"{year}Q{QUARTERS_PER_YEAR}" for year in years]),
            "iso3": _named(country, iso3),
            **{name: sums.depth[:, :, place].ravel() for place, name in enumerate(_DEPTHS)},
            "instruments": sums.in_force.sum(axis=2).ravel(),
            **{name: getattr(sums, name).ravel() for name in _SUMMED},
        }
        return pd.DataFrame(frame).assign(runs=self.runs)

    def link_rows(self) -> pd.DataFrame:
        """Return ``iso3_a, iso3_b, linked`` (runs) of the pairs that are linked in some run."""
        counts, iso3 = np.triu(self.sums.linked, k=1), self.axes[1]
        place = first, second = np.nonzero(counts)
        return pd.DataFrame(
            {"iso3_a": _named(first, iso3), "iso3_b": _named(second, iso3), "linked": counts[place]}
        )


def country_means(sums: pd.DataFrame) -> pd.DataFrame:
    """Turn sums over runs (see `Totals.country_rows`) into means over runs.

    Returns
    -------
    DataFrame
        The leading columns, ``depth_<area>`` and ``depth`` (mean over areas, 0..4),
        ``instruments``, ``links`` (counts), ``invested`` (million EUR), ``alignment`` (0..1).
    """
    # Column by column in place: pandas would look at the whole table each time.
    columns: dict[str, Any] = dict(sums.items())
    runs = columns.pop("runs").to_numpy()
    summed = (*_DEPTHS, "instruments", *_SUMMED)
    means = {name: columns.pop(name).to_numpy() / runs for name in summed}
    for name in ("invested", "alignment"):
        means[name] /= MILLIONTHS
    depths = {name: means.pop(name) for name in _DEPTHS}
    depth = np.mean(list(depths.values()), axis=0)
    return pd.DataFrame({**columns, **depths, "depth": depth, **means})


# Tables as they are kept on disk


def as_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as a table; categories stay codes, other text is plain, missing text empty."""
    columns = {}
    for name, values in frame.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            names = [str(word) for word in values.cat.categories.tolist()]
            codes = values.cat.codes.to_numpy(dtype=np.int32)
            columns[str(name)] = coded(np.where(codes < 0, len(names), codes), [*names, ""])
        elif isinstance(values.dtype, pd.StringDtype):
            columns[str(name)] = pa.array(values.fillna("").to_numpy(object), type=pa.string())
        elif pd.api.types.is_string_dtype(values) or values.dtype == object:
            text = ["" if pd.isna(value) else str(value) for value in values]
            columns[str(name)] = pa.array(text, type=pa.string())
        else:
            columns[str(name)] = pa.array(values.to_numpy())
    return pa.table(columns)


def coded(codes: NDArray[np.integer[Any]], names: Iterable[str]) -> pa.Array:
    """Return a column of words as codes."""
    words = pa.array(list(names), type=pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)
