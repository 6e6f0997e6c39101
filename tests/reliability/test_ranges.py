"""Numbers over their whole ranges.

Tried: every number of a scenario (coefficients too; of those of shocks, which are alike, one in
ten) at both ends, a value between, and the next number beyond each end; numbers of the run; then
all settings drawn at once by hypothesis, or coefficients far outside what is plausible; each plays
3 quarters of 12 countries

Held: nothing beyond a range is accepted; no NaN or infinity in any metric, no warning, money
conserved to the cent, counts equal to a recount, stages and links valid, the log replays to the
same end
"""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from extremes import any_scenario, between
from invariants import assert_run_is_sound
from partnersim import load_scenario, load_world, simulate, synthetic_world
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.coefficients import NAMES
from partnersim.scenario.behaviour import DIVISORS, LARGEST_COEFFICIENT
from partnersim.scenario.design import Design
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.run_settings import Engine, RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import notes_of
from partnersim.world.world import World
from program import Trials
from scenarios import for_quarters, with_climate, with_coefficients

# A run that is sound says nothing on the screen of a user either.
pytestmark = pytest.mark.filterwarnings("error")
QUARTERS = 3


@pytest.fixture(scope="module")
def small() -> World:
    return synthetic_world(12, 1)


@pytest.fixture(scope="module")
def base() -> Scenario:
    return for_quarters(load_scenario(), QUARTERS)


def must_refuse(path: str, low: float, high: float, *, whole: bool, above: bool = False) -> None:
    """Hold that the next numbers beyond a range, or its open end, are refused."""
    below = low if above else low - 1 if whole else math.nextafter(low, -math.inf)
    for beyond in (below, high + 1 if whole else math.nextafter(high, math.inf)):
        with pytest.raises(InputError, match="must be "):
            load_experiment(["experiment=robustness", f"{path}={beyond!r}"])


def must_be_finite(world: World, scenario: Scenario) -> None:
    metrics = simulate(world, scenario).metrics.select_dtypes("number").to_numpy()
    assert np.isfinite(metrics).all()


def test_single_settings(trials: Trials, small: World, base: Scenario) -> None:
    real = load_world()
    every = numeric_settings(base.names(real)).values()
    # Those of shocks are alike, by shock, region and area: one in ten.
    of_shocks = [each for each in every if each.keys[0] == "shocks"]
    left = [each for each in every if each.keys[0] != "shocks"]
    left += random.Random(1).sample(of_shocks, len(of_shocks) // 10)
    random.Random(2).shuffle(left)

    def trial(draw: random.Random) -> str:
        setting: NumericSetting = left.pop()
        low, high = setting.plausible or (setting.notes["low"], setting.notes["high"])
        scenario = base
        # An invented world has no weights.
        world = real if setting.keys[0] == "world" else small
        if setting.keys[0] == "shocks":
            strike = {"shock": setting.keys[1], "quarter": "2025Q3", "where": "world"}
            scenario = with_climate(base, schedule=[{**strike, "severity": 1.0}])
        for value in (low, high, draw.uniform(low, high)):
            value = int(value) if setting.whole else float(value)
            try:
                changed = varied(scenario, {setting.keys: value})
            except ValidationError as error:
                # Numbers that must rise together, or weights that are all zero.
                if {problem["type"] for problem in error.errors()} != {"value_error"}:
                    raise
                continue
            assert_run_is_sound(world, changed, draw.randrange(1000))
        above = setting.notes.get("above")
        if setting.plausible is not None:
            # What is not plausible may be tried as well, within a wide range.
            least = -LARGEST_COEFFICIENT if above is None else above
            low = setting.notes.get("low", least)
            high = setting.notes.get("high", LARGEST_COEFFICIENT)
            for value in (low or math.nextafter(0.0, 1.0), high):
                must_be_finite(world, varied(base, {setting.keys: float(value)}))
        must_refuse(setting.path, low, high, whole=setting.whole, above=above is not None)
        return f"single settings: {setting.keys[0]}"

    trials(trial, 4, len(left))


def test_numbers_of_the_run(held: Counter[str]) -> None:
    models: dict[str, Any] = {"": RunSettings, "engine.": Engine, "design.": Design}
    for prefix, model in models.items():
        for name, field in model.model_fields.items():
            notes = notes_of(field)
            if "low" not in notes:
                continue
            low, high = notes["low"], notes["high"]
            for value in (low, high):
                words = ("experiment=robustness", f"{prefix}{name}={value}")
                load_experiment(words)
            must_refuse(f"{prefix}{name}", low, high, whole=field.annotation is not float)
            held["single settings: of the run"] += 1


@pytest.mark.parametrize("far", [False, True])
def test_all_settings_at_once(
    far: bool, held: Counter[str], all_trials: bool, small: World, base: Scenario
) -> None:
    coefficients = st.dictionaries(
        st.sampled_from(NAMES), between(-LARGEST_COEFFICIENT, LARGEST_COEFFICIENT), max_size=20
    )

    @settings(
        max_examples=(340 if far else 1000) if all_trials else 3,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.integers(0, 2**63 - 1))
    def sound(data: st.DataObject, seed: int) -> None:
        scenario = data.draw(any_scenario(base, QUARTERS))
        if far:
            values = data.draw(coefficients)
            divisors = {name: max(abs(values[name]), 1e-9) for name in DIVISORS if name in values}
            must_be_finite(small, with_coefficients(scenario, **{**values, **divisors}))
        else:
            assert_run_is_sound(small, scenario, seed)
        held[f"all settings at once{', coefficients beyond what is plausible' * far}"] += 1

    sound()
