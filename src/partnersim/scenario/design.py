"""A design: which futures a sweep samples, and what it keeps of every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from partnersim.scenario.horizon import Quarter
from partnersim.scenario.names import MetricName
from partnersim.scenario.settings import Settings, Several, number, setting

Kind = Literal["grid", "latin_hypercube", "sobol", "sobol_indices", "morris", "table"]
Distribution = Literal["uniform", "log_uniform", "triangular", "normal", "posterior"]
Kept = Literal["years", "end", "all"]

#: Kinds whose futures may carry a joint draw of the estimated coefficients.
CARRY_A_DRAW = ("latin_hypercube", "sobol")

#: Sobol points are balanced only in powers of two.
IN_POWERS_OF_TWO = ("sobol", "sobol_indices")


class Factor(Settings):
    """One uncertain setting: its range and how values are drawn from it."""

    distribution: Distribution = setting(
        "How values are drawn between low and high; posterior draws an estimated "
        "coefficient together with all others of that kind",
        "uniform",
    )
    low: float = setting("Smallest value; of a coefficient by default the plausible one")
    high: float = setting("Largest value; of a coefficient by default the plausible one")
    mode: float | None = setting("Most likely value (triangular)", None)
    mean: float | None = setting("Mean before cutting at the ends (normal)", None)
    standard_deviation: float | None = setting(
        "Standard deviation before cutting at the ends (normal)", None
    )
    levels: int = number("Values in a grid, evenly from low to high", 2, 1000, default=3)
    values: Several[float] = setting("Only these values, in place of a range; equally likely", ())

    def _misfits(self) -> Iterator[str]:
        problems = []
        if not self.low < self.high:
            problems.append(f"low {self.low:g} must lie below high {self.high:g}")
        if self.distribution == "log_uniform" and self.low <= 0:
            problems.append(f"low {self.low:g} must be above 0 for log_uniform")
        needed = {"triangular": ("mode",), "normal": ("mean", "standard_deviation")}
        for name in ("mode", "mean", "standard_deviation"):
            wanted = name in needed.get(self.distribution, ())
            if wanted and getattr(self, name) is None:
                problems.append(f"{self.distribution} needs {name}")
            if not wanted and getattr(self, name) is not None:
                problems.append(f"{name} does not belong to {self.distribution}")
        if self.mode is not None and not self.low <= self.mode <= self.high:
            problems.append(f"mode {self.mode:g} must lie between low and high")
        if self.standard_deviation is not None and self.standard_deviation <= 0:
            problems.append("standard_deviation must be above 0")
        if self.values and len(set(self.values)) < max(2, len(self.values)):
            problems.append("values must be two or more different ones")
        if problems:
            yield "; ".join(problems)


class Design(Settings):
    """Which futures are sampled, and what is kept of the runs.

    The policies of the experiment are its arms. If it has several climates, the climate is one
    more factor.
    """

    kind: Kind = setting("How the futures are spread over the ranges of the factors")
    points: int | None = number(
        "Futures sampled (for sobol_indices: the size of its base sample, for morris: "
        "trajectories); a grid follows from its levels",
        *(1, 10_000_000),
        unit="futures",
        default=None,
    )
    seed: int = number("Seed of the sample of futures", 0, 2**32 - 1, default=1)
    factors: dict[str, Factor] = setting("Uncertain settings by dotted path, with their ranges", {})
    table: dict[str, Several[float | str]] = setting(
        "Own points: a CSV file with a column for every setting and a row for every future", {}
    )
    posterior: bool = setting(
        "Draw all estimated coefficients that are no factors of their own, together", False
    )
    metrics: Several[MetricName] = setting("Metrics that are kept; [] for all", ())
    quarters: Kept | Several[Quarter] = setting(
        "Quarters that are kept beside the last: years (their ends), end, all, or a "
        "list such as [2027Q4, 2030Q4]",
        "years",
    )

    @property
    def drawn_together(self) -> tuple[str, ...]:
        """Paths of the factors that are drawn from the posterior."""
        return tuple(
            path for path, factor in self.factors.items() if factor.distribution == "posterior"
        )

    def _misfits(self) -> Iterator[str]:
        if (self.posterior or self.drawn_together) and self.kind not in CARRY_A_DRAW:
            yield (
                f"a posterior goes with {' or '.join(CARRY_A_DRAW)}: {self.kind} moves each factor"
                " by itself"
            )
        if bool(self.table) != (self.kind == "table"):
            yield "table: own points go with kind: table, and with no other kind"
        if self.table and self.factors:
            yield "factors: own points have no ranges; leave factors out"
        if len({len(column) for column in self.table.values()}) > 1:
            yield "table: all columns must be equally long"
        if self.kind == "grid" and self.points is not None:
            yield (
                f"points = {self.points}: a grid has as many points as its levels make;"
                " leave it out"
            )
        if self.kind not in ("grid", "table") and self.points is None:
            yield f"points: needed for {self.kind}"
        if self.points and self.kind in IN_POWERS_OF_TWO and self.points & (self.points - 1):
            below = 1 << (self.points.bit_length() - 1)
            yield (
                f"points = {self.points}: {self.kind} needs a power of two, such as {below} or"
                f" {2 * below}"
            )
