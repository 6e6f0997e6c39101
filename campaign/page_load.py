"""The workshop page under load: a room full of visitors, some of whom send nonsense."""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from campaign.program import begun
from campaign.trials import Part, Seen, Trial, drawn, must
from campaign.yaml_mutants import STRANGE

#: Visitors at once.
_VISITORS = 40
#: Longest that anybody waits for an answer, and for the page itself while others ask, seconds.
_PATIENCE, _PAGE = 120, 30
#: Memory of the server: what it may remember, and room for the program itself.
_MOST_MEMORY = 1500 * 1024 * 1024
_HORIZON = {"horizon": {"end": "2027Q4"}}
#: Answers to what cannot be used.
_REFUSALS = (400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 431, 503)


def _question(draw: random.Random) -> dict[str, Any]:
    changes = {**_HORIZON, "policy": {"negotiators": draw.randint(300, 900)}}
    return {"a": {"changes": _HORIZON}, "b": {"changes": changes}, "futures": 20, "first": 5}


def _nonsense(draw: random.Random) -> bytes:
    """Return a body that is no question, though some look like one."""
    question = _question(draw)
    kind = draw.randrange(6)
    if kind == 0:
        return draw.randbytes(draw.randint(0, 3000))
    if kind == 1:
        return draw.choice((b"", b"{", b"[" * 50_000, b"null", b'{"a": NaN}', b"9" * 5000))
    if kind == 2:
        question[draw.choice(("a", "b", "futures", "first", "seed", "x"))] = _strange(draw)
    elif kind == 3:
        question["b"]["changes"] = {draw.choice(("policy", "geopolitics", "x")): _strange(draw)}
    elif kind == 4:
        question["b"]["changes"]["policy"][draw.choice(("openness", "x", "offer"))] = _strange(draw)
    else:
        question["a"] = {draw.choice(("policy", "world", "behaviour")): _strange(draw)}
    return json.dumps(question).encode()


def _strange(draw: random.Random) -> Any:
    return draw.choice([value for value in STRANGE if value == value and value != float("inf")])


