"""Speed of an estimation: CPU seconds for 69 events among 154 actors with eight effects.

    python -m benchmarks.events

Invented data of the size of the fisheries treaties of 1960 to 1970: a sparse network of treaties,
one of borders, two attributes of which a fifth is missing and that change 1,700 times, actors that
come in the course of time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.measuring import begin, cpu_seconds, machine, show, spread
from partnersim.events import (
    Alter,
    AttributeReplacements,
    Degree,
    Difference,
    EventData,
    Fit,
    NetworkIncrements,
    PresenceChanges,
    SharedPartners,
    Tie,
    fit,
)

ACTORS, EVENTS, REPEATS = 154, 69, 5
EFFECTS = [
    Tie("treaties"),
    Degree("treaties", ignore_repetitions=True),
    SharedPartners("treaties", ignore_repetitions=True),
    Tie("borders"),
    Alter("regime"),
    Difference("regime"),
    Alter("wealth"),
    Difference("wealth"),
]


def history(seed: int) -> EventData:
    """Return invented data."""
    draw = np.random.default_rng(seed)
    labels = [f"S{number}" for number in range(ACTORS)]
    late = draw.random(ACTORS) < 0.15

    def values(count: int) -> np.ndarray:
        return np.where(draw.random(count) < 0.2, np.nan, draw.normal(size=count))

    def network(density: float) -> pd.DataFrame:
        one, other = np.nonzero(np.triu(draw.random((ACTORS, ACTORS)) < density, 1))
        ends = {"sender": [labels[i] for i in one], "receiver": [labels[j] for j in other]}
        return pd.DataFrame({**ends, "value": 1})

    def moves(attribute: str, count: int) -> AttributeReplacements:
        table = pd.DataFrame(
            {
                "time": np.sort(draw.uniform(0, 10, count)),
                "label": draw.choice(labels, count),
                "value": values(count),
            }
        )
        return AttributeReplacements(attribute, table)

    early = [label for label, absent in zip(labels, late, strict=True) if not absent][:60]
    pairs = [draw.choice(early, 2, replace=False) for _ in range(EVENTS)]
    events = pd.DataFrame(pairs, columns=["sender", "receiver"]).assign(
        time=np.sort(draw.uniform(0, 10, EVENTS)), value=1
    )
    entries = pd.DataFrame(
        {
            "time": np.sort(draw.uniform(0, 10, late.sum())),
            "label": np.array(labels)[late],
            "value": True,
        }
    )
    return EventData(
        pd.DataFrame(
            {
                "label": labels,
                "present": ~late,
                "regime": values(ACTORS),
                "wealth": values(ACTORS),
            }
        ),
        {"treaties": network(0.01), "borders": network(0.03)},
        [
            NetworkIncrements("treaties", events),
            PresenceChanges(entries),
            moves("regime", 200),
            moves("wealth", 1500),
        ],
    )


def main() -> None:
    """Measure and print."""
    reading, fitting = [], []
    found: list[Fit] = []
    for seed in range(REPEATS):
        data: list[EventData] = []
        reading.append(cpu_seconds(lambda s=seed, d=data: d.append(history(s))))
        fitting.append(cpu_seconds(lambda d=data: found.append(fit(d[0], "treaties", EFFECTS))))
    print("\n".join(machine()))
    begin("An estimation: 69 events, 154 actors, 8 effects")
    show("reading and checking, CPU s", spread(reading, 2))
    show("fitting, CPU s", spread(fitting, 2))
    show("steps", f"{max(one.steps for one in found)} at most")
    assert all(one.converged for one in found)


if __name__ == "__main__":
    main()
