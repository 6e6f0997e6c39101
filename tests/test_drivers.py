"""Two drivers, one rule: the Mesa model and the compiled ensemble, and decisions of one's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import mesa
import numba
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from partnersim import (
    EuropeanUnion,
    PartnerCountry,
    PartnershipModel,
    load_scenario,
    load_world,
    simulate,
    simulate_ensemble,
)
from partnersim.errors import InputError
from partnersim.model import records
from partnersim.runs import play as compiled_driver
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from recount import assert_counts
from scenarios import (
    CLIMATES,
    POLICIES,
    for_quarters,
    instrument,
    with_coefficients,
    with_offer,
    without_shocks,
)

SEED, REPLICATE = 17, 3
#: Quarters of the run on all countries; one policy is played to the horizon.
QUARTERS = 6


def assert_same_table(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        one.reset_index(drop=True), other.reset_index(drop=True), check_exact=True
    )


def assert_drivers_agree(world: World, scenario: Scenario) -> None:
    run = simulate(world, scenario, seed=SEED, replicate=REPLICATE)
    model = PartnershipModel(world, scenario, seed=SEED, replicate=REPLICATE).run()
    numbers = run.metrics.select_dtypes("number").to_numpy()
    assert model.metrics.select_dtypes("number").to_numpy().tobytes() == numbers.tobytes()
    assert_same_table(model.metrics, run.metrics)
    assert_same_table(model.events, run.events)
    assert len(run.events) > 0


@pytest.mark.parametrize("climate", CLIMATES)
@pytest.mark.parametrize("policy", POLICIES)
def test_drivers_agree_on_the_named_world(
    world_named: World, arms: dict[tuple[str, str], Scenario], policy: str, climate: str
) -> None:
    scenario = arms[policy, climate]
    full = CLIMATES[POLICIES.index(policy) % len(CLIMATES)] == climate
    assert_drivers_agree(world_named, scenario if full else for_quarters(scenario, QUARTERS))


@pytest.mark.parametrize("policy", POLICIES)
def test_drivers_agree_on_all_countries(
    world_all: World, arms: dict[tuple[str, str], Scenario], policy: str
) -> None:
    scenario = arms[policy, CLIMATES[POLICIES.index(policy) % len(CLIMATES)]]
    full = policy == "balanced"
    assert_drivers_agree(world_all, scenario if full else for_quarters(scenario, QUARTERS))


def test_step_by_step_is_the_same_as_run(world_named: World, scenario: Scenario) -> None:
    scenario = for_quarters(scenario, 5)
    whole = PartnershipModel(world_named, scenario, seed=SEED).run()
    model = PartnershipModel(world_named, scenario, seed=SEED)
    assert len(model.metrics) == 1
    assert model.metrics["quarter"].iloc[0] == "2025Q2"
    for quarter in range(1, 6):
        model.step()
        assert model.quarter == quarter
        assert len(model.metrics) == quarter + 1
        assert_same_table(model.metrics, whole.metrics.iloc[: quarter + 1])
        assert_counts(model.state, world_named)
    assert_same_table(model.events, whole.events)
    model.step()
    assert model.quarter == 5, "nothing happens after the horizon"
    assert not model.running
    assert_same_table(model.metrics, whole.metrics)


def test_agents_tell_what_the_state_holds(world_named: World, scenario: Scenario) -> None:
    model = PartnershipModel(world_named, for_quarters(scenario, 8), seed=SEED).run()
    assert [country.iso3 for country in model.countries] == world_named.countries["iso3"].tolist()
    japan = next(country for country in model.countries if country.iso3 == "JPN")
    assert japan.name == "Japan"
    assert japan.stages["DIGITAL_PARTNERSHIP"] == "in_force"
    assert set(japan.depth) == {
        *("infrastructure", "technology", "cybersecurity", "information"),
        *("identity", "platforms", "trade", "governance"),
    }
    assert all(0 <= depth <= 4 for depth in japan.depth.values())
    assert 0 <= japan.alignment <= 1
    for code in japan.linked:
        other = next(country for country in model.countries if country.iso3 == code)
        assert "JPN" in other.linked
    utilities = japan.weigh()
    assert len(utilities) == len(model.instruments) + 1
    assert utilities[-1] == 0.0
    option = int(np.flatnonzero(utilities > -np.inf)[0])
    assert option < len(model.instruments)
    terms = japan.explain(model.instruments[option])
    assert sum(terms.values()) == pytest.approx(utilities[option])


class Wishful(PartnerCountry):
    """Returns utilities of its own instead of changing those of the rules."""

    def weigh(self) -> NDArray[np.float64]:
        utilities = super().weigh()
        return np.append(utilities[:-1] + 4.0, utilities[-1])


class Still(PartnerCountry):
    """Never begins anything."""

    def choose(self) -> int:
        return len(self.weigh()) - 1


class Greedy(PartnerCountry):
    """Always takes its best option, without noise."""

    taken: ClassVar[list[tuple[str, str, str]]] = []

    def choose(self) -> int:
        utilities = self.weigh()
        best = int(np.argmax(utilities))
        if best < len(utilities) - 1:
            quarter = self.model.settings.horizon.labels[self.model.quarter]
            Greedy.taken.append((quarter, self.iso3, self.model.instruments[best]))
        return best


def bloc_of(world: World, iso3: str, name: str) -> int:
    """The bloc that decides an instrument for a country, -1 if none does."""
    return int(
        world.arrays.bloc[list(world.countries["iso3"]).index(iso3), instrument(world, name)]
    )


class Dreamer(PartnerCountry):
    """Does what the rules do, with every instrument worth much more."""

    def weigh(self) -> NDArray[np.float64]:
        utilities = super().weigh()
        utilities[: len(self.model.instruments)] += 4.0
        return utilities


class Stubborn(EuropeanUnion):
    """Refuses everything."""

    def consents(self, country: PartnerCountry, instrument: str) -> bool:
        return False


class Waiting(EuropeanUnion):
    def propose(self) -> None:
        pass


class Proud(PartnerCountry):
    def accepts(self, instrument: str) -> bool:
        return False


class Stingy(EuropeanUnion):
    """Spends nothing."""

    def spend(self) -> None:
        return None


class OnlyJapanIsStill(PartnerCountry):
    """Japan never begins anything; everybody else decides as always."""

    def choose(self) -> int:
        option = super().choose()
        return len(self.weigh()) - 1 if self.iso3 == "JPN" else option


@pytest.fixture(scope="module")
def short(scenarios_by_climate: dict[str, Scenario]) -> Scenario:
    return for_quarters(scenarios_by_climate["rivalry"], 16)


@pytest.fixture(scope="module")
def usual(world_named: World, short: Scenario) -> PartnershipModel:
    return PartnershipModel(world_named, short, seed=SEED).run()


def shocks_without_links(model: PartnershipModel) -> pd.DataFrame:
    """Shocks that cannot depend on who is linked to whom."""
    by_links = [
        name for name, shock in model.settings.shocks.items() if shock.spread.along == "links"
    ]
    events = model.events
    return events[(events["event"] == "shock") & ~events["shock"].isin(by_links)]


def test_countries_that_never_act_begin_nothing(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, country_type=Still).run()
    begun = ["approached", "refused"]
    assert usual.events["event"].isin(begun).any()
    assert not model.events["event"].isin(begun).any()
    # Luck is the same, and what was under way goes on.
    assert_same_table(shocks_without_links(model), shocks_without_links(usual))
    assert (model.events["event"] == "advanced").any()
    spent = ["offer_envelope"]
    assert_same_table(model.metrics[spent], usual.metrics[spent])
    assert_counts(model.state, world_named)


def test_countries_that_take_the_best_option(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    Greedy.taken.clear()
    tempting = with_coefficients(
        short, deepen=0.0, broaden=0.0, connect=0.0, strengthen=0.0, unsounded=1.0
    )
    model = PartnershipModel(world_named, tempting, seed=SEED, country_type=Greedy).run()
    asked = model.events[model.events["event"].isin(["approached", "refused"])]
    decided = set(Greedy.taken)
    assert len(decided) == len(Greedy.taken) > 100
    rows = set(asked[["quarter", "iso3", "instrument"]].astype(str).itertuples(False, None))
    # With whom joint bodies meet all year, and about what the Offer pays for, a no is heard before.
    arrays = world_named.arrays
    near = set(world_named.countries["iso3"][arrays.joint_bodies == 1])
    paid = set(world_named.instruments["instrument"][arrays.cost > 0])
    assert all(iso3 in near or name in paid for _, iso3, name in decided - rows)
    decided &= rows
    # Nobody else is opened but members of a bloc, with the one of them that decided.
    joined = rows - decided
    together = {(quarter, k, bloc_of(world_named, i, k)) for quarter, i, k in decided}
    for quarter, iso3, name in joined:
        assert (bloc := bloc_of(world_named, iso3, name)) >= 0
        assert (quarter, name, bloc) in together
    assert_same_table(shocks_without_links(model), shocks_without_links(usual))
    assert_counts(model.state, world_named)


def test_utilities_may_be_changed_before_the_choice(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, country_type=Dreamer).run()
    asked = ["approached", "refused"]
    assert model.events["event"].isin(asked).sum() > 1.2 * usual.events["event"].isin(asked).sum()


def test_what_weigh_returns_is_what_is_chosen_from(world_named: World, short: Scenario) -> None:
    returned, changed = (
        PartnershipModel(world_named, short, seed=SEED, country_type=kind).run()
        for kind in (Wishful, Dreamer)
    )
    assert_same_table(returned.events, changed.events)


def deciding(**decisions: object) -> type[PartnerCountry]:
    """Return a class of countries whose methods return something whatever happens."""
    own = {name: lambda self, value=value: value for name, value in decisions.items()}
    return type("Own", (PartnerCountry,), own)


@pytest.mark.parametrize(
    ("decisions", "told_of"),
    [
        ({"choose": None}, r"Own.choose of \w{3} returned None: must be a whole number from 0 to "),
        ({"choose": 10_000}, r"Own.choose of \w{3} returned 10000: must be a whole number"),
        ({"choose": -1}, "returned -1: must be a whole number"),
        ({"choose": 1.0}, "returned 1.0: must be a whole number"),
        ({"choose": True}, "returned True: must be a whole number"),
        ({"weigh": None}, r"Own.weigh of \w{3}: must be \d+ numbers, one per option"),
        ({"weigh": [1.0, 2.0]}, r"must be \d+ numbers, one per option, holding still last"),
        ({"weigh": "much"}, r"must be \d+ numbers"),
    ],
)
def test_decisions_that_are_none_are_refused(
    world_named: World, short: Scenario, decisions: dict[str, object], told_of: str
) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, country_type=deciding(**decisions))
    with pytest.raises(InputError, match=told_of):
        model.run()


def test_options_that_may_not_be_taken_are_refused_with_the_reason(
    world_named: World, short: Scenario
) -> None:
    japan = list(world_named.countries["iso3"]).index("JPN")
    held = instrument(world_named, "DIGITAL_PARTNERSHIP")

    class Again(PartnerCountry):
        def choose(self) -> int:
            return held if self.place == japan else super().choose()

    class Eager(PartnerCountry):
        def weigh(self) -> NDArray[np.float64]:
            utilities = super().weigh()
            if self.place == japan:
                utilities[held] = 1.0
            return utilities

    class NotANumber(PartnerCountry):
        def weigh(self) -> NDArray[np.float64]:
            return super().weigh() * np.nan

    class Vague(EuropeanUnion):
        def consents(self, country: PartnerCountry, instrument: str) -> bool:
            return "perhaps"  # type: ignore[return-value]

    reason = r"Japan has it already \(in_force\)"
    for kind, told_of in (
        (Again, rf"Again.choose of JPN returned \d+, DIGITAL_PARTNERSHIP: {reason}"),
        (Eager, rf"Eager.weigh of JPN: DIGITAL_PARTNERSHIP has a utility, but {reason}"),
        (NotANumber, r"NotANumber.weigh of \w+: utilities must be numbers"),
    ):
        with pytest.raises(InputError, match=told_of):
            PartnershipModel(world_named, short, seed=SEED, country_type=kind).run()
    with pytest.raises(InputError, match=r"Vague.consents for \w+, \w+, returned 'perhaps'"):
        PartnershipModel(world_named, short, seed=SEED, union_type=Vague).run()


def test_an_eu_that_refuses_everything_opens_nothing(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, union_type=Stubborn).run()
    assert not (model.events["event"] == "approached").any()
    assert (model.events["event"] == "refused").any()
    assert (usual.events["event"] == "approached").any()
    assert_same_table(shocks_without_links(model), shocks_without_links(usual))
    # Nothing differs before the first approach that the EU would have accepted.
    first = int(np.flatnonzero(usual.events["event"] == "approached")[0])
    assert_same_table(model.events.iloc[:first], usual.events.iloc[:first])
    assert model.events["event"].iloc[first] == "refused"


def test_an_eu_without_initiative_and_partners_that_decline(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    proposals = ["proposed", "declined", "countered"]
    assert usual.events["event"].isin(proposals).any()
    waiting = PartnershipModel(world_named, short, seed=SEED, union_type=Waiting).run()
    assert not waiting.events["event"].isin(proposals).any()
    assert (waiting.events["event"] == "approached").any()
    proud = PartnershipModel(world_named, short, seed=SEED, country_type=Proud).run()
    assert not proud.events["event"].isin(["proposed"]).any()
    assert (proud.events["event"] == "declined").any()


def test_an_eu_that_spends_nothing(world_named: World, short: Scenario) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, union_type=Stingy).run()
    assert (model.metrics["offer_spent"] == 0).all()
    assert (model.metrics["offer_envelope"] == 0).all()


def test_one_country_alone_may_decide_otherwise(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    model = PartnershipModel(world_named, short, seed=SEED, country_type=OnlyJapanIsStill).run()
    by_japan = (usual.events["iso3"] == "JPN") & usual.events["event"].isin(
        ["approached", "refused"]
    )
    assert by_japan.any()
    first = int(np.flatnonzero(by_japan)[0])
    # What it begins for a bloc is opened for all members, in the order of the list.
    decision = ["quarter", "event", "instrument"]
    while (usual.events.loc[first - 1, decision] == usual.events.loc[first, decision]).all():
        first -= 1
    assert_same_table(model.events.iloc[:first], usual.events.iloc[:first])
    assert not model.events.iloc[first].equals(usual.events.iloc[first])
    begun = model.events["event"].isin(["approached", "refused"])
    # Others may still begin for Japan what a bloc decides.
    japan = list(world_named.countries["iso3"]).index("JPN")
    alone = world_named.instruments["instrument"][world_named.arrays.bloc[japan] < 0]
    own = model.events["instrument"].isin(alone) | (model.events["event"] == "refused")
    assert not (begun & own & (model.events["iso3"] == "JPN")).any()
    assert begun.any()


def test_a_subclass_that_changes_nothing_changes_nothing(
    world_named: World, short: Scenario, usual: PartnershipModel
) -> None:
    class Same(PartnerCountry):
        def choose(self) -> int:
            return super().choose()

    class SameUnion(EuropeanUnion):
        def consents(self, country: PartnerCountry, instrument: str) -> bool:
            return super().consents(country, instrument)

    model = PartnershipModel(
        world_named, short, seed=SEED, country_type=Same, union_type=SameUnion
    ).run()
    assert_same_table(model.metrics, usual.metrics)
    assert_same_table(model.events, usual.events)


def test_a_long_log_is_kept_whole(
    world_named: World, short: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with more events than there was room for is the same run."""
    expected = simulate_ensemble(world_named, short, seed=1, replicates=3, threads=1)
    monkeypatch.setattr(compiled_driver, "EVENT_CAPACITY", 7)
    tight = simulate_ensemble(world_named, short, seed=1, replicates=3, threads=1)
    assert_same_table(tight.events, expected.events)
    assert_same_table(tight.metrics, expected.metrics)
    np.testing.assert_array_equal(tight.in_force_by_year, expected.in_force_by_year)


