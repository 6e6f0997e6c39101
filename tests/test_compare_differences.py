"""Paired differences and the table of runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partnersim import InputError
from partnersim.compare.differences import mean_of_pairs, paired_differences
from partnersim.compare.tables import end_of_horizon
from partnersim.runs.intervals import student_quantile


def table_of(outcomes: dict[str, np.ndarray], metric: str = "links") -> pd.DataFrame:
    """Return runs from outcomes by policy, each (replicates,) or (futures, replicates)."""
    pieces = []
    for policy, values in outcomes.items():
        grid = np.atleast_2d(values)
        future, replicate = np.indices(grid.shape)
        pieces.append(
            pd.DataFrame(
                {
                    "policy": policy,
                    "future": future.ravel(),
                    "replicate": replicate.ravel(),
                    metric: grid.ravel().astype(float),
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def one_future(seed: int = 0, replicates: int = 30) -> pd.DataFrame:
    """Return three policies with shared luck in one future."""
    generator = np.random.default_rng(seed)
    luck = generator.normal(0, 5, replicates)
    return table_of(
        {
            "balanced": 20 + luck,
            "connect_first": 24 + luck + generator.normal(size=replicates),
            "deepen_first": 20 + luck + generator.normal(size=replicates),
        }
    )


def test_one_future_is_the_paired_t_interval_of_scipy() -> None:
    runs = one_future()
    table = paired_differences(runs, "links", "balanced")
    assert table["policy"].tolist() == ["connect_first", "deepen_first"]
    wide = runs.pivot(index="replicate", columns="policy", values="links")
    for row in table.itertuples():
        result = stats.ttest_rel(wide[row.policy], wide["balanced"])
        # Two policies are compared: each interval at 97.5 %, so that both hold with 95 %.
        interval = result.confidence_interval(0.975)
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high), rel=1e-12)
        assert row.degrees_of_freedom == 29
        assert row.pairs == 30
        difference = wide[row.policy] - wide["balanced"]
        assert row.standard_deviation == pytest.approx(difference.std(ddof=1))
        unpaired = wide[row.policy].var(ddof=1) + wide["balanced"].var(ddof=1)
        assert row.unpaired_standard_deviation**2 == pytest.approx(unpaired)
        assert row.variance_reduction == pytest.approx(unpaired / difference.var(ddof=1))


def test_shared_luck_reduces_variance_and_luck_of_its_own_does_not() -> None:
    generator = np.random.default_rng(3)
    luck = generator.normal(size=(2, 20_000))
    shared = table_of({"a": 3 * luck[0], "b": 3 * luck[0] + luck[1]})
    apart = table_of({"a": luck[0], "b": luck[1]})
    # Variances 9 + 10 over 1, and 2 over 2.
    assert paired_differences(shared, "links", "a")["variance_reduction"].item() == pytest.approx(
        19, rel=0.05
    )
    assert paired_differences(apart, "links", "a")["variance_reduction"].item() == pytest.approx(
        1, rel=0.05
    )


def test_variance_reduction_is_of_luck_not_of_futures() -> None:
    generator = np.random.default_rng(4)
    # Futures differ a thousand times more than luck does; no luck is shared.
    futures = generator.normal(0, 1000, (200, 1))
    luck = generator.normal(size=(2, 200, 50))
    table = paired_differences(
        table_of({"a": futures + luck[0], "b": futures + luck[1]}), "links", "a"
    )
    assert table["variance_reduction"].item() == pytest.approx(1, rel=0.1)


def test_listed_futures_are_clustered_by_replicate() -> None:
    generator = np.random.default_rng(5)
    difference = generator.normal(size=(4, 12)) + generator.normal(size=12) + [[9], [-9], [3], [0]]
    runs = table_of({"a": np.zeros((4, 12)), "b": difference})
    row = paired_differences(runs, "links", "a", futures="listed").iloc[0]
    per_replicate = difference.mean(axis=0)
    half = stats.t.ppf(0.975, 11) * stats.sem(per_replicate)
    assert row["mean"] == pytest.approx(difference.mean())
    assert row["half_width"] == pytest.approx(half)
    assert row["degrees_of_freedom"] == 11


def test_sampled_futures_are_clustered_both_ways() -> None:
    generator = np.random.default_rng(6)
    points, replicates = 7, 5
    difference = (
        generator.normal(size=(points, replicates))
        + 3 * generator.normal(size=replicates)
        + 3 * generator.normal(size=(points, 1))
    )
    row = paired_differences(
        table_of({"a": np.zeros_like(difference), "b": difference}), "links", "a"
    ).iloc[0]
    across = difference.mean(axis=1).var(ddof=1) / points
    luck = difference.mean(axis=0).var(ddof=1) / replicates
    pairs = difference.var(ddof=1) / difference.size
    variance = across + luck - pairs
    assert variance > max(across, luck)
    freedom = variance**2 / (across**2 / (points - 1) + luck**2 / (replicates - 1))
    assert row["degrees_of_freedom"] == pytest.approx(freedom)
    assert row["half_width"] == pytest.approx(stats.t.ppf(0.975, freedom) * np.sqrt(variance))


def test_futures_alone_are_never_surer_than_their_own_spread() -> None:
    """Without luck, what both clusterings count twice is more than luck adds."""
    by_future = np.array([1.0, -2.0, 4.0, 0.5])
    difference = np.repeat(by_future[:, None], 6, axis=1)
    row = paired_differences(
        table_of({"a": np.zeros_like(difference), "b": difference}), "links", "a"
    ).iloc[0]
    assert row["degrees_of_freedom"] == 3
    assert row["half_width"] == pytest.approx(stats.t.ppf(0.975, 3) * stats.sem(by_future))


def covered(
    points: int, replicates: int, deviations: tuple[float, float, float], futures: str, times: int
) -> float:
    """Return in which share of simulated experiments the 95 % interval covers the truth."""
    generator = np.random.default_rng(7)
    drawn = np.argwhere(np.ones((points, replicates)))
    of_future, of_luck, of_rest = deviations
    hits = 0
    for _ in range(times):
        future = of_future * generator.normal(size=points)
        luck = of_luck * generator.normal(size=replicates)
        rest = of_rest * generator.normal(size=(points, replicates))
        values = future[:, None] + luck + rest
        truth = 0.0 if futures == "sampled" else future.mean()
        mean, error, freedom = mean_of_pairs(values.ravel(), drawn, futures)
        hits += abs(mean - truth) <= error * student_quantile(freedom)
    return hits / times


def test_intervals_cover_the_truth() -> None:
    # 400 experiments: a true coverage of 95 % gives 92 to 98 % in all but 1 of 100 cases.
    assert 0.92 <= covered(1, 20, (0, 1, 1), "sampled", 400) <= 0.98
    assert 0.92 <= covered(30, 10, (1, 1, 1), "sampled", 400) <= 0.98
    assert 0.92 <= covered(4, 20, (3, 1, 1), "listed", 400) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("futures", ["sampled", "listed"])
@pytest.mark.parametrize("deviations", [(1, 0, 1), (0, 1, 1), (1, 1, 1), (0, 0, 1), (2, 0.3, 0.3)])
@pytest.mark.parametrize(("points", "replicates"), [(1, 20), (4, 30), (10, 10), (64, 10), (128, 5)])
def test_intervals_cover_the_truth_in_all_designs(
    points: int, replicates: int, deviations: tuple[float, float, float], futures: str
) -> None:
    if points == 1:
        deviations = (0, *deviations[1:])
    share = covered(points, replicates, deviations, futures, 4000)
    assert share >= 0.925
    # Without any variance between futures or luck, two-way intervals are wider than they need be.
    assert share <= (1.0 if futures == "sampled" else 0.965)


def test_all_that_is_shown_together_holds_together() -> None:
    runs = one_future().assign(partners=lambda table: table["links"] ** 2)
    both = paired_differences(runs, ["links", "partners"], "balanced")
    assert both[["metric", "policy"]].to_numpy().tolist() == [
        [metric, policy]
        for metric in ("links", "partners")
        for policy in ("connect_first", "deepen_first")
    ]
    wide = runs.pivot(index="replicate", columns="policy", values="links")
    interval = stats.ttest_rel(wide["connect_first"], wide["balanced"]).confidence_interval(
        1 - 0.05 / 4
    )
    assert both["low"].iloc[0] == pytest.approx(interval.low, rel=1e-12)
    alone = paired_differences(runs, "links", "balanced", comparisons=4)
    pd.testing.assert_frame_equal(alone, both.iloc[:2])


def test_each_future_on_its_own() -> None:
    values = np.random.default_rng(12).normal(size=(2, 3, 6))
    runs = table_of({"a": values[0], "b": values[1]})
    table = paired_differences(runs, "links", "a", futures="each")
    assert table["future"].tolist() == [0, 1, 2]
    for future, row in enumerate(table.itertuples()):
        result = stats.ttest_rel(values[1, future], values[0, future])
        interval = result.confidence_interval(1 - 0.05 / 3)
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high))
        assert row.base == pytest.approx(values[0, future].mean())


def test_a_policy_against_itself_differs_by_exactly_zero() -> None:
    values = np.random.default_rng(9).normal(size=(5, 8))
    row = paired_differences(table_of({"a": values, "b": values}), "links", "a").iloc[0]
    assert (row["mean"], row["low"], row["high"]) == (0.0, 0.0, 0.0)
    assert row["variance_reduction"] == np.inf
    constant = np.ones(8)
    row = paired_differences(table_of({"a": constant, "b": constant}), "links", "a").iloc[0]
    assert np.isnan(row["variance_reduction"])


def test_what_is_missing_is_left_out_or_told() -> None:
    runs = one_future()
    runs.loc[(runs["policy"] == "connect_first") & (runs["replicate"] == 3), "links"] = np.nan
    failed = runs[~((runs["policy"] == "deepen_first") & (runs["replicate"] < 10))]
    table = paired_differences(failed, "links", "balanced").set_index("policy")
    assert table["pairs"].to_dict() == {"connect_first": 29, "deepen_first": 20}
    empty = runs.assign(links=np.nan)
    row = paired_differences(empty, "links", "balanced").iloc[0]
    assert row["pairs"] == 0
    assert row[["mean", "low", "high", "variance_reduction"]].isna().all()
    single = paired_differences(runs[runs["replicate"] == 0], "links", "balanced").iloc[0]
    assert single["mean"] == pytest.approx(
        runs.query("replicate == 0").set_index("policy")["links"].diff().iloc[1]
    )
    assert np.isnan(single["half_width"])
    alone = paired_differences(runs[runs["policy"] == "balanced"], "links", "balanced")
    assert alone.empty
    assert "variance_reduction" in alone.columns


def test_the_order_of_rows_changes_nothing() -> None:
    values = np.random.default_rng(10).normal(size=(3, 6, 4))
    runs = table_of({"a": values[0], "b": values[1], "c": values[2]})
    mixed = runs.sample(frac=1, random_state=1)
    mixed = pd.concat([mixed[mixed["policy"] == name] for name in "abc"])
    pd.testing.assert_frame_equal(
        paired_differences(runs, "links", "a"), paired_differences(mixed, "links", "a"),
        check_exact=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "arguments", "told"),
    [
        ({}, {"metrics": "link"}, "metric: 'link' is not in the runs, did you mean 'links'?"),
        ({}, {"reference": "balance"}, "reference: no run of 'balance', did you mean 'balanced'?"),
        ({}, {"confidence": 1.0}, "confidence: 1.0 given"),
        ({}, {"futures": "some"}, "futures: 'some' given, allowed 'sampled', 'listed', 'each'"),
        ({"links": "many"}, {}, "column 'links' of the runs is not numeric"),
        ({"links": np.inf}, {}, "column 'links' of the runs holds infinite values"),
        ({"replicate": 1}, {}, "policy 'balanced', future 0, replicate 1 stands more than once"),
        ({"replicate": None}, {}, "runs: missing values in 'replicate'"),
    ],
)
def test_bad_input_is_told_in_one_line(change: dict, arguments: dict, told: str) -> None:
    runs = one_future().assign(**change)
    with pytest.raises(InputError) as caught:
        paired_differences(runs, **{"metrics": "links", "reference": "balanced", **arguments})
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        paired_differences(pd.DataFrame({"links": [1.0]}), "linkz", "balanced")
    assert caught.value.problems == (
        "runs: no column 'policy'",
        "runs: no column 'replicate'",
        "metric: 'linkz' is not in the runs, did you mean 'links'?",
    )
    with pytest.raises(InputError, match="the table is empty"):
        paired_differences(one_future().iloc[:0], "links", "balanced")


def test_end_of_horizon_takes_the_last_quarter() -> None:
    metrics = pd.DataFrame(
        {
            "replicate": [0, 0, 1, 1],
            "quarter": pd.Categorical(["2025Q2", "2025Q3"] * 2, ordered=True),
            "links": [1.0, 2.0, 3.0, 4.0],
        }
    )
    runs = end_of_horizon({("b", 1): metrics, ("b", 0): metrics, ("a", 0): metrics})
    assert runs["policy"].tolist() == ["b"] * 4 + ["a"] * 2
    assert runs["future"].tolist() == [0, 0, 1, 1, 0, 0]
    assert runs["links"].tolist() == [2.0, 4.0] * 3
    with pytest.raises(InputError, match="at least one"):
        end_of_horizon({})
