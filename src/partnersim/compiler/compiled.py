"""How rules are compiled: one decorator, one cache keyed on the text of all rules.

numba's own cache does not notice an edited function in another file, so the cache folder is named
after a hash of every rule file and of the compiler's version. Floating-point sums keep their
order (no fastmath), so compiled and plain Python give the same bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from partnersim.compiler.cache_root import cache_root
from partnersim.compiler.source_text import source_digest

# numba makes the names of its settings when it is imported, and its hints lag its options.
_settings: Any = numba.config
_njit: Any = numba.njit

#: Functions of these files are compiled together.
_COMPILED = ("random/*.py", "actor_oriented/*.py", "model/*.py", "runs/replicate.py")


def cache_folder() -> Path:
    """Return the folder that holds the compiled rules of exactly this source text."""
    return cache_root() / "compiled" / source_digest(_COMPILED, numba.__version__, sys.version)


def compiled_before() -> bool:
    """Tell whether the rules of this source text were compiled on this machine before."""
    return bool(_settings.DISABLE_JIT) or any(cache_folder().rglob("*.nbc"))


_settings.CACHE_DIR = str(cache_folder())

# Nobody calls rules through C pointers: leaving those entry points out saves compile time.
_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "fastmath": False,
    "error_model": "python",
    "no_cfunc_wrapper": True,
}
# Rules own no memory, so counting references to arrays would only cost time (half of it). A state
# is handed over by value: rules are inlined into each other, for copying its many arrays at every
# call took a fifth of a run.
_compile: Any = _njit(_nrt=False, **_OPTIONS)
_compile_allocating: Any = _njit(**_OPTIONS)


def rule[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a rule, which makes no arrays; with ``NUMBA_DISABLE_JIT=1`` it stays plain Python."""
    compiled: Function = _compile(function)
    return compiled


def allocating_rule[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a rule that makes arrays of its own, or calls one that does."""
    compiled: Function = _compile_allocating(function)
    return compiled
