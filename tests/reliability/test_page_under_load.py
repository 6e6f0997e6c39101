"""The page under load.

Tried: 40 visitors at once at `partnersim serve`: questions, some of which nobody waits for, bodies
and bytes that are no question or no request, huge ones, wrong hosts, origins and methods, and up to
60 connections that stay half-open

Held: every good question is answered, the page itself within 30 s, every refusal is one clear line
or a closed connection; the server stays up, below 1.5 GB of memory, and writes no traceback
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from browser import needs_page
from program import asked, port_of, served

pytestmark = [pytest.mark.slow, needs_page]
VISITORS, VISITS = 40, 1000
HORIZON = {"horizon": {"end": "2027Q4"}}
REFUSALS = (400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 421, 422, 429, 431, 503)
#: Values of a question that make no sense.
STRANGE = (None, "", "x", -1, 1e308, 10**30, [], {}, [[1]], "a" * 5000, "\u202e", "${x}", True)
STRANGE += (
    {"policy": {"openness": {"x": 1}}},
    {"x" * 300: 1},
    "\ud800",
    {str(n): n for n in range(3000)},
)
HEAD = b"POST /api/simulate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Room:
    """Sends the requests of visitors to a server."""

    def __init__(self, port: int) -> None:
        self.port = port
        #: Half-open connections; the oldest are closed.
        self.half_open: deque[socket.socket] = deque()

    def visit(self, number: int) -> str:
        draw = random.Random(f"page {number}")
        kinds: dict[str, tuple[Callable[[random.Random], None], int]] = {
            "question": (self.ask, 6),
            "question that nobody waits for": (self.leave, 2),
            "the page and what it needs": (self.look, 4),
            "body that is no question": (self.talk_nonsense, 6),
            "wrong host, origin, method or kind": (self.come_in_wrong, 4),
            "bytes that are no request": (self.send_bytes, 3),
            "half-open or slow connection": (self.stay_at_the_door, 3),
        }
        kind = draw.choices(list(kinds), [weight for _, weight in kinds.values()])[0]
        kinds[kind][0](draw)
        return kind

    def sent(self, method: str, path: str, body: bytes | None, **headers: str) -> tuple[int, bytes]:
        return asked(self.port, method, path, body, **headers)[:2]

    def posted(self, body: bytes, path: str = "/api/simulate", **headers: str) -> tuple[int, bytes]:
        return self.sent("POST", path, body, **{"Content-Type": "application/json", **headers})

    def question(self, draw: random.Random, futures: int = 20) -> dict[str, Any]:
        changes = {**HORIZON, "policy": {"negotiators": draw.randint(300, 900)}}
        a, b = {"changes": HORIZON}, {"changes": changes}
        return {"a": a, "b": b, "futures": futures, "first": 5}

    def ask(self, draw: random.Random) -> None:
        status, answer = self.posted(json.dumps(self.question(draw)).encode())
        if status == 503:
            return must_be_clear(status, answer)
        assert status == 200, answer[:300]
        last = json.loads(answer.splitlines()[-1])
        assert (last["whole"], last["futures"]) == (True, 20)
        return None

    def leave(self, draw: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps(self.question(draw, 200)).encode()
        connection.request("POST", "/api/simulate", body, {"Content-Type": "application/json"})
        time.sleep(draw.uniform(0, 0.5))
        connection.close()

    def look(self, draw: random.Random) -> None:
        began = time.monotonic()
        status, answer = self.sent("GET", draw.choice(("/", "/api/facts", "/api/map")), None)
        assert status == 200
        assert answer
        assert time.monotonic() - began < 30

    def talk_nonsense(self, draw: random.Random) -> None:
        question = self.question(draw)
        holder = draw.choice(
            (question, question["b"], question["b"]["changes"], question["b"]["changes"]["policy"])
        )
        holder[draw.choice((*holder, "x", "openness"))] = draw.choice(STRANGE)
        bodies = (draw.randbytes(3000), b"", b"[" * 50_000, b'{"a": NaN}', b" " * 5_000_000)
        body = draw.choice((json.dumps(question).encode(), draw.choice(bodies)))
        try:
            status, answer = self.posted(body, draw.choice(("/api/simulate", "/api/country")))
        except (BrokenPipeError, ConnectionResetError):
            return  # the server hung up without reading it all
        if status != 200:  # some of it makes sense
            must_be_clear(status, answer)

    def come_in_wrong(self, draw: random.Random) -> None:
        body = json.dumps(self.question(draw)).encode()
        path = draw.choice(("/../x", "/%2e%2e/x", "/" + "a" * 5000, "/api/x", "/%00"))
        told = draw.choice(
            (
                lambda: self.posted(body, Host=draw.choice(("evil.example", "", "127.0.0.1.evil"))),
                lambda: self.posted(body, Origin=draw.choice(("http://evil.example", "null", "x"))),
                lambda: self.sent(draw.choice(("PUT", "DELETE", "PATCH")), "/api/simulate", body),
                lambda: self.sent("POST", "/api/simulate", body, **{"Content-Type": "text/plain"}),
                lambda: self.sent("GET", path, None),
            )
        )()
        must_be_clear(*told)

    def send_bytes(self, draw: random.Random) -> None:
        sent = draw.choice(
            (
                draw.randbytes(draw.randint(1, 2000)),
                b"GET / HTTP/9.9",
                HEAD + b"Content-Length: -1",
                b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000,
                b"GET /\x00 HTTP/1.1\r\nHost: localhost",
            )
        )
        with socket.create_connection(("127.0.0.1", self.port), 120) as connection:
            try:
                connection.sendall(sent + b"\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(2000)
            except OSError:
                return  # hung up on
        # A header may be long if it comes at once: then it is a request like any other.
        assert not answer or answer[9:10] == b"4" or b"X: aaa" in sent, answer

    def stay_at_the_door(self, draw: random.Random) -> None:
        connection = socket.create_connection(("127.0.0.1", self.port), 120)
        try:
            for byte in draw.choice((b"", HEAD[:8], HEAD, HEAD + b"Content-Length: 1000\r\n\r\n{")):
                connection.sendall(bytes([byte]))
        except OSError:
            return  # hung up on
        self.half_open.append(connection)
        if len(self.half_open) > 60:
            self.half_open.popleft().close()


def must_be_clear(status: int, answer: bytes) -> None:
    """Hold that a request was refused in clear lines."""
    assert status in REFUSALS, answer[:300]
    assert b"Traceback" not in answer
    if answer[:1] == b"{":
        assert all(line and "\n" not in line for line in json.loads(answer)["problems"])


def memory(process: int) -> int:
    """Return the memory that a process takes, bytes, 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def test_a_room_full_of_visitors(held: Counter[str]) -> None:
    server, address = served("--port", "0")
    try:
        room = Room(port_of(address))
        with ThreadPoolExecutor(VISITORS) as visitors:
            for kind in visitors.map(room.visit, range(VISITS)):
                held[kind] += 1
                assert server.poll() is None, "the server ended"
                assert memory(server.pid) < 1500 * 2**20
        for connection in room.half_open:
            connection.close()
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
        assert "Traceback" not in said
    finally:
        server.kill()
