"""Early signs found in tables whose truth is known, and how often switches fire."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim import run_sweep
from partnersim.cli.program import main
from partnersim.compare.signposts import Signposts, find_signposts, value_of_knowledge
from partnersim.compare.switches import Firing, firings
from partnersim.errors import InputError
from partnersim.show.signposts import FoundSignposts
from studies import invented

RUNS = 64
QUARTERS = ("2026Q4", "2027Q4", "2028Q4")


def tables(seed: int = 1, *, telling: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return runs in which b does better where the links of 2027 are above 10."""
    draw = np.random.default_rng(seed)
    signal = draw.uniform(0, 20, RUNS)
    better = signal > 10 if telling else draw.random(RUNS) > 0.5
    rows = [
        {
            "future": future,
            "replicate": 0,
            "quarter": quarter,
            "links": signal[future] if quarter == "2027Q4" else draw.uniform(0, 20),
            "partners": draw.uniform(0, 20),
        }
        for quarter in QUARTERS
        for future in range(RUNS)
    ]
    ends = pd.DataFrame(
        {
            "policy": ["a"] * RUNS + ["b"] * RUNS,
            "future": [*range(RUNS)] * 2,
            "replicate": 0,
            "partner_value": [*np.zeros(RUNS), *np.where(better, 3.0, -1.0)],
        }
    )
    return pd.DataFrame(rows), ends


def test_the_sign_that_separates_is_found() -> None:
    observed, ends = tables()
    found = find_signposts(observed, ends, "a", "b", "partner_value")
    best = found.signs[0]
    assert (best.metric, best.quarter, best.above) == ("links", "2027Q4", True)
    assert 8 < best.threshold < 12
    assert best.hit > 0.85
    assert best.false_alarm < 0.15
    assert best.runs == RUNS // 2
    assert best.lead == 1.0
    share = (ends["partner_value"] == 3).sum() / RUNS
    assert found.better == share
    assert found.perfect == pytest.approx(3 * share - max(4 * share - 1, 0))
    assert best.value <= 3 * 0.75


def test_where_less_is_better_the_gain_turns() -> None:
    observed, ends = tables()
    ends = ends.rename(columns={"partner_value": "hub_dependence"})
    found = find_signposts(observed, ends, "a", "b", "hub_dependence")
    assert not found.signs[0].above


def test_noise_is_no_sign() -> None:
    skills = []
    for seed in range(6):
        observed, ends = tables(seed, telling=False)
        skills.append(find_signposts(observed, ends, "a", "b", "partner_value").signs[0].skill)
    assert abs(np.mean(skills)) < 0.2


def test_no_sign_is_looked_for_where_one_policy_is_always_better() -> None:
    observed, ends = tables()
    ends.loc[ends["policy"] == "b", "partner_value"] = 1.0
    found = find_signposts(observed, ends, "a", "b", "partner_value")
    assert found.better == 1.0
    assert not found.signs
    assert found.perfect == 0.0


def test_a_sign_that_is_worth_less_than_not_waiting_is_not_advised() -> None:
    observed, ends = tables()
    found = find_signposts(observed, ends, "a", "b", "partner_value")
    best = found.signs[0]
    assert 0 < best.worth < best.value
    # Now b gains much, in many runs without the sign too, and loses little in the others.
    gains = (ends["policy"] == "b") & ((ends["partner_value"] > 0) | (ends["future"] % 5 < 2))
    ends.loc[gains, "partner_value"] = 300.0
    found = find_signposts(observed, ends, "a", "b", "partner_value")
    assert found.signs[0].skill > 0.3
    assert found.signs[0].worth < 0
    answer = FoundSignposts(None, found, [])  # type: ignore[arg-type]
    assert answer.best is None
    assert answer.sentence.startswith("No sign is worth waiting for: ")
    assert "than “b” from the start" in answer.sentence


