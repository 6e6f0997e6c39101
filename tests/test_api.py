"""The Python interface, as its users write it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import partnersim
from partnersim import (
    Ensemble,
    InputError,
    PartnershipModel,
    Run,
    World,
    actor_oriented,
    load_scenario,
    load_world,
    read_runs,
    run_sweep,
    simulate,
    simulate_ensemble,
    synthetic_world,
    world_of,
)
from partnersim.model.metrics import metric_names
from partnersim.scenario.scenario import Scenario
from scenarios import for_quarters

EVENT_COLUMNS = [
    *("replicate", "quarter", "event", "iso3", "instrument"),
    *("other", "stage", "direction", "shock", "severity", "million_eur"),
]


def test_every_public_name_exists_and_is_documented() -> None:
    assert set(partnersim.__all__) >= {
        *("load_world", "load_scenario", "simulate", "simulate_ensemble", "synthetic_world"),
        *("PartnershipModel", "PartnerCountry", "EuropeanUnion", "Ensemble", "Run", "World"),
        *("InputError", "actor_oriented"),
    }
    for name in partnersim.__all__:
        assert name in dir(partnersim)
        assert getattr(partnersim, name).__doc__, name
    assert partnersim.__version__.count(".") >= 1
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        getattr(partnersim, "simulat")  # noqa: B009


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, partnersim\n"
        "heavy = 'numba mesa matplotlib hydra pandas numpy scipy networkx omegaconf pydantic'\n"
        "heavy += ' pyarrow sklearn starlette uvicorn rich jinja2 joblib yaml'\n"
        "print([name for name in heavy.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_first_session(scenario: Scenario) -> None:
    """What a reader of the README tries first."""
    world = load_world()
    assert isinstance(world, World)
    settings = ("policy=deepen_first", "geopolitics=rivalry", "horizon.end=2027Q4")
    short = load_scenario(*settings)
    metrics, events = simulate(world, short, seed=7, replicate=2)
    assert metrics["quarter"].tolist()[0] == "2025Q2"
    assert metrics["quarter"].tolist()[-1] == "2027Q4"
    assert list(metrics.columns) == ["quarter", *metric_names(world.regions)]
    assert list(events.columns) == EVENT_COLUMNS[1:]

    ensemble = simulate_ensemble(world, short, seed=7, replicates=4, threads=2)
    assert isinstance(ensemble, Ensemble)
    assert len(ensemble.metrics) == 4 * 11
    assert list(ensemble.events.columns) == EVENT_COLUMNS
    band = ensemble.metrics.groupby("quarter", observed=True)["instruments"].quantile([0.05, 0.95])
    assert band.notna().all()

    model = PartnershipModel(world, short, seed=7, replicate=2)
    model.step()
    assert model.quarter == 1
    model.run()
    pd.testing.assert_frame_equal(model.metrics, metrics)
    pd.testing.assert_frame_equal(
        model.events.reset_index(drop=True), events.reset_index(drop=True)
    )


def test_a_run_is_a_named_pair(small_world: World, scenario: Scenario) -> None:
    run = simulate(small_world, for_quarters(scenario, 2))
    assert isinstance(run, Run)
    assert run.metrics is run[0]
    assert run.events is run[1]


def test_an_ensemble_has_the_documented_shapes(small_world: World, scenario: Scenario) -> None:
    countries, instruments = small_world.arrays.stage.shape
    ensemble = simulate_ensemble(small_world, for_quarters(scenario, 9), replicates=3)
    assert ensemble.years == [2025, 2026]
    assert ensemble.in_force_by_year.shape == (2, countries, instruments)
    assert ensemble.initially_in_force.shape == (countries, instruments)
    assert ensemble.links_at_end.shape == (countries, countries)
    assert ensemble.iso3 == tuple(small_world.countries["iso3"])
    assert ensemble.instruments == tuple(small_world.instruments["instrument"])
    assert len(ensemble.countries) == 2 * countries
    assert ensemble.in_force_by_year.max() <= ensemble.replicates == 3
    assert ensemble.metrics["replicate"].dtype == np.int32
    assert (ensemble.metrics.dtypes.iloc[2:] == np.float64).all()


def test_progress_is_told_after_each_replicate(small_world: World, scenario: Scenario) -> None:
    for threads in (1, 2):
        told: list[int] = []
        simulate_ensemble(
            small_world,
            for_quarters(scenario, 2),
            replicates=5,
            threads=threads,
            progress=told.append,
        )
        assert sorted(told) == [1, 2, 3, 4, 5]


def test_replicates_may_be_any_sequence(small_world: World, scenario: Scenario) -> None:
    short = for_quarters(scenario, 2)
    for given in ([4, 1], (4, 1), range(4, 0, -3), np.array([4, 1])):
        metrics = simulate_ensemble(small_world, short, replicates=given).metrics
        assert metrics["replicate"].drop_duplicates().tolist() == [4, 1]


def test_without_a_seed_it_is_seed_zero(small_world: World, scenario: Scenario) -> None:
    short = for_quarters(scenario, 3)
    pd.testing.assert_frame_equal(
        simulate(small_world, short).metrics, simulate(small_world, short, seed=0).metrics
    )


def test_bare_mode_is_public() -> None:
    assert callable(actor_oriented.simulate)
    assert callable(actor_oriented.transition_probabilities)


def test_every_shipped_instrument_can_be_simulated(world_all: World, scenario: Scenario) -> None:
    """All instruments occur: in June 2025, or as something that a country asks for."""
    eager = {
        name: {**dict(coefficient), "value": 2.0}
        for name, coefficient in scenario.behaviour.coefficients.items()
        if name in ("deepen", "broaden", "connect", "strengthen", "activity_rate")
    }
    coefficients = {
        name: type(coefficient)(**eager.get(name, dict(coefficient)))
        for name, coefficient in scenario.behaviour.coefficients.items()
    }
    behaviour = scenario.behaviour.model_copy(update={"coefficients": coefficients})
    busy = scenario.model_copy(update={"behaviour": behaviour})
    events = simulate_ensemble(world_all, for_quarters(busy, 20), replicates=2).events
    seen = set(events["instrument"].dropna()) | set(world_all.network["instrument"])
    assert seen == set(world_all.instruments["instrument"])


def problems_of(call: Any, *arguments: Any, **named: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        call(*arguments, **named)
    for line in caught.value.problems:
        assert line.strip()
        assert "\n" not in line
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"seed": -1}, ["seed", "-1"]),
        ({"seed": 2**63}, ["seed", str(2**63)]),
        ({"seed": 1.5}, ["seed", "1.5"]),
        ({"seed": "7"}, ["seed", "7"]),
        ({"replicates": 0}, ["replicates"]),
        ({"replicates": []}, ["replicates"]),
        ({"replicates": [1, -2]}, ["replicates", "-2"]),
        ({"replicates": [2**31]}, ["replicates", str(2**31)]),
        ({"replicates": [0.5]}, ["replicates", "0.5"]),
        ({"threads": 0}, ["threads", "0"]),
        ({"threads": -3}, ["threads", "-3"]),
    ],
)
def test_impossible_numbers_are_refused(
    small_world: World, scenario: Scenario, named: dict[str, Any], words: list[str]
) -> None:
    problems = problems_of(simulate_ensemble, small_world, for_quarters(scenario, 1), **named)
    assert len(problems) == 1
    for word in words:
        assert word in problems[0]


@pytest.mark.parametrize("call", [simulate, PartnershipModel])
@pytest.mark.parametrize(
    "named", [{"seed": -1}, {"seed": 2**63}, {"replicate": -1}, {"replicate": 2**31}]
)
def test_single_runs_refuse_the_same_numbers(
    small_world: World, scenario: Scenario, call: Any, named: dict[str, int]
) -> None:
    (problem,) = problems_of(call, small_world, for_quarters(scenario, 1), **named)
    assert next(iter(named)) in problem
    assert str(next(iter(named.values()))) in problem


def test_all_problems_are_told_at_once(world_named: World, scenario: Scenario) -> None:
    wrong = scenario.model_copy(
        update={
            "policy": scenario.policy.model_copy(
                update={"hubs": ("JPM",), "regions": {"Balkans": 2.0}}
            )
        }
    )
    problems = problems_of(simulate_ensemble, world_named, wrong, seed=-5, threads=0)
    assert len(problems) == 4
    assert "Balkans" in problems[0]
    assert "western_balkans" in problems[0]
    assert "JPM" in problems[1]
    assert "JPN" in problems[1]


@pytest.mark.parametrize("driver", [simulate, simulate_ensemble, PartnershipModel])
@pytest.mark.parametrize(
    ("overrides", "given", "nearest"),
    [
        (
            "geopolitics.schedule=[{shock: trade_war, quarter: 2027Q2, where: Japn, severity: 1}]",
            "Japn",
            "JPN",
        ),
        ("policy.hubs=[Kenia]", "Kenia", "KEN"),
        (
            "world.switched_off=[DIGITAL_PARTNERSHIPS]",
            "DIGITAL_PARTNERSHIPS",
            "DIGITAL_PARTNERSHIP",
        ),
    ],
)
def test_unknown_names_are_refused_by_every_driver(
    world_named: World, driver: Any, overrides: str, given: str, nearest: str, scenario: Scenario
) -> None:
    key, _, value = overrides.partition("=")
    changed = _with(scenario, key, value)
    (problem,) = problems_of(driver, world_named, changed)
    assert f"'{given}'" in problem
    assert f"'{nearest}'" in problem


def _with(scenario: Scenario, key: str, value: str) -> Scenario:
    """Set one value without the checks of ``load_scenario``, which would refuse it first."""
    import yaml

    group, name = key.split(".")
    part = getattr(scenario, group)
    fields = {**part.model_dump(), name: yaml.safe_load(value)}
    if name == "schedule":
        fields[name] = [{**strike, "severity": 1.0} for strike in fields[name]]
    return scenario.model_copy(update={group: type(part)(**fields)})


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("policy=deepn_first", ["deepn_first", "deepen_first"]),
        ("policy.negotiators=-3", ["negotiators", "-3", "2000"]),
        ("policy.openness=1.5", ["openness", "1.5"]),
        ("horizon.end=2020Q4", ["horizon.end", "2020Q4"]),
        ("policy.hubs=[JPM]", ["JPM", "JPN"]),
        ("geopolitics.shocks={trade_wars: 2}", ["trade_wars", "trade_war"]),
        ("behaviour.coefficients.offer_memory.value=0", ["offer_memory", "above 0"]),
        ("behaviour.coefficients.investment_scale.value=-1", ["investment_scale", "above 0"]),
    ],
)
def test_impossible_scenarios_are_refused(override: str, words: list[str]) -> None:
    problems = problems_of(load_scenario, override)
    assert len(problems) == 1
    for word in words:
        assert word in problems[0]


def test_impossible_worlds_are_refused() -> None:
    assert len(problems_of(synthetic_world, 2, -1)) == 2


def test_what_is_of_another_type_is_told_in_one_line(
    small_world: World, scenario: Scenario, tmp_path: Path
) -> None:
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: simulate(small_world, None), "scenario: null given, a Scenario is needed"),
        (lambda: simulate(small_world, "calm"), "scenario: 'calm' given, a Scenario is needed"),
        (lambda: simulate(scenario, small_world), "world: Scenario given, a World is needed"),
        (lambda: simulate_ensemble(small_world, {}), "scenario: dict given, a Scenario is needed"),
        (lambda: simulate_ensemble(small_world, scenario, replicates=2.5), "number 2.5 given"),
        (lambda: simulate_ensemble(small_world, scenario, replicates=None), "number null given"),
        (lambda: world_of(None), "scenario: null given, a Scenario is needed"),
        (lambda: read_runs(None), "folder: NoneType given, a path is needed"),
        (lambda: read_runs(tmp_path / "none"), "holds no results"),
        (lambda: load_scenario({"policy": "calm"}), "settings are written as texts"),
        (lambda: run_sweep(3), "settings are written as texts"),
    ]
    for call, told_of in calls:
        with pytest.raises(InputError, match=re.escape(told_of)):
            call()
