"""Work for many visitors: a pool of threads, a memory of futures, and stale work that stops."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from partnersim.configuration import scenario_of
from partnersim.errors import InputError, nearest
from partnersim.page.answers import answer
from partnersim.page.country import country_answer
from partnersim.page.futures import Futures
from partnersim.page.request import MOST_FUTURES, CountryRequest, SimulationRequest
from partnersim.scenario.config_files import read_option
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.world_choice import WorldChoice
from partnersim.world.world import World

#: Futures that a thread plays before it looks whether anybody still waits.
_STEP = 10
#: Futures remembered take at most this much memory.
MEMORY_BYTES = 256 * 1024 * 1024


@cache
def world_of(which: str) -> World:
    """Return one of the shipped worlds, read once."""
    return WorldChoice.model_validate(read_option("world", which)).load()


def _world(scenario: Scenario) -> World:
    return world_of(scenario.world.which)


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
        self._memory: OrderedDict[str, _Entry] = OrderedDict()

    def warm_up(self) -> None:
        """Read the data and compile the rules, so that the first visitor need not wait."""
        scenario = scenario_of({"world": "named"}, {})
        futures = Futures(_world(scenario), scenario, 0)
        futures.add([futures.play(0, 1)])

    def close(self) -> None:
        """Stop all work."""
        self._pool.shutdown(cancel_futures=True)

    async def _in_thread[Result](self, work: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)

    async def answers(self, request: SimulationRequest) -> AsyncIterator[dict[str, Any]]:
        """Answer twice: with the first futures, then with all of them.

        Closing the iterator stops the work after the futures just being played.

        Raises
        ------
        InputError
            If a strategy cannot be used.
        """
        a, b = await self._in_thread(_scenarios, request)
        first = await self._entry(a, request.seed, request.futures)
        second = await self._entry(b, request.seed, request.futures)
        for wanted in dict.fromkeys((min(request.first, request.futures), request.futures)):
            await self._extend(first, wanted)
            await self._extend(second, wanted)
            played = min(first.futures.played, second.futures.played)
            if wanted < played == request.futures:
                # Both are remembered: the full answer comes at once.
                continue
            whole = wanted == request.futures
            yield await self._in_thread(
                lambda whole=whole: answer(first.futures, second.futures, whole=whole)
            )

    async def country(self, request: CountryRequest) -> dict[str, Any]:
        """Tell about one country.

        Raises
        ------
        InputError
            If the strategy cannot be used or the country or quarter is unknown.
        """
        scenario = await self._in_thread(request.arm.scenario, "")
        codes = list(_world(scenario).countries["iso3"])
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
        return await self._in_thread(country_answer, entry.futures, place, request.quarter)

    async def _entry(self, scenario: Scenario, seed: int, target: int) -> _Entry:
        """Return the remembered futures of a scenario, or begin to remember it.

        The number of futures to be reached is part of the key, so that the full answer to a
        question never depends on what was asked before.
        """
        key = hashlib.sha256(f"{seed} {target} {_content(scenario)}".encode()).hexdigest()
        if key not in self._memory:
            futures = await self._in_thread(Futures, _world(scenario), scenario, seed)
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
            while futures.played < wanted:
                missing = wanted - futures.played
                # All threads get the same share, at most a step each.
                share = min(_STEP, -(-missing // self.threads))
                begins = range(0, missing, share)[: self.threads]
                plays = [
                    self._in_thread(
                        futures.play, futures.played + begin, min(share, missing - begin)
                    )
                    for begin in begins
                ]
                futures.add(await asyncio.gather(*plays))


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
