"""Arithmetic of 64-bit words for which Python has no name.

The upper half of a 128-bit product is one machine instruction; sums and lower halves wrap around,
which compiled code does by itself and numpy's scalars warn of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_WIDE = ir.IntType(128)
_HALF = 64
_WORD = (1 << _HALF) - 1

_settings: Any = numba.config


def _word_operation(generate: Callable[..., Any], plain: Callable[[int, int], int]) -> Any:
    """Return an operation on two words: as instructions to the compiler, or in plain Python."""
    if _settings.DISABLE_JIT:
        return lambda a, b: np.uint64(plain(int(a), int(b)))

    def typed(typing_context: Any, a: Any, b: Any) -> Any:
        return types.uint64(types.uint64, types.uint64), generate

    return intrinsic(typed)


def _upper_half(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Multiply in 128 bits and keep the upper half."""
    wide = [builder.zext(argument, _WIDE) for argument in arguments]
    upper = builder.lshr(builder.mul(*wide), ir.Constant(_WIDE, _HALF))
    return builder.trunc(upper, ir.IntType(_HALF))


#: The upper 64 bits of the product of two words.
high_word = _word_operation(_upper_half, lambda a, b: (a * b) >> _HALF)
#: The lower 64 bits of the product of two words.
low_word = _word_operation(
    lambda context, builder, signature, words: builder.mul(*words), lambda a, b: (a * b) & _WORD
)
#: The sum of two words modulo 2**64.
word_sum = _word_operation(
    lambda context, builder, signature, words: builder.add(*words), lambda a, b: (a + b) & _WORD
)
