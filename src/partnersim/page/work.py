"""Work for many visitors: a pool of threads, a memory of futures, and stale work that stops."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import heapq
import os
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from partnersim.errors import InputError, refuse
from partnersim.page.answers import Stage, answer, stage_of
from partnersim.page.country import country_answer, what_it_takes
from partnersim.page.forecast import country_forecast
from partnersim.page.futures import SHOWN_METRICS, Futures, OneFuture, refuse_unknown_metrics
from partnersim.page.request import (
    FIRST_FUTURES,
    MOST_FUTURES,
    SCOREBOARD_FUTURES,
    ArmRequest,
    CountryRequest,
    ScoreboardRequest,
    SimulationRequest,
    usual_scenario,
)
from partnersim.scenario.config_files import options
from partnersim.scenario.scenario import Scenario
from partnersim.world.places import nearest_place

#: Futures that a thread plays before others who wait may take its place, and before it hands in
#: what it has played.
_FEWEST, _MOST = 2, 10
#: Futures of a first answer where many wait.
FEW_FUTURES = 3
#: Futures remembered take at most this much memory.
MEMORY_BYTES = 256 * 1024 * 1024


class Turns:
    """Places at work, given to whoever waits with the smallest urgency; who came first, first.

    Parameters
    ----------
    places : int
        How many may work at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._numbers = count()
        self._queue: list[tuple[tuple[int, int], int, asyncio.Future[None]]] = []

    @property
    def wanted(self) -> bool:
        """Whether somebody waits."""
        return bool(self._queue)

    @asynccontextmanager
    async def turn(self, urgency: tuple[int, int]) -> AsyncIterator[None]:
        """Wait for a place and hold it; whoever stops waiting gives way to the next."""
        if self._free:
            self._free -= 1
        else:
            mine = asyncio.get_running_loop().create_future()
            heapq.heappush(self._queue, (urgency, next(self._numbers), mine))
            try:
                await mine
            except asyncio.CancelledError:
                if not mine.cancelled():
                    self._pass_on()
                raise
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while self._queue:
            *_, following = heapq.heappop(self._queue)
            if not following.done():
                following.set_result(None)
                return
        self._free += 1


class _Entry:
    """Futures remembered, and what they were like after so many of them.

    Whoever needs more futures locks the entry and plays them, others wait. Each stage is noted
    when exactly so many futures are there, so that two strategies always rest on the same.
    """

    def __init__(self, futures: Futures, stages: tuple[int, ...], number: int) -> None:
        self.futures, self.stages = futures, stages
        #: Rises from question to question.
        self.number = number
        self.reached: dict[int, Stage] = {}
        self.lock = asyncio.Lock()

    @property
    def whole(self) -> bool:
        """Whether the last stage has been reached."""
        return self.stages[-1] in self.reached


