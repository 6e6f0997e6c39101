"""Random small histories, as tables for the fast code and as tuples for the slow one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from naive_events import Naive, Step
from partnersim import events
from partnersim.events import EventData

#: Effects of the slow code with the same ones of the fast code; the first n are always finite.
EFFECTS: list[tuple[dict[str, Any], events.effects.Effect]] = [
    ({"kind": "Tie", "networks": ["treaty"]}, events.Tie("treaty")),
    (
        {"kind": "Tie", "networks": ["treaty"], "weighted": True, "transform": math.log1p},
        events.Tie("treaty", weighted=True, transform=np.log1p),
    ),
    ({"kind": "Tie", "networks": ["border"]}, events.Tie("border")),
    (
        {"kind": "Tie", "networks": ["treaty"], "window": 2.0},
        events.Tie("treaty", window=2.0),
    ),
    (
        {"kind": "Tie", "networks": ["border"], "weighted": True, "window": 3},
        events.Tie("border", weighted=True, window=3),
    ),
    ({"kind": "Degree", "networks": ["treaty"]}, events.Degree("treaty")),
    (
        {"kind": "Degree", "networks": ["treaty"], "weighted": True, "ignore_repetitions": True},
        events.Degree("treaty", weighted=True, ignore_repetitions=True),
    ),
    (
        {"kind": "Degree", "networks": ["treaty"], "window": 2, "transform": math.sqrt},
        events.Degree("treaty", window=2, transform=np.sqrt),
    ),
    (
        {"kind": "SharedPartners", "networks": ["treaty"], "ignore_repetitions": True},
        events.SharedPartners("treaty", ignore_repetitions=True),
    ),
    (
        {"kind": "SharedPartners", "networks": ["treaty", "border"]},
        events.SharedPartners("treaty", "border"),
    ),
    (
        {"kind": "SharedPartners", "networks": ["treaty"], "window": 1, "transform": math.sqrt},
        events.SharedPartners("treaty", window=1, transform=np.sqrt),
    ),
    ({"kind": "FourCycles", "networks": ["treaty"]}, events.FourCycles("treaty")),
    (
        {"kind": "FourCycles", "networks": ["treaty"], "window": 4, "transform": math.log1p},
        events.FourCycles("treaty", window=4, transform=np.log1p),
    ),
    ({"kind": "Alter", "attributes": ["wealth"]}, events.Alter("wealth")),
    (
        {"kind": "Alter", "attributes": ["wealth"], "ignore_repetitions": True},
        events.Alter("wealth", ignore_repetitions=True),
    ),
    (
        {"kind": "Difference", "attributes": ["wealth"], "transform": lambda gap: gap**2},
        events.Difference("wealth", transform=np.square),
    ),
    ({"kind": "Similarity", "attributes": ["age"]}, events.Similarity("age")),
    ({"kind": "Same", "attributes": ["age"]}, events.Same("age")),
    (
        {"kind": "Interaction", "attributes": ["wealth", "age"]},
        events.Interaction("wealth", "age"),
    ),
    (
        {"kind": "MeanOverPartners", "networks": ["treaty"], "attributes": ["wealth"]},
        events.MeanOverPartners("treaty", "wealth"),
    ),
    (
        {
            "kind": "MeanOverPartners",
            "networks": ["treaty"],
            "attributes": ["age"],
            "window": 2,
            "ignore_repetitions": True,
        },
        events.MeanOverPartners("treaty", "age", window=2, ignore_repetitions=True),
    ),
    (
        {"kind": "Triangles", "networks": ["treaty"], "transform": math.sqrt},
        events.Triangles("treaty", transform=np.sqrt),
    ),
    (
        {
            "kind": "Product",
            "ignore_repetitions": True,
            "parts": [
                {"kind": "Ego", "attributes": ["wealth"]},
                {"kind": "SharedPartners", "networks": ["treaty", "border"]},
            ],
        },
        events.Product(
            events.Ego("wealth"),
            events.SharedPartners("treaty", "border"),
            ignore_repetitions=True,
        ),
    ),
]


def random_history(seed: int, steps: int = 14) -> tuple[Naive, EventData]:
    """Return the same random history twice; times coincide often, values are often missing."""
    draw = np.random.default_rng(seed)
    count = int(draw.integers(3, 7))

    def value() -> float:
        return math.nan if draw.random() < 0.3 else float(draw.integers(-2, 3))

    attributes = {name: [value() for _ in range(count)] for name in ("wealth", "age")}
    for values in attributes.values():
        values[0] = 1.0  # at least one is known
    present = [bool(draw.random() < 0.8) for _ in range(count)]
    networks = {
        name: {
            (i, j): float(draw.integers(0, 3))
            for i in range(count)
            for j in range(i + 1, count)
            if draw.random() < 0.4
        }
        for name in ("treaty", "border")
    }
    naive = Naive(count, present, attributes, networks)
    times = np.sort(draw.integers(0, 8, size=steps) / 2.0)
    used: set[tuple] = set()
    for time in times.tolist():
        pair = sorted(draw.choice(count, 2, replace=False).tolist())
        actor = int(draw.integers(count))
        kind = draw.choice(
            ["event", "event", "event", "weaker", "replace", "attribute", "presence"]
        )
        name = str(draw.choice(["treaty", "border"]))
        step: Step
        if kind == "event":
            # What was added at this time may change who is there: only those there at the end.
            step = ("increment", "treaty", time, pair[0], pair[1], 1.0)
        elif kind == "weaker":
            if not naive.weights(name, time + 0.1, None)(*pair) > 0:
                continue
            step = ("increment", name, time, pair[1], pair[0], -1.0)
        elif kind == "replace":
            step = ("replace", name, time, pair[1], pair[0], float(draw.integers(0, 3)))
        elif kind == "attribute":
            step = ("attribute", str(draw.choice(["wealth", "age"])), time, actor, value(), 0.0)
        else:
            step = ("presence", None, time, actor, bool(draw.random() < 0.7), 0.0)
        key = (step[0], step[1], time, step[3], *(pair if step[0] == "replace" else ()))
        if step[0] != "increment" and key in used:
            continue
        used.add(key)
        naive.steps.append(step)
    # An event needs both ends: leave out those of absent actors.
    naive.steps = [
        step
        for step in naive.steps
        if step[:2] != ("increment", "treaty")
        or step[5] != 1
        or {step[3], step[4]} <= set(naive.there(step[2]))
    ]
    return naive, as_event_data(naive)


def as_event_data(naive: Naive, order: list[int] | None = None) -> EventData:
    """Return a history as tables, actors in another order if wanted."""
    order = list(range(naive.actors)) if order is None else order
    labels = [f"actor {i}" for i in range(naive.actors)]
    actors = pd.DataFrame(
        {
            "label": [labels[i] for i in order],
            "present": [naive.present[i] for i in order],
            **{name: [values[i] for i in order] for name, values in naive.attributes.items()},
        }
    )
    networks = {
        name: pd.DataFrame(
            [(labels[j], labels[i], value) for (i, j), value in ties.items()],
            columns=["sender", "receiver", "value"],
        )
        for name, ties in naive.networks.items()
    }
    changes = []
    for kind, name, time, i, j, value in naive.steps:
        if kind in ("increment", "replace"):
            table = pd.DataFrame(
                {"time": [time], "sender": labels[i], "receiver": labels[j], "value": value}
            )
            made = events.NetworkIncrements if kind == "increment" else events.NetworkReplacements
            changes.append(made(name, table))
            continue
        table = pd.DataFrame({"time": [time], "label": labels[i], "value": [j]})
        changes.append(
            events.AttributeReplacements(name, table)
            if kind == "attribute"
            else events.PresenceChanges(table)
        )
    return EventData(actors, networks, changes)