def test_the_ensemble_adds_up_its_replicates(
    world_named: World, scenarios_by_climate: dict[str, Scenario]
) -> None:
    """Year-end tables are means and counts over the states that the replicates reach."""
    scenario = for_quarters(scenarios_by_climate["fragmentation"], 6)
    ensemble = simulate_ensemble(world_named, scenario, seed=2, replicates=3, threads=2)
    models = [PartnershipModel(world_named, scenario, seed=2, replicate=r) for r in range(3)]
    assert ensemble.years == [2025, 2026]
    ends = {2025: 2, 2026: 6}
    held = np.zeros(ensemble.in_force_by_year.shape, np.int64)
    for model in models:
        for year, quarter in ends.items():
            while model.quarter < quarter:
                model.step()
            place = ensemble.years.index(year)
            pairs = model.state.pairs
            held[place] += (pairs["stage"] == 6) & (pairs["suspended"] == 0)
    np.testing.assert_array_equal(ensemble.in_force_by_year, held)
    links = sum(model.state.linked.astype(int) for model in models)
    np.testing.assert_array_equal(ensemble.links_at_end, links)
    last = ensemble.countries[ensemble.countries["quarter"] == "2026Q4"]
    assert last["iso3"].tolist() == world_named.countries["iso3"].tolist()
    states = [model.state for model in models]
    for name, expected in {
        "depth_trade": np.mean([state.countries["depth"][:, 6] for state in states], axis=0),
        "depth": np.mean([state.countries["depth"].mean(axis=1) for state in states], axis=0),
        "instruments": np.mean([state.in_force for state in states], axis=0),
        "links": np.mean([state.degree for state in states], axis=0),
        "invested": np.mean([state.countries["invested"].sum(axis=1) for state in states], axis=0),
        "alignment": np.mean([state.alignment for state in states], axis=0),
    }.items():
        np.testing.assert_allclose(last[name], expected, atol=2e-6, err_msg=name)
    np.testing.assert_array_equal(ensemble.initially_in_force, world_named.arrays.stage == 6)
    assert ensemble.replicates == 3


