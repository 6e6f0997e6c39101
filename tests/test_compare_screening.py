"""Elementary effects and delta indices against known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from SALib.analyze.delta import calc_delta
from scipy import stats

from partnersim import InputError, load_scenario
from partnersim.compare.screening import delta_indices, morris_effects
from partnersim.runs.sampling import sample
from partnersim.scenario.design import Design, Factor


@pytest.fixture(scope="module")
def trajectories() -> pd.DataFrame:
    factors = {name: Factor(low=10.0, high=20.0) for name in ("idle", "steep", "with_idle")}
    design = Design(kind="morris", points=12, factors=factors)
    return sample(design, ["calm", "rivalry"], [], load_scenario().behaviour)


def test_elementary_effects_are_those_of_the_formula(trajectories: pd.DataFrame) -> None:
    assert len(trajectories) == 12 * (4 + 1)
    share = trajectories.set_index("future")[["steep", "with_idle"]] / 10 - 1
    stormy = trajectories.set_index("future")["geopolitics"] == "rivalry"
    outcome = 6 * share["steep"] + 2 * share["with_idle"] * stormy
    found = morris_effects(trajectories, outcome).set_index("factor")
    assert found.index[0] == "steep"
    assert found.loc["steep", ["index", "sigma"]].tolist() == pytest.approx([6, 0])
    assert found.loc["idle", "index"] == 0
    assert not found.loc["idle", "matters"]
    assert found.loc["with_idle", "sigma"] > 0.5


def test_a_trajectory_without_an_outcome_is_left_out(trajectories: pd.DataFrame) -> None:
    outcome = trajectories["steep"].to_numpy().copy()
    outcome[3] = np.nan
    assert morris_effects(trajectories, outcome)["index"].iloc[0] == pytest.approx(10)
    with pytest.raises(InputError, match="trajectories are too few"):
        morris_effects(trajectories.iloc[:15], outcome[:15])
    with pytest.raises(InputError, match=r"design\.kind=morris"):
        morris_effects(trajectories.iloc[1:], outcome[1:])


def test_delta_is_that_of_salib_and_of_the_closed_form() -> None:
    x, rest = np.random.default_rng(1).normal(size=(2, 2000))
    found = delta_indices(pd.DataFrame({"x": x}), x + rest, resamples=4)["index"].item()
    grid = np.linspace((x + rest).min(), (x + rest).max(), 100)
    assert found == pytest.approx(calc_delta(x + rest, grid, x, np.linspace(0, 2000, 13)))
    # y of variance 2, y given x of variance 1.
    wide, given = np.linspace(-9, 9, 2001), stats.norm.ppf((np.arange(200) + 0.5) / 200)
    apart = [np.abs(stats.norm.pdf(wide, 0, 2**0.5) - stats.norm.pdf(wide, at)) for at in given]
    assert found == pytest.approx(np.mean([np.trapezoid(a, wide) / 2 for a in apart]), abs=0.05)


def test_delta_finds_a_choice_and_nothing_in_noise() -> None:
    generator = np.random.default_rng(2)
    futures = pd.DataFrame(generator.random((120, 6)), columns=list("abcdef"))
    futures["climate"] = generator.choice(["calm", "rivalry"], 120)
    outcome = (futures["climate"] == "calm") + 0.3 * generator.normal(size=120)
    found = delta_indices(futures, outcome.to_numpy())
    assert found["factor"][found["matters"]].tolist() == ["climate"]
    with pytest.raises(InputError, match="too few"):
        delta_indices(futures.iloc[:20], outcome[:20].to_numpy())
