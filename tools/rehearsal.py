"""The generated part that tells a facilitator what the workshop page will show."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from doc_tables import table
from partnersim.cli.serve import HOST, PORT
from partnersim.compare.labels import metric_label
from partnersim.page.futures import SHOWN_METRICS
from partnersim.page.request import MOST_FUTURES, ArmRequest, SimulationRequest
from partnersim.page.work import Workshop


class Move(NamedTuple):
    """Something the room does to strategy B, as in the address of the page."""

    what: str
    address: str
    arm: dict[str, Any]


MOVES = (
    Move(
        "300 negotiators, not 600",
        "b.set.policy.negotiators=300",
        {"changes": {"policy": {"negotiators": 300}}},
    ),
    Move(
        "no Tech Business Offer",
        "b.set.policy.offer.envelope=0",
        {"changes": {"policy": {"offer": {"envelope": 0}}}},
    ),
    Move("deepen first", "b.policy=deepen_first", {"policy": "deepen_first"}),
    Move("strengthen first", "b.policy=strengthen_first", {"policy": "strengthen_first"}),
    Move("a climate of coercion", "b.geopolitics=coercion", {"geopolitics": "coercion"}),
)
#: Of the headline numbers of the page.
SHOWN = ("instruments", "links", "partner_value", "eu_value")
#: Half-widths below this are given with two decimals.
_SMALL = 0.095


async def _answers() -> list[dict[str, Any]]:
    workshop = Workshop()
    answers = []
    for move in MOVES:
        request = SimulationRequest(a=ArmRequest(), b=ArmRequest(**move.arm), first=MOST_FUTURES)
        answers += [answer async for answer in workshop.answers(request)]
    workshop.close()
    return answers


def _read(packed: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(packed), "<f4").reshape(len(SHOWN_METRICS), 3, -1)


def _difference(numbers: NDArray[np.float32], metric: str) -> str:
    mean, half, _ = numbers[SHOWN_METRICS.index(metric), :, -1]
    if abs(mean) <= half:
        return "not clear"
    digits = 1 if half >= _SMALL else 2
    return f"{mean:+.{digits}f} ± {half:.{digits}f}".replace("-", "−")


def rehearsal() -> str:
    """Return what each move changes at the end of the horizon, as the page tells it."""
    rows = [
        (
            f"[{move.what}](http://{HOST}:{PORT}/#{move.address})",
            *(_difference(_read(answer["difference"]), metric) for metric in SHOWN),
        )
        for move, answer in zip(MOVES, asyncio.run(_answers()), strict=True)
    ]
    titles = [metric_label(metric).title for metric in SHOWN]
    return table(("move in B", *titles), rows)