class Workshop:
    """Computes answers; the one object that a server holds.

    Parameters
    ----------
    threads : int, optional
        Threads at work; all processors by default.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="futures")
        # What is short must not wait for futures of others; and Hydra composes in one thread only.
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._turns = Turns(self.threads)
        #: Questions whose first answer is still to come.
        self._waiting = 0
        self._numbers = count()
        # Looked up and changed at the desk only.
        self._memory: OrderedDict[str, _Entry] = OrderedDict()

    def warm_up(self) -> Future[None]:
        """Begin to read the data and to compile the rules, so that visitors need not wait."""
        return self._desk.submit(_first_future)

    def close(self) -> None:
        """Stop all work."""
        for pool in (self._desk, self._pool):
            pool.shutdown(cancel_futures=True)

    async def at_desk[Result](self, work: Callable[..., Result], *given: Any) -> Result:
        """Do something short in the one thread for it."""
        return await asyncio.get_running_loop().run_in_executor(self._desk, work, *given)

    async def _in_pool[Result](self, work: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)

    async def answers(self, request: SimulationRequest) -> AsyncIterator[dict[str, Any]]:
        """Answer twice: with the first futures, then with all of them.

        Where many wait, an answer with few futures comes before, so that everybody gets one soon;
        the last answer is always the same. Closing the iterator stops the work after the futures
        just being played.

        Raises
        ------
        InputError
            If a strategy cannot be used.
        """
        refuse_unknown_metrics(*(goal.metric for goal in request.goals))
        self._waiting += 1
        try:
            a, b = await self.at_desk(self._both, request)
            for entry in (a, b):
                await self._stage(entry, a.stages[0])
        finally:
            self._waiting -= 1
        for stage in a.stages:
            whole = stage == a.stages[-1]
            if not whole and a.whole and b.whole:
                # Both are remembered: the full answer comes at once.
                continue
            one, other = await self._stage(a, stage), await self._stage(b, stage)
            quarters = a.futures.scenario.horizon.labels
            yield await self.at_desk(
                partial(answer, one, other, quarters, request.goals, request.held, whole=whole)
            )

    async def country(self, request: CountryRequest) -> AsyncIterator[dict[str, Any]]:
        """Answer once, about one country; closing the iterator stops the work.

        Raises
        ------
        InputError
            If the strategy cannot be used or the country or quarter is unknown.
        """
        entry, place = await self.at_desk(self._country, request)
        await self._stage(entry, entry.stages[-1])
        if request.target:
            given = (entry.futures, place, request.quarter, request.target)
            yield await self._in_pool(what_it_takes, *given)
        else:
            futures, quarter = entry.futures, request.quarter
            forecast = await self._in_pool(country_forecast, futures, request.iso3, quarter)
            answer = await self._in_pool(country_answer, futures, place, quarter)
            yield {**answer, "forecast": forecast}

    async def scoreboard(self, request: ScoreboardRequest) -> AsyncIterator[dict[str, Any]]:
        """Answer once for each climate: how the strategies do, and what each is behind by.

        Closing the iterator stops the work after the futures just being played.

        Raises
        ------
        InputError
            If a strategy cannot be used or the metric is unknown.
        """
        refuse_unknown_metrics(request.metric)
        # What compares results is loaded when somebody compares, not when the page starts.
        from partnersim.compare.labels import metric_label
        from partnersim.compare.regret import regret_of

        for climate in options("geopolitics"):
            entries = await self.at_desk(self._in_climate, request, climate)
            stages = [await self._stage(entry, SCOREBOARD_FUTURES) for entry in entries]
            place = SHOWN_METRICS.index(request.metric)
            values = [stage.metrics[:, request.quarter, place] for stage in stages]
            regret = regret_of(metric_label(request.metric).sign * np.stack(values))
            yield {
                "climate": climate,
                "means": [float(value.mean()) for value in values],
                "regret": [float(value.mean()) for value in regret],
            }

    def _in_climate(self, request: ScoreboardRequest, climate: str) -> list[_Entry]:
        """Return the futures of all strategies in a climate, or all problems."""
        arms = {}
        for number, arm in enumerate(request.arms, start=1):
            changes = {key: arm.changes[key] for key in arm.changes if key != "geopolitics"}
            moved = arm.model_copy(update={"geopolitics": climate, "changes": changes})
            arms[f"strategy {number}"] = moved
        entries = self._entries(arms, request.seed, (SCOREBOARD_FUTURES,))
        refuse(_beyond(request.quarter, min(entry.futures.quarters for entry in entries)))
        return entries

    def _both(self, request: SimulationRequest) -> tuple[_Entry, _Entry]:
        """Return the futures of both strategies, or all problems of both."""
        sizes = {request.first, request.futures}
        if self._waiting > self.threads:
            sizes.add(FEW_FUTURES)
        stages = tuple(sorted(size for size in sizes if size <= request.futures))
        a, b = self._entries({"A": request.a, "B": request.b}, request.seed, stages)
        one, other = a.futures.scenario, b.futures.scenario
        if (one.world, one.horizon) != (other.world, other.horizon):
            raise InputError("A and B must have the same world and horizon to be compared")
        return a, b

    def _entries(
        self, arms: Mapping[str, ArmRequest], seed: int, stages: tuple[int, ...]
    ) -> list[_Entry]:
        """Return the futures of strategies by what they are called, or all problems of all."""
        entries: list[_Entry] = []
        problems: list[str] = []
        for name, arm in arms.items():
            try:
                entries.append(self._entry(arm.scenario(), seed, stages))
            except InputError as error:
                problems += [f"{name}: {line}" for line in error.problems]
        refuse(problems)
        return entries

    def _country(self, request: CountryRequest) -> tuple[_Entry, int]:
        """Return the futures of a strategy and the row of a country, or all problems."""
        entry = self._entry(request.arm.scenario(), request.seed, (FIRST_FUTURES, MOST_FUTURES))
        codes = list(entry.futures.world.countries["iso3"])
        problems = []
        if request.iso3 not in codes:
            problems.append(
                f"iso3: unknown country '{request.iso3}'{nearest_place(request.iso3, codes)}"
            )
        refuse(problems + _beyond(request.quarter, entry.futures.quarters))
        return entry, codes.index(request.iso3)

    def _entry(self, scenario: Scenario, seed: int, stages: tuple[int, ...]) -> _Entry:
        """Return the remembered futures of a scenario, or begin to remember it.

        The stages are part of the key, so that no answer depends on what was asked before.
        """
        key = hashlib.sha256(f"{seed} {stages} {_content(scenario)}".encode()).hexdigest()
        if key not in self._memory:
            # What was asked last is the likeliest to be nearly this.
            last = next(reversed(self._memory.values()), None)
            futures = Futures(scenario, seed, last.futures if last else None)
            self._memory[key] = _Entry(futures, stages, next(self._numbers))
            self._forget()
        self._memory.move_to_end(key)
        return self._memory[key]

    def _forget(self) -> None:
        """Forget what was asked for least recently, if there is too much."""
        used = sum(entry.futures.bytes for entry in self._memory.values())
        while used > MEMORY_BYTES and len(self._memory) > 2:
            _, entry = self._memory.popitem(last=False)
            used -= entry.futures.bytes

    async def _stage(self, entry: _Entry, stage: int) -> Stage:
        """Return a strategy at a stage; plays what is missing until there."""
        if stage in entry.reached:
            # Without the lock: somebody else may be waiting in it for a later stage.
            return entry.reached[stage]
        async with entry.lock:
            for wanted in entry.stages:
                if wanted <= stage and wanted not in entry.reached:
                    await self._extend(entry, wanted)
                    whole = wanted == entry.stages[-1]
                    entry.reached[wanted] = await self.at_desk(
                        partial(stage_of, entry.futures, whole=whole)
                    )
            return entry.reached[stage]

    async def _extend(self, entry: _Entry, wanted: int) -> None:
        """Play futures until there are enough of them.

        Answers with few futures come before those with more, and older questions before newer ones:
        taking turns would only make everybody wait until all is done.
        """
        futures = entry.futures
        level = sum(wanted > size for size in (FEW_FUTURES, FIRST_FUTURES))
        urgency = (level, entry.number)
        # All threads take from it: a thread that is late takes fewer.
        numbers = deque(range(futures.played, wanted))
        played: dict[int, OneFuture] = {}

        async def play() -> None:
            while numbers:
                async with self._turns.turn(urgency):
                    played.update(await self._in_pool(self._play, futures, numbers))
                while futures.played in played:
                    futures.add(played.pop(futures.played))

        try:
            await asyncio.gather(*(play() for _ in range(self.threads)))
        finally:
            # Threads still at work for who waits no more end after this future.
            numbers.clear()

    def _play(self, futures: Futures, numbers: deque[int]) -> dict[int, OneFuture]:
        """Play futures of these numbers until none is left or others wait for this thread."""
        played: dict[int, OneFuture] = {}
        while len(played) < (_FEWEST if self._turns.wanted else _MOST):
            try:
                number = numbers.popleft()
            except IndexError:
                break
            played[number] = futures.play(number)
        return played


def _beyond(quarter: int, quarters: int) -> list[str]:
    """Tell if a quarter is none of the horizon."""
    return [f"quarter = {quarter}: the horizon has {quarters} quarters"] * (quarter > quarters)


def _first_future() -> None:
    Futures(usual_scenario(), 0).play(0)
    # What is loaded by now stays: looking through it for waste again and again took longer than
    # composing a scenario.
    gc.freeze()


def _content(scenario: Scenario) -> str:
    """Return what a scenario's results depend on, as text; names and descriptions do not count."""
    unseen = {"name", "description"}
    return scenario.model_dump_json(
        exclude={"policy": unseen, "geopolitics": unseen, "behaviour": unseen}
    )