STORM = (
    *("policy=connect_first", "geopolitics=coercion", "geopolitics.intensity=3"),
    "shocks.constitutional_rupture.rate=0.5",
    "geopolitics.phases={storm: {intensity: 5, rival_drift: 0.03}}",
    "geopolitics.turns=[{quarter: 2025Q4, to: storm}]",
    "geopolitics.schedule=[{shock: regional_conflict, quarter: 2025Q3, where: UKR, severity: 1,"
    " by: RUS}]",
)


def played(end: str) -> dict[str, Any]:
    """Play two replicates, one by agents too; return digests, and what the runs held."""
    world = load_world()
    scenario = load_scenario(*STORM, f"horizon.end={end}")
    ensemble = simulate_ensemble(world, scenario, seed=5, replicates=2, threads=1)
    model = PartnershipModel(world, scenario, seed=5, replicate=1).run()
    tables = ensemble.metrics, ensemble.events
    runs = [[table[table["replicate"] == run] for table in tables] for run in (0, 1)]
    digests = []
    for metrics, events in (*runs, (model.metrics, model.events)):
        numbers, log = (
            table.drop(columns="replicate", errors="ignore") for table in (metrics, events)
        )
        bits = numbers.select_dtypes("number").to_numpy().tobytes()
        digests.append(sha256(bits + log.to_csv(index=False).encode()).hexdigest())
    return {
        "compiled": not numba.config.DISABLE_JIT,
        "kinds": sorted(set(ensemble.events["event"])),
        "digests": digests,
    }


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("end", ["2026Q1", pytest.param("2028Q4", marks=pytest.mark.slow)])
def test_plain_compiled_and_by_agents_the_bits_are_the_same(end: str) -> None:
    """With sources, ruptures and a climate that turns; nothing warns."""
    code = f"import json, test_drivers as t; print(json.dumps(t.played({end!r})))"
    plain = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={
            **os.environ,
            "NUMBA_DISABLE_JIT": "1",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    assert plain.stderr == ""
    compiled = played(end)
    assert {"shock", "suspended", "climate", "advanced"} <= set(compiled["kinds"])
    assert json.loads(plain.stdout) == {**compiled, "compiled": False}
    assert compiled["compiled"]
    first, second, by_agents = compiled["digests"]
    assert first != second == by_agents


def test_no_field_of_a_record_is_hidden_by_numpy() -> None:
    """In plain Python a field named like an attribute of numpy's records cannot be read."""
    for name in records.__all__:
        fields = getattr(records, name).names
        assert [field for field in fields if hasattr(np.record, field)] == [], name
        assert [field for field in fields if hasattr(np.recarray, field)] == [], name


def test_mesa_counts_its_agents(world_named: World, scenario: Scenario) -> None:
    """The model is a Mesa model: its agents are registered with it."""
    model = PartnershipModel(world_named, with_offer(without_shocks(scenario), envelope=0.0))
    assert len(model.agents) == len(world_named.countries) + 1
    assert len(model.agents.select(agent_type=PartnerCountry)) == len(world_named.countries)
    assert len(model.agents.select(agent_type=EuropeanUnion)) == 1


def test_mesa_tells_and_takes_the_state_of_agents(world_named: World, short: Scenario) -> None:
    model = PartnershipModel(world_named, without_shocks(short), seed=SEED)
    japan = model.countries[model.iso3.index("JPN")]
    assert japan.region == "Indo-Pacific"
    assert all(0 <= value <= 1 for value in (*japan.need.values(), *japan.threat.values()))
    assert japan.load >= 0
    assert model.union.load >= 0
    assert 0 <= model.union.reputation <= 1
    japan.alignment = 0.25
    japan.readiness = {"trade": 0.5, "identity": 0.125}
    model.union.spend = lambda: None  # type: ignore[method-assign]
    model.step()
    assert 0.25 <= japan.alignment < 0.26
    assert japan.readiness["trade"] == pytest.approx(0.5)
    assert japan.readiness["identity"] == pytest.approx(0.125)
    spending = PartnershipModel(world_named, short, seed=SEED)
    spending.step()
    assert spending.union.budget == pytest.approx(
        spending.metrics["offer_envelope"].iloc[-1]
        - spending.metrics[["offer_spent", "offer_lapsed"]].iloc[-1].sum()
    )


def test_what_a_state_cannot_be_is_refused(world_named: World, short: Scenario) -> None:
    model = PartnershipModel(world_named, short)
    country = model.countries[0]
    with pytest.raises(InputError, match=r"alignment = 1.5: must be a number from 0 to 1"):
        country.alignment = 1.5
    with pytest.raises(InputError, match=r"readiness: unknown area 'trad', did you mean 'trade'?"):
        country.readiness = {"trad": 0.5}
    with pytest.raises(InputError, match="stay for the whole run"):
        country.remove()
    with pytest.raises(InputError, match="unknown instrument 'X'"):
        country.explain("X")
    with pytest.raises(InputError, match=r"seed: none given.*rng="):
        PartnershipModel(world_named, short, seed=None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"country_type: .*int.* a subclass of PartnerCountry"):
        PartnershipModel(world_named, short, country_type=int)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="scenario: tuple given, a Scenario is needed"):
        PartnershipModel(world_named, ("world", 1))  # type: ignore[arg-type]


