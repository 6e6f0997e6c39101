"""The server of the workshop page: answers, limits, and who may come in."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import uvicorn
from starlette.testclient import TestClient

from partnersim import load_scenario, simulate_ensemble
from partnersim.cli import serve as command
from partnersim.cli.program import main
from partnersim.compare.labels import metric_label
from partnersim.compare.regret import regret_of
from partnersim.configuration import scenario_of
from partnersim.errors import InputError
from partnersim.model.beginning import begin
from partnersim.model.constants import NEGOTIATING, PATHS
from partnersim.model.observation import observe
from partnersim.model.state import copied
from partnersim.page import ahead
from partnersim.page import application as pages
from partnersim.page.answers import feed
from partnersim.page.application import application
from partnersim.page.country import NUDGES, country_answer, weighed, weighed_after
from partnersim.page.futures import SHOWN_METRICS, Futures
from partnersim.page.guard import LARGEST_BODY, Door, is_loopback
from partnersim.page.request import SimulationRequest, read_request, usual_scenario
from partnersim.page.server import listening_socket
from partnersim.page.work import FEW_FUTURES, Turns, Workshop
from partnersim.runs.intervals import student_quantile
from partnersim.world.world import World

HOME = "http://127.0.0.1:8765"
SHORT = {"horizon": {"end": "2026Q4"}}


def arm(**changes: Any) -> dict[str, Any]:
    return {"changes": {**SHORT, **changes}}


def asked(a: dict[str, Any], b: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"a": a, "b": b, "futures": 12, "first": 4, **more}


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text("<!doctype html><title>page</title>", "utf-8")
    (folder / "page.js").write_text("1", "utf-8")
    return folder


@pytest.fixture(scope="module")
def client(static: Path) -> Iterator[TestClient]:
    workshop = Workshop(2)
    # Compiling may take longer than an answer may.
    workshop.warm_up().result()
    with TestClient(application(workshop, Door("127.0.0.1"), static), base_url=HOME) as client:
        yield client


def lines(client: TestClient, content: Any) -> list[dict[str, Any]]:
    response = client.post("/api/simulate", json=content)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


ENGLISH = Path(__file__).parent.parent / "page/src/languages/en.json"
#: What the program says where it refuses something, with places for what differs.
REFUSALS = re.compile(
    "|".join(
        "(?:.+: )?" + re.sub(r"\\\{[a-z]+\\\}", ".+", re.escape(key.split(".", 1)[1]))
        for key in json.loads(ENGLISH.read_text("utf-8"))
        if key.startswith(("refused.", "problem."))
    )
)


def has_a_text(line: str) -> bool:
    """Tell whether the page has a text for a refusal, in all its languages."""
    own = re.sub(
        r"(, did you mean '.*'( \(.*\))?\?)?( \((allowed|options|regions): .*\))?$", "", line
    )
    return REFUSALS.fullmatch(own) is not None


def unpacked(text: str, kind: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind).reshape(shape)


# Answers


def test_the_answer_tells_what_the_ensemble_tells(client: TestClient, world_all: World) -> None:
    first, whole = lines(client, asked(arm(), arm(policy={"openness": 0.9}), seed=3))
    assert (first["futures"], whole["futures"]) == (4, 12)
    assert first["a"]["feed"] is None
    scenario = load_scenario("horizon.end=2026Q4", "policy.openness=0.9")
    reference = load_scenario("horizon.end=2026Q4")
    quarters = scenario.horizon.labels
    assert whole["quarters"] == list(quarters)
    ours = {}
    for name, item in (("a", reference), ("b", scenario)):
        ours[name] = simulate_ensemble(world_all, item, seed=3, replicates=12)
        metrics = ours[name].metrics
        bands = unpacked(whole[name]["metrics"], "<f4", len(SHOWN_METRICS), 3, len(quarters))
        for place, metric in enumerate(SHOWN_METRICS):
            table = metrics[metric].to_numpy().reshape(12, len(quarters))
            expected = np.quantile(table, [0.05, 0.5, 0.95], axis=0)
            expected[1] = table.mean(axis=0)
            np.testing.assert_allclose(bands[place], expected, rtol=1e-6, atol=1e-6)
        depth = unpacked(whole[name]["depth"], "u1", len(quarters), 169, 8)
        ends = ours[name].countries
        last = ends[ends["quarter"] == "2026Q4"].filter(regex="^depth_").to_numpy()
        np.testing.assert_allclose(depth[-1] / 60, last, atol=0.5 / 60 + 1e-9)
        ties = unpacked(whole[name]["ties"], "<u2", len(quarters), 169)
        at_start = ours[name].initially_in_force.sum(axis=1)
        np.testing.assert_array_equal(ties[0], 10 * at_start)
        shares = unpacked(whole[name]["links"]["shares"], "u1", -1, len(quarters))
        pairs = unpacked(whole[name]["links"]["pairs"], "<u2", -1, 2)
        for (i, j), share in zip(pairs, shares[:, -1], strict=True):
            assert share == round(100 * ours[name].links_at_end[i, j] / 12)
    difference = unpacked(whole["difference"], "<f4", len(SHOWN_METRICS), 3, len(quarters))
    place = SHOWN_METRICS.index("instruments")
    a, b = (
        ours[name].metrics["instruments"].to_numpy().reshape(12, len(quarters)) for name in "ab"
    )
    np.testing.assert_allclose(difference[place, 0], (b - a).mean(axis=0), rtol=1e-5, atol=1e-6)
    wide = student_quantile(11, len(SHOWN_METRICS))
    half = wide * (b - a).std(axis=0, ddof=1) / np.sqrt(12)
    np.testing.assert_allclose(difference[place, 1], half, rtol=1e-5, atol=1e-6)


def test_what_is_held_is_not_sent_again(client: TestClient) -> None:
    a, b, other = arm(), arm(policy={"openness": 0.8}), arm(policy={"openness": 0.7})
    held = [line[name]["digest"] for line in lines(client, asked(a, b)) for name in "ab"]
    assert len(set(held)) == 4
    again = lines(client, {**asked(a, other), "held": held})
    assert [line["a"] for line in again] == held[::2]
    # All is remembered now: the whole answer comes at once.
    (plain,) = lines(client, asked(a, other))
    assert again[-1] == {**plain, "a": held[2]}
    assert plain["a"]["digest"] == held[2]
    (moved,) = lines(client, {**asked(other, b), "held": held})
    assert (moved["a"], moved["b"]) == (plain["b"], held[3])
    # Other luck and other numbers of futures are other time paths.
    for changed in (asked(a, other, seed=5), asked(a, other, futures=9, first=3)):
        assert not {*held} & {line["a"]["digest"] for line in lines(client, changed)}


def test_the_feed_counts_futures() -> None:
    scenario = load_scenario()
    futures = Futures(scenario, 1)
    for number in range(20):
        futures.add(futures.play(number))
    rows = feed(futures)["ties"]
    assert rows == sorted(rows, key=lambda row: row[0])
    entered = futures.events("advanced")
    for quarter, country, instrument, percent in rows[:40]:
        mine = entered[(entered["country"] == country) & (entered["instrument"] == instrument)]
        assert percent == round(100 * len(set(mine["future"])) / 20)
        assert min(mine["quarter"]) <= quarter <= max(mine["quarter"])


def test_the_feed_tells_of_changes_of_course(client: TestClient) -> None:
    strike = {"shock": "hybrid_campaign", "quarter": "2026Q2", "where": ["world"], "severity": 1.0}
    content = asked({**arm(), "policy": "adaptive"}, {**arm(), "policy": "adaptive"})
    content["b"]["changes"] = {**SHORT, "geopolitics": {"schedule": [strike]}}
    answer = lines(client, content)[-1]
    switches = answer["b"]["feed"]["switches"]
    assert [row for row in switches if row[1] == 1] == [[4, 1, 100]], switches


def test_a_strategy_is_compared_with_itself_without_a_difference(client: TestClient) -> None:
    answer = lines(client, asked(arm(), arm(policy={"name": "balanced", "openness": 0.5})))[-1]
    assert answer["b"] is None
    assert answer["difference"] is None


def test_the_same_question_has_the_same_answer_whatever_was_asked_before(static: Path) -> None:
    content = asked(arm(), arm(policy={"negotiators": 700}), seed=5)
    texts = set()
    for threads, before in ((1, []), (3, [asked(arm(), arm(), seed=5, futures=30)])):
        door = Door("127.0.0.1")
        app = application(Workshop(threads), door, static)
        with TestClient(app, base_url=HOME) as client:
            for other in before:
                lines(client, other)
            texts.add(json.dumps(lines(client, content)[-1]))
    assert len(texts) == 1


def answers_of(workshop: Workshop, content: dict[str, Any]) -> Awaitable[list[dict[str, Any]]]:
    async def collected() -> list[dict[str, Any]]:
        request = read_request(SimulationRequest, content)
        return [answer async for answer in workshop.answers(request)]

    return collected()


def test_visitors_with_one_question_do_not_disturb_each_other() -> None:
    content = asked(arm(), arm(policy={"openness": 0.8}), futures=30, first=FEW_FUTURES)

    async def all_answers(visitors: int) -> list[list[dict[str, Any]]]:
        workshop = Workshop(3)
        answers = await asyncio.gather(*(answers_of(workshop, content) for _ in range(visitors)))
        workshop.close()
        return answers

    (alone,) = asyncio.run(all_answers(1))
    assert [answer["futures"] for answer in alone] == [FEW_FUTURES, 30]
    for answers in asyncio.run(all_answers(4)):
        assert answers == alone[-len(answers) :]


def test_who_is_most_urgent_has_the_next_turn_and_who_left_has_none() -> None:
    turns, done = Turns(1), []

    async def work(name: str, urgency: tuple[int, int]) -> None:
        async with turns.turn(urgency):
            await asyncio.sleep(0)
            done.append(name)

    async def all_work() -> None:
        waiting = [("begun", (9, 9)), ("last", (1, 0)), ("second", (0, 2)), ("first", (0, 1))]
        tasks = [asyncio.ensure_future(work(name, urgency)) for name, urgency in waiting]
        leaving = asyncio.ensure_future(work("left", (0, 0)))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(*tasks)

    asyncio.run(all_work())
    asyncio.run(work("free again", (0, 0)))
    assert done == ["begun", "first", "second", "last", "free again"]


def test_where_many_wait_first_answers_are_small_and_last_ones_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("partnersim.page.work.FEW_FUTURES", 2)

    async def told(*questions: dict[str, Any]) -> list[list[dict[str, Any]]]:
        workshop = Workshop(1)
        answers = await asyncio.gather(*(answers_of(workshop, each) for each in questions))
        workshop.close()
        return answers

    questions = [
        asked(arm(), arm(policy={"negotiators": 600 + n}), futures=6, first=4) for n in range(3)
    ]
    together = asyncio.run(told(*questions))
    # Whoever comes first may find nobody waiting yet.
    assert [[one["futures"] for one in each] for each in together[1:]] == [[2, 4, 6]] * 2
    assert asyncio.run(told(questions[2]))[0][-1] == together[2][-1]


def test_both_strategies_always_rest_on_the_same_futures() -> None:
    """Whatever is remembered of one of them: all, some, or futures of other questions."""
    a, b, c = arm(), arm(policy={"openness": 0.8}), arm(policy={"openness": 0.2})

    async def told(*before: dict[str, Any]) -> list[dict[str, Any]]:
        workshop = Workshop(2)
        for content in before:
            await answers_of(workshop, content)
        answers = await answers_of(workshop, asked(a, b, futures=30))
        workshop.close()
        return answers

    async def told_after_someone_left() -> list[dict[str, Any]]:
        workshop = Workshop(2)
        request = read_request(SimulationRequest, asked(a, c, futures=30))
        async for answer in workshop.answers(request):
            assert answer["futures"] == 4
            break
        answers = await answers_of(workshop, asked(a, b, futures=30))
        workshop.close()
        return answers

    alone = asyncio.run(told())
    assert [answer["futures"] for answer in alone] == [4, 30]
    assert asyncio.run(told(asked(a, c, futures=30))) == alone
    assert asyncio.run(told(asked(a, c, futures=20, first=10))) == alone
    assert asyncio.run(told_after_someone_left()) == alone


def test_shocks_strike_the_strategy_they_are_dropped_on(client: TestClient) -> None:
    strike = {"shock": "trade_war", "quarter": "2026Q1", "where": ["world"], "severity": 1.0}
    answer = lines(client, asked(arm(), arm(geopolitics={"schedule": [strike]})))[-1]
    threat = SHOWN_METRICS.index("threat_mean")
    gap = unpacked(answer["difference"], "<f4", len(SHOWN_METRICS), 3, len(answer["quarters"]))
    assert np.all(gap[threat, 0, :3] == 0)
    assert np.all(gap[threat, 0, 3:] > 0)


def test_goals_count_the_futures_that_reach_them(client: TestClient, world_all: World) -> None:
    ends = simulate_ensemble(
        world_all, load_scenario("horizon.end=2026Q4"), seed=3, replicates=12
    ).metrics.query("quarter == '2026Q4'")
    middle = float(ends["instruments"].median())
    low = float(ends["links"].quantile(0.75))
    goals = [
        {"metric": "instruments", "sense": "more", "value": middle},
        {"metric": "links", "sense": "less", "value": low},
    ]
    answer = lines(client, asked(arm(), arm(policy={"openness": 0.9}), seed=3, goals=goals))[-1]
    first, second, together = (counts[-1] for counts in answer["goals"][0])
    more, less = ends["instruments"] >= middle, ends["links"] <= low
    assert first == round(100 * float(more.mean()))
    assert second == round(100 * float(less.mean()))
    assert together == round(100 * float((more & less).mean()))
    assert len(answer["goals"][1]) == 3
    assert lines(client, asked(arm(), arm()))[-1]["goals"] is None
    wrong = [{"metric": "link", "sense": "more", "value": 1}]
    response = client.post("/api/simulate", json=asked(arm(), arm(), goals=wrong))
    assert response.json()["problems"] == ["metric: unknown metric 'link', did you mean 'links'?"]


def test_the_scoreboard_holds_strategies_against_the_best(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partnersim.page import work

    monkeypatch.setattr(work, "SCOREBOARD_FUTURES", 6)
    arms = [arm(), arm(policy={"negotiators": 100}), {**arm(), "geopolitics": "coercion"}]
    content = {"arms": arms, "metric": "instruments", "quarter": 6}
    response = client.post("/api/scoreboard", json=content)
    assert response.status_code == 200, response.text
    rows = {row["climate"]: row for row in map(json.loads, response.text.splitlines())}
    assert set(rows) == set(client.get("/api/facts").json()["climates"])
    for row in rows.values():
        # The climate that a strategy came with does not count.
        assert row["means"][0] == row["means"][2]
        assert min(row["regret"]) >= 0
        assert row["regret"][1] > row["regret"][0] == row["regret"][2]
    for wrong in ({"metric": "joy"}, {"quarter": 60}, {"arms": []}, {"arms": [arm()] * 7}):
        response = client.post("/api/scoreboard", json={**content, **wrong})
        assert response.status_code == 422
        assert response.json()["problems"]


def test_regret_is_taken_future_by_future() -> None:
    values = np.array([[1.0, 5.0, 2.0], [3.0, 4.0, 2.0]])
    more, less = (metric_label(name).sign * values for name in ("links", "hub_dependence"))
    np.testing.assert_array_equal(regret_of(more), [[2, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(regret_of(less)[0], [0, 1, 0])


def test_a_country_tells_what_it_weighs_and_why(client: TestClient) -> None:
    content = {"arm": {**arm(), "behaviour": "assumed"}, "iso3": "KEN", "quarter": 4}
    response = client.post("/api/country", json=content)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert sum(share for _, _, share in answer["stages"]) > 0
    assert 0 < answer["still"] < 1
    assert answer["still"] + answer["asks"] == pytest.approx(1, abs=2e-3)
    chances = [option["chance"] for option in answer["options"]]
    assert chances == sorted(chances, reverse=True)
    asks = {mind["change"]: mind["asks"] for mind in answer["minds"]}
    # More money and weaker rivals speak for the EU, in whatever state.
    assert asks["offer"] > answer["asks"]
    assert asks["rival"] > answer["asks"]


def test_the_smallest_package_is_found_that_would_do(client: TestClient) -> None:
    content = {"arm": {**arm(), "behaviour": "assumed"}, "iso3": "KEN", "quarter": 4}
    minds = client.post("/api/country", json=content).json()["minds"]
    best = max(minds, key=lambda mind: mind["asks"])

    def search(target: float) -> dict[str, Any]:
        response = client.post("/api/country", json={**content, "target": target})
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    # One change is enough for what the best one reaches; the others do less.
    one = search(best["asks"] - 1e-3)
    assert one["reached"]
    assert one["changes"] == [[best["change"], best["by"]]]
    assert one["asks"] == pytest.approx(best["asks"], abs=1e-3)
    assert search(one["now"] / 2)["changes"] == []
    more = search(best["asks"] + 1e-3)
    assert not more["reached"] or len(more["changes"]) > 1
    never = search(1.0)
    assert not never["reached"]
    assert len(never["changes"]) == 3
    assert client.post("/api/country", json={**content, "target": 2}).status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": {"openness": 0.9, "offer": {"envelope": 100.0}}},
        {"geopolitics": {"intensity": 2.0}},
        {"behaviour": {"coefficients": {"need": {"value": 3.0}}}},
    ],
)
def test_nothing_of_the_strategy_before_stays_in_arrays_that_serve_again(
    changes: dict[str, Any],
) -> None:
    short = {"horizon": {"end": "2027Q4"}}
    before = Futures(usual_scenario(short), 1)
    scenario = usual_scenario({**short, **changes})
    after, fresh = Futures(scenario, 1, before), Futures(scenario, 1)
    for number in range(3):
        for futures in (before, after, fresh):
            futures.add(futures.play(number))
    assert (before.metrics != fresh.metrics).any()
    np.testing.assert_array_equal(after.metrics, fresh.metrics)
    np.testing.assert_array_equal(after.in_force, fresh.in_force)
    np.testing.assert_array_equal(after.events("linked"), fresh.events("linked"))


def test_talks_that_stand_still_are_told_as_such() -> None:
    stalling = [f"behaviour.coefficients.hazard_{name}.value" for name in ("resume", "end")]
    futures = Futures(
        load_scenario(
            "horizon.end=2026Q4",
            "behaviour.coefficients.hazard_treaty_stall.value=50",
            *(f"{key}=0" for key in stalling),
        ),
        1,
    )
    for number in range(4):
        futures.add(futures.play(number))
    stages = futures.world.arrays.stage
    treaty = futures.state.instruments["path"] == PATHS.index("treaty")
    place = int(np.argmax(((stages == NEGOTIATING) & treaty).any(axis=1)))
    told = {stage: share for _, stage, share in country_answer(futures, place, 4)["stages"]}
    assert told["stalled"] == 1.0
    assert "suspended" not in told


def test_what_is_compiled_ahead_is_what_a_run_calls() -> None:
    """Otherwise the second program of a first start would compile for nobody."""
    Futures(usual_scenario(), 0).play(0)
    rules: list[Any] = [observe, *ahead.FROM_THE_END]
    asked = [list(rule.for_rules.overloads) for rule in rules]
    ahead.main()
    made = [list(rule.for_rules.overloads) for rule in rules]
    # A rule that is small enough to stand in its caller is not asked for by itself.
    assert [one or other for one, other in zip(asked, made, strict=True)] == made
    assert sum(map(bool, asked)) > len(rules) // 2


def test_looking_into_a_country_changes_nothing() -> None:
    futures = Futures(load_scenario("horizon.end=2026Q4"), 1)
    for number in range(8):
        futures.add(futures.play(number))
    state = copied(futures.state)
    assert country_answer(futures, 3, 2) == country_answer(futures, 3, 2)
    begin(state, 1, 0)
    before = weighed(state, 3)
    for nudge in NUDGES:
        weighed_after(state, 3, nudge)
        np.testing.assert_array_equal(weighed(state, 3), before)


def test_facts_name_every_lever_with_its_range(client: TestClient) -> None:
    facts = client.get("/api/facts").json()
    assert len(facts["countries"]) == 169
    assert sum(named for *_, named in facts["countries"]) == 32
    assert facts["levers"]["policy.negotiators"]["unit"] == "officials"
    for name in facts["modules"]:
        assert f"policy.offer.mix.{name}" in facts["levers"]
    for coefficient in facts["behaviours"]["assumed"]["coefficients"].values():
        assert coefficient["meaning"]
        assert coefficient["low"] <= coefficient["high"]
    assert set(client.get("/api/map").json()) >= {"countries", "eu", "points", "disclaimer"}


# What is refused


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"policy": {"openess": 0.2}}, "did you mean 'openness'?"),
        ({"policy": {"openness": 2}}, "B: policy.openness = 2: must be a number from 0 to 1"),
        ({"policy": {"hubs": ["Kenia"]}}, "did you mean 'KEN'"),
        ({"policy": {"regions": {"Gulff": 1}}}, "did you mean 'Gulf'?"),
        ({"replicates": 1_000_000}, "cannot be set on the page"),
        ({"output": "/tmp/x"}, "cannot be set on the page"),
        ({"world": {"added": {"X": {}}}}, "cannot be set on the page"),
        ({"horizon": {"end": "2060Q4"}}, "at most 80 quarters"),
        ({"geopolitics": {"schedule": [{}] * 41}}, "at most 40"),
        ({"shocks": {"cable_cut": {"rate": 10}}}, "cannot be set on the page"),
        ({"geopolitics": {"intensity": 5, "intensification": 0.5}}, "B: geopolitics: "),
        ({"behaviour": {"coefficients": {"offer_memory": {"value": -1}}}}, "must be above 0"),
        ({"policy": {"_target_": "os.system"}}, "unknown setting"),
        ({"policy": {"name": "${oc.env:HOME}", "openness": -1}}, "from 0 to 1"),
        ({"policy": "rm -rf"}, "policy = 'rm -rf': must be a group of settings"),
    ],
)
def test_bad_settings_are_refused_in_one_line_each(
    client: TestClient, changes: dict[str, Any], told: str
) -> None:
    response = client.post("/api/simulate", json=asked({}, {"changes": changes}))
    assert response.status_code == 422
    problems = response.json()["problems"]
    assert any(told in line for line in problems), problems
    assert all("\n" not in line and "Traceback" not in line for line in problems)
    assert [line for line in problems if not has_a_text(line)] == []


def test_all_problems_of_both_strategies_are_told_at_once(client: TestClient) -> None:
    content = asked(
        {"policy": "balance"}, {"changes": {"policy": {"openness": 7, "negotiators": -1}}}
    )
    problems = client.post("/api/simulate", json=content).json()["problems"]
    assert len(problems) == 3
    assert problems[0].startswith("A: policy=balance: unknown policy, did you mean 'balanced'?")


@pytest.mark.parametrize(
    "content",
    [
        [],
        "x",
        None,
        {"a": {}},
        {"a": {}, "b": []},
        {"a": {}, "b": {}, "futures": 201},
        {"a": {}, "b": {}, "futures": 0},
        {"a": {}, "b": {}, "futures": 2.5},
        {"a": {}, "b": {}, "futures": True},
        {"a": {}, "b": {}, "seed": -1},
        {"a": {}, "b": {}, "output": "x"},
        {"a": {"changes": {"policy": [1]}}, "b": {}},
        {"a": {"world": "mars"}, "b": {}},
        {"a": {"world": "../../etc/passwd"}, "b": {}},
        {"a": {"world": "named"}, "b": {}},
    ],
)
def test_malformed_requests_are_refused(client: TestClient, content: Any) -> None:
    body = json.dumps(content).encode()
    headers = {"content-type": "application/json"}
    response = client.post("/api/simulate", content=body, headers=headers)
    assert response.status_code == 422
    assert response.json()["problems"]
    assert [line for line in response.json()["problems"] if not has_a_text(line)] == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"a": "\\ud800"}', "application/json", 400),
        (json.dumps({f"x{n}": n for n in range(2001)}).encode(), "application/json", 400),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "application/json", 400),
        (b" " * (LARGEST_BODY + 1), "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
    ],
)
@pytest.mark.parametrize("address", ["/api/simulate", "/api/country"])
def test_bodies_that_are_no_json_are_refused(
    client: TestClient, address: str, body: bytes, kind: str, status: int
) -> None:
    response = client.post(address, content=body, headers={"content-type": kind})
    assert response.status_code == status
    (line,) = response.json()["problems"]
    assert has_a_text(line)


@pytest.mark.parametrize(
    "content",
    [
        {"arm": {}, "iso3": "KNE", "quarter": 3},
        {"arm": {}, "iso3": "KEN", "quarter": 43},
        {"arm": {}, "iso3": "KEN", "quarter": -1},
        {"arm": {}, "iso3": "KENYA", "quarter": 1},
        {"arm": {"changes": {"policy": {"openness": 9}}}, "iso3": "KEN", "quarter": 1},
    ],
)
def test_unknown_countries_and_quarters_are_refused(client: TestClient, content: Any) -> None:
    response = client.post("/api/country", json=content)
    assert response.status_code == 422
    assert response.json()["problems"]
    assert [line for line in response.json()["problems"] if not has_a_text(line)] == []


def test_too_many_requests_at_once_are_sent_away(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 0)
    response = client.post("/api/simulate", json=asked({}, {}))
    assert response.status_code == 503


def test_work_that_nobody_waits_for_stops() -> None:
    async def leave_early() -> tuple[int, int]:
        workshop = Workshop(1)
        request = read_request(
            SimulationRequest,
            {"a": {}, "b": {"changes": {"policy": {"openness": 0.33}}}, "futures": 200},
        )
        answers = workshop.answers(request)
        first = await anext(answers)
        await answers.aclose()
        await asyncio.sleep(0.3)
        played = max(entry.futures.played for entry in workshop._memory.values())
        workshop.close()
        return first["futures"], played

    first, played = asyncio.run(leave_early())
    assert first == 20
    assert played <= 30


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from partnersim.page import work

    monkeypatch.setattr(work, "MEMORY_BYTES", 1)

    async def ask_much() -> int:
        workshop = Workshop(1)
        for negotiators in range(600, 606):
            content = asked(arm(), arm(policy={"negotiators": negotiators}), futures=1, first=1)
            async for _ in workshop.answers(read_request(SimulationRequest, content)):
                pass
        workshop.close()
        return len(workshop._memory)

    assert asyncio.run(ask_much()) <= 2


# Who may come in


def test_every_answer_carries_strict_headers(client: TestClient) -> None:
    for address, status in (("/", 200), ("/page.js", 200), ("/api/facts", 200), ("/nothing", 404)):
        response = client.get(address)
        assert response.status_code == status
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"


def test_types_of_files_do_not_depend_on_the_machine(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mimetypes.guess_type", lambda *given: ("text/plain", None))
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/page.js").headers["content-type"].startswith("text/javascript")


def test_silent_connections_are_closed_and_do_not_keep_others_out(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partnersim.page import server

    monkeypatch.setattr(server, "_SECONDS_FOR_HEADERS", 0.5)
    monkeypatch.setattr(server.ImpatientProtocol, "most_of_one", 5)
    listening = server.listening_socket("127.0.0.1", 0)
    workshop = Workshop(1)
    app = application(workshop, Door("127.0.0.1"), static)
    running = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", http=server.ImpatientProtocol, ws="none")
    )
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    silent = [socket.create_connection(listening.getsockname(), 5) for _ in range(8)]
    try:
        # Closed by the server: the first after the time, what is too much at once.
        assert all(connection.recv(1) == b"" for connection in silent)
        answer = httpx2.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        assert answer.status_code == 200
    finally:
        running.should_exit = True
        thread.join(10)
        for connection in silent:
            connection.close()


@pytest.mark.parametrize("host", ["a" * 300, "é..x", "a b", "999.1.1.1"])
def test_what_can_be_no_address_is_told(host: str) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        listening_socket(host, 0)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
def test_a_server_with_few_files_keeps_answering_while_others_hold_connections(
    static: Path, tmp_path: Path
) -> None:
    program = (
        "from pathlib import Path; from partnersim.page import server;"
        f" server.STATIC = Path({str(static)!r});"
        " server.serve('127.0.0.1', 0, lambda address: print(address, flush=True), lambda: None)"
    )
    limits = "ulimit -n 200"
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(
            ["bash", "-c", f'{limits}; exec "$0" -c "$1"', sys.executable, program],
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    silent = []
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        place = ("127.0.0.1", int(address.rpartition(":")[2].strip("/")))
        silent = [socket.create_connection(place, 5) for _ in range(260)]
        for _ in range(3):
            assert httpx2.get(address, timeout=8).status_code == 200
    finally:
        process.terminate()
        process.wait(20)
        for connection in silent:
            connection.close()
    assert "Traceback" not in (tmp_path / "told").read_text()


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/%2e%2e/pyproject.toml", "/..%2fpage.js", "/etc/passwd"]
)
def test_nothing_outside_the_bundle_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.5:8765", ""])
def test_other_names_are_refused_on_loopback(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:1", "[::1]:8765", "127.0.0.2"])
def test_own_names_are_accepted(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_requests_from_other_pages_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post("/api/simulate", json=asked({}, {}), headers=headers)
    assert response.status_code == 403


def test_a_room_needs_the_token(static: Path) -> None:
    door = Door("0.0.0.0", "secret-of-the-room")
    base = "http://192.168.1.5:8765"
    with TestClient(application(Workshop(1), door, static), base_url=base) as client:
        for address in ("/api/facts", "/api/map", "/api/exercise", "/api/facts?token=wrong"):
            assert client.get(address).status_code == 401
        # The program of the page is open to all: it tells whoever has no token what to do.
        for address in ("/", "/?token=wrong", "/?token=", "/page.js"):
            opened = client.get(address)
            assert opened.status_code == 200
            assert "set-cookie" not in opened.headers
        assert client.post("/api/simulate", json=asked({}, {})).status_code == 401
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
        for cookie in (b"partnersim_token=s\xc3\xa9cret", b"=;;=\xff", b"partnersim_token"):
            assert client.get("/api/facts", headers={b"cookie": cookie}).status_code == 401
        opened = client.get("/?token=secret-of-the-room", follow_redirects=False)
        assert opened.status_code == 303
        assert "secret" not in opened.headers["location"]
        cookie = opened.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/api/facts").status_code == 200


def test_loopback_is_told_apart() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "localhost.evil", ""))


# The verb


def test_options_of_the_verb() -> None:
    assert command.options([]) == ("127.0.0.1", 8765, False, None, "", "")
    words = ["--host=0.0.0.0", "--port", "0", "--open", "world.data=mydata", "forecast=mine"]
    assert command.options(words) == ("0.0.0.0", 0, True, None, "mydata", "mine")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--prot", "1"], "did you mean '--port'?"),
        (["--port", "http"], "must be a whole number from 0 to 65535"),
        (["--port=65536"], "must be a whole number"),
        (["--host"], "needs a value"),
        (["--host="], "must not be empty"),
        (["--host", "203.0.113.7", "--port", "0"], "cannot be used"),
        (["--host", "no such host"], "cannot be used"),
    ],
)
def test_bad_options_are_refused(
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    static: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from partnersim.page import server

    monkeypatch.setattr(server, "STATIC", static)
    assert main(["serve", *words]) == 2
    assert told in capsys.readouterr().err


def test_the_page_starts_without_what_estimates() -> None:
    """Loading it takes longer than all the rest, and a room waits for a restarted server."""
    ask = "import sys, partnersim.page.server; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert not {"partnersim.history", "partnersim.events", "scipy.stats", "mesa"} & set(loaded)


def test_a_page_that_is_not_built_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from partnersim.page import server

    monkeypatch.setattr(server, "STATIC", tmp_path)
    assert main(["serve", "--port", "0"]) == 2
    assert "not built" in capsys.readouterr().err


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("--host", "--port", "--open"))
    assert main(["--help"]) == 0
    assert "serve" in capsys.readouterr().out


# Scenarios as plain data


def test_plain_data_make_the_same_scenario_as_words() -> None:
    by_words = load_scenario("policy=deepen_first", "policy.offer.envelope=2000")
    by_data = scenario_of({"policy": "deepen_first"}, {"policy": {"offer": {"envelope": 2000}}})
    assert by_data == by_words


@pytest.mark.parametrize("choices", [{"policies": "x"}, {"policy": 3}, {"policy": "../x"}])
def test_options_that_are_none_are_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        scenario_of(choices, {})
