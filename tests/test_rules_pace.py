"""The pace of new instruments, against that of 2019 to 2025."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partnersim import simulate_ensemble
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import for_quarters, without_shocks

#: Pairs of a country and an instrument of the catalogue that reached their first "signed",
#: "launched" or "in_force" in that year, counted once per pair from the dated events of 2007 to
#: 5 June 2025 behind this model. Events of a bloc as a whole, and suspensions, councils held and
#: announcements, are left out. 2023 holds the 20 signatures of one day (EU-LAC Digital Alliance).
OBSERVED = {2019: 3, 2020: 3, 2021: 7, 2022: 12, 2023: 46, 2024: 25}
OBSERVED_UNTIL_5_JUNE_2025 = 7

REPLICATES = 40
#: The last two quarters of 2025, then 2026 and 2027.
QUARTERS = 10


@pytest.fixture(scope="module")
def first_steps(world_all: World, scenario: Scenario) -> pd.DataFrame:
    """New instruments by replicate and year: all decisions, and those that no bloc got as a whole.

    What a bloc decides for its members, and what the document says of a bloc as a whole, is one
    decision, however many rows of the network of June 2025 it fills. The observed ones leave out
    events of a bloc as a whole.
    """
    events = simulate_ensemble(
        world_all,
        for_quarters(without_shocks(scenario), QUARTERS),
        seed=1,
        replicates=REPLICATES,
    ).events
    reached = events[(events["event"] == "advanced") & events["stage"].isin(["signed", "in_force"])]
    first = reached.drop_duplicates(["replicate", "iso3", "instrument"])
    pairs = pd.MultiIndex.from_frame(first[["iso3", "instrument"]].astype(str))
    network = world_all.network.set_index(["iso3", "instrument"]).reindex(pairs)
    known = network["stage"].isin(["signed", "in_force"]).to_numpy()
    told_of = network["via_bloc"].fillna("").to_numpy()
    of_bloc = told_of != ""
    year = first["quarter"].astype(str).str[:4].astype(int)
    decider = np.where(of_bloc, told_of, deciders(world_all, first))
    counted, of_bloc = first.assign(year=year, decider=decider)[~known], of_bloc[~known]
    again = counted.duplicated(["replicate", "instrument", "decider"]).to_numpy()
    every = pd.MultiIndex.from_product(
        [range(REPLICATES), [2025, 2026, 2027]], names=["replicate", "year"]
    )
    return pd.DataFrame(
        {
            name: counted[chosen].value_counts(["replicate", "year"]).reindex(every, fill_value=0)
            for name, chosen in {"all": ~again, "alone": ~of_bloc}.items()
        }
    )


def deciders(world: World, events: pd.DataFrame) -> np.ndarray:
    """Who decides what each event is about: a bloc by its number, else the country."""
    rows = pd.Index(world.countries["iso3"]).get_indexer(events["iso3"].astype(str))
    names = pd.Index(world.instruments["instrument"])
    bloc = world.arrays.bloc[rows, names.get_indexer(events["instrument"].astype(str))]
    return np.where(bloc >= 0, bloc.astype(str), events["iso3"].astype(str))


@pytest.mark.parametrize("year", [2025, 2026, 2027])
@pytest.mark.parametrize("counted", ["all", "alone"])
def test_new_instruments_per_year_lie_within_the_observed_spread(
    first_steps: pd.DataFrame, year: int, counted: str
) -> None:
    mean = float(first_steps[counted].xs(year, level="year").mean())
    if year == 2025:
        mean += OBSERVED_UNTIL_5_JUNE_2025
    assert min(OBSERVED.values()) <= mean <= max(OBSERVED.values())


def test_single_runs_lie_within_the_observed_spread_too(first_steps: pd.DataFrame) -> None:
    """Nine runs in ten, in the two whole years."""
    counted = first_steps["alone"]
    years = counted[counted.index.get_level_values("year") > 2025]
    low, high = np.quantile(years, [0.05, 0.95])
    assert min(OBSERVED.values()) <= low <= high <= max(OBSERVED.values())