def test_too_few_runs_of_one_kind_are_told() -> None:
    one = Signposts("a", "b", "links", 10 / 12, [], perfect=1.0, runs=12)
    said = FoundSignposts(invented({"a": 0.0, "b": 1.0}), one, []).sentence
    assert said.startswith("Too few runs to look for a sign")
    assert "in 10 of 12 runs; one half of them finds a sign" in said


def test_too_few_runs_are_refused() -> None:
    observed, ends = tables()
    with pytest.raises(InputError, match="fewer than 8 runs"):
        find_signposts(observed, ends[ends["future"] < 5], "a", "b", "partner_value")


def test_knowing_the_factor_that_decides_is_worth_most_and_tips_in_the_middle() -> None:
    draw = np.random.default_rng(3)
    futures = pd.DataFrame(
        {"future": range(200), "decides": draw.random(200), "idle": draw.random(200)}
    )
    means = pd.DataFrame({"a": np.zeros(200), "b": futures["decides"] - 0.5})
    means.index.name = "future"
    first, second = value_of_knowledge(means, futures, ["decides", "idle"], "partner_value")
    assert first.factor == "decides"
    # E max(0, x - 1/2) over quarters of 0..1 is 1/8; choosing blindly gives about 0.
    assert first.value == pytest.approx(0.125, abs=0.03)
    assert first.tipping == pytest.approx(0.5, abs=0.05)
    assert second.value < 0.02


@pytest.mark.parametrize(
    ("fired", "said"),
    [(0, "never fires in 8 runs"), (8, "always fires, in all of 8 runs"), (2, "in 2 of 8 runs (")],
)
def test_what_a_switch_did_is_called_so(fired: int, said: str) -> None:
    quarters = ("2026Q1", "2026Q2", "2027Q1") if fired else ()
    firing = Firing("adaptive", "connect_more", fired, 8, min(fired, 1), 2, quarters)
    assert said in firing.sentence
    assert "connect more" in firing.sentence


def test_switches_are_counted_in_sampled_futures(tmp_path: Path) -> None:
    file = tmp_path / "watch.yaml"
    factors = "{geopolitics.intensity: {low: 0, high: 2}}"
    file.write_text(f"{FILE}design: {{kind: sobol, points: 4, factors: {factors}}}\n")
    runs = run_sweep(f"scenario={file}", "replicates=1", f"output={tmp_path}", "threads=1")
    always, never = firings(runs)
    assert (always.fired, always.runs, always.futures_fired) == (4, 4, 4)
    assert (never.fired, never.futures) == (0, 4)


FILE = """
horizon: {end: 2026Q2}
replicates: 8
figures: false
shock_tests: []
climates: [calm]
variants:
  - watchful:
      switches:
        - {name: at_once, when: {metric: links, above: 0}, then: {openness: 0.9}}
        - {name: not_ever, when: {metric: links, above: 100000}, then: {openness: 0.1}}
"""


def test_switches_and_signs_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "watch.yaml").write_text(FILE)
    runs = run_sweep(f"scenario={tmp_path / 'watch.yaml'}", f"output={tmp_path}", "threads=1")
    always, never = firings(runs)
    assert (always.switch, always.fired, always.runs) == ("at_once", 8, 8)
    assert (never.switch, never.fired, never.quarters) == ("not_ever", 0, ())
    capsys.readouterr()
    assert main(["signposts", str(runs.folder), "metric=links"]) == 0
    told = capsys.readouterr().out
    assert "“not ever” of “watchful” never fires" in told
    assert "“at once” of “watchful” always fires" in told
    page = (runs.folder / "report_signposts.html").read_text("utf-8")
    asked = "stay=balanced take=watchful metric=links"
    assert f"partnersim signposts {runs.folder.absolute()} {asked}" in page
    assert main(["signposts", str(runs.folder), "take=nobody", "metric=lnks"]) == 2
    assert "did you mean 'links'?" in capsys.readouterr().err
