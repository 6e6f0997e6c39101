"""Working a search off: generation by generation, each a part on disk that survives any kill."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from partnersim.arrays import Floats
from partnersim.errors import InputError
from partnersim.runs import folder as store
from partnersim.runs.chunk import Workbench
from partnersim.runs.engines import open_engine
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.running import Kept, Progress
from partnersim.scenario.run_settings import Engine
from partnersim.scenario.scenario import Scenario
from partnersim.search.lever_range import value_of
from partnersim.search.nsga2 import Nsga2, front_of
from partnersim.search.problem import WORST, Budget, Problem, Tried, stored_problem

#: At most so many mixes are tried again in fresh futures.
MOST_SHOWN = 24
#: So many of those that come closest are shown if none does what is required.
_CLOSEST = 8


def search(
    problem: Problem,
    folder: Path,
    engine: Engine,
    budget: Budget,
    *,
    threads: int | None = None,
    progress: Progress = lambda done, planned: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Search, or go on where the search was.

    Parameters
    ----------
    problem : Problem
        What is sought.
    folder : Path
        Where results lie, or will lie.
    engine : Engine
        What does the work; it never changes a result.
    budget : Budget
        Of runs, those on disk included: with more, the same search goes further. After so many
        minutes of this call no generation begins; 0 for no such limit.
    threads : int, optional
        Workers, if the engine names none.
    progress : callable
        Called with the runs done and those planned.
    clock : callable
        Seconds of a clock that does not go backwards.

    Raises
    ------
    InputError
        If results cannot be written, or those that are there are another search's.
    """
    folder = folder.absolute()
    workers = engine.workers or threads or os.cpu_count() or 1
    began, generations = clock(), generations_for(problem, budget.runs)
    with store.locked(folder), ExitStack() as stack:
        if (folder / MANIFEST_NAME).exists():
            stored_problem(folder)
        problem.begin(folder, budget)
        for path in store.leftovers(folder):
            store.remove(path)
        _problems.keep(str(folder), problem)
        executor = stack.enter_context(open_engine(engine, workers))
        work = _Work(problem, folder, executor, workers)
        tried: dict[tuple[float, ...], Floats] = {}
        algorithm = Nsga2(_first(problem), problem.experiment.settings.seed)
        each = problem.settings.population * problem.settings.futures
        for number in range(generations):
            late = budget.minutes and number and clock() - began > 60 * budget.minutes
            if late and not work.part(number).exists():
                break
            shares = algorithm.ask()
            columns = [lever.at(shares[:, d]) for d, lever in enumerate(problem.levers)]
            values = [tuple(map(float, row)) for row in np.column_stack(columns)]
            goals = work.generation(number, values)
            tried |= zip(values, goals, strict=True)
            algorithm.tell(*problem.compared(goals))
            progress((number + 1) * each, generations * each)
        work.fresh(_candidates(problem, tried))


def _candidates(
    problem: Problem, tried: dict[tuple[float, ...], Floats]
) -> list[tuple[float, ...]]:
    """Return the mixes to try again: the Pareto set, or the closest if none holds."""
    values = list(tried)
    objectives, violation = problem.compared(np.array(list(tried.values())))
    holds = np.flatnonzero(violation == 0)
    if not len(holds):
        usable = np.flatnonzero(violation < WORST)
        order = usable[np.lexsort((objectives[usable, 0], violation[usable]))]
        return [values[place] for place in order[:_CLOSEST]]
    front = holds[front_of(objectives[holds])]
    order = front[np.argsort(objectives[front, 0], kind="stable")]
    evenly = np.linspace(0, len(order) - 1, min(MOST_SHOWN, len(order))).round().astype(int)
    return [values[place] for place in order[evenly]]


def generations_for(problem: Problem, runs: int) -> int:
    """Return how many generations a budget allows.

    Raises
    ------
    InputError
        If it does not allow one.
    """
    settings = problem.settings
    each = settings.population * settings.futures
    if runs < each:
        raise InputError(
            f"runs={runs}: one generation needs {each:,} runs ({settings.population} mixes in"
            f" {settings.futures} futures); give more runs, fewer futures or a smaller population"
        )
    return runs // each


def generations_in(folder: Path) -> int:
    """Return how many generations lie in the folder of a search."""
    return len(list((folder / store.PARTS_NAME).glob("generation-*.parquet")))


def _first(problem: Problem) -> Floats:
    """Return the first population: a Latin hypercube, and the policy as it is."""
    from scipy.stats import qmc

    levers = problem.levers
    sampler = qmc.LatinHypercube(len(levers), rng=problem.experiment.settings.seed)
    points = np.round(sampler.random(problem.settings.population), 6)
    points[0] = [lever.share(value_of(problem.base, lever.keys)) for lever in levers]
    # Both ends belong to what is tried: whoever asks for the cheapest may be told "nothing".
    points[1], points[2] = 0.0, 1.0
    return points


