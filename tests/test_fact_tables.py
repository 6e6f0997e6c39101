"""Facts: every cell is checked, history and network tell the same, and nothing looks ahead."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim import load_scenario
from partnersim.errors import InputError
from partnersim.history.history import read_history, records
from partnersim.history.spells import stages_known
from partnersim.history.timeline import LAST_QUARTER, quarter_number
from partnersim.model.constants import STAGES
from partnersim.world.fact_tables import LAST_DAY, LAYOUTS, Known, read_facts
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World


@pytest.fixture(scope="module")
def known(world_all: World) -> Known:
    """Names of the shipped world."""
    return Known(
        frozenset(world_all.countries["iso3"]),
        frozenset(world_all.instruments["instrument"]),
        frozenset(load_scenario().shocks),
    )


@pytest.fixture(scope="module")
def facts(known: Known) -> dict[str, pd.DataFrame]:
    """The shipped tables."""
    return read_facts(known)


def test_history_and_network_never_contradict_each_other(world_all: World) -> None:
    found = records(read_history(), world_all)
    recorded = stages_known(world_all, found, quarter_number(LAST_QUARTER) + 1)
    dated = np.zeros(recorded.shape, bool)
    for record in found:
        dated[record.country, record.instrument] = True
    iso3, names = world_all.countries["iso3"], world_all.instruments["instrument"]
    contradictions = [
        f"{iso3[i]} {names[k]}: {STAGES[recorded[i, k]]} in the history,"
        f" {STAGES[world_all.arrays.stage[i, k]]} in the network"
        for i, k in np.argwhere(dated & (recorded != world_all.arrays.stage))
    ]
    assert contradictions == []


def test_nothing_invented_by_expansion_of_a_bloc_is_in_force(world_all: World) -> None:
    network = world_all.network
    invented = network[(network["expansion"] == "partnersim") & (network["stage"] == "in_force")]
    assert invented.empty


def test_history_does_not_look_ahead() -> None:
    assert (read_history()["date"] <= LAST_DAY).all()


def test_links_are_as_many_as_counted(facts: dict[str, pd.DataFrame]) -> None:
    links = facts["link_events"]
    links = links[links["stage"] == "in_force"]
    pairs = [links, links[links["coding"] == "strict"]]
    assert [len(some.drop_duplicates(["iso3_a", "iso3_b"])) for some in pairs] == [237, 98]


def test_partners_that_hold_an_instrument_hold_none_that_it_excludes(
    facts: dict[str, pd.DataFrame], world_all: World
) -> None:
    network = world_all.network[world_all.network["stage"] == "in_force"]
    holders = network.groupby("instrument")["iso3"].agg(frozenset)
    relations = facts["relations"]
    for row in relations[relations["relation"] == "excludes"].itertuples():
        nobody: frozenset[str] = frozenset()
        both = holders.get(row.instrument, nobody) & holders.get(row.other, nobody)
        assert not both, (row.instrument, row.other)


BAD = (
    ("link_events.csv", "iso3_a", "XXX", "iso3_a 'XXX' is not a country of countries.csv"),
    ("link_events.csv", "iso3_b", "AAA", "must be two countries in alphabetical order"),
    ("gates.csv", "since", "", "since '' must be a date such as"),
    ("gates.csv", "since", "2026-01-01", "since '2026-01-01' lies after 2025-06-05"),
    ("blocs.csv", "bloc", "NOBODY", "NOBODY has no members in bloc_members.csv"),
    ("bloc_members.csv", "bloc", "GCCC", "bloc 'GCCC' is not a bloc of blocs.csv"),
    ("instrument_effects.csv", "target", "trade_wars", "is not a shock of the catalogue, did you"),
    ("instrument_effects.csv", "high", "0", "low, mode and high must rise"),
    ("instrument_effects.csv", "mode", "2", "mode '2' must be a number from 0 to 1"),
    ("rivals.csv", "effect", "0", "effect '0' must be one of +, -"),
    ("shocks_history.csv", "type", "storm", "type 'storm' is not a shock of the catalogue"),
    ("trade_talks.csv", "confidence", "sure", "confidence 'sure' must be one of seed, verified"),
    ("trade_talks.csv", "partner", "KORR", "partner 'KORR' is not a country or a bloc, did you"),
    ("project_costs.csv", "source", "", "source is empty"),
)


@pytest.mark.parametrize(("file", "column", "cell", "reason"), BAD)
def test_bad_facts_are_refused(
    known: Known, tmp_path: Path, file: str, column: str, cell: str, reason: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    table.loc[0, column] = cell
    table.to_csv(folder / file, index=False)
    with pytest.raises(InputError) as caught:
        read_facts(known, folder)
    assert any(
        problem.startswith(f"{file}, row 2: ") and reason in problem
        for problem in caught.value.problems
    ), caught.value.problems


@pytest.mark.parametrize(
    ("relation", "other", "reason"),
    [
        ("supersedes", "TTC", "TTC cannot have the relation supersedes to itself"),
        ("supersedes", "", "supersedes needs another instrument"),
        ("expires", "", "expires needs a date"),
    ],
)
def test_bad_relations_are_refused(
    known: Known, tmp_path: Path, relation: str, other: str, reason: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, folder)
    table = pd.read_csv(folder / "relations.csv", dtype=str, keep_default_na=False)
    table.loc[0, ["instrument", "relation", "other", "date"]] = ["TTC", relation, other, ""]
    table.to_csv(folder / "relations.csv", index=False)
    with pytest.raises(InputError, match=reason):
        read_facts(known, folder)


def test_every_table_of_facts_is_described() -> None:
    text = (Path(__file__).parent.parent / "docs" / "data.md").read_text("utf-8")
    assert [name for name in LAYOUTS if f"`{name}`" not in text] == []
