"""The team exercise: who may do what, what follows from it, and what survives a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from partnersim.cli import serve as command
from partnersim.cli.program import main
from partnersim.errors import InputError
from partnersim.model.constants import DIRECTIONS
from partnersim.page.application import application
from partnersim.page.exercise import session as sessions
from partnersim.page.exercise.debrief import Debrief, without
from partnersim.page.exercise.exercise import Exercise
from partnersim.page.exercise.playing import (
    first_levers,
    levers_after,
    played_by_agents,
    scenario_after,
    team_futures,
    team_model,
)
from partnersim.page.exercise.roles import QUARTERS, Decision, roles
from partnersim.page.exercise.session import MOST_ROUNDS, Round, Session
from partnersim.page.futures import Futures
from partnersim.page.guard import Door
from partnersim.page.work import Workshop
from test_page_server import has_a_text

HOME = "http://127.0.0.1:8765"
STRIKE = {"shock": "rival_counter_offer", "where": "KEN", "quarter": 2, "severity": 0.6}
MOVE = {"levers": {"policy.openness": 0.9}}
NO_DIRECTION = {f"policy.priorities.{name}": 0.0 for name in DIRECTIONS}
GOAL = {"metric": "links", "sense": "more", "value": 1e9}


def played(**decisions: dict[str, Any]) -> Round:
    """Return a round of decisions by role."""
    made = {role: Decision.model_validate(given) for role, given in decisions.items()}
    return Round(decisions=made, by=dict.fromkeys(made, "team"))


class Room:
    """A session with a facilitator and as many phones as a test asks for."""

    def __init__(self, static: Path, file: Path) -> None:
        file_there = file.exists()
        session = Session.read(file) if file_there else Session.new("calm", "instruments")
        if not file_there:
            session.write(file)
        self.workshop = Workshop(1)
        self.exercise = Exercise(session, file, f"{HOME}/?team", self.workshop.at_desk)
        self.session = session
        door = Door("127.0.0.1", session.token, room=True)
        self.app = application(self.workshop, door, static, self.exercise)
        self.facilitator = TestClient(self.app, base_url=HOME)

    def __enter__(self) -> Room:
        self.facilitator.__enter__()
        opened = self.facilitator.get("/", params={"token": self.session.token})
        assert opened.status_code == 200
        return self

    def __exit__(self, *error: Any) -> None:
        self.facilitator.__exit__(*error)

    def phone(self, role: str = "") -> TestClient:
        """Return a phone that has joined, and taken a role if one is given."""
        phone = TestClient(self.app, base_url=HOME)
        phone.portal = self.facilitator.portal
        code = self.session.code
        assert post(phone, "join", code=f" {code[:3].lower()}-{code[3:]}") == {}
        if role:
            assert post(phone, "role", role=role) == {}
        return phone

    def play(self) -> None:
        self.steer("play", str(len(self.session.rounds) + 1))

    def steer(self, act: str, value: str = "") -> None:
        assert post(self.facilitator, "steer", act=act, value=value) == {}


def post(client: TestClient, what: str, status: int = 200, **content: Any) -> Any:
    response = client.post(f"/api/exercise/{what}", json=content)
    assert response.status_code == status, response.text
    return response.json() if status == 200 else response.json()["problems"]


def see(client: TestClient) -> dict[str, Any]:
    response = client.get("/api/exercise")
    assert response.status_code == 200, response.text
    view: dict[str, Any] = response.json()
    return view


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text("<!doctype html><title>page</title>", "utf-8")
    return folder


@pytest.fixture
def room(static: Path, tmp_path: Path) -> Iterator[Room]:
    with Room(static, tmp_path / "room.json") as room:
        yield room


# What follows from decisions


def test_agents_play_what_the_compiled_rules_play() -> None:
    rounds = [played(commission=MOVE, china={"shocks": [STRIKE]})]
    compiled = team_futures("calm", rounds, 6, 5, 2)
    agents = Futures(compiled.scenario, 5)
    for future in range(2):
        agents.add(played_by_agents(agents, rounds, future))
    np.testing.assert_array_equal(agents.metrics, compiled.metrics)
    np.testing.assert_array_equal(agents.in_force, compiled.in_force)
    np.testing.assert_array_equal(agents.depth, compiled.depth)
    np.testing.assert_array_equal(agents.events("advanced"), compiled.events("advanced"))


def test_rounds_that_are_played_later_do_not_change_those_before() -> None:
    first = played(china={"shocks": [STRIKE]}, commission=MOVE)
    second = played(member_states={"levers": {"policy.negotiators": 400}})
    once = team_futures("calm", [first], QUARTERS, 5, 1)
    twice = team_futures("calm", [first, second], 2 * QUARTERS, 5, 1)
    np.testing.assert_array_equal(once.metrics[0], twice.metrics[0, : QUARTERS + 1])
    alone = team_futures("calm", (), QUARTERS, 5, 1)
    assert not np.array_equal(once.metrics, alone.metrics)


def test_levers_and_shocks_become_switches_and_a_schedule() -> None:
    rounds = [
        played(
            commission={"levers": {"policy.priorities.connect": 75}}, china={"shocks": [STRIKE]}
        ),
        played(
            member_states={"levers": {"policy.negotiators": 500, "policy.offer.envelope": 1000}}
        ),
    ]
    scenario = scenario_after("calm", rounds, 16)
    first, second = scenario.policy.switches
    assert first.then.priorities is not None
    assert first.then.priorities.connect == pytest.approx(75 / 150)
    assert (first.when.since, second.when.since) == ("2025Q3", "2027Q3")
    assert (second.then.negotiators, second.then.envelope) == (500, 1000)
    assert second.then.priorities is None
    (strike,) = scenario.geopolitics.schedule
    assert (strike.quarter, strike.where, strike.by) == ("2025Q4", ("KEN",), "CHN")
    assert levers_after(rounds)["policy.negotiators"] == 500


@pytest.mark.parametrize("where", ["KEN", "Indo-Pacific"])
def test_every_shock_of_every_role_can_strike(where: str) -> None:
    world = {"trade_war", "technology_breakthrough"}
    for role in roles().values():
        strikes = [
            {**STRIKE, "shock": shock, "where": "world" if shock in world else where}
            for shock in role.shocks
        ]
        rounds = [played(**{role.name: {"shocks": strikes}})]
        schedule = scenario_after("rivalry", rounds, 8).geopolitics.schedule
        assert [each.shock for each in schedule] == list(role.shocks)


def test_a_switch_of_a_round_sets_the_levers_in_its_first_quarter() -> None:
    rounds = [played(), played(member_states={"levers": {"policy.negotiators": 250}})]
    model = team_model(scenario_after("calm", rounds, 10), rounds, 1, 0)
    seen = []
    for _ in range(10):
        model.step()
        seen.append(int(model.state.union[0].negotiators))
    assert seen == [600] * QUARTERS + [250] * 2


def test_a_country_asks_for_what_its_team_proposes_and_not_for_what_it_declines() -> None:
    """Its turns go through the same hook as those of any overridden agent."""
    free = team_model(scenario_after("calm", [], 8), [], 3, 0)
    kenya = free.countries[free.iso3.index("KEN")]
    able = np.flatnonzero(np.isfinite(kenya.weigh()[:-1]))
    wanted, other = (free.instruments[k] for k in able[:2])
    everything = [free.instruments[k] for k in able]
    rounds = [played(global_south={"proposes": [wanted, other]})]
    model = team_model(scenario_after("calm", [], 16), rounds, 3, 0)
    model.quarter = 1
    kenya = model.countries[model.iso3.index("KEN")]
    assert model.instruments[kenya.choose()] == wanted
    # A round later its rules choose again.
    assert kenya.decisions[0].proposes[0] == wanted
    assert len(kenya.decisions) == 1
    rounds = [played(global_south={"declines": everything})]
    model = team_model(scenario_after("calm", [], 8), rounds, 3, 0)
    model.quarter = 1
    kenya = model.countries[model.iso3.index("KEN")]
    assert all(kenya.choose() == len(model.instruments) for _ in range(20))


@pytest.mark.parametrize(
    ("role", "given", "message"),
    [
        ("commission", {"levers": {"policy.negotiators": 300}}, "not a lever of commission"),
        ("commission", {"levers": {"policy.opennes": 0.3}}, "did you mean 'policy.openness'?"),
        ("commission", {"levers": {"policy.openness": 1.5}}, "must be from 0 to 1"),
        ("china", {"shocks": [{**STRIKE, "shock": "trade_war"}]}, "not a shock of china"),
        ("china", {"shocks": [{**STRIKE, "where": "Gulff"}]}, "did you mean 'Gulf'?"),
        ("china", {"shocks": [{**STRIKE, "where": "CHN"}]}, "does not strike itself"),
        ("china", {"shocks": [{**STRIKE, "severity": 1}] * 3}, "costs 12.0 points"),
        ("united_states", {"shocks": [{**STRIKE, "shock": "trade_war"}]}, "strikes the world only"),
        ("candidate", {"proposes": ["DIGITAL_DIALOG"]}, "did you mean 'DIGITAL_DIALOGUE'?"),
        ("candidate", {"proposes": ["FTA"], "declines": ["FTA"]}, "stands twice"),
        ("industry", {"proposes": ["FTA"]}, "decides no country's turns"),
        ("member_states", {"levers": {"policy.negotiators": 1200}}, "costs 12.0 points"),
        ("commission", {"levers": NO_DIRECTION}, "levers.policy.priorities: one must be above 0"),
    ],
)
def test_what_a_role_may_not_decide_is_refused(
    room: Room, role: str, given: dict[str, Any], message: str
) -> None:
    phone = room.phone(role)
    (problem,) = post(phone, "decide", 422, decision=given, lock=True)
    assert message in problem
    assert has_a_text(problem)
    assert room.session.drafts == {}
    assert room.session.locked == {}


def test_every_role_can_decide_something_within_its_budget() -> None:
    levers = first_levers()
    for role in roles().values():
        assert role.levers or role.shocks or role.countries
        assert role.budget >= role.country_price
        for path, lever in role.levers.items():
            assert lever.low <= levers[path] <= lever.high, path


# A session


def test_a_round_is_decided_locked_played_and_undone(room: Room) -> None:
    commission, china, idle = (room.phone(name) for name in ("commission", "china", "industry"))
    before = see(commission)
    assert (before["round"], before["role"]) == (1, "commission")
    assert before["drafts"] is None
    assert before["code"] is None
    post(commission, "decide", decision=MOVE, lock=False)
    post(commission, "decide", decision={**MOVE, "guess": 400, "note": "more"}, lock=True)
    post(china, "decide", decision={"shocks": [STRIKE]}, lock=True)
    post(idle, "decide", decision={"levers": {"policy.offer.mix.green": 30}}, lock=False)
    # Nobody sees what others want to do before it is played.
    assert see(china)["draft"]["shocks"][0]["where"] == "KEN"
    assert "openness" not in json.dumps({**see(china), "levers": 0, "first": 0})
    room.play()
    after = see(commission)
    assert (after["round"], after["quarter"]) == (2, "2027Q2")
    assert after["levers"]["policy.openness"] == 0.9
    assert set(after["played"][0]["decisions"]) == {"commission", "china"}
    assert after["played"][0]["decisions"]["commission"]["guess"] == 400
    assert after["draft"] is None
    answer = room.facilitator.get("/api/exercise/answer").json()
    assert len(answer["quarters"]) == QUARTERS + 1
    assert answer["b"] is not None
    # A second click plays no second round.
    assert "already" in post(room.facilitator, "steer", 409, act="play", value="1")[0]
    room.steer("undo", "1")
    again = see(commission)
    assert (again["round"], again["draft"]["note"]) == (1, "more")
    assert again["levers"] == before["levers"]
    assert not any(team["locked"] for team in again["teams"])
    acts = [(entry["who"], entry["act"]) for entry in see(room.facilitator)["log"]]
    assert acts[-2:] == [("facilitator", "played"), ("facilitator", "undone")]
    assert ("china", "locked") in acts


def test_a_session_goes_on_after_a_restart(static: Path, tmp_path: Path) -> None:
    file = tmp_path / "room.json"
    with Room(static, file) as room:
        phone = room.phone("commission")
        post(phone, "decide", decision=MOVE, lock=True)
        room.play()
        post(phone, "decide", decision={"levers": {"policy.openness": 0.8}}, lock=True)
        world = room.facilitator.get("/api/exercise/answer").text
        cookies = phone.cookies
    assert file.stat().st_mode & 0o077 == 0
    with Room(static, file) as room:
        phone = TestClient(room.app, base_url=HOME, cookies=cookies)
        phone.portal = room.facilitator.portal
        view = see(phone)
        assert (view["role"], view["round"]) == ("commission", 2)
        assert view["draft"]["levers"] == {"policy.openness": 0.8}
        assert next(team for team in view["teams"] if team["role"] == "commission")["locked"]
        assert room.facilitator.get("/api/exercise/answer").text == world
    # The secrets of phones are not in the file.
    assert cookies["partnersim_seat"] not in file.read_text()


def test_the_facilitator_pauses_plays_for_the_absent_and_releases(room: Room) -> None:
    phone = room.phone("candidate")
    room.steer("pause")
    assert post(phone, "decide", 409, decision={}, lock=True) == [
        "the facilitator has paused the exercise"
    ]
    proposal = {"proposes": ["DIGITAL_DIALOGUE"]}
    post(room.facilitator, "decide", role="global_south", decision=proposal, lock=True)
    room.steer("resume")
    post(phone, "decide", decision={}, lock=True)
    see(phone)
    see(phone)
    teams = {team["role"]: team for team in see(room.facilitator)["teams"]}
    assert teams["global_south"]["locked"] == "facilitator"
    assert teams["candidate"]["locked"] == "team"
    assert teams["candidate"]["here"] == 1
    room.steer("release", "candidate")
    assert see(phone)["role"] == ""
    # A late comer takes over.
    assert see(room.phone("candidate"))["draft"] is not None


def test_the_debrief_compares_with_the_agents(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    from partnersim.page.exercise import debrief as module

    monkeypatch.setattr(module, "FUTURES", 3)
    rounds = [played(commission=MOVE, china={"shocks": [STRIKE]}, industry={"note": "none"})]
    debrief = Debrief("calm", rounds, 5)
    for step in debrief.steps:
        step()
    answer = debrief.answer
    assert answer["done"] == answer["of"] == 3
    assert set(answer["roles"]) == {"commission", "china"}
    room_mean = team_futures("calm", rounds, QUARTERS, 5, 3).metrics[:, -1].mean(axis=0)
    alone_mean = team_futures("calm", (), QUARTERS, 5, 3).metrics[:, -1].mean(axis=0)
    for place, row in enumerate(answer["metrics"].values()):
        assert row[0] == pytest.approx(alone_mean[place])
        assert row[1] == pytest.approx(room_mean[place])
        assert row[2] == pytest.approx(row[1] - row[0], abs=1e-9)
    assert without(rounds, "china")[0].decisions.keys() == {"commission", "industry"}


def test_a_room_sets_goals_and_writes_its_story(
    room: Room, static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("partnersim.page.exercise.debrief.FUTURES", 3)
    phone = room.phone("commission")
    goals = [{"metric": "instruments", "sense": "more", "value": 0.0}, GOAL]
    story = [{"quarter": 8, "text": "later"}, {"quarter": 0, "text": "first"}]
    assert post(room.facilitator, "story", goals=goals, annotations=story) == {}
    seen = see(phone)
    assert (seen["goals"], seen["reached"]) == (goals, None)
    assert [each["text"] for each in seen["annotations"]] == ["first", "later"]
    room.play()
    room.steer("finish")
    while see(phone)["debrief"]["done"] == 0:
        time.sleep(0.05)
    # Everybody reaches the first, nobody the second: so nobody reaches both.
    assert see(phone)["reached"] == [[100, 0, 0]] * 2
    (problem,) = post(
        room.facilitator, "story", 422, goals=[{**GOAL, "metric": "linkz"}], annotations=[]
    )
    assert problem == "metric: unknown metric 'linkz', did you mean 'links'?"
    kept = Session.read(room.exercise._path)
    assert [goal.value for goal in kept.goals] == [0.0, 1e9]
    assert [each.quarter for each in kept.annotations] == [0, 8]


def test_the_exercise_ends_when_the_facilitator_says_so(room: Room) -> None:
    phone = room.phone("commission")
    (refused,) = post(room.facilitator, "steer", 409, act="finish")
    assert "no round has been played" in refused
    for _ in range(MOST_ROUNDS):
        room.play()
    (refused,) = post(room.facilitator, "steer", 409, act="play", value="6")
    assert "all rounds have been played" in refused
    room.steer("finish")
    assert see(phone)["over"]
    assert post(phone, "decide", 409, decision={}, lock=True) == ["the exercise is over"]
    room.steer("undo", str(MOST_ROUNDS))
    (refused,) = post(room.facilitator, "steer", 409, act="undo", value=str(MOST_ROUNDS))
    # Nor does a second click, or a second facilitator, undo the round before.
    assert "already" in refused
    assert not see(phone)["over"]


# Who may do what


def test_phones_need_the_code_and_reach_nothing_else(room: Room) -> None:
    stranger = TestClient(room.app, base_url=HOME)
    stranger.portal = room.facilitator.portal
    assert stranger.get("/").status_code == 200
    for address in ("", "/answer"):
        assert stranger.get(f"/api/exercise{address}").status_code == 401
    post(stranger, "decide", 401, decision={}, lock=True)
    post(stranger, "role", 401, role="china")
    phone = room.phone("china")
    for client in (stranger, phone):
        post(client, "steer", 403, act="play")
        post(client, "story", 403, goals=[], annotations=[])
        post(client, "decide", 403, role="commission", decision=MOVE, lock=True)
        for address in ("/api/simulate", "/api/country"):
            assert client.post(address, json={}).status_code == 401
    assert room.session.rounds == []
    assert phone.get("/", headers={"host": "evil.example"}).status_code == 421
    strange = phone.post(
        "/api/exercise/role", json={"role": ""}, headers={"origin": "http://evil.example"}
    )
    assert strange.status_code == 403
    cookie = phone.post("/api/exercise/join", json={"code": room.session.code})
    assert "httponly" in cookie.headers["set-cookie"].lower()
    assert "samesite=strict" in cookie.headers["set-cookie"].lower()


@pytest.mark.parametrize("address", ["/", "/?room", "/?token=wrong", "/?screen=growth"])
def test_whoever_opens_the_bare_address_is_asked_for_the_code(room: Room, address: str) -> None:
    stranger = TestClient(room.app, base_url=HOME, follow_redirects=False)
    stranger.portal = room.facilitator.portal
    answer = stranger.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?team")
    assert stranger.get("/?team").status_code == 200
    assert room.facilitator.get(address).url.query == httpx2.URL(address).query


def test_wrong_codes_are_few(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = TestClient(room.app, base_url=HOME)
    stranger.portal = room.facilitator.portal
    for number in range(sessions.MOST_OF_ONE):
        assert "not the code" in post(stranger, "join", 409, code=f"WRONG{number}")[0]
    # Then not even the right one is accepted, for a minute.
    assert "wait a minute" in post(stranger, "join", 409, code=room.session.code)[0]
    monkeypatch.setattr(sessions, "_SECONDS", 0.0)
    assert post(stranger, "join", code=room.session.code) == {}
    days = 30**6 / (sessions.MOST_OF_ALL * 60 * 24)
    assert days > 5000


def test_what_is_typed_becomes_one_line_that_can_be_seen(room: Room) -> None:
    phone = room.phone("china")
    typed = "why\r\n\u202eeveryone\u2066\x1b[31m\u200b\x9b\u2028 waits \x00\u00a0é 語"
    post(phone, "decide", decision={"note": typed}, lock=False)
    assert see(phone)["draft"]["note"] == "why  everyone[31m  waits  é 語"
    story = [{"quarter": 0, "text": "\u202eone\tday"}]
    post(room.facilitator, "story", goals=[], annotations=story)
    assert see(phone)["annotations"][0]["text"] == "one day"
    story[0]["text"] = "\u200b \u2069"
    post(room.facilitator, "story", 422, goals=[], annotations=story)
    (refused,) = post(phone, "role", 422, role="\u202eanihc\n")
    assert refused.startswith("role: unknown role '?anihc")
    # Nor can the file bring it back.
    file = room.exercise._path
    file.write_text(file.read_text("utf-8").replace("one day", "\u202eone\\nday"), "utf-8")
    assert Session.read(file).annotations[0].text == "one day"


def test_a_climate_is_told_with_its_world(room: Room) -> None:
    phone = room.phone("candidate")
    seen = see(phone)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(phone.get, "/api/exercise", params={"since": seen["version"]})
        time.sleep(0.2)
        room.steer("climate", "coercion")
        news = waiting.result().json()
    assert news["climate"] == "coercion"
    assert news["metrics"].keys() == seen["metrics"].keys()
    assert news["standing"]["candidate"]


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("join", {"code": 7}),
        ("join", {"code": "A" * 41}),
        ("role", {"role": "emperor"}),
        ("decide", {"decision": {"levers": {"x": "1"}}, "lock": True}),
        ("decide", {"decision": {"note": "x" * 201}, "lock": True}),
        ("decide", {"decision": {"proposes": ["FTA"] * 31}, "lock": True}),
        ("decide", {"decision": {"output": "/tmp/x"}, "lock": True}),
        ("decide", {"decision": {"guess": 1e300}, "lock": True}),
        ("decide", {"decision": {}, "lock": "yes"}),
        ("decide", {"decision": {"levers": {"policy.__class__": 1}}, "lock": True}),
    ],
)
def test_what_phones_send_is_checked(room: Room, what: str, content: dict[str, Any]) -> None:
    phone = room.phone("china")
    kept = room.session.model_dump()
    problems = post(phone, what, 422, **content)
    assert all("\n" not in line and "Traceback" not in line for line in problems)
    assert [line for line in problems if not has_a_text(line)] == []
    assert room.session.model_dump() == kept


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"climate": "warm"}, "unknown climate 'warm'"),
        ({"metric": "joy"}, "unknown metric 'joy'"),
        ({"goals": [{**GOAL, "metric": "joy"}]}, "unknown metric 'joy'"),
        ({"annotations": [{"quarter": 41, "text": "late"}]}, "is not a session"),
        ({"locked": {"china": "team"}}, "locked that has decided nothing"),
        ({"drafts": {"emperor": {}}}, "unknown role 'emperor'"),
        ({"rounds": [{"decisions": {"china": MOVE}, "by": {}}]}, "not a lever of china"),
        ({"format": 2}, "was begun with another version"),
        ({"format": 2, "code": "A", "phase": 1}, "was begun with another version"),
        ({"code": "A"}, "is not a session"),
        ({"code": "abcdef"}, "is not a session"),
        ({"token": "a token; that is no cookie"}, "is not a session"),
        ({"over": True}, "is over before a round was played"),
        ({"seats": [{"digest": "x", "role": "emperor"}]}, "unknown role 'emperor'"),
    ],
)
def test_a_file_that_is_no_session_is_refused(
    static: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    file = tmp_path / "room.json"
    content = Session.new("calm", "links").model_dump(mode="json")
    file.write_text(json.dumps({**content, **change}), "utf-8")
    with pytest.raises(InputError, match=message):
        Room(static, file)


def test_a_session_goes_on_under_the_rules_that_it_began_with(
    static: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "room.json"
    monkeypatch.setattr("partnersim.page.server.STATIC", static)
    monkeypatch.setattr("partnersim.page.server.Server.run", lambda self, sockets: None)
    words = ["serve", "--session", str(file), "--port", "0"]
    assert main(words) == 0
    assert main(words) == 0
    begun = json.loads(file.read_text("utf-8"))
    for changed, told in (
        ({"rules": "0"}, "was begun with another version of partnersim"),
        ({"digest": "0"}, "was begun with the shipped data of another version"),
    ):
        file.write_text(json.dumps({**begun, **changed}), "utf-8")
        assert main(words) == 2
        assert capsys.readouterr().err == f"error: --session {file}: {told}\n"
    assert main(["serve", "--session", "/dev/zero", "--port", "0"]) == 2
    assert "is no file" in capsys.readouterr().err


def test_options_of_a_room(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    assert command.options(["--session", str(file)]).session == file
    begun = command.options(["--room"]).session
    assert begun is not None
    assert begun.name.startswith("room_")
    assert command.options(["--open"]).session is None
    with pytest.raises(InputError, match="--session: must not be empty"):
        command.options(["--session="])


def test_the_command_to_go_on_leads_to_the_port_that_phones_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(host: str, port: int, ready: Any, *others: Any) -> None:
        ready("http://192.0.2.2:4711/?token=x")

    monkeypatch.setattr("partnersim.page.server.serve", serve)
    assert command.main(["--session", "a b.json", "--host", "0.0.0.0", "--port", "0"]) == 0
    told = capsys.readouterr().out
    assert "  partnersim serve --session 'a b.json' --host 0.0.0.0 --port 4711\n" in told
