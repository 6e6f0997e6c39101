"""Stop when the interval is narrow enough, never when it happens to exclude zero."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from partnersim.compare.runs import checked_share
from partnersim.errors import InputError

#: With fewer runs the deviation is so uncertain that stopping early would favour narrow intervals.
FEWEST_RUNS = 20


def runs_needed(differences: npt.ArrayLike, half_width: float, *, confidence: float = 0.95) -> int:
    """Return how many more replicates an interval of the wanted half-width probably needs.

    Student's half-width after n replicates is ``t * s / sqrt(n)``, t being the quantile of n - 1
    degrees of freedom and s the standard deviation. The smallest n that brings it to `half_width`
    with the present s is looked for (Chow and Robbins 1965). Ask again after running them: the
    answer is 0 when the interval is narrow enough *and* there are at least 20 replicates.
    Stopping as soon as an interval excludes zero would find differences that are not there; the
    width says nothing about the mean, so this rule keeps the coverage.

    Parameters
    ----------
    differences : array_like of float, shape (replicates,) or (replicates, policies)
        Independent paired differences, e.g. from `differences_by_replicate`. With several
        policies the intervals hold together (Bonferroni), and the widest decides.
    half_width : float
        Wanted half-width, in the unit of the differences; more than 0.
    confidence : float
        In (0, 1).

    Returns
    -------
    int
        Replicates to add, 0 if precise enough.

    Raises
    ------
    InputError
        For missing or infinite differences or numbers out of range.

    References
    ----------
    Chow, Y. S. and Robbins, H. (1965). On the asymptotic theory of fixed-width sequential
    confidence intervals for the mean. Annals of Mathematical Statistics 36, 457-462.
    doi:10.1214/aoms/1177700156

    Examples
    --------
    >>> runs_needed([1.0, 3.0] * 10, half_width=0.25)
    48
    >>> runs_needed([1.0, 3.0] * 10, half_width=0.5)
    0
    >>> runs_needed([1.0, 3.0], half_width=0.5)
    18
    """
    columns = _checked(differences, half_width, confidence)
    have, policies = columns.shape
    if have < FEWEST_RUNS:
        return FEWEST_RUNS - have
    level = 1 - (1 - confidence) / policies
    deviation = float(columns.std(axis=0, ddof=1).max())
    if _half_width(deviation, have, level) <= half_width:
        return 0
    # Student's quantile falls with n: double until wide enough, then halve the gap.
    low, high = have, 2 * have
    while _half_width(deviation, high, level) > half_width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _half_width(deviation, middle, level) > half_width:
            low = middle
        else:
            high = middle
    return high - have


def precise_enough(
    differences: npt.ArrayLike, half_width: float, *, confidence: float = 0.95
) -> bool:
    """Tell whether no more replicates are needed; see `runs_needed`.

    Examples
    --------
    >>> precise_enough([1.0, 3.0] * 10, half_width=0.5)
    True
    """
    return runs_needed(differences, half_width, confidence=confidence) == 0


def _half_width(deviation: float, runs: int, level: float) -> float:
    """Return the half-width of Student's interval."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.5 + level / 2)) * deviation / math.sqrt(runs)


def _checked(
    differences: npt.ArrayLike, half_width: float, confidence: float
) -> npt.NDArray[np.float64]:
    """Return the differences as columns, one per policy."""
    values = np.asarray(differences, dtype=np.float64)
    columns = values[:, None] if values.ndim == 1 else values
    problems = []
    if columns.ndim != 2 or columns.shape[1] == 0:
        problems.append(
            f"differences: shape {values.shape} given, one row per replicate is needed, with one "
            "column per policy"
        )
    if not np.isfinite(values).all():
        problems.append("differences: missing or infinite values given, leave them out first")
    if not (half_width > 0 and math.isfinite(half_width)):
        problems.append(f"half_width: {half_width} given, a number of more than 0 is needed")
    if problems:
        raise InputError(problems)
    checked_share(confidence, "confidence")
    return columns
