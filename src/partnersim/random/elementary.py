"""Exponential, logarithm, power and cosine with the same bits on every processor.

Libraries of mathematics choose other instructions on other processors, and their last digits
differ. These take sums, products and quotients in a fixed order only, which IEEE 754 rounds the
same way everywhere. Their errors stay below two units in the last place.

References
----------
Cody and Waite (1980), Software manual for the elementary functions, Prentice-Hall.
"""

from __future__ import annotations

import math

import numpy as np

from partnersim.compiler.compiled import rule

#: ln 2 in two parts; the first ends in zeros, so that its product with an exponent is exact.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
#: Beyond, an exponential leaves the range of normal numbers.
_LARGEST_EXPONENT = 708.0
_BIAS, _FRACTION_BITS = np.int64(1023), np.int64(52)
_FRACTION = (np.int64(1) << _FRACTION_BITS) - np.int64(1)
_ONE = _BIAS << _FRACTION_BITS


@rule
def exp(x: float) -> float:
    """Return e to the power of x; 0 below -708, infinite above 708.

    With x = k ln 2 + r and abs(r) <= ln 2 / 2: 2^k times the Taylor polynomial of degree 13 in r.
    """
    if not x >= -_LARGEST_EXPONENT:
        return 0.0 if x < 0.0 else x
    if x > _LARGEST_EXPONENT:
        return math.inf
    k = math.floor(x * (1.0 / math.log(2.0)) + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    two = r * r
    four = two * two
    low = (1.0 + r) + two * (0.5 + r * (1.0 / 6.0))
    middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + two * (1.0 / 720.0 + r * (1.0 / 5040.0))
    high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + two * (1.0 / 3628800.0 + r * (1.0 / 39916800.0))
    rest = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    power = np.int64((np.int64(k) + _BIAS) << _FRACTION_BITS).view(np.float64)
    return (low + four * (middle + four * (high + four * rest))) * power


@rule
def log(x: float) -> float:
    """Return the natural logarithm of a positive normal number.

    With x = 2^k m, 1 / sqrt(2) <= m < sqrt(2), f = m - 1 and s = f / (2 + f): k ln 2 plus the
    series 2 s + 2 s^3 / 3 + ... + 2 s^21 / 21.
    """
    bits = np.float64(x).view(np.int64)
    k = (bits >> _FRACTION_BITS) - _BIAS
    m = np.int64((bits & _FRACTION) | _ONE).view(np.float64)
    if m > math.sqrt(2.0):
        m *= 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = 2.0 / 3.0 + w * (2.0 / 7.0 + w * (2.0 / 11.0 + w * (2.0 / 15.0 + w * (2.0 / 19.0))))
    even = 2.0 / 5.0 + w * (2.0 / 9.0 + w * (2.0 / 13.0 + w * (2.0 / 17.0 + w * (2.0 / 21.0))))
    series = z * (odd + z * even)
    return k * _LN2_HIGH + (f - (s * (f - series) - k * _LN2_LOW))


@rule
def power(base: float, exponent: float) -> float:
    """Return a positive number to a power."""
    return exp(exponent * log(base))


@rule
def cosine_of_turn(share: float) -> float:
    """Return the cosine of a share of a full turn, 0..1.

    Of the rest r beyond whole quarters, abs(r) <= pi / 4: the Taylor polynomials of degree 16
    (cosine) and 17 (sine).
    """
    quarters = math.floor(4.0 * share + 0.5)
    r = (4.0 * share - quarters) * (math.pi / 2.0)
    z = r * r
    odd = quarters % 2 == 1
    added = 0.0
    for pair in range(8, 0, -1):
        each = 2 * pair + odd
        added = (1.0 + added) * (-z / (each * (each - 1)))
    added += 1.0
    value = r * added if odd else added
    return -value if quarters == 1 or quarters == 2 else value


#: Number by number of arrays.
each_exp = np.vectorize(lambda x: exp(float(x)), otypes=[float])
each_log = np.vectorize(lambda x: log(float(x)), otypes=[float])
each_power = np.vectorize(lambda base, exponent: power(base, float(exponent)), otypes=[float])
