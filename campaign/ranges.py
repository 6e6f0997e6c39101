"""Every number over its whole range: no run without sense, nothing beyond accepted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from campaign.trials import Part, Seen, Trial, must
from partnersim import load_scenario, load_world, simulate, synthetic_world
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.coefficients import NAMES
from partnersim.scenario.behaviour import DIVISORS, LARGEST_COEFFICIENT
from partnersim.scenario.design import Design
from partnersim.scenario.engine import Engine
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import notes_of
from partnersim.world.world import World

# Of the tests, see campaign.trials.
from extremes import any_scenario, between  # isort: skip
from invariants import assert_run_is_sound  # isort: skip
from scenarios import for_quarters, with_climate, with_coefficients  # isort: skip

#: Quarters played of each draw.
_QUARTERS = 3
#: Draws between the ends of a single setting, and of a joint trial.
_BETWEEN, _JOINTLY = 3, 10
_COUNTRIES = 12


def _quietly(draws: int, number: int) -> Any:
    """Return what makes hypothesis draw so often from a seed, and keep nothing."""
    return lambda test: seed(number)(
        settings(
            max_examples=draws,
            database=None,
            deadline=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
            # A trial is repeated as it was; making it smaller would take longer than all others.
            phases=(Phase.generate,),
        )(test)
    )


def _next(value: float, towards: float, *, whole: bool) -> float:
    return value + math.copysign(1, towards) if whole else math.nextafter(value, towards)


class _Ranges:
    """Does the trials on a small invented world with the real instruments."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._world: World = synthetic_world(_COUNTRIES, 1)
        self._base: Scenario = for_quarters(load_scenario(), _QUARTERS)
        base = self._base
        found = numeric_settings(base.names(load_world()))
        self._settings = list(found.values())
        self._run_numbers = [
            *((name, field) for name, field in RunSettings.model_fields.items()),
            *((f"engine.{name}", field) for name, field in Engine.model_fields.items()),
            *((f"design.{name}", field) for name, field in Design.model_fields.items()),
        ]
        self._run_numbers = [item for item in self._run_numbers if "low" in notes_of(item[1])]

    def trial(self, number: int) -> Seen:
        with warnings.catch_warnings():
            # A run that is sound says nothing on the screen of a user either.
            warnings.simplefilter("error")
            if number < len(self._settings):
                return self._single(self._settings[number], number)
            number -= len(self._settings)
            if number < len(self._run_numbers):
                name, field = self._run_numbers[number]
                return self._of_the_run(name, notes_of(field), whole=field.annotation is not float)
            return self._jointly(number)

    def _single(self, setting: NumericSetting, number: int) -> Seen:
        base = self._base
        low, high = setting.plausible or (setting.notes["low"], setting.notes["high"])
        if setting.keys[0] == "shocks":
            strike = {"shock": setting.keys[1], "quarter": "2025Q3", "where": "world"}
            base = with_climate(base, schedule=[{**strike, "severity": 1.0}])

        def sound(value: float) -> None:
            value = int(value) if setting.whole else float(value)
            try:
                scenario = varied(base, {setting.keys: value})
            except ValidationError as error:
                # Numbers that must rise together, or weights that are all zero.
                must("value_error" in str(error), f"{setting.path} = {value}: {error}")
                return
            assert_run_is_sound(self._world, scenario, number)

        @_quietly(_BETWEEN, self._seed + number)
        @given(st.integers(low, high) if setting.whole else st.floats(low, high))
        def drawn(value: float) -> None:
            sound(value)

        sound(low)
        sound(high)
        drawn()
        if setting.plausible is not None:
            # What is not plausible may be tried as well, within a wide range.
            low, high = setting.notes.get("above", -LARGEST_COEFFICIENT), LARGEST_COEFFICIENT
            for value in (low or math.nextafter(0.0, 1.0), high):
                self._must_be_finite(varied(base, {setting.keys: float(value)}))
        if setting.notes.get("above") is None:
            self._must_refuse(setting.path, _next(low, -math.inf, whole=setting.whole))
        else:
            self._must_refuse(setting.path, low)
        self._must_refuse(setting.path, _next(high, math.inf, whole=setting.whole))
        return Seen(f"single settings: {setting.keys[0]}")

    def _must_be_finite(self, scenario: Scenario) -> None:
        metrics = simulate(self._world, scenario).metrics.select_dtypes("number").to_numpy()
        must(bool(np.isfinite(metrics).all()), "a metric is no number")

    def _must_refuse(self, path: str, beyond: float) -> None:
        try:
            load_experiment(["experiment=robustness", "world=named", f"{path}={beyond!r}"])
        except InputError as error:
            must("must be " in str(error), str(error))
            return
        must(False, f"{path} = {beyond!r}: accepted beyond its range")

    def _of_the_run(self, name: str, notes: Mapping[str, Any], *, whole: bool) -> Seen:
        """Hold that ends are accepted and what lies beyond is not; seeds are played as well."""
        low, high = notes["low"], notes["high"]
        words = ("experiment=robustness", "world=named")
        for value in (low, high):
            experiment = load_experiment([*words, f"{name}={value}"])
            if name == "seed":
                assert_run_is_sound(self._world, self._base, experiment.settings.seed)
        for end, towards in ((low, -math.inf), (high, math.inf)):
            self._must_refuse(name, _next(end, towards, whole=whole))
        return Seen("single settings: of the run")

    def _jointly(self, number: int) -> Seen:
        """Draw all settings at once, or coefficients far outside what is plausible."""
        far = st.dictionaries(
            st.sampled_from(NAMES), between(-LARGEST_COEFFICIENT, LARGEST_COEFFICIENT), max_size=20
        )
        outside = number % 4 == 0

        @_quietly(_JOINTLY, self._seed + number)
        @given(st.data(), st.integers(0, 2**63 - 1))
        def sound(data: st.DataObject, luck: int) -> None:
            scenario = data.draw(any_scenario(self._base, _QUARTERS))
            if outside:
                values = data.draw(far)
                divisors = {
                    name: max(abs(values[name]), 1e-9) for name in DIVISORS if name in values
                }
                self._must_be_finite(with_coefficients(scenario, **{**values, **divisors}))
            else:
                assert_run_is_sound(self._world, scenario, luck)

        sound()
        return Seen("all settings at once" + (", coefficients beyond what is plausible" * outside))


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Read the settings."""
    yield _Ranges(seed).trial


PART = Part(
    name="ranges",
    title="Numbers over their whole ranges",
    tried=(
        "every number of a scenario (coefficients too) at both ends, three values between, and the"
        " next number beyond each end; numbers of the run; then all settings drawn at once by"
        f" hypothesis, {_JOINTLY} draws a trial; each plays {_QUARTERS} quarters of {_COUNTRIES}"
        " countries"
    ),
    held=(
        "nothing beyond a range is accepted; no NaN or infinity in any metric, no warning, money"
        " conserved to the cent, counts equal to a recount, stages and links valid, the log"
        " replays to the same end"
    ),
    trials=1200,
    opened=opened,
)
