"""PRIM and CART: planted boxes are found, nothing is found in noise, boxes are told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from partnersim import InputError
from partnersim.compare.box import Box, Range, inside, measured
from partnersim.compare.cart import cart
from partnersim.compare.prim import prim, trajectory

Finder = Callable[..., list[Box]]
CLIMATES = ("calm", "coercion", "fragmentation", "rivalry")

both = pytest.mark.parametrize("find", [prim, cart], ids=["prim", "cart"])


def futures(size: int = 400, seed: int = 1) -> pd.DataFrame:
    """Return sampled futures: a choice, two numbers, one number of few values."""
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "future": np.arange(size),
            "geopolitics": generator.choice(CLIMATES, size),
            "need": generator.random(size),
            "diffusion": generator.random(size),
            "delay": generator.integers(0, 5, size),
        }
    )


@both
def test_a_planted_box_is_found(find: Finder) -> None:
    points = futures()
    fails = (points["geopolitics"] == "coercion") & (points["need"] < 0.7)
    box = find(points, fails)[0]
    assert set(box.limits) == {"geopolitics", "need"}
    assert box.limits["geopolitics"] == ("coercion",)
    need = box.limits["need"]
    assert isinstance(need, Range)
    assert need.low is None or need.low < 0.05
    assert need.high == pytest.approx(0.7, abs=0.05)
    assert box.coverage > 0.9
    assert box.density > 0.9
    assert all(value < 0.001 for value in box.p_values.values())


@both
def test_a_box_with_two_options_and_an_inner_range(find: Finder) -> None:
    points = futures(800, seed=2)
    fails = points["geopolitics"].isin(["calm", "rivalry"]) & points["need"].between(0.3, 0.8)
    boxes = find(points, fails)
    within = np.any([inside(points, box.limits) for box in boxes if box.density > 0.8], axis=0)
    assert (within & fails).sum() > 0.9 * fails.sum()
    assert (within & fails).sum() > 0.9 * within.sum()
    if find is prim:
        assert boxes[0].limits["geopolitics"] == ("calm", "rivalry")


@both
def test_two_boxes_are_found_apart(find: Finder) -> None:
    points = futures(500, seed=3)
    fails = (points["need"] < 0.25) | (points["diffusion"] > 0.8)
    boxes = find(points, fails)
    assert sum(box.coverage for box in boxes) > 0.9
    assert min(box.density for box in boxes[:2]) > 0.85
    assert {name for box in boxes for name in box.limits} == {"need", "diffusion"}


@both
def test_factors_of_few_values(find: Finder) -> None:
    """A grid has few values per factor, many of them tied."""
    points = pd.DataFrame(
        [(x, y, z) for x in (0.5, 1, 2) for y in (1, 2, 3, 4) for z in range(10)],
        columns=["intensity", "level", "other"],
    )
    fails = (points["intensity"] == 2) & (points["level"] >= 3)
    [box] = find(points, fails)
    assert (inside(points, box.limits) == fails).all()
    assert (box.coverage, box.density, box.cases) == (1.0, 1.0, 20)


@both
def test_failures_that_are_noisy(find: Finder) -> None:
    points = futures(600, seed=4)
    generator = np.random.default_rng(5)
    planted = (points["geopolitics"] == "coercion") & (points["need"] < 0.6)
    fails = generator.random(600) < np.where(planted, 0.8, 0.05)
    box = find(points, fails)[0]
    assert box.limits["geopolitics"] == ("coercion",)
    assert box.density == pytest.approx(0.8, abs=0.12)
    overlap = inside(points, box.limits) & planted
    assert overlap.sum() > 0.8 * max(planted.sum(), box.cases)


@both
def test_nothing_is_found_where_nothing_is(find: Finder) -> None:
    """Many factors, few points: by chance, some corner always holds many failures."""
    found = 0
    for seed in range(5):
        generator = np.random.default_rng(seed)
        points = pd.DataFrame(generator.random((100, 20))).rename(columns="x{}".format)
        points["geopolitics"] = generator.choice(CLIMATES, 100)
        found += bool(find(points, generator.random(100) < 0.3))
    assert found <= 1


@both
def test_all_or_nothing_fails(find: Finder) -> None:
    points = futures(50)
    assert find(points, np.zeros(50, bool)) == []
    [box] = find(points, np.ones(50, bool))
    assert (box.limits, box.coverage, box.density, box.mass, box.cases) == ({}, 1, 1, 1, 50)


@both
def test_shares_are_those_of_the_points(find: Finder) -> None:
    points = futures(300, seed=6)
    fails = (points["need"] + 0.3 * points["diffusion"] > 0.9).rename("fails")
    taken = np.zeros(300, bool)
    for box in find(points, fails.sample(frac=1, random_state=1)):
        within = inside(points, box.limits) & ~taken
        taken |= within
        assert box.cases == within.sum()
        assert box.mass == pytest.approx(within.mean())
        assert box.coverage == pytest.approx((within & fails).sum() / fails.sum())
        assert box.density == pytest.approx(fails[within].mean())


@both
def test_points_without_a_verdict_are_left_out(find: Finder) -> None:
    points = futures(300)
    fails = (points["need"] < 0.5).rename("fails")
    lacking = fails.drop(index=[0, 5, 200])
    known = points.drop(index=[0, 5, 200])
    assert find(points, lacking) == find(known, fails.loc[known.index])


@both
def test_the_order_of_points_and_options_decides_nothing(find: Finder) -> None:
    points = futures(200, seed=7)
    fails = (points["geopolitics"].isin(["calm", "rivalry"])).rename("fails")
    boxes = find(points, fails)
    mixed = points.sample(frac=1, random_state=2)
    assert find(mixed, fails) == boxes
    assert find(points.astype({"geopolitics": "category"}), fails) == boxes


@both
def test_truth_values_are_a_choice(find: Finder) -> None:
    generator = np.random.default_rng(8)
    points = pd.DataFrame(
        {"hubs": generator.random(100) < 0.5, "need": generator.random(100), "fixed": 1.0}
    )
    boxes = find(points, points["hubs"])
    assert [box.limits for box in boxes] == [{"hubs": ("True",)}]


def test_quasi_p_values_are_binomial_tests() -> None:
    points = futures(400, seed=9).drop(columns="future")
    generator = np.random.default_rng(10)
    fails = generator.random(400) < np.where(points["need"] < 0.5, 0.6, 0.2)
    limits = {"need": Range(None, 0.5), "geopolitics": ("calm", "rivalry")}
    box = measured(limits, points, fails)
    within = inside(points, limits)
    for factor, other in (("need", "geopolitics"), ("geopolitics", "need")):
        wider = inside(points, {other: limits[other]})
        expected = binomtest(
            int(fails[within].sum()), int(within.sum()), fails[wider].mean(), "greater"
        ).pvalue
        assert box.p_values[factor] == pytest.approx(expected)
    assert box.p_values["need"] < 1e-6
    assert box.p_values["geopolitics"] > 0.01


def by_brute_force(factors: pd.DataFrame, fails: np.ndarray, fewest: int) -> list[np.ndarray]:
    """Return the boxes of the first peels on numeric factors without ties, as defined.

    Of all ways to cut 5 % off one end, the one that raises the share that fails most per point; of
    equals the one that restricts no further factor.
    """
    box, cut = np.ones(len(fails), bool), frozenset[str]()
    boxes = [box]
    while True:
        candidates = []
        inner = int(box.sum())
        gone = int(0.05 * (inner - 1)) + 1
        for name in factors:
            values = factors[name].to_numpy()
            ascending = np.sort(values[box])
            for keeps in (values <= ascending[-1 - gone], values >= ascending[gone]):
                smaller = box & keeps
                gain = (fails[smaller].mean() - fails[box].mean()) / gone
                if smaller.sum() >= fewest and gain > 0:
                    candidates.append((gain, -len(cut | {name}), smaller, cut | {name}))
        if not candidates:
            return boxes
        _, _, box, cut = max(candidates, key=lambda candidate: candidate[:2])
        boxes.append(box)


@pytest.mark.parametrize("seed", range(5))
def test_the_peels_are_those_of_the_definition(seed: int) -> None:
    generator = np.random.default_rng(seed)
    factors = pd.DataFrame(generator.random((150, 3)), columns=["a", "b", "c"])
    planted = (factors["a"] < 0.5) & (factors["b"] > 0.3)
    fails = generator.random(150) < np.where(planted, 0.9, 0.1)
    ours = [inside(factors, limits) for limits in trajectory(factors, fails, 15)]
    expected = by_brute_force(factors, fails, 15)
    # Behind the last peel the trajectory pastes.
    assert len(ours) >= len(expected) > 3
    assert all((one == other).all() for one, other in zip(ours, expected, strict=False))


@both
@pytest.mark.parametrize(
    ("size", "fails", "told"),
    [
        (19, [True] * 19, "19 futures given, at least 20 are needed to find boxes"),
        (30, range(30), "only true and false are allowed"),
        (30, [True] * 29, "values given for 30 futures"),
    ],
)
def test_bad_input_is_told(find: Finder, size: int, fails: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        find(futures(size), fails)
