"""The program under trial: called in this process where many calls are needed, else on its own."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.trials import ROOT, must
from partnersim.cli.program import main

PROGRAM = (sys.executable, "-m", "partnersim.cli.program")
#: Longest that a process may take, seconds.
PATIENCE = 300
UNUSABLE_INPUT = 2
#: A clear line can be read; values that a user gave are shortened in it.
_LONGEST_LINE = 3000


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


def call(words: Sequence[str]) -> Answer:
    """Call the program's main function in this process; an exception becomes its traceback."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(list(words))
        except Exception:
            status = 1
            err.write(traceback.format_exc())
    return Answer(status, out.getvalue(), err.getvalue())


def begun(words: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """Start the program as a process at the head of a group of its own."""
    settings: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "stdin": subprocess.DEVNULL,
        "text": True,
        "encoding": "utf-8",
        "errors": "replace",
        "start_new_session": True,
        "env": environment(),
        **options,
    }
    return subprocess.Popen([*PROGRAM, *words], **settings)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process: the source at hand, and the campaign itself."""
    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


def ended(process: subprocess.Popen[str]) -> Answer:
    """Wait until a process ends, and end it if it does not."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
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


def must_refuse(answer: Answer, asked: object) -> None:
    """Hold that input was refused as it must be: status 2, clear lines, no traceback."""
    told = f"{asked}: status {answer.status}: {answer.err[-2000:]}"
    must(answer.status == UNUSABLE_INPUT, told)
    lines = answer.err.split("\n")[:-1]
    must(bool(lines), f"nothing said: {told}")
    for line in lines:
        must(line.startswith("error: ") and len(line) > len("error: "), told)
        must(len(line) <= _LONGEST_LINE, f"a line of {len(line)} characters: {told[:500]}")
        must(all(c.isprintable() for c in line), f"not printable: {line!r}")


def must_not_crash(answer: Answer, asked: object) -> None:
    """Hold that the program did not end in a traceback."""
    must("Traceback" not in answer.err and answer.status in (0, 1, 2), f"{asked}: {answer}")


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder, folders and links by their kind."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = path.read_bytes() if path.is_file() else b"<not a file>"
    return found
