"""What the tables of a set of runs hold: their axes, and the order of the runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

Integers = npt.NDArray[np.int64]


class Layout(BaseModel):
    """The axes of the tables.

    A series is all replicates of one policy in one future. Run number
    ``series * replicates + replicate``, series number ``future * len(policies) + policy``:
    whatever part of the runs is done, it holds the same futures under every policy. Behind them
    come the series of the shock tests, each a future of its own under the first policy.

    Attributes
    ----------
    policies : tuple of str
        In the order of the design, the reference first.
    futures, replicates : int
    shock_tests : tuple of str
        Shocks whose effect is measured in runs of their own.
    metrics, quarters : tuple of str
        What is kept; the last quarter is the end of the horizon.
    iso3, instruments : tuple of str
        Axes of the counts of who signs what.
    years : tuple of int
        Years whose end lies within the horizon.
    detailed : bool
        Whether event logs, countries at the ends of years and links at the end are kept, and
        counts by future.
    common_luck : bool
        Whether a replicate has the same luck in every future (common random numbers), or one of
        its own, as a forecast needs it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    policies: tuple[str, ...]
    futures: int
    replicates: int
    shock_tests: tuple[str, ...]
    metrics: tuple[str, ...]
    quarters: tuple[str, ...]
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]
    years: tuple[int, ...]
    detailed: bool
    common_luck: bool

    @property
    def compared(self) -> int:
        """Number of series that compare policies in futures, the shock tests left out."""
        return self.futures * len(self.policies)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return (self.compared + len(self.shock_tests)) * self.replicates

    def places(self, runs: Integers) -> tuple[Integers, Integers, Integers]:
        """Return policy (its position), future and replicate of run numbers.

        The future of shock test t is ``futures + t``.
        """
        series, replicate = np.divmod(runs, self.replicates)
        future, policy = np.divmod(series, len(self.policies))
        tested = series >= self.compared
        policy = np.where(tested, 0, policy)
        return policy, np.where(tested, series - self.compared + self.futures, future), replicate

    def place(self, run: int) -> tuple[str, int, int]:
        """Return policy, future and replicate of one run."""
        policy, future, replicate = (int(axis[0]) for axis in self.places(np.array([run])))
        return self.policies[policy], future, replicate

    def numbers(self, policy: Integers, future: Integers, replicate: Integers) -> Integers:
        """Return the numbers of runs from their places; see `places`."""
        tested = future >= self.futures
        series = np.where(
            tested, self.compared + future - self.futures, future * len(self.policies) + policy
        )
        return np.asarray(series * self.replicates + replicate)

    def luck(self, future: int, replicate: int) -> int:
        """Return the number of the replicate whose random numbers a run uses."""
        return replicate if self.common_luck else future * self.replicates + replicate
