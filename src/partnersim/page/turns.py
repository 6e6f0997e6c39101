"""Whose work comes next, where there is more than can be done at once."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


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