class _Room:
    """Sends the requests of the visitors to a server, and looks after it."""

    def __init__(self, address: str, server: int, seed: int) -> None:
        self._host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
        self._port, self._server, self._seed = int(port), server, seed
        #: Half-open connections; the oldest are closed.
        self._open: deque[socket.socket] = deque(maxlen=60)
        self._lock = threading.Lock()
        self._kinds: dict[str, Callable[[random.Random], None]] = {
            "question": self._ask,
            "question that nobody waits for": self._leave,
            "the page and what it needs": self._look,
            "body that is no question": self._talk_nonsense,
            "huge body": self._send_too_much,
            "wrong host, origin, method or kind": self._come_in_wrong,
            "bytes that are no request": self._send_bytes,
            "half-open or slow connection": self._stay_at_the_door,
        }
        self._weights = (6, 2, 4, 6, 1, 4, 3, 3)

    def visit(self, number: int) -> str:
        draw = drawn("page_load", self._seed, number)
        kind = draw.choices(list(self._kinds), self._weights)[0]
        self._kinds[kind](draw)
        memory = _memory(self._server)
        must(memory < _MOST_MEMORY, f"the server takes {memory / 2**20:.0f} MB")
        return kind

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _post(self, body: bytes, path: str = "/api/simulate", **headers: str) -> tuple[int, bytes]:
        return self._sent("POST", path, body, {"Content-Type": "application/json", **headers})

    def _ask(self, draw: random.Random) -> None:
        status, answer = self._post(json.dumps(_question(draw)).encode())
        if status == 503:
            self._must_be_clear(status, answer)
            return
        must(status == 200, f"a good question: {status} {answer[:300]!r}")
        lines = [json.loads(line) for line in answer.splitlines()]
        must(lines[-1]["whole"] and lines[-1]["futures"] == 20, "not the whole answer")

    def _leave(self, draw: random.Random) -> None:
        body = json.dumps({**_question(draw), "futures": 200}).encode()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE)
        connection.request("POST", "/api/simulate", body, {"Content-Type": "application/json"})
        time.sleep(draw.uniform(0, 0.5))
        connection.close()

    def _look(self, draw: random.Random) -> None:
        began = time.monotonic()
        status, answer = self._sent("GET", draw.choice(("/", "/api/facts", "/api/map")), None, {})
        waited = time.monotonic() - began
        must(status == 200 and bool(answer), f"the page: {status}")
        must(waited < _PAGE, f"the page came after {waited:.0f} s")

    def _talk_nonsense(self, draw: random.Random) -> None:
        path = draw.choice(("/api/simulate", "/api/simulate", "/api/country"))
        status, answer = self._post(_nonsense(draw), path)
        if status != 200:  # some of it makes sense
            self._must_be_clear(status, answer)

    def _send_too_much(self, draw: random.Random) -> None:
        try:
            status, answer = self._post(b" " * draw.choice((70_000, 5_000_000)))
        except (BrokenPipeError, ConnectionResetError):
            return  # the server hung up without reading it all
        self._must_be_clear(status, answer)

    def _come_in_wrong(self, draw: random.Random) -> None:
        body = json.dumps(_question(draw)).encode()
        kind = draw.randrange(5)
        if kind == 0:
            told = self._post(
                body, Host=draw.choice(("evil.example", "", "127.0.0.1.evil.example"))
            )
        elif kind == 1:
            told = self._post(body, Origin=draw.choice(("http://evil.example", "null", "x")))
        elif kind == 2:
            told = self._sent(draw.choice(("PUT", "DELETE", "PATCH")), "/api/simulate", body, {})
        elif kind == 3:
            told = self._sent("POST", "/api/simulate", body, {"Content-Type": "text/plain"})
        else:
            path = draw.choice(
                ("/../pyproject.toml", "/%2e%2e/x", "/" + "a" * 5000, "/api/x", "/%00")
            )
            told = self._sent("GET", path, None, {})
        self._must_be_clear(*told)

    def _send_bytes(self, draw: random.Random) -> None:
        with socket.create_connection((self._host, self._port), _PATIENCE) as connection:
            sent = draw.choice(
                (
                    draw.randbytes(draw.randint(1, 2000)),
                    b"GET / HTTP/9.9\r\n\r\n",
                    b"POST /api/simulate HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
                    b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                )
            )
            try:
                connection.sendall(sent + b"\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(2000)
            except OSError:
                return  # hung up on
        status = answer[9:12]
        # A header may be long if it comes at once: then it is a request like any other.
        fine = not answer or status[:1] == b"4" or b"X: aaa" in sent
        must(fine, f"{sent[:60]!r}: {answer[:100]!r}")

    def _stay_at_the_door(self, draw: random.Random) -> None:
        connection = socket.create_connection((self._host, self._port), _PATIENCE)
        head = (
            b"POST /api/simulate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        )
        sent = draw.choice((b"", head, head + b"Content-Length: 1000\r\n\r\n{"))
        for place in range(min(len(sent), 8)):
            connection.sendall(sent[place : place + 1])
            time.sleep(0.01)
        connection.sendall(sent[8:])
        with self._lock:
            if len(self._open) == self._open.maxlen:
                self._open.popleft().close()
            self._open.append(connection)

    def _must_be_clear(self, status: int, answer: bytes) -> None:
        must(status in _REFUSALS, f"{status} {answer[:300]!r}")
        must(b"Traceback" not in answer, f"{answer[:2000]!r}")
        if status in (400, 401, 403, 408, 413, 415, 421, 422, 503) and answer[:1] == b"{":
            problems = json.loads(answer)["problems"]
            must(bool(problems) and all("\n" not in line for line in problems), str(problems))


def _memory(process: int) -> int:
    """Return the memory that a process takes, in bytes, 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0")
    return 1024 * int(line.split()[1])


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Open the page as a user does, and send visitors who are always some ahead."""
    server = begun(["serve", "--port", "0"])
    assert server.stdout is not None
    assert server.stderr is not None
    room = None
    try:
        line = server.stdout.readline()
        must("page: " in line, line or server.stderr.read())
        room = _Room(line.split("page: ")[1].split()[0], server.pid, seed)
        with ThreadPoolExecutor(_VISITORS) as visitors:
            waiting: deque[tuple[int, Any]] = deque()

            def trial(number: int) -> Seen:
                """Wait for the oldest visit, while forty are under way."""
                ahead = waiting[-1][0] + 1 if waiting else number
                while len(waiting) < _VISITORS:
                    waiting.append((ahead, visitors.submit(room.visit, ahead)))
                    ahead += 1
                kind = waiting.popleft()[1].result()
                must(server.poll() is None, "the server ended")
                return Seen(kind)

            yield trial
            for _, visit in waiting:
                visit.cancel()
        server.send_signal(signal.SIGINT)
        server.wait(60)
        said = server.stderr.read()
        must("Traceback" not in said, f"the server wrote a traceback: {said[-3000:]}")
    finally:
        if room is not None:
            room.close()
        server.kill()
        server.communicate()


PART = Part(
    name="page_load",
    title="The page under load",
    tried=(
        f"{_VISITORS} visitors at once at `partnersim serve`: questions, some of which nobody waits"
        " for, bodies and bytes that are no question or no request, huge ones, wrong hosts, origins"
        " and methods, and up to 60 connections that stay half-open"
    ),
    held=(
        f"every good question is answered, the page itself within {_PAGE} s, every refusal is one"
        " clear line or a closed connection; the server stays up, below 1.5 GB of memory, and"
        " writes no traceback"
    ),
    trials=1000,
    opened=opened,
)
