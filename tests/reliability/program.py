"""The program under trial: called in this process where many calls are needed, else on its own."""

from __future__ import annotations

import http.client
import io
import os
import random
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from partnersim.cli.program import main

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "partnersim")
DONE, DIFFERENT, UNUSABLE = 0, 1, 2

#: Does one trial with random numbers of its own and returns its kind, None if it does not count.
Trial = Callable[[random.Random], str | None]
#: Does a number of trials: the trial, how many in the tests, how many in all.
Trials = Callable[[Trial, int, int], None]


@dataclass(frozen=True)
class Answer:
    """What the program said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line that it wrote to the error stream."""
        return (self.err.rstrip("\n").split("\n") or [""])[-1]


def call(*words: object) -> Answer:
    """Call the program's main function in this process; an exception becomes its traceback."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main([str(word) for word in words])
        except Exception:
            status = 1
            err.write(traceback.format_exc())
    return Answer(status, out.getvalue(), err.getvalue())


def begun(
    *words: object, program: Sequence[str] = PROGRAM, env: dict[str, str] | None = None, **more: Any
) -> subprocess.Popen[str]:
    """Start the program as a process at the head of a group of its own."""
    return subprocess.Popen(
        [*program, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **(env or {})},
        **more,
    )


def served(*words: object) -> tuple[subprocess.Popen[str], str]:
    """Start the page in a process; return it and the address that it prints."""
    process = begun("serve", *words)
    assert process.stdout is not None
    line = next(line for line in process.stdout if "page: " in line)
    return process, line.split("page: ")[1].split()[0]


def port_of(address: str) -> int:
    """Return the port of an address."""
    port = urlsplit(address).port
    assert port is not None
    return port


def asked(
    port: int, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, bytes, str]:
    """Send a request to a page; return status, body and cookie of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("Set-Cookie", "")
    finally:
        connection.close()


def ended(process: subprocess.Popen[str]) -> Answer:
    """Wait until a process ends, and end it if it does not."""
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        killed(process)
        out, err = process.communicate()
        err += "\nTraceback: the process did not end"
    return Answer(process.returncode, out, err)


def killed(process: subprocess.Popen[str]) -> None:
    """Kill a process and everything that it started, as a batch system does."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def must_refuse(answer: Answer) -> None:
    """Hold that input was refused: status 2, clear lines, no traceback."""
    assert answer.status == UNUSABLE, answer
    lines = answer.err.split("\n")[:-1]
    assert lines, "nothing was said"
    for line in lines:
        assert line.startswith("error: "), answer
        assert len("error: ") < len(line) <= 3000, answer
        assert line.isprintable(), answer


def must_not_crash(answer: Answer) -> None:
    """Hold that the program did not end in a traceback."""
    assert "Traceback" not in answer.err, answer
    assert answer.status in (DONE, DIFFERENT, UNUSABLE), answer


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder, folders and links by their kind."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"no file"
        for path in sorted(folder.rglob("*"))
    }
