"""Types of arrays that several packages share."""

from __future__ import annotations

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
