"""Robustness, regret and trade-offs: computed by hand, and by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from partnersim import InputError
from partnersim.compare.ranking import ranking
from partnersim.compare.regret import MEASURES, failing_futures, regret, robustness, winners
from partnersim.compare.tables import outcome_by_future
from partnersim.compare.trade_offs import non_dominated, trade_offs

# Outcomes by policy (rows) in five futures (columns), with what follows from them.
#
#                 futures                worst best  mean
# steady      4    4    4    4    4        4    4    4
# bold       10    9    1    0   10        0   10    6
# middling    5    6    2    3    5        2    6    4.2
#
# best       10    9    4    4   10
# regret of
# steady      6    5    0    0    6        sorted 0 0 5 6 6: 90 % at place 3.6: 6
# bold        0    0    3    4    0        sorted 0 0 0 3 4: 3 + 0.6 = 3.6
# middling    5    3    2    1    5        sorted 1 2 3 5 5: 5
OUTCOMES = {
    "steady": [4, 4, 4, 4, 4],
    "bold": [10, 9, 1, 0, 10],
    "middling": [5, 6, 2, 3, 5],
}
BY_HAND = pd.DataFrame(
    {
        "maximin": [4.0, 0.0, 2.0],
        "hurwicz": [4.0, 2.5, 3.0],  # a quarter of the best, three of the worst
        "laplace": [4.0, 6.0, 4.2],
        "satisficing": [1.0, 0.6, 0.6],  # at least 4
        "minimax_regret": [6.0, 4.0, 5.0],
        "regret_90": [6.0, 3.6, 5.0],
        "rank_maximin": [1.0, 3.0, 2.0],
        "rank_hurwicz": [1.0, 3.0, 2.0],
        "rank_laplace": [3.0, 1.0, 2.0],
        "rank_satisficing": [1.0, 2.0, 2.0],
        "rank_minimax_regret": [3.0, 1.0, 2.0],
        "rank_regret_90": [3.0, 1.0, 2.0],
    },
    index=list(OUTCOMES),
)


def runs_of(outcomes: dict[str, list[float]], sign: float = 1.0) -> pd.DataFrame:
    """Return runs of two replicates, whose mean is the outcome."""
    return pd.DataFrame(
        [
            {
                "policy": policy,
                "future": future,
                "replicate": run,
                "links": sign * (value + by),
            }
            for policy, values in outcomes.items()
            for future, value in enumerate(values)
            for run, by in enumerate((-1.5, 1.5))
        ]
    )


def test_all_measures_as_computed_by_hand() -> None:
    table = robustness(
        runs_of(OUTCOMES), ["links"], {"links": "more"}, optimism=0.25, thresholds={"links": 4}
    )
    assert table["policy"].tolist() == list(OUTCOMES)
    assert (table["metric"] == "links").all()
    assert (table["futures"] == 5).all()
    found = table.set_index("policy")[list(BY_HAND.columns)]
    pd.testing.assert_frame_equal(found, BY_HAND, check_names=False)


def test_less_is_better_mirrors_everything() -> None:
    table = robustness(
        runs_of(OUTCOMES, -1.0),
        ["links"],
        {"links": "less"},
        optimism=0.25,
        thresholds={"links": -4},
    ).set_index("policy")
    for measure in ("maximin", "hurwicz", "laplace"):
        assert table[measure].tolist() == pytest.approx((-BY_HAND[measure]).tolist())
    same = ["satisficing", "minimax_regret", "regret_90", *(f"rank_{name}" for name in MEASURES)]
    pd.testing.assert_frame_equal(table[same], BY_HAND[same], check_names=False)


def test_each_measure_names_its_winners() -> None:
    table = robustness(runs_of(OUTCOMES), ["links"], {"links": "more"}, thresholds={"links": 11})
    found = winners(table).set_index("measure")["policies"].to_dict()
    assert found == {
        "maximin": ("steady",),
        "hurwicz": ("bold",),
        "laplace": ("bold",),
        "satisficing": ("steady", "bold", "middling"),
        "minimax_regret": ("bold",),
        "regret_90": ("bold",),
    }


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_ranks_do_not_hang_on_the_unit(scale: float) -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(size=7) * scale
    outcomes = {"a": list(values), "same": list(values[::-1]), "less": list(values - scale)}
    table = robustness(runs_of(outcomes), ["links"], {"links": "more"}).set_index("policy")
    assert table["rank_laplace"].to_dict() == {"a": 1.0, "same": 1.0, "less": 3.0}


def test_without_a_threshold_the_median_outcome_satisfies() -> None:
    table = robustness(runs_of(OUTCOMES), ["links"], {"links": "more"})
    assert (table["threshold"] == 4.0).all()


def test_regret_as_computed_by_hand() -> None:
    table = regret(runs_of(OUTCOMES), "links", "more")
    assert list(table.columns) == ["policy", "future", "regret"]
    found = table.pivot(index="policy", columns="future", values="regret").loc[list(OUTCOMES)]
    assert found.to_numpy().tolist() == [[6, 5, 0, 0, 6], [0, 0, 3, 4, 0], [5, 3, 2, 1, 5]]
    less = regret(runs_of(OUTCOMES, -1.0), "links", "less")
    pd.testing.assert_frame_equal(table, less)


def test_futures_that_lack_a_policy_do_not_count() -> None:
    runs = runs_of(OUTCOMES)
    # The runs of the worst future of bold failed; a replicate less of another is no harm.
    lacking = runs.query("not (policy == 'bold' and future == 3)").copy()
    lacking.loc[(lacking["policy"] == "middling") & (lacking["replicate"] == 1), "links"] = np.nan
    table = robustness(lacking, ["links"], {"links": "more"}).set_index("policy")
    assert (table["futures"] == 4).all()
    assert table["maximin"].to_dict() == {"steady": 4.0, "bold": 1.0, "middling": 0.5}
    assert sorted(regret(lacking, "links", "more")["future"].unique()) == [0, 1, 2, 4]


def test_a_metric_without_values_is_told_as_such() -> None:
    runs = runs_of(OUTCOMES).assign(never=np.nan)
    better = {"links": "more", "never": "less"}
    table = robustness(runs, ["links", "never"], better).query("metric == 'never'")
    assert (table["futures"] == 0).all()
    assert table[[*MEASURES, *(f"rank_{name}" for name in MEASURES)]].isna().all(axis=None)
    assert set(winners(table)["policies"]) == {()}
    assert regret(runs, "never", "less").empty


def test_one_policy_and_one_future() -> None:
    table = robustness(runs_of({"alone": [3]}), ["links"], {"links": "more"})
    assert table[list(MEASURES)].iloc[0].tolist() == [3.0, 3.0, 3.0, 1.0, 0.0, 0.0]
    assert (table[[f"rank_{name}" for name in MEASURES]] == 1).all(axis=None)


def test_outcomes_are_means_over_replicates() -> None:
    table = outcome_by_future(runs_of(OUTCOMES), "links")
    assert list(table.index) == list(OUTCOMES)
    assert table.to_numpy().tolist() == list(OUTCOMES.values())


@pytest.mark.parametrize(
    ("arguments", "failing"),
    [
        ({"below": 4}, [False, False, True, True, False]),
        ({"above": 9}, [True, False, False, False, True]),
        ({"regret_above": 3, "better": "more"}, [False, False, False, True, False]),
    ],
)
def test_where_a_policy_fails(arguments: dict, failing: list[bool]) -> None:
    found = failing_futures(runs_of(OUTCOMES), "links", "bold", **arguments)
    assert found.tolist() == failing
    assert found.index.tolist() == [0, 1, 2, 3, 4]


def test_what_failing_means_must_be_said() -> None:
    runs = runs_of(OUTCOMES)
    for arguments in ({}, {"below": 1, "above": 2}):
        with pytest.raises(InputError, match="exactly one of below, above and regret_above"):
            failing_futures(runs, "links", "bold", **arguments)
    with pytest.raises(InputError, match="better: needed for regret"):
        failing_futures(runs, "links", "bold", regret_above=1)
    with pytest.raises(InputError, match="did you mean 'bold'"):
        failing_futures(runs, "links", "bolt", below=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"metrics": []}, "metrics: none given"),
        ({"better": {}}, "better: nothing said about 'links'"),
        ({"better": {"links": "higher"}}, "better of 'links': 'higher' given"),
        ({"optimism": 1.5}, "optimism: 1.5 given, allowed 0 to 1"),
        ({"thresholds": {"link": 1}}, "thresholds: 'link' is none of the metrics, did you mean"),
    ],
)
def test_bad_input_is_told(arguments: dict, told: str) -> None:
    with pytest.raises(InputError, match=told):
        robustness(
            runs_of(OUTCOMES), **{"metrics": ["links"], "better": {"links": "more"}, **arguments}
        )


@given(
    arrays.arrays(
        np.float64, st.tuples(st.integers(1, 7), st.integers(1, 3)), elements=st.integers(0, 3)
    ),
    st.lists(st.sampled_from(["more", "less"]), min_size=3, max_size=3),
)
def test_dominance_by_brute_force(values: np.ndarray, sides: list[str]) -> None:
    policies = [f"p{place}" for place in range(len(values))]
    metrics = [f"m{place}" for place in range(values.shape[1])]
    better = dict(zip(metrics, sides, strict=False))
    table = non_dominated(pd.DataFrame(values, policies, metrics), better)

    def dominates(one: int, other: int) -> bool:
        gains = [
            (values[one, place] - values[other, place]) * (1 if better[metric] == "more" else -1)
            for place, metric in enumerate(metrics)
        ]
        return min(gains) >= 0 and max(gains) > 0

    for other in range(len(values)):
        expected = tuple(policies[one] for one in range(len(values)) if dominates(one, other))
        assert table["dominated_by"].iloc[other] == expected
    # Something always remains, and whatever is dominated is so by one that is not.
    remaining = set(table.index[table["dominated_by"].map(len) == 0])
    assert remaining
    assert all(set(by) & remaining for by in table["dominated_by"] if by)


def test_sure_dominance_needs_more_than_luck() -> None:
    generator = np.random.default_rng(1)
    luck = generator.normal(size=30)
    levels = {"good": (5.0, 1.0), "slightly_worse": (4.9, 1.01), "bad": (1.0, 4.0)}
    runs = pd.concat(
        [
            pd.DataFrame(
                {
                    "policy": policy,
                    "replicate": range(30),
                    "links": links + luck + generator.normal(size=30),
                    "cost": cost + 0.2 * generator.normal(size=30),
                }
            )
            for policy, (links, cost) in levels.items()
        ],
        ignore_index=True,
    )
    # Exactly what was drawn decides on average.
    runs.loc[runs["policy"] == "slightly_worse", "links"] -= 0.5
    table = trade_offs(runs, {"links": "more", "cost": "less"})
    assert table["surely_dominated_by"].to_dict() == {
        "good": (),
        "slightly_worse": (),
        "bad": ("good", "slightly_worse"),
    }
    assert table.loc["bad", "dominated_by"] == ("good", "slightly_worse")
    assert table["links"].tolist() == pytest.approx(
        runs.groupby("policy", sort=False)["links"].mean().tolist()
    )


def test_equal_policies_do_not_dominate_each_other() -> None:
    runs = runs_of({"a": [1, 2], "b": [1, 2]})
    table = trade_offs(runs, {"links": "more"})
    assert table["dominated_by"].tolist() == [(), ()]
    assert table["surely_dominated_by"].tolist() == [(), ()]


def test_one_replicate_dominates_nothing_surely() -> None:
    runs = runs_of({"a": [1, 2], "b": [5, 6]}).query("replicate == 0")
    table = trade_offs(runs, {"links": "more"})
    assert table["dominated_by"].tolist() == [("b",), ()]
    assert table["surely_dominated_by"].tolist() == [(), ()]


def test_ranks_of_dominating_policies_are_never_worse() -> None:
    """A policy that is at least as good in every future is so by every measure."""
    generator = np.random.default_rng(2)
    for _ in range(6):
        base = generator.integers(0, 9, 6).astype(float)
        outcomes = {"low": list(base), "high": list(base + generator.integers(0, 3, 6))}
        outcomes["other"] = list(generator.integers(0, 9, 6).astype(float))
        for optimism, side in itertools.product((0.0, 0.5, 1.0), ("more", "less")):
            table = robustness(
                runs_of(outcomes), ["links"], {"links": side}, optimism=optimism
            ).set_index("policy")
            better, worse = ("high", "low") if side == "more" else ("low", "high")
            for measure in MEASURES:
                rank = table[f"rank_{measure}"]
                assert rank[better] <= rank[worse], measure


@pytest.mark.parametrize(
    ("outcomes", "better", "told"),
    [
        (pd.DataFrame({"links": [1.0]}, ["a"]), {"link": "more"}, "did you mean 'links'"),
        (pd.DataFrame({"links": ["x"]}, ["a"]), {"links": "more"}, "is not numeric"),
        (pd.DataFrame({"links": [1, np.nan]}, ["a", "b"]), {"links": "more"}, "no value for b"),
        (pd.DataFrame({"links": [1, 2]}, ["a", "a"]), {"links": "more"}, "stands twice"),
    ],
)
def test_trade_offs_refuse(outcomes: pd.DataFrame, better: dict, told: str) -> None:
    with pytest.raises(InputError, match=told):
        non_dominated(outcomes, better)
    with pytest.raises(InputError, match="has no future with a value for all policies"):
        trade_offs(runs_of(OUTCOMES).assign(never=np.nan), {"never": "more"})


@pytest.mark.parametrize(("measure", "best"), [("links", "high"), ("hub_dependence", "low")])
def test_a_ranking_knows_what_is_better(measure: str, best: str) -> None:
    runs = pd.DataFrame(
        [
            {"policy": policy, "future": future, "replicate": replicate, measure: value + future}
            for policy, value in (("low", 10.0), ("high", 20.0))
            for future, replicate in itertools.product(range(5), range(4))
        ]
    )
    found = ranking(runs, ["low", "high"], [measure], sampled=True)
    assert found.best == best
    assert found.regret[measure].to_dict() == {best: 0.0, ({"low", "high"} - {best}).pop(): 10.0}
    assert found.first[best] == 1.0
