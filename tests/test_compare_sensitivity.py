"""Sobol indices against analytic values, PAWN against scipy's distances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

from partnersim import InputError
from partnersim.compare.sensitivity import pawn, sobol_indices
from studies import saltelli_design


def design(ranges: dict[str, tuple[float, float]], power: int, seed: int = 1) -> pd.DataFrame:
    """Return a Saltelli design of 2 ** power rows a block."""
    count = len(ranges)
    sample = qmc.Sobol(2 * count, rng=seed).random_base2(power)
    low, high = np.array(list(ranges.values())).T
    halves = (low + (high - low) * half for half in (sample[:, :count], sample[:, count:]))
    return saltelli_design(*(pd.DataFrame(half, columns=list(ranges)) for half in halves))


def ishigami(points: pd.DataFrame) -> pd.Series:
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    x = points.set_index("future")
    return np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])


#: Variances by hand: V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = 8 b^2 pi^8 / 225.
ISHIGAMI_V1 = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2
ISHIGAMI_V2 = 49 / 8
ISHIGAMI_V13 = 8 * 0.01 * np.pi**8 / 225
ISHIGAMI = {f"x{number}": (-np.pi, np.pi) for number in (1, 2, 3)}

G_COEFFICIENTS = (0.0, 1.0, 4.5, 9.0, 99.0)


def g_function(points: pd.DataFrame) -> pd.Series:
    """Sobol's g-function."""
    x = points.set_index("future")
    product = pd.Series(1.0, x.index)
    for place, a in enumerate(G_COEFFICIENTS):
        product *= (np.abs(4 * x[f"x{place}"] - 2) + a) / (1 + a)
    return product


def test_ishigami() -> None:
    points = design(ISHIGAMI, 12)
    table = sobol_indices(points, ishigami(points)).set_index("factor")
    total = ISHIGAMI_V1 + ISHIGAMI_V2 + ISHIGAMI_V13
    first = np.array([ISHIGAMI_V1, ISHIGAMI_V2, 0]) / total
    totals = np.array([ISHIGAMI_V1 + ISHIGAMI_V13, ISHIGAMI_V2, ISHIGAMI_V13]) / total
    assert first[:2] == pytest.approx([0.3139, 0.4424], abs=1e-4)
    assert table["first"].to_numpy() == pytest.approx(first, abs=0.02)
    assert table["total"].to_numpy() == pytest.approx(totals, abs=0.02)
    for name, truth in (("first", first), ("total", totals)):
        assert (table[f"{name}_low"] <= truth).all()
        assert (truth <= table[f"{name}_high"]).all()


def test_g_function() -> None:
    ranges = {f"x{place}": (0.0, 1.0) for place in range(len(G_COEFFICIENTS))}
    points = design(ranges, 12)
    table = sobol_indices(points, g_function(points)).set_index("factor")
    partial = np.array([1 / (3 * (1 + a) ** 2) for a in G_COEFFICIENTS])
    variance = np.prod(1 + partial) - 1
    first = partial / variance
    totals = partial * np.prod(1 + partial) / (1 + partial) / variance
    assert table["first"].to_numpy() == pytest.approx(first, abs=0.02)
    assert table["total"].to_numpy() == pytest.approx(totals, abs=0.02)


def test_estimates_are_those_of_scipy() -> None:
    points = design(ISHIGAMI, 6)
    outcome = ishigami(points)
    table = sobol_indices(points, outcome, resamples=2)
    blocks = outcome.to_numpy().reshape(5, 64)
    expected = stats.sobol_indices(
        func={"f_A": blocks[:1], "f_B": blocks[1:2], "f_AB": blocks[2:, None]}, n=64
    )
    assert table["first"].to_numpy() == pytest.approx(expected.first_order, abs=1e-3)
    assert table["total"].to_numpy() == pytest.approx(expected.total_order, abs=1e-3)