@dataclass(frozen=True)
class _Work:
    """The parts of one search."""

    problem: Problem
    folder: Path
    executor: Executor
    workers: int

    def part(self, number: int) -> Path:
        """Return the file of a generation."""
        return self.folder / store.PARTS_NAME / f"generation-{number:05d}.parquet"

    def generation(self, number: int, values: list[tuple[float, ...]]) -> Floats:
        """Return the goals of the mixes of a generation, run or read."""
        path = self.part(number)
        outcomes = self._stored(path, values)
        if outcomes is None:
            outcomes = list(self._run(values, fresh=False))
            paths = [lever.path for lever in self.problem.levers]
            columns = dict(zip(paths, np.array(values).T, strict=True))
            self._write(path, columns, outcomes)
        return np.array(
            [self.problem.worth_of(*pair) for pair in zip(values, outcomes, strict=True)]
        )

    def _stored(self, path: Path, values: list[tuple[float, ...]]) -> list[Floats] | None:
        """Return what the mixes of a generation came to; None if it is not there, or damaged."""
        try:
            table = store.read_table(path)
            there = np.column_stack([table[lever.path] for lever in self.problem.levers])
            outcomes = [
                np.array(row, float).reshape(-1, len(self.problem.metrics))
                for row in table["outcomes"].to_pylist()
            ]
        except (InputError, KeyError, ValueError):
            return None
        if not np.array_equal(there, np.array(values)):
            raise InputError(
                f"{path}: holds other mixes than this search comes to; remove the folder"
            )
        return outcomes

    def fresh(self, candidates: list[tuple[float, ...]]) -> None:
        """Try what was found, and the policies as they are, in fresh futures; write it down."""
        tried: list[Tried] = [*candidates, *self.problem.experiment.policies]
        path = fresh_path(self.folder)
        wanted = [[one] if isinstance(one, str) else [*map(str, one)] for one in tried]
        with suppress(InputError, KeyError):  # not there, or damaged
            if read_fresh(path)[0] == wanted:
                return
        outcomes = self._run(tried, fresh=True)
        self._write(path, {"tried": wanted}, outcomes)

    def _run(self, tried: Sequence[Tried], *, fresh: bool) -> list[Floats]:
        """Hand out mixes, a few at a time; return what they come to, in their order."""
        size = max(1, -(-len(tried) // (4 * self.workers)))
        jobs = [
            self.executor.submit(
                evaluate, str(self.folder), list(tried[start : start + size]), fresh=fresh
            )
            for start in range(0, len(tried), size)
        ]
        try:
            return [outcome for job in jobs for outcome in job.result()]
        finally:
            for job in jobs:
                job.cancel()

    def _write(self, path: Path, columns: Mapping[str, Any], outcomes: Sequence[Floats]) -> None:
        table = pa.table({**columns, "outcomes": [outcome.ravel() for outcome in outcomes]})
        with store.writing_results(self.folder):
            store.write_whole(path, store.table_writer(table))


def fresh_path(folder: Path) -> Path:
    """Return the file of what was tried in fresh futures."""
    return folder / store.PARTS_NAME / "fresh.parquet"


def read_fresh(path: Path) -> tuple[list[list[str]], list[list[float]]]:
    """Return what was tried in fresh futures, and what it came to."""
    table = store.read_table(path)
    return table["tried"].to_pylist(), table["outcomes"].to_pylist()


# What a worker does


class Evaluator:
    """Tries mixes in the futures of a problem, in one thread.

    The luck of a future is the same for every mix; fresh futures have luck of their own.
    """

    def __init__(self, problem: Problem, *, fresh: bool) -> None:
        self._problem = problem
        self._plan = problem.plan(fresh=fresh)
        self._bench = Workbench(self._plan)
        self._luck = len(problem.futures) if fresh else 0
        labels = list(self._plan.layout.metrics)
        self._places = [labels.index(name) for name in problem.metrics]

    @cached_property
    def _scenarios(self) -> list[Scenario]:
        first = self._plan.experiment.policies[0]
        return [self._plan.scenarios(future)[first] for future in range(len(self._plan.futures))]

    def outcomes(self, tried: Tried) -> Floats:
        """Return the metrics at the end of the horizon, (futures, metrics); NaN where one fails."""
        found = np.full((len(self._plan.futures), len(self._places)), np.nan)
        # Policies as they are may have switches: their states are not those of mixes.
        policies = self._plan.experiment.policies
        place = -1 if isinstance(tried, tuple) else policies.index(tried)
        try:
            policy = self._problem.policy(tried)
            for future, scenario in enumerate(self._scenarios):
                own = scenario.model_copy(update={"policy": policy})
                player = self._bench.player(place, own)
                played = player.play(self._bench.seed, self._luck + future)
                found[future] = np.take(played.metrics, self._bench.kept[-1])[self._places]
        except ValueError:
            # Values that do not go together: such a mix is never the answer.
            found[:] = np.nan
        return found


_own = threading.local()
#: The problem of this process, by folder.
_problems: Kept[str, Problem] = Kept(lambda folder: stored_problem(Path(folder)))


def evaluate(folder: str, tried: Sequence[Tried], *, fresh: bool) -> Floats:
    """Return what several mixes come to, (mixes, futures, metrics).

    Parameters
    ----------
    folder : str
        Folder of the search, which all workers see.
    tried : sequence of mixes or names of policies
    fresh : bool
        Whether in the fresh futures.
    """
    problem = _problems.get(folder)
    if getattr(_own, "of", None) != (id(problem), fresh):
        _own.evaluator = Evaluator(problem, fresh=fresh)
        _own.of = id(problem), fresh
    return np.stack([_own.evaluator.outcomes(one) for one in tried])
