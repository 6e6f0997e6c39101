"""How a room loads the workshop page: ``python -m benchmarks.room``.

One visitor, then thirty who all move at once; rounds of a team exercise with eight teams; and how
soon a server that was killed answers again. Times by the clock hold on a quiet machine only; the
ratio of thirty to one says more.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.measuring import begin, machine, show, spread
from partnersim.page.exercise.roles import roles

PEOPLE = 30
ROUNDS = 5
TURNS = 3
_JSON = {"content-type": "application/json"}


class Room:
    """A program that serves a team exercise, and its facilitator."""

    def __init__(self, file: Path, port: str = "0") -> None:
        words = [sys.executable, "-m", "partnersim.cli.program", "serve", "--session", str(file)]
        self.program = subprocess.Popen([*words, "--port", port], stdout=subprocess.PIPE, text=True)
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        self.address, _, token = line.split("page: ")[1].split()[0].partition("?token=")
        self.cookie = f"partnersim_token={token}"

    def ask(self, path: str, content: Any = None) -> bytes:
        """Ask the program something, with the facilitator's token."""
        with urllib.request.urlopen(self._request(path, content), timeout=120) as answer:
            read: bytes = answer.read()
        return read

    def _request(self, path: str, content: Any) -> urllib.request.Request:
        body = None if content is None else json.dumps(content).encode()
        head = {**_JSON, "cookie": self.cookie}
        return urllib.request.Request(self.address + path, body, head)

    def first_answer(self, envelope: int) -> float:
        """Return the seconds until the first futures of a new question are answered; then leave."""
        changes = {"policy": {"offer": {"envelope": envelope}}}
        asked = self._request("api/simulate", {"a": {}, "b": {"changes": changes}})
        began = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=120) as answer:
            answer.readline()
            return time.perf_counter() - began

    def end(self) -> None:
        """Kill the program."""
        self.program.kill()
        self.program.wait()


def main() -> None:
    """Print everything."""
    print("\n".join(machine()))
    begin("A room")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "room.json"
        room = Room(file)
        try:
            room.first_answer(5000)
            alone, together = [], []
            # In turns, so that whoever else is at work disturbs both alike.
            for first in range(1000, 1000 * (TURNS + 1), 1000):
                alone += [room.first_answer(first + number) for number in range(PEOPLE)]
                with ThreadPoolExecutor(PEOPLE) as people:
                    asked = range(first + PEOPLE, first + 2 * PEOPLE)
                    together += people.map(room.first_answer, asked)
            show("first answer, one visitor, ms", spread(alone, 0, 1e3))
            show(f"first answer, {PEOPLE} who move at once, ms", spread(together, 0, 1e3))
            ratio = statistics.median(together) / statistics.median(alone)
            show(f"{PEOPLE} at once / one", f"{ratio:.1f}")
            played = []
            for number in range(1, ROUNDS + 1):
                for role in roles():
                    content = {"role": role, "decision": {}, "lock": True}
                    room.ask("api/exercise/decide", content)
                began = time.perf_counter()
                room.ask("api/exercise/steer", {"act": "play", "value": str(number)})
                played.append(time.perf_counter() - began)
            show("a round of eight teams, ms", spread(played, 0, 1e3))
            room.end()
            began = time.perf_counter()
            room = Room(file, room.address.rstrip("/").rpartition(":")[2])
            room.ask("api/exercise")
            show(
                "killed, until the exercise is there again, s", f"{time.perf_counter() - began:.1f}"
            )
        finally:
            room.end()


if __name__ == "__main__":
    main()
