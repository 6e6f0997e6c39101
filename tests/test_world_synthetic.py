"""Invented worlds keep every promise of the real one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim.errors import InputError
from partnersim.model.constants import PATH_STAGES, PATHS, STAGES
from partnersim.world.synthetic import synthetic_world
from partnersim.world.world import load_world

SCORES = ("size", "alignment", "readiness", "need", "rival", "threat", "business", "affinity")


@settings(max_examples=12, deadline=None)
@given(countries=st.integers(3, 400), seed=st.integers(0, 2**63 - 1))
def test_promises(world_all, countries, seed):
    world = synthetic_world(countries, seed)
    arrays, real = world.arrays, world_all.arrays
    assert len(world.countries) == countries
    assert world.countries["iso3"].is_unique
    assert world.countries["iso3"].str.fullmatch("[QX][A-Z]{2}").all()
    for name in SCORES:
        values = getattr(arrays, name)
        assert values.min() >= 0, name
        assert values.max() <= 1, name
    for name, array in arrays._asdict().items():
        assert array.flags.c_contiguous, name
        assert array.dtype == getattr(real, name).dtype, name
    for name in ("links", "signed", "affinity", "distance", "borders"):
        array = getattr(arrays, name)
        np.testing.assert_array_equal(array, array.T, err_msg=name)
        assert not array.diagonal().any(), name
    assert arrays.gdp_share.sum() == pytest.approx(1)
    assert arrays.gdp.min() > 0
    assert arrays.exposure.mean() == pytest.approx(1, abs=1e-5)
    possible = {
        PATHS.index(path): {0, 1, *(STAGES.index(stage) for stage in stages)}
        for path, stages in PATH_STAGES.items()
    }
    for k, path in enumerate(arrays.path):
        assert set(arrays.stage[:, k].tolist()) <= possible[path]
    assert len(world.network) == np.count_nonzero(arrays.stage)


def test_same_seed_same_world_another_seed_another():
    one, same, other = (synthetic_world(60, seed) for seed in (1, 1, 2))
    assert one.digest == same.digest
    assert one.countries.equals(same.countries)
    assert one.digest != other.digest


def test_all_real_countries_are_drawn_before_any_again():
    world = synthetic_world(169, 5)
    np.testing.assert_array_equal(
        np.sort(world.arrays.stage.sum(axis=1)), np.sort(load_world().arrays.stage.sum(axis=1))
    )


def test_largest():
    assert len(synthetic_world(1000, 0).countries) == 1000


@pytest.mark.parametrize(
    ("countries", "seed", "problem"),
    [
        (2, 0, "countries 2 must be from 3 to 1000"),
        (1001, 0, "countries 1001 must be from 3 to 1000"),
        ("x", 0, "countries x must be from 3 to 1000"),
        (3, -1, "seed -1 must not be negative"),
    ],
)
def test_out_of_range(countries, seed, problem):
    with pytest.raises(InputError) as raised:
        synthetic_world(countries, seed)
    assert raised.value.problems == (problem,)
