"""Types of arrays, and functions of arrays, that several packages share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]
#: 0 or 1.
Flags = NDArray[np.uint8]
#: Signed integers of any width.
Counts = NDArray[np.signedinteger[Any]]

#: Number by number with the C library: numpy's own differ in the last digit between processors.
exp = np.vectorize(math.exp, otypes=[float])
expm1 = np.vectorize(math.expm1, otypes=[float])
log = np.vectorize(math.log, otypes=[float])