@pytest.mark.slow
def test_intervals_of_sobol_indices_cover() -> None:
    total = ISHIGAMI_V1 + ISHIGAMI_V2 + ISHIGAMI_V13
    first = np.array([ISHIGAMI_V1, ISHIGAMI_V2, 0]) / total
    hits = []
    for seed in range(300):
        generator = np.random.default_rng(seed)
        halves = (
            pd.DataFrame(generator.uniform(-np.pi, np.pi, (512, 3)), columns=list(ISHIGAMI))
            for _ in range(2)
        )
        points = saltelli_design(*halves)
        table = sobol_indices(points, ishigami(points), resamples=300, seed=seed + 1)
        hits.append((table["first_low"] <= first) & (first <= table["first_high"]))
    assert (np.mean(hits, axis=0) >= 0.9).all()


def test_choices_and_missing_outcomes() -> None:
    generator = np.random.default_rng(2)

    def sample() -> pd.DataFrame:
        return pd.DataFrame(
            {
                "geopolitics": generator.choice(["calm", "rivalry"], 512),
                "need": generator.random(512),
            }
        )

    points = saltelli_design(sample(), sample())
    # Variances: 1 of a choice between 0 and 2, 36 / 12 of need.
    outcome = 2.0 * (points["geopolitics"] == "rivalry") + 6 * points["need"]
    outcome.index = points["future"]
    table = sobol_indices(points, outcome).set_index("factor")
    assert table["first"].to_dict() == pytest.approx({"geopolitics": 0.25, "need": 0.75}, abs=0.07)
    # Points whose runs failed cost their row of the design.
    lacking = outcome.drop(index=[3, 700])
    kept = ~np.isin(points["future"] % 512, [3, 700 - 512])
    without = sobol_indices(points[kept], outcome[kept])
    pd.testing.assert_frame_equal(sobol_indices(points, lacking), without)
    with pytest.raises(InputError, match="0 rows of the design are too few"):
        sobol_indices(points, outcome.iloc[:0])


def test_luck_counts_as_interaction() -> None:
    points = design({"need": (0.0, 1.0)}, 10)
    generator = np.random.default_rng(3)
    outcome = points["need"] + generator.normal(0, np.sqrt(1 / 12), len(points))
    table = sobol_indices(points, outcome)
    assert table["first"].item() == pytest.approx(0.5, abs=0.1)
    assert table["total"].item() == pytest.approx(1.0, abs=0.1)


def test_an_outcome_that_never_varies_has_no_indices() -> None:
    points = design(ISHIGAMI, 6)
    table = sobol_indices(points, np.ones(len(points)))
    assert table["factor"].tolist() == list(ISHIGAMI)
    assert table.drop(columns="factor").isna().all(axis=None)
    assert sobol_indices(points, points["x1"])["total"].iloc[1] == 0


def test_indices_of_few_rows_are_refused() -> None:
    # With four rows, total indices of 1.4 (1.0 to 6.8) were met.
    points = design(ISHIGAMI, 5)
    with pytest.raises(
        InputError,
        match="32 rows of the design are too few",
    ):
        sobol_indices(points, ishigami(points))


