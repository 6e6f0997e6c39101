"""Work for many visitors: a pool of threads, a memory of futures, and stale work that stops."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from partnersim.errors import InputError, nearest
from partnersim.page.answers import answer
from partnersim.page.country import country_answer
from partnersim.page.futures import Batch, Futures
from partnersim.page.request import (
    MOST_FUTURES,
    CountryRequest,
    SimulationRequest,
    usual_scenario,
)
from partnersim.scenario.config_files import default_options, read_option
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.world_choice import WorldChoice
from partnersim.world.world import World

#: Futures that a thread plays before it looks whether anybody still waits.
_STEP = 5
#: Futures remembered take at most this much memory.
MEMORY_BYTES = 256 * 1024 * 1024


@cache
def shipped_world() -> World:
    """Return the world, read once."""
    return WorldChoice.model_validate(read_option("world", default_options()["world"])).load()


@dataclass
class _Entry:
    """Futures under a lock: whoever needs more of them extends them, others wait."""

    futures: Futures
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


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

        Closing the iterator stops the work after the futures just being played.

        Raises
        ------
        InputError
            If a strategy cannot be used.
        """
        a, b = await self.at_desk(_scenarios, request)
        first, second = await self._entries(a, b, request)
        for wanted in dict.fromkeys((min(request.first, request.futures), request.futures)):
            await self._extend(first, wanted)
            await self._extend(second, wanted)
            played = min(first.futures.played, second.futures.played)
            if wanted < played == request.futures:
                # Both are remembered: the full answer comes at once.
                continue
            whole = wanted == request.futures
            # Another visitor may add to the same futures while this is told.
            shown = {id(entry): entry.futures.so_far() for entry in (first, second)}
            yield await self.at_desk(
                partial(answer, shown[id(first)], shown[id(second)], whole=whole)
            )

    async def country(self, request: CountryRequest) -> AsyncIterator[dict[str, Any]]:
        """Answer once, about one country; closing the iterator stops the work.

        Raises
        ------
        InputError
            If the strategy cannot be used or the country or quarter is unknown.
        """
        scenario = await self.at_desk(request.arm.scenario, "")
        codes = list(shipped_world().countries["iso3"])
        problems = []
        if request.iso3 not in codes:
            problems.append(f"iso3: unknown country '{request.iso3}'{nearest(request.iso3, codes)}")
        if request.quarter > scenario.horizon.quarters:
            problems.append(
                f"quarter = {request.quarter}: the horizon has {scenario.horizon.quarters} quarters"
            )
        if problems:
            raise InputError(problems)
        entry = await self._entry(scenario, request.seed, MOST_FUTURES)
        await self._extend(entry, MOST_FUTURES)
        place = codes.index(request.iso3)
        shown = entry.futures.so_far()
        yield await self._in_pool(country_answer, shown, place, request.quarter)

    async def _entries(
        self, a: Scenario, b: Scenario, request: SimulationRequest
    ) -> tuple[_Entry, _Entry]:
        """Return the entries of both strategies, or all problems of both."""
        entries: list[_Entry] = []
        problems: list[str] = []
        for letter, scenario in (("A", a), ("B", b)):
            try:
                entries.append(await self._entry(scenario, request.seed, request.futures))
            except InputError as error:
                problems += [f"{letter}: {line}" for line in error.problems]
        if problems:
            raise InputError(problems)
        return entries[0], entries[1]

    async def _entry(self, scenario: Scenario, seed: int, target: int) -> _Entry:
        """Return the remembered futures of a scenario, or begin to remember it.

        The number of futures to be reached is part of the key, so that the full answer to a
        question never depends on what was asked before.
        """
        key = hashlib.sha256(f"{seed} {target} {_content(scenario)}".encode()).hexdigest()
        if key not in self._memory:
            last = self._memory[next(reversed(self._memory))].futures if self._memory else None
            futures = await self.at_desk(Futures, shipped_world(), scenario, seed, last)
            self._memory.setdefault(key, _Entry(futures))
            self._forget()
        self._memory.move_to_end(key)
        return self._memory[key]

    def _forget(self) -> None:
        """Forget what was asked for least recently, if there is too much."""
        used = sum(entry.futures.bytes for entry in self._memory.values())
        while used > MEMORY_BYTES and len(self._memory) > 2:
            _, entry = self._memory.popitem(last=False)
            used -= entry.futures.bytes

    async def _extend(self, entry: _Entry, wanted: int) -> None:
        """Play futures until there are enough of them."""
        async with entry.lock:
            futures = entry.futures
            # All threads get the same share, at most a step at a time.
            share = max(1, min(_STEP, -(-(wanted - futures.played) // self.threads)))
            begins = iter(range(futures.played, wanted, share))
            played: dict[int, Batch] = {}

            async def play() -> None:
                for begin in begins:
                    count = min(share, wanted - begin)
                    played[begin] = await self._in_pool(futures.play, begin, count)
                    while futures.played in played:
                        futures.add(played.pop(futures.played))

            await asyncio.gather(*(play() for _ in range(self.threads)))


def _first_future() -> None:
    scenario = usual_scenario()
    Futures(shipped_world(), scenario, 0).play(0, 1)


def _content(scenario: Scenario) -> str:
    """Return what a scenario's results depend on, as text; names and descriptions do not count."""
    return scenario.model_dump_json(
        exclude={
            "policy": {"name", "description"},
            "geopolitics": {"name", "description"},
            "behaviour": {"name", "description"},
        }
    )


def _scenarios(request: SimulationRequest) -> tuple[Scenario, Scenario]:
    """Return both scenarios, or all problems of both."""
    scenarios: list[Scenario] = []
    problems: list[str] = []
    for arm, prefix in ((request.a, "A: "), (request.b, "B: ")):
        try:
            scenarios.append(arm.scenario(prefix))
        except InputError as error:
            problems.extend(error.problems)
    if not problems and _shape(scenarios[0]) != _shape(scenarios[1]):
        problems.append("A and B must have the same world and horizon to be compared")
    if problems:
        raise InputError(problems)
    return scenarios[0], scenarios[1]


def _shape(scenario: Scenario) -> tuple[Any, ...]:
    return scenario.world, scenario.horizon
