"""What a study says, in sentences made from its numbers: every case that can come."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partnersim.compare.box import Box, Range
from partnersim.compare.comparison import Comparison, with_chances
from partnersim.compare.differences import PolicyDifference, compared, paired_differences
from partnersim.compare.drivers import drivers
from partnersim.compare.factors import FactorWords, factor_name
from partnersim.compare.labels import metric_label
from partnersim.compare.ranking import outcome_cube, quantile_regret, ranking, weighted_means
from partnersim.compare.regret import robustness
from partnersim.compare.words import counted, listed, opening, percent, share_of_runs
from partnersim.errors import InputError
from partnersim.show.answer import answers, cautions
from studies import INTENSITY, MEASURES, NEED, InventedRuns, invented, saltelli_design


def told(study: InventedRuns) -> dict[str, str]:
    """Return question and answer, details included."""
    return {
        answer.question: ". ".join([answer.sentence, *answer.details])
        for answer in answers(Comparison(study))
    }


def clear_winner() -> InventedRuns:
    return invented({"balanced": 0.0, "connect_first": 4.0, "no_offer": -6.0}, noise=1.0)


# Which policy is robust


def test_a_clear_winner_is_named_with_its_certainty_and_its_margin() -> None:
    study = clear_winner()
    evidence = Comparison(study)
    text = told(study)
    robust = text["Which policy is robust?"]
    assert robust.startswith(
        "“Connect first” is the most robust of 3 policies in this model (first in 100 of 100 "
        "resamples of the futures and runs)"
    )
    assert evidence.ranking.rivals == []
    # The intervals hold for all measures together.
    table = paired_differences(study.rows, MEASURES, "balanced")
    table = table[table["metric"] == "instruments"]
    table = table.set_index("policy")
    row = table.loc["connect_first"]
    assert row["mean"] == pytest.approx(4.0, abs=0.2)
    margin = text["By how much does it beat the others?"]
    assert "“Connect first” is clearly better than “balanced” on" in margin
    assert (
        f"“Connect first” beats “balanced” on instruments in force by {row['mean']:.1f} "
        f"({row['low']:.1f} to {row['high']:.1f})"
    ) in margin


def test_a_tie_is_told_as_a_tie() -> None:
    text = told(invented({"balanced": 0.0, "twin": 0.0, "no_offer": -9.0}, noise=3.0))
    assert text["Which policy is robust?"].startswith("No policy is clearly the most robust: “")
    assert "cannot be told apart from it" in text["Which policy is robust?"]
    assert "no offer” cannot be told apart from it" not in text["Which policy is robust?"]


def test_the_reference_may_win() -> None:
    evidence = Comparison(invented({"balanced": 5.0, "connect_first": 0.0}))
    robust, margin = answers(evidence)[:2]
    assert robust.sentence.startswith("“Balanced” is the most robust of 2 policies")
    assert margin.sentence.startswith("“Balanced” is clearly better than “connect first” on")


def test_policies_that_are_the_same_in_every_run_share_the_first_place() -> None:
    study = invented({"balanced": 0.0, "adaptive": 0.0, "worse": -1.0}, noise=0.0)
    found = Comparison(study)
    assert found.ranking.first == {"balanced": 0.5, "adaptive": 0.5, "worse": 0.0}
    assert not any("all the same" in line for line in answers(found)[1].details)


def test_a_ranking_without_a_single_clear_gain_says_so() -> None:
    study = invented({"balanced": 0.0, "connect_first": 0.0})
    one = Comparison(study)
    one.ranking.first.update({"connect_first": 1.0, "balanced": 0.0})
    one.ranking.regret.loc["connect_first"] = 0.0
    one.ranking.regret.loc["balanced"] = 1.0
    assert one.best == "connect_first"
    assert "but on no single measure is it clearly better than “balanced”" in (
        answers(one)[0].sentence
    )
    assert answers(one)[1].sentence == (
        "“Connect first” does not differ clearly from “balanced” on any measure"
    )


def test_a_rank_without_a_clear_difference_is_explained() -> None:
    evidence = Comparison(invented({"balanced": 0.0, "a": 3.0, "b": 3.0, "no_offer": -9.0}))
    first, second = evidence.ranking.ranked[:2]
    evidence.ranking.first.update({first: 1.0, second: 0.0})
    details = " ".join(answers(evidence)[1].details)
    told = f"“{first.upper()}” is ranked before “{second}” all the same: regret takes all measures"
    assert f"“{first.upper()}” differs from “{second}” negligibly on every measure" in details
    assert told in details
    evidence.ranking.first.update({first: 0.5, second: 0.5})
    assert told not in " ".join(answers(evidence)[1].details)


def test_one_policy_alone_beats_nobody() -> None:
    text = told(invented({"balanced": 0.0}))
    assert "Only “balanced” was run" in text["Which policy is robust?"]
    assert "By how much does it beat the others?" not in text


def test_equal_policies_are_not_ranked() -> None:
    study = invented({"balanced": 0.0, "twin": 0.0}, noise=0.0)
    assert "All policies come out alike" in told(study)["Which policy is robust?"]
    assert Comparison(study).differences("links", "balanced")["twin"].sentence == (
        "“twin” and “balanced” are exactly equal on links between partners"
    )


def test_single_runs_in_listed_futures_tell_no_uncertainty() -> None:
    study = invented({"balanced": 0.0, "a": 3.0}, kind="listed", futures=3, replicates=1)
    text = told(study)
    assert (
        "a single run per policy and climate says nothing about luck"
        in text["Which policy is robust?"]
    )
    assert "Only 1 run per policy and climate says" in text["How do policies differ?"]


def test_regret_is_that_of_the_analysis() -> None:
    study = invented({"balanced": 0.0, "a": {"links": 4.0}, "b": {"eu_value": 5.0}})
    better = {name: metric_label(name).better for name in MEASURES}
    table = robustness(study.rows, list(MEASURES), better)
    found = Comparison(study).ranking
    for name in found.regret:
        expected = table[table["metric"] == name].set_index("policy")["regret_90"]
        assert found.regret[name].to_dict() == pytest.approx(expected.to_dict())
    assert set(found.regret) == {"links", "eu_value"}  # elsewhere policies hardly differ
    assert found.scores.to_dict() == pytest.approx(found.shares.mean(axis=1).to_dict())


def test_failed_runs_leave_means_of_the_others() -> None:
    study = invented({"balanced": 0.0, "a": 1.0}, futures=4, replicates=3)
    gone = (study.rows["future"] == 2) & (study.rows["policy"] == "a")
    partly = (study.rows["future"] == 1) & (study.rows["replicate"] == 0)
    runs = study.rows[~gone & ~(partly & (study.rows["policy"] == "a"))]
    cube = outcome_cube(runs, ["balanced", "a"], ["links"])
    assert cube.shape == (1, 2, 3, 3)  # the future without any run of one policy is left out
    means = weighted_means(cube, np.ones(3))
    mine = runs[(runs["policy"] == "a") & (runs["future"] == 1)]["links"]
    assert means[0, 1, 1] == pytest.approx(mine.mean())
    assert np.isfinite(weighted_means(cube, np.array([3.0, 0.0, 0.0]))).all()
    assert np.isfinite(quantile_regret(means)).all()
    apart = study.rows[(study.rows["policy"] == "a") == (study.rows["future"] > 1)]
    with pytest.raises(InputError, match="in no future has every policy a run"):
        ranking(apart, ["balanced", "a"], ["links"], sampled=True)


def test_a_metric_that_some_run_lacks_is_not_judged() -> None:
    study = invented({"balanced": 0.0, "a": 3.0})
    study.rows.loc[study.rows["policy"] == "a", "links"] = np.nan
    evidence = Comparison(study)
    assert "links" not in evidence.measures
    assert evidence.ranking.best == "a"


def test_means_leave_out_futures_without_a_run() -> None:
    study = invented({"balanced": 0.0, "a": 0.0})
    gone = (study.rows["policy"] == "a") & (study.rows["future"] < 5)
    evidence = Comparison(study.but(outcomes=study.rows[~gone]))
    both = study.rows[study.rows["future"] >= 5].groupby("policy")["links"].mean()
    assert evidence.means["links"].to_dict() == pytest.approx(both.to_dict())


# Differences


@pytest.mark.parametrize(
    ("metric", "mean", "low", "high", "sentence"),
    [
        ("links", 4.12, 3.31, 4.93, "“a” beats “b” on links between partners by 4.1 (3.3 to 4.9)"),
        ("links", -41.0, -55.0, -27.0, "“a” is worse than “b” on links between partners by 41 "
         "(27 to 55)"),
        ("hub_dependence", -0.021, -0.03, -0.012, "“a” beats “b” on dependence on the EU as hub by "
         "2.1\u00a0points (1.2 to 3.0)"),
        ("links", 4.0, 0.3, 7.7, "“a” beats “b” on links between partners by 4 (just above 0 to "
         "8)"),
        ("depth_mean", 0.05, -0.23, 0.32, "“a” cannot be told apart from “b” on mean depth: +0.05 "
         "(−0.23 to +0.32)"),
        ("links", 1.0, np.nan, np.nan, "“a” differs from “b” on links between partners by +1, but "
         "so few runs tell no uncertainty"),
    ],
)  # fmt: skip
def test_differences_are_told_with_the_digits_that_they_bear(
    metric: str, mean: float, low: float, high: float, sentence: str
) -> None:
    assert PolicyDifference(metric, "a", "b", mean, low, high, 9).sentence == sentence


def test_comparisons_count_what_is_left_open() -> None:
    up = [PolicyDifference(name, "a", "b", 2.0, 1.0, 3.0, 9) for name in ("links", "instruments")]
    down = [PolicyDifference("partner_value", "a", "b", -2.0, -3.0, -1.0, 9)]
    same = [PolicyDifference("eu_value", "a", "b", 0.1, -1.0, 1.0, 9)]
    assert compared("a", "b", [*up, *down, *same]) == (
        "“a” is clearly better than “b” on links between partners and instruments in force, "
        "clearly worse on value to partners, not to be told apart from it on 1 other"
    )
    assert compared("a", "b", down) == "“a” is clearly worse than “b” on value to partners"
    assert compared("a", "b", same) == "“a” cannot be told apart from “b” on any measure"
    many = [
        PolicyDifference(name, "a", "b", 2.0, 1.0, 3.0, 9) for name in [*MEASURES, "depth_mean"]
    ]
    assert compared("a", "b", many).endswith(
        "instruments in force, links between partners and 3 more"
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-1.0, 1.5, "negligibly"), (0.5, 1.9, "negligibly"), (0.5, 2.1, "beats"), (-1, 2.1, "told")],
)
def test_small_differences_are_negligible(low: float, high: float, said: str) -> None:
    found = PolicyDifference("links", "a", "b", (low + high) / 2, low, high, 9, 100.0)
    assert said in found.sentence
    assert found.negligible == (said == "negligibly")
    assert found.verdict == (said == "beats")


# How much there is


@pytest.mark.parametrize(
    ("policies", "climates", "replicates", "because"),
    [
        (2, 1, 1, "robust is what does well in several climates, and one was run"),
        (2, 1, 50, "robust is what does well in several climates, and one was run"),
        (2, 3, 1, "a single run per policy and climate says nothing about luck"),
        (2, 2, 2, "4 runs of each are too few, it takes 10"),
        (1, 3, 50, "nothing can be said about which policy is robust"),
    ],
)
def test_no_ranking_out_of_too_little(
    policies: int, climates: int, replicates: int, because: str
) -> None:
    gains = dict(zip(("balanced", "no_offer"), (0.0, 3.0), strict=True))
    gains = {name: gains[name] for name in list(gains)[:policies]}
    study = invented(gains, kind="listed", futures=climates, replicates=replicates)
    text = told(study)
    assert text["Which policy is robust?"].endswith(because)
    everything = " ".join([*text, *text.values()])
    assert "most robust" not in everything
    assert "beat the others" not in everything
    if climates == 1:
        assert "Across climates" not in everything
        assert not re.search(r"\b1 (runs|climates|replicates|futures|policies)\b", everything)
    # Which was asked about: not the reference, if there is another.
    assert Comparison(study).best == list(gains)[-1]


def test_few_runs_are_counted_not_given_in_percent() -> None:
    study = invented({"balanced": 0.0}, kind="listed", futures=1, replicates=5)
    counts = study.tables["in_force"].assign(in_force=5)
    signs = told(study.but(in_force=counts))["What comes into force?"]
    assert "Japan: Digital Trade Agreement (5 of 5 runs, 57 to 100\u00a0%)" in signs
    assert "(100" not in signs
    assert share_of_runs(1.0, 1) == "1 of 1 run"
    assert [percent(share) for share in (0.001, 0.998)] == [
        "less than 1\u00a0%",
        "more than 99\u00a0%",
    ]
    assert (counted(1, "policy", "policies"), counted(2, "run")) == ("1 policy", "2 runs")


# Where it fails


def test_failures_are_told_by_what_they_have_in_common() -> None:
    study = invented({"balanced": 0.0, "a": 1.0}, futures=120, replicates=2, crash=80.0)
    evidence = Comparison(study)
    found = evidence.failing
    box = found.boxes[0]
    assert list(box.limits) == [INTENSITY]
    limit = box.limits[INTENSITY]
    assert isinstance(limit, Range)
    assert limit.low == pytest.approx(0.78, abs=0.05)
    inside = study.futures[INTENSITY].to_numpy() >= limit.low
    assert box.density == pytest.approx(found.fails[inside].mean())
    assert (
        f"fails in {found.fails.sum()} of 120 futures, mostly where intensity of shocks is above"
        in (found.sentence)
    )
    assert f"{100 * box.coverage:.0f}\u00a0% of its failures lie there" in found.sentence
    means = study.rows.groupby(["policy", "future"])["partner_value"].mean()
    assert found.threshold == pytest.approx(np.quantile(means, 0.2))
    assert found.shares["a"] == pytest.approx((means["a"] < found.threshold).mean())


def test_no_failure_is_told_as_none() -> None:
    study = invented({"balanced": 0.0, "a": 200.0})
    found = Comparison(study).failing
    assert found.sentence == "“A” fails in none of 40 futures"
    assert found.boxes == []


def test_failures_in_listed_climates_are_named() -> None:
    study = invented({"balanced": 0.0, "a": 1.0}, kind="listed", futures=3, replicates=20)
    found = Comparison(study).failing
    worst = (
        study.rows[study.rows["policy"] == "a"].groupby("future")["partner_value"].mean().idxmin()
    )
    named = study.futures["geopolitics"][worst]
    if found.fails.any():
        assert found.sentence.endswith(f"of 3 climates: {named}")
    text = told(study)["What drives the outcome?"]
    assert f"({named})" in text
    assert "3 futures are too few, PAWN indices take 30" in text


def test_few_failures_get_no_boxes() -> None:
    study = invented({"balanced": 0.0, "a": 1.0}, futures=20)
    found = Comparison(study).failing
    assert found.fails.any()
    assert found.boxes == []
    assert "was not looked for (20 futures are too few, it takes 30)" in found.sentence


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Range(None, 0.8), "weight of need is below 0.80"),
        (Range(0.2, None), "weight of need is above 0.20"),
        (Range(0.2, 0.8), "weight of need is between 0.20 and 0.80"),
    ],
)
def test_limits_in_words(limit: Range, expected: str) -> None:
    words = FactorWords({NEED: (0.0, 1.0)}, {})
    assert words.limit(NEED, limit) == expected
    box = Box({NEED: limit, "geopolitics": ("calm", "rivalry")}, 0.5, 0.5, 0.5, 9, {})
    assert words.box(box) == f"{expected} and climate is calm or rivalry"


def test_factors_have_short_names() -> None:
    assert factor_name(NEED) == "weight of need"
    assert factor_name("behaviour.coefficients.connect.value") == "constant (connect)"
    assert factor_name("shocks.cable_cut.rate") == "cable cut: rate"
    assert factor_name(INTENSITY) == "intensity of shocks"
    assert factor_name("geopolitics") == "climate"
    assert factor_name("policy.offer.envelope") == "offer: envelope (a lever)"


# What drives it


def test_the_driver_is_found_and_the_idle_factor_is_not() -> None:
    found = Comparison(clear_winner()).drivers("partner_value")
    assert found.leading == [INTENSITY]
    assert found.driver_sentence.startswith(
        "Value to partners depends most on intensity of shocks (index "
    )
    assert "no other factor can be told from chance" in found.driver_sentence
    low, high = found.outcome.min(), found.outcome.max()
    assert f"from {low:.1f} to {high:.1f}" in found.sentence
    spread = np.ptp(found.means.mean(axis=1))
    assert spread == pytest.approx(10.0, abs=0.3)
    assert f"moves its mean by at most {spread:.1f}" in found.sentence


def test_noise_is_no_driver() -> None:
    study = invented({"balanced": 0.0})
    study.rows[list(MEASURES)] = np.random.default_rng(1).normal(size=(len(study.rows), 4))
    found = drivers(study.rows, study.futures, "links", "balanced", "latin_hypercube")
    assert found.leading == []
    assert found.driver_sentence == (
        "With 40 futures no single factor stands out from chance for links between partners"
    )


def test_what_stays_as_it_is_shown_has_no_driver() -> None:
    """Though its last digits hang on a factor, no reader sees them."""
    study = invented({"balanced": 0.0})
    study.rows["links"] = 350.0 + 1e-3 * study.rows["future"]
    found = drivers(study.rows, study.futures, "links", "balanced", "latin_hypercube")
    assert found.driver_sentence == ""
    assert found.sentence.endswith("links between partners under “balanced” stays at 350")
    climates = pd.Series("calm", found.outcome.index)
    climates.iloc[0] = "rivalry"
    assert "stays at 350" in replace(found, climates=climates).sentence


def test_many_equal_drivers_are_not_ranked() -> None:
    random = np.random.default_rng(2)
    futures = pd.DataFrame({"future": range(300)})
    for name in "abcde":
        futures[name] = random.random(300)
    runs = pd.DataFrame({"policy": "x", "future": range(300), "replicate": 0})
    runs["links"] = futures[list("abcde")].sum(axis=1)
    found = drivers(runs, futures, "links", "x", "latin_hypercube")
    assert "hangs on no single factor" in found.driver_sentence
    assert "2 more cannot be ranked" in found.driver_sentence


def test_a_saltelli_design_gets_sobol_indices() -> None:
    random = np.random.default_rng(3)
    halves = [pd.DataFrame(random.random((64, 2)), columns=["a", "b"]) for _ in range(2)]
    futures = saltelli_design(*halves)
    runs = pd.DataFrame({"policy": "x", "future": futures["future"], "replicate": 0})
    runs["links"] = 3 * futures["a"] + futures["b"]
    found = drivers(runs, futures, "links", "x", "sobol_indices")
    assert found.method == "total Sobol indices"
    assert found.indices["factor"].tolist() == ["a", "b"]
    assert found.indices["index"].iloc[0] == pytest.approx(0.9, abs=0.1)


# What comes into force, and what to be careful about


def test_who_signs_next_is_told_with_its_interval() -> None:
    found = Comparison(clear_winner()).signers
    assert found.year == 2027
    assert found.sentence.endswith(
        "Japan: Digital Trade Agreement (90\u00a0%, 63 to 98\u00a0%) and Kenya: Digital Trade "
        "Agreement (40\u00a0%, 18 to 67\u00a0%)"
    )
    nobody = replace(found, chances=found.chances.iloc[:0])
    assert nobody.sentence.endswith("nothing new comes into force by the end of 2027")
    assert nobody.headline == nobody.sentence
    study = clear_winner()  # of a quarter, in which no year ends
    short = Comparison(study.but(in_force=study.in_force().iloc[:0])).signers
    assert short.sentence.startswith("No year of these runs ends with anything new in force under")


def test_chances_count_every_replicate_once() -> None:
    counts = pd.DataFrame({"in_force": [0, 40, 80], "runs": 80})
    table = with_chances(counts, 20)
    assert table["probability"].tolist() == [0.5, 1.0]
    assert table["low"].iloc[0] == pytest.approx(0.299, abs=0.001)  # Wilson, 10 of 20
    assert table["high"].tolist()[1] == 1.0


def test_cautions_name_what_is_missing() -> None:
    study = clear_winner()
    failures = pd.DataFrame({"policy": ["a"], "future": [1], "replicate": [0], "error": ["broke"]})
    cautious = study.but(failures=failures)
    cautious.policies = [*study.policies, "gone"]
    lines = list(cautions(Comparison(cautious)))
    assert lines[0].startswith("1 of 2 behavioural coefficients is assumed.")
    assert lines[1].startswith("1 run failed and is left out")
    assert lines[2] == "No run of “gone” succeeded."
    assert len(list(cautions(Comparison(study)))) == 1
    known = study.but()
    known.manifest = {**study.manifest, "assumed_coefficients": []}
    (line,) = cautions(Comparison(known))
    assert line.startswith("These are statements about the model")


def test_small_words() -> None:
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert opening("“a b” c") == "“A b” c"
    assert opening("a") == "A"