def test_sobol_indices_repeat_to_the_bit() -> None:
    points = design(ISHIGAMI, 6)
    one, other = (sobol_indices(points, ishigami(points), seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_other_designs_are_refused() -> None:
    points = design(ISHIGAMI, 4)
    with pytest.raises(InputError, match="futures with 3 factors are no Saltelli design"):
        sobol_indices(points.iloc[:-1], ishigami(points.iloc[:-1]))
    with pytest.raises(InputError, match="not a Saltelli design, factor 'x1'"):
        sobol_indices(points.sample(frac=1, random_state=1), ishigami(points))


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(30, 120), st.sampled_from([2, 3, 5]))
def test_pawn_is_the_median_of_scipys_distances(seed: int, size: int, slices: int) -> None:
    generator = np.random.default_rng(seed)
    points = pd.DataFrame(
        {"need": generator.random(size), "climate": generator.choice(["a", "b", "c"], size)}
    )
    # Ties on purpose.
    outcome = np.round(3 * points["need"].to_numpy() + generator.normal(size=size), 1)
    table = pawn(points, outcome, slices=slices, resamples=2).set_index("factor")
    number = min(slices, max(2, size // 5))
    edges = np.quantile(points["need"], np.arange(1, number) / number)
    place = np.searchsorted(edges, points["need"], side="right")
    for factor, groups in (("need", place), ("climate", points["climate"].to_numpy())):
        distances = [
            stats.ks_2samp(outcome[groups == group], outcome, method="asymp").statistic
            for group in np.unique(groups)
        ]
        assert table.loc[factor, "index"] == pytest.approx(np.median(distances), abs=1e-12)


def test_pawn_finds_the_few_that_matter() -> None:
    generator = np.random.default_rng(5)
    points = pd.DataFrame(generator.random((256, 20)), columns=[f"x{n}" for n in range(20)])
    points["climate"] = generator.choice(["calm", "rivalry", "coercion"], 256)
    points.insert(0, "future", np.arange(256)[::-1])
    outcome = 4 * points["x3"] + 2 * (points["climate"] == "coercion") + points["x7"] ** 2
    outcome.index = points["future"]
    table = pawn(points, outcome.sample(frac=1, random_state=1))
    assert table["factor"].tolist()[:2] == ["x3", "climate"]
    assert table["matters"].iloc[:2].all()
    # Nothing else is told to matter but perhaps x7, which hardly does.
    assert set(table["factor"][table["matters"]]) <= {"x3", "climate", "x7"}
    assert (table["low"] <= table["index"]).all()
    assert (table["index"] <= table["high"]).all()


@pytest.mark.slow
def test_pawn_rarely_takes_any_of_many_factors_for_real() -> None:
    false = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        points = pd.DataFrame(generator.random((80, 25))).rename(columns="x{}".format)
        points["climate"] = generator.choice(["calm", "rivalry", "coercion"], 80)
        false += pawn(points, generator.normal(size=80))["matters"].any()
    # 5 % meant; 200 experiments with 5 % give 10 % or less nearly always.
    assert false / 200 <= 0.1


def test_pawn_sees_shape_where_means_are_the_same() -> None:
    generator = np.random.default_rng(6)
    points = pd.DataFrame(generator.random((400, 2)), columns=["spread", "nothing"])
    outcome = generator.choice([-1.0, 1.0], 400) * points["spread"]
    table = pawn(points, outcome).set_index("factor")
    assert table.loc["spread", "matters"]
    assert not table.loc["nothing", "matters"]
    # Only ranks of the outcome count.
    pd.testing.assert_frame_equal(pawn(points, outcome**3), pawn(points, outcome))


def test_pawn_without_anything_to_see() -> None:
    points = pd.DataFrame({"need": np.linspace(0, 1, 40), "fixed": 1.0, "one": "calm"})
    table = pawn(points, points["need"]).set_index("factor")
    assert table.loc["fixed", ["index", "low", "high"]].tolist() == [0, 0, 0]
    assert np.isnan(table.loc["one", "noise"])
    assert not table.loc[["fixed", "one"], "matters"].any()
    assert (pawn(points, np.ones(40))["index"] == 0).all()


@pytest.mark.parametrize(
    ("points", "outcome", "told"),
    [
        (
            pd.DataFrame({"a": range(10)}),
            range(10),
            "10 futures are too few",
        ),
        (pd.DataFrame({"a": range(30)}), range(29), "outcome: .29,. values given for 30 futures"),
        (pd.DataFrame({"a": range(30)}), ["x"] * 30, "numbers or truth values are needed"),
        (pd.DataFrame({"a": [np.inf] * 30}), range(30), "infinite values in factor 'a'"),
        (pd.DataFrame({"a": [None] * 30}), range(30), "missing values in factor 'a'"),
        (pd.DataFrame({"future": range(30)}), range(30), "at least one future and one factor"),
        (pd.DataFrame({"future": [1] * 30, "a": 1.0}), range(30), "'future' stands twice"),
        (
            pd.DataFrame({"future": range(30), "a": 1.0}),
            pd.Series(1.0, range(31)),
            "1 futures are not in the table of futures",
        ),
    ],
)
def test_bad_points_are_told(points: pd.DataFrame, outcome: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        pawn(points, outcome)  # type: ignore[arg-type]


def test_bad_settings_are_told_at_once() -> None:
    points = pd.DataFrame({"a": range(10)})
    with pytest.raises(InputError) as caught:
        pawn(points, range(10), slices=1, resamples=1)
    assert len(caught.value.problems) == 3
