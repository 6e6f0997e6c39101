"""Clean processes that need not import numba each: forked from one that has compiled nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any


@cache
def _kind() -> Any:
    """Return how they are made; they begin with what compiles, and no rule."""
    kind = get_context("forkserver")
    kind.set_forkserver_preload(["partnersim.compiler.compiled"])
    return kind


def _run(code: str, environment: dict[str, str], out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ.clear()
    os.environ.update(environment)
    status = 0
    try:
        exec(code, {"__name__": "__main__"})
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run(code: str, environment: dict[str, str], folder: Path) -> CompletedProcess[str]:
    """Run code in a process of its own, as ``python -c`` would; what it says passes a folder."""
    if os.name == "nt":  # nothing is forked there
        words = [sys.executable, "-c", code]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    out, err = folder / "out", folder / "err"
    for path in (out, err):
        path.unlink(missing_ok=True)
    process = _kind().Process(target=_run, args=(code, environment, str(out), str(err)))
    process.start()
    process.join()
    assert process.exitcode is not None
    return CompletedProcess(["-c"], process.exitcode, out.read_text(), err.read_text())
