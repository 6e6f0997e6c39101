"""Trying mixes of levers in futures: what a worker does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from partnersim.arrays import Floats
from partnersim.runs.chunk import Workbench
from partnersim.scenario.scenario import Scenario
from partnersim.search.problem import Problem, Tried, stored_problem


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
_reading = threading.Lock()
_problems: dict[str, Problem] = {}


def keep(folder: str, problem: Problem) -> Problem:
    """Keep a problem for the threads of this process, in place of the last one."""
    _problems.clear()
    _problems[folder] = problem
    return problem


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
    with _reading:
        problem = _problems.get(folder) or keep(folder, stored_problem(Path(folder)))
    if getattr(_own, "of", None) != (id(problem), fresh):
        _own.evaluator = Evaluator(problem, fresh=fresh)
        _own.of = id(problem), fresh
    return np.stack([_own.evaluator.outcomes(one) for one in tried])
