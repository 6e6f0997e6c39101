"""What the tables of a sweep hold: axes, and the order of its runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

MANIFEST_NAME = "manifest.json"
DESIGN_NAME = "design.json"
POINTS_NAME = "points.parquet"
FAILURES_NAME = "failures.parquet"
SIGNING_NAME = "signing.parquet"
PARTS_NAME = "parts"

#: Version of the layout of a sweep's folder; also says that it is one.
SWEEP_FORMAT = "sweep 1"


@dataclass(frozen=True)
class SweepLayout:
    """The axes of a sweep's tables.

    Run number ``(point * len(policies) + policy) * replicates + replicate``: whatever part of a
    sweep is done, it holds the same futures under every policy.

    Attributes
    ----------
    policies : tuple of str
        In the order of the design, the reference first.
    points, replicates : int
    metrics, quarters : tuple of str
        What is kept; the last quarter is the end of the horizon.
    iso3, instruments : tuple of str
        Axes of the counts of who signs what.
    years : tuple of int
        Years whose end lies within the horizon.
    """

    policies: tuple[str, ...]
    points: int
    replicates: int
    metrics: tuple[str, ...]
    quarters: tuple[str, ...]
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]
    years: tuple[int, ...]

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.points * len(self.policies) * self.replicates

    def places(
        self, runs: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return policy (its position), point and replicate of run numbers."""
        pair, replicate = np.divmod(runs, self.replicates)
        point, policy = np.divmod(pair, len(self.policies))
        return policy, point, replicate

    def as_json(self) -> dict[str, Any]:
        """Return the axes as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SweepLayout:
        """Return the axes that `as_json` told.

        Raises
        ------
        pydantic.ValidationError
            If they are not what it tells.
        """
        layout: SweepLayout = TypeAdapter(cls).validate_python(dict(data))
        return layout
