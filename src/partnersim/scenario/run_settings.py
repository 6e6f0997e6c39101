"""How an experiment is run: replicates, seed, what is compared, where results go, what works."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from numbers import Integral
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from partnersim.scenario.design import Design
from partnersim.scenario.names import ShockName
from partnersim.scenario.problems import shown
from partnersim.scenario.settings import Settings, Several, number, setting, text

EngineName = Literal["threads", "processes", "dask", "slurm", "mpi"]


class Engine(Settings):
    """How a sweep is worked through; outside the hash of the results."""

    name: EngineName = setting("Which machinery does the work", "threads")
    workers: int | None = number(
        *("Chunks at work at once; null for as many as `threads`", 1, 100_000),
        unit="workers",
        default=None,
    )
    chunk_seconds: float = number(
        "How long one chunk of runs should take", 0.01, 86_400, unit="seconds", default=10.0
    )
    address: str | None = setting("dask: address of a scheduler; null starts a local cluster", None)
    partition: str | None = setting("slurm: partition of the jobs", None)
    minutes: int = number("slurm: time limit of a job", 1, 100_000, unit="minutes", default=60)

    def _misfits(self) -> Iterator[str]:
        for own, engine in (("address", "dask"), ("partition", "slurm")):
            if getattr(self, own) is not None and self.name != engine:
                yield f"{own} belongs to {engine}, not to {self.name}"


#: The first cut has two years behind it, the last one a quarter of record before it.
FIRST_CUT, LAST_CUT = "2011Q4", "2025Q1"


def _check_cut(label: object) -> str:
    right = isinstance(label, str) and re.fullmatch(r"20\d\dQ[1-4]", label, re.ASCII)
    if not right or not FIRST_CUT <= str(label) <= LAST_CUT:
        raise ValueError(f"must be a quarter from {FIRST_CUT} to {LAST_CUT}, such as 2019Q4")
    return str(label)


Cuts = Annotated[
    tuple[Annotated[str, BeforeValidator(_check_cut)], ...],
    Field(strict=False),
    AfterValidator(lambda labels: tuple(sorted(set(labels)))),
]

LARGEST_SEED = 2**63 - 1
#: Replicates are stored in 32 bits.
LARGEST_REPLICATE = 2**31 - 1


class RunSettings(Settings):
    """Everything about a run that is not part of the scenario."""

    experiment: str = text("Name of the experiment and of its results folder")
    kind: Literal["simulation", "backtest"] = setting(
        "What is done: simulate, or test forecasts against the history", "simulation"
    )
    cuts: Cuts = setting(
        "Last quarters known to a backtest; each is followed by a forecast of a year", ()
    )
    replicates: int = number("Runs of every policy and climate", 1, 1_000_000, unit="runs")
    seed: int = number("Seed; the same seed gives the same results", 0, LARGEST_SEED)
    threads: int | None = number(
        "Threads at work; null uses all cores", 1, 4096, unit="threads", default=None
    )
    policies: Several[str] = setting("Policies to compare; [] for the chosen one", ())
    climates: Several[str] = setting("Climates to compare; [] for the chosen one", ())
    reference: str = text("Policy that the others are compared with; always run")
    shock_tests: Several[ShockName] = setting(
        "Shock types whose effect is measured: struck everywhere at full strength "
        "against not struck",
        (),
    )
    output: str = text("Folder of all results")
    figures: bool = setting("Draw the figures after the run", True)
    engine: Engine = setting("How a sweep is worked through; never changes a result", Engine())
    design: Design | None = setting(
        "Futures that a sweep samples; null for an experiment without", None
    )


def kind_problems(**given: tuple[object, type]) -> list[str]:
    """Return one line for every value that is of another type than the one beside it."""
    return [
        f"{name}: {shown(value) if isinstance(value, str | None) else type(value).__name__} given,"
        f" a {kind.__name__} is needed"
        for name, (value, kind) in given.items()
        if not isinstance(value, kind)
    ]


#: Wrong numbers that are told one by one.
_MOST_SHOWN = 10


def run_number_problems(
    seed: object, replicates: Iterable[object], threads: object = None
) -> Iterator[str]:
    """Yield one line for every number that is not a whole number in its range.

    Parameters
    ----------
    seed : int
        0 .. 2**63 - 1.
    replicates : iterable of int
        Numbers of replicates, each 0 .. 2**31 - 1; at least one.
    threads : int, optional
        At least 1.
    """
    # Of a range the ends say all; of many wrong numbers the first few are told.
    if isinstance(replicates, range):
        replicates = sorted({*replicates[:1], *replicates[-1:]})
    numbers = list(replicates)
    if not _is_whole(seed, 0, LARGEST_SEED):
        yield f"seed: {shown(seed)} given, allowed whole numbers 0 to {LARGEST_SEED}"
    if not numbers:
        yield "replicates: none given, at least 1 is needed"
    allowed = f"allowed whole numbers 0 to {LARGEST_REPLICATE}"
    wrong = [given for given in numbers if not _is_whole(given, 0, LARGEST_REPLICATE)]
    for given in wrong[:_MOST_SHOWN]:
        yield f"replicates: number {shown(given)} given, {allowed}"
    if threads is not None and not _is_whole(threads, 1, LARGEST_REPLICATE):
        yield f"threads: {shown(threads)} given, a whole number of at least 1 is needed"


def _is_whole(value: object, low: int, high: int) -> bool:
    """Tell whether a value is a whole number in a range; True and False are none."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return whole and low <= int(value) <= high  # type: ignore[call-overload]
