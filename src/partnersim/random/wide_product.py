"""The upper 64 bits of a 128-bit product: one machine instruction that Python has no name for."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_WIDE = ir.IntType(128)
_HALF = 64


@intrinsic
def _compiled_high_word(typing_context: Any, a: Any, b: Any) -> Any:
    """Tell the compiler to multiply in 128 bits and keep the upper half."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = [builder.zext(argument, _WIDE) for argument in arguments]
        upper = builder.lshr(builder.mul(*wide), ir.Constant(_WIDE, _HALF))
        return builder.trunc(upper, ir.IntType(_HALF))

    return types.uint64(types.uint64, types.uint64), generate


def _plain_high_word(a: np.uint64, b: np.uint64) -> np.uint64:
    """Return the upper 64 bits of the product of two 64-bit words."""
    return np.uint64((int(a) * int(b)) >> _HALF)


_settings: Any = numba.config

#: The upper 64 bits of the product of two 64-bit words, compiled or in plain Python.
high_word: Any = _plain_high_word if _settings.DISABLE_JIT else _compiled_high_word