def test_mesa_runs_it_as_any_other_model(world_named: World, scenario: Scenario) -> None:
    two = for_quarters(scenario, 2)
    model = PartnershipModel(world_named, two, seed=SEED)
    while model.running:
        model.step()
    assert model.steps == model.quarter == 2
    table = model.datacollector.get_model_vars_dataframe()
    assert list(table["links"]) == list(model.metrics["links"])
    rows = mesa.batch_run(
        PartnershipModel,
        {"world": world_named, "scenario": [two], "replicate": [0, 1]},
        rng=[SEED],
        display_progress=False,
    )
    assert [row["Step"] for row in rows] == [2, 2]
    assert rows[0]["partner_value"] == model.metrics["partner_value"].iloc[-1]
    assert rows[1]["partner_value"] != rows[0]["partner_value"]


def test_the_network_is_a_graph(world_named: World, scenario: Scenario) -> None:
    model = PartnershipModel(world_named, scenario)
    network = model.graph()
    assert set(network) == {"EU", *model.iso3}
    links = [edge for edge in network.edges if "EU" not in edge]
    now = model.metrics.iloc[-1]
    assert len(links) == now["links"]
    assert network.degree("EU") == now["partners"]
    tied = network.edges["EU", "JPN"]["instruments"]
    assert "DIGITAL_PARTNERSHIP" in tied
    assert network.nodes["JPN"]["region"] == "Indo-Pacific"
