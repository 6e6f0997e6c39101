"""A team exercise under attack.

Tried: eight teams decide and lock while 20 strangers and one phone that joined attack the room:
guessed codes, seats and tokens, decisions for others, the facilitator's acts, names that are paths
or code, huge and broken bodies; in the end `kill -9`, and `serve --session` again

Held: every attack is refused in clear lines or a closed connection; codes are no longer looked at
after a dozen wrong ones; what teams decided, who sits where, and every other file stay as they are,
also after the kill; no traceback, below 1.5 GB of memory
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from browser import needs_page
from partnersim.page.exercise.roles import roles
from program import asked, files, killed, port_of, served
from test_page_under_load import STRANGE, memory, must_be_clear

pytestmark = [pytest.mark.slow, needs_page]
STRANGERS, ATTACKS = 20, 600
MOST_MEMORY = 1500 * 2**20
NAMES = ("../../etc/passwd", "/dev/zero", "${oc.env:HOME}", "__import__('os')", "<script>", "\0")


class Exercise:
    """A served exercise, its facilitator and the seats of its teams."""

    def __init__(self, file: Path, port: int = 0) -> None:
        self.process, address = served("--session", file, "--port", port)
        self.port = port_of(address)
        self.token = address.partition("token=")[2]

    def sent(self, path: str, content: object, **headers: str) -> tuple[int, bytes, str]:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        kind = {"Content-Type": "application/json"}
        return asked(self.port, "POST", f"/api/exercise/{path}", body, **kind, **headers)

    def seen(self, **headers: str) -> dict[str, Any]:
        status, answer, _ = asked(self.port, "GET", "/api/exercise", **headers)
        assert status == 200
        view: dict[str, Any] = json.loads(answer)
        return view


class Attack:
    """What strangers and one phone that joined try."""

    def __init__(self, room: Exercise, seat: str) -> None:
        self.room, self.seat = room, seat

    def once(self, number: int) -> str:
        draw = random.Random(f"attack {number}")
        kinds: dict[str, Callable[[random.Random], tuple[int, bytes, str]]] = {
            "guessed code": self.guess_code,
            "guessed seat or token": self.guess_secret,
            "decision for another team": self.decide_for_others,
            "act of the facilitator": self.steer,
            "name that is a path or code": self.name,
            "body that is no decision": self.talk_nonsense,
        }
        kind = draw.choice(list(kinds))
        # The server may hang up without reading it all.
        with suppress(BrokenPipeError, ConnectionResetError):
            must_be_clear(*kinds[kind](draw)[:2])
        return kind

    def guess_code(self, draw: random.Random) -> tuple[int, bytes, str]:
        code = "".join(draw.choices("ABCDEFGHJKMNPQRSTVWXYZ23456789", k=6))
        return self.room.sent("join", {"code": draw.choice((code, "", code * 6))})

    def guess_secret(self, draw: random.Random) -> tuple[int, bytes, str]:
        secret = draw.randbytes(16).hex()
        cookie = draw.choice(
            (f"partnersim_seat={secret}", f"partnersim_token={secret}", "x=\u00ff")
        )
        decided = {"decision": {}, "lock": True}
        return self.room.sent("decide", decided, Cookie=cookie)

    def decide_for_others(self, draw: random.Random) -> tuple[int, bytes, str]:
        role = draw.choice(list(roles()))
        decided = {"decision": {"note": "taken over"}, "lock": True, "role": role}
        return self.room.sent("decide", decided, Cookie=self.seat)

    def steer(self, draw: random.Random) -> tuple[int, bytes, str]:
        act = draw.choice(("play", "undo", "finish", "release", "climate", "pause", "metric"))
        asked = draw.choice((("steer", {"act": act, "value": "1"}), ("story", {"goals": []})))
        return self.room.sent(*asked, Cookie=self.seat)

    def name(self, draw: random.Random) -> tuple[int, bytes, str]:
        name = draw.choice(NAMES)
        decision = draw.choice(
            (
                {"levers": {name: 1.0}},
                {"proposes": [name]},
                {"shocks": [{"shock": name, "where": name, "quarter": 1, "severity": 1.0}]},
            )
        )
        decided = {"decision": decision, "lock": True}
        asked = draw.choice((("decide", decided), ("role", {"role": name})))
        return self.room.sent(*asked, Cookie=self.seat)

    def talk_nonsense(self, draw: random.Random) -> tuple[int, bytes, str]:
        content: object = {"decision": draw.choice(STRANGE[:-4]) or "none", "lock": True}
        bodies = (draw.randbytes(3000), b"[" * 50_000, b'{"lock": NaN}', b" " * 5_000_000, content)
        return self.room.sent("decide", draw.choice(bodies), Cookie=self.seat)


def joined(room: Exercise, code: str, role: str) -> str:
    """Let a phone join and take a role; return the cookie of its seat."""
    status, answer, cookie = room.sent("join", {"code": code})
    assert status == 200, answer
    seat = cookie.partition(";")[0]
    assert room.sent("role", {"role": role}, Cookie=seat)[0] == 200
    return seat


def kept(file: Path) -> dict[str, Any]:
    """Return what a session holds of its teams."""
    session = json.loads(file.read_text("utf-8"))
    return {key: session[key] for key in ("code", "token", "drafts", "locked", "seats", "rounds")}


def test_a_room_that_strangers_attack(held: Counter[str], tmp_path: Path) -> None:
    file = tmp_path / "room.json"
    room = Exercise(file)
    try:
        code = json.loads(file.read_text("utf-8"))["code"]
        seats = {role: joined(room, code, role) for role in roles()}
        for role, seat in seats.items():
            decided = {"decision": {"note": f"because {role}"}, "lock": True}
            assert room.sent("decide", decided, Cookie=seat)[0] == 200
        attack = Attack(room, joined(room, code, ""))
        before, beside = kept(file), files(tmp_path).keys()
        with ThreadPoolExecutor(STRANGERS) as strangers:
            for kind in strangers.map(attack.once, range(ATTACKS)):
                held[kind] += 1
                assert room.process.poll() is None, "the server ended"
                assert memory(room.process.pid) < MOST_MEMORY
        status, answer, _ = room.sent("join", {"code": code})
        assert (status, b"too many" in answer) == (409, True)
        assert kept(file) == before
        assert files(tmp_path).keys() == beside
        killed(room.process)
        _, said = room.process.communicate()
        assert "Traceback" not in said
        room = Exercise(file, room.port)
        assert room.token == before["token"]
        for role, seat in seats.items():
            view = room.seen(Cookie=seat)
            assert (view["role"], view["draft"]["note"]) == (role, f"because {role}")
    finally:
        killed(room.process)
