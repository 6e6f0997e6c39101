"""Runs to measure patterns on: forward from June 2025, and the history played again from 2010."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from partnersim.history.cases import Cut
from partnersim.history.design import PARTNER_SINCE
from partnersim.history.estimate import PLAYED_AGAIN
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import FIRST_YEAR, LAST_QUARTER, quarter_number
from partnersim.history.pattern_tables import Background, Plays
from partnersim.history.spells import stages_known
from partnersim.model.constants import AREAS, QUARTERS_PER_YEAR, SIGNED, STAGES
from partnersim.model.metrics import metric_names
from partnersim.runs.play import EVENT_CAPACITY, Player, simulate_ensemble, year_ends_of
from partnersim.runs.tables import events_table, metrics_table
from partnersim.scenario.coefficient_draws import with_values
from partnersim.scenario.compile import prepare
from partnersim.scenario.horizon import FIRST_QUARTER, Horizon, quarter_label
from partnersim.scenario.scenario import Scenario
from partnersim.world.countries import read_organisations
from partnersim.world.tables import PACKAGE_DATA, Reader
from partnersim.world.world import World

Progress = Callable[[int], None]

COLUMNS = (
    *("run", "quarter", "event", "iso3", "instrument"),
    *("other", "stage", "shock", "severity"),
)
REPLAY = "replay"
#: Hazard per quarter of what waits no longer.
_AT_ONCE = 1e3
#: Seeds of the years of a replay lie so far apart that those of small seeds never meet.
_BETWEEN_SEEDS = 10_007


def background_of(world: World, scenario: Scenario) -> Background:
    """Return what patterns may ask about partners, instruments, organisations and shocks."""
    yes_no = {True: "yes", False: "no"}
    partners = world.countries.drop(columns=["name", "imputed"]).set_index("iso3")
    flags = partners.select_dtypes("bool").columns
    instruments = world.instruments.set_index("instrument")[["path", "role", "binding", "funded"]]
    covered = world.arrays.area.astype(bool)
    return Background(
        partners=partners.assign(**{name: partners[name].map(yes_no) for name in flags}),
        instruments=instruments.assign(
            funded=instruments["funded"].astype(bool).map(yes_no),
            area=[frozenset(np.array(AREAS)[row]) for row in covered],
        ),
        members=read_organisations(Reader(PACKAGE_DATA), set(partners.index)).members,
        shocks={name: shock.scope for name, shock in scenario.shocks.items()},
        metrics=metric_names(world.regions),
    )


def forward(
    world: World,
    scenarios: Mapping[str, Scenario],
    *,
    runs: int,
    seed: int,
    threads: int | None = None,
    progress: Progress = lambda done: None,
) -> Plays:
    """Play from June 2025 to the horizon, in several climates.

    Parameters
    ----------
    world : World
        The network at the start.
    scenarios : mapping of str to Scenario
        One per climate, all with the same horizon.
    runs : int
        Runs of each climate; the same numbers of runs have the same luck in all of them.
    seed : int
    threads : int, optional
        Never changes a result.
    progress : callable, optional
        Called with the number of runs done.
    """
    logs, money, climates, metrics = [], [], [], []
    for place, (climate, scenario) in enumerate(scenarios.items()):
        first = place * runs
        ensemble = simulate_ensemble(
            world,
            scenario,
            seed=seed,
            replicates=runs,
            threads=threads,
            progress=lambda done, first=first: progress(first + done),  # type: ignore[misc]
        )
        logs.append(_plain(ensemble.events, first))
        metrics.append(_numbered(ensemble.metrics, first))
        spent = ensemble.countries[["quarter", "iso3", "invested"]]
        money.append(spent.assign(climate=climate, quarter=_numbers(spent["quarter"])))
        climates.append(pd.DataFrame({"run": range(first, first + runs), "climate": climate}))
    horizon = next(iter(scenarios.values())).horizon
    return Plays(
        known=background_of(world, scenario),
        first=quarter_number(horizon.labels[0]),
        last=quarter_number(horizon.labels[-1]),
        climates=pd.concat(climates, ignore_index=True),
        events=pd.concat(logs, ignore_index=True),
        ties=_ties(world, world.arrays.stage),
        links=_links(world, world.arrays.links),
        money=pd.concat(money, ignore_index=True),
        metrics=pd.concat(metrics, ignore_index=True),
    )


def replay(
    evidence: HistoryEvidence,
    scenario: Scenario,
    *,
    runs: int,
    seed: int,
    progress: Progress = lambda done: None,
) -> Plays:
    """Play the history again, from the beginning of 2010 to June 2025.

    Every year begins with the network as the run has made it and the world as it could be known
    then: indicators, members and candidates of the year before, and the instruments that existed.
    Ties in force in June 2025 whose date nobody knows are left out. There are no shocks.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `partnersim.history.evidence.read_evidence`.
    scenario : Scenario
        Policy and behaviour; its climate and horizon are not used.
    runs : int
        How often.
    seed : int
    progress : callable, optional
        Called with the number of runs done.
    """
    last = quarter_number(LAST_QUARTER)
    cut = Cut(evidence, last)
    years = {
        year: _world_without(evidence.world_of(year), cut.dateless, year)
        for year in range(FIRST_YEAR, FIRST_YEAR + last // QUARTERS_PER_YEAR + 1)
    }
    start = stages_known(evidence.world, cut.found, 0)
    names = evidence.world.instruments["instrument"].to_numpy(str)
    logs, metrics = [], []
    for run in range(runs):
        now: dict[str, Any] = {"stage": start, "links": years[FIRST_YEAR].arrays.links}
        now |= {"halt": np.zeros_like(start), "again": np.zeros(start.shape, np.int32)}
        for year, world in years.items():
            begins = (year - FIRST_YEAR) * QUARTERS_PER_YEAR
            unknown = names[~cut.on_offer(begins, in_talks=True)]
            world = dataclasses.replace(world, arrays=world.arrays._replace(**now))
            calm = _calm_year(scenario, unknown, min(QUARTERS_PER_YEAR, last + 1 - begins))
            noted, _ = year_ends_of(calm.horizon)
            state = prepare(world, calm, EVENT_CAPACITY)
            # What was signed in an earlier year was still signed within the run.
            state.pairs["old_contract"] = start == SIGNED
            player = Player(state, noted, len(metric_names(world.regions)))
            played = player.play((seed * _BETWEEN_SEEDS + year) % 2**63, run)
            offset = begins - quarter_number(FIRST_QUARTER)
            log = np.ascontiguousarray(played.events.T)
            logs.append(_plain(events_table(world, calm, [log], [run]), 0, offset))
            measured = metrics_table(world, calm, played.metrics[None], [run])
            metrics.append(_numbered(measured, 0, offset))
            pairs = player.state.pairs
            now = {
                "stage": pairs["stage"].copy(),
                "halt": pairs["suspended"].copy(),
                # Quarters are counted from the beginning of the next year.
                "again": np.maximum(pairs["again"] - QUARTERS_PER_YEAR, 0),
                "links": player.state.linked.copy(),
            }
        progress(run + 1)
    return Plays(
        known=background_of(evidence.world, scenario),
        first=-1,
        last=last,
        climates=pd.DataFrame({"run": range(runs), "climate": REPLAY}),
        events=pd.concat(logs, ignore_index=True),
        ties=_ties(evidence.world, start),
        links=_links(evidence.world, years[FIRST_YEAR].arrays.links),
        money=pd.DataFrame(
            {"climate": REPLAY, "quarter": -1, "iso3": evidence.world.countries["iso3"]}
        ).assign(invested=0.0),
        # The first row of a year is the last one of the year before.
        metrics=pd.concat(metrics, ignore_index=True).drop_duplicates(["run", "quarter"]),
    )


def _world_without(world: World, dateless: np.ndarray, year: int) -> World:
    """Return a world in which nobody takes a tie of unknown date, or comes before its time.

    Nor has anybody signed with another partner: links are those that the run makes.
    """
    eligible = world.arrays.eligible * ~dateless
    for code, label in PARTNER_SINCE.items():
        if year < int(label[:4]):
            eligible[world.countries["iso3"] == code] = 0
    eligible = np.ascontiguousarray(eligible.astype(world.arrays.eligible.dtype))
    signed = np.zeros_like(world.arrays.signed)
    return dataclasses.replace(
        world, arrays=world.arrays._replace(eligible=eligible, signed=signed)
    )


def _calm_year(scenario: Scenario, unknown: np.ndarray, quarters: int) -> Scenario:
    """Return the scenario over a few quarters without shocks and some instruments."""
    off = tuple({*scenario.world.switched_off, *unknown})
    still = {"intensity": 0.0, "schedule": (), "rival_drift": 0.0}
    # A year goes on where the one before ended: what was decided in it waits no longer.
    values = {**PLAYED_AGAIN, "link_entry_rate": _AT_ONCE}
    return with_values(scenario, values).model_copy(
        update={
            "world": scenario.world.model_copy(update={"switched_off": tuple(sorted(off))}),
            "geopolitics": scenario.geopolitics.model_copy(update=still),
            "horizon": Horizon(start=FIRST_QUARTER, end=quarter_label(quarters)),
        }
    )


def _plain(events: pd.DataFrame, first: int, offset: int = 0) -> pd.DataFrame:
    """Return an event log with names as text, runs and quarters as numbers."""
    table = _numbered(events, first, offset)
    texts = [name for name in COLUMNS if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(texts, object))[list(COLUMNS)]


def _numbered(table: pd.DataFrame, first: int, offset: int = 0) -> pd.DataFrame:
    """Return a table with runs counted from the first, quarters from 2010 and an offset on."""
    run, quarter = table["replicate"].astype(int) + first, _numbers(table["quarter"]) + offset
    return table.drop(columns="replicate").assign(run=run, quarter=quarter)


def _numbers(labels: pd.Series) -> pd.Series:
    """Return quarters counted from 2010 for labels such as ``2027Q2``."""
    return labels.astype(str).map({label: quarter_number(label) for label in set(labels)})


def _ties(world: World, stage: np.ndarray) -> pd.DataFrame:
    rows, columns = np.nonzero(stage)
    return pd.DataFrame(
        {
            "iso3": world.countries["iso3"].to_numpy(str)[rows],
            "instrument": world.instruments["instrument"].to_numpy(str)[columns],
            "stage": np.array(STAGES)[stage[rows, columns]],
        }
    )


def _links(world: World, linked: np.ndarray) -> pd.DataFrame:
    codes = world.countries["iso3"].to_numpy(str)
    ends = np.sort(codes[np.argwhere(np.triu(linked, 1))].reshape(-1, 2), axis=1)
    return pd.DataFrame({"iso3": ends[:, 0], "other": ends[:, 1]})
