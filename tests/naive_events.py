"""The coordination model once more, slowly: loops, dictionaries, no matrix, nothing shared.

What the fast code is held against. A history is a list of plain tuples in order of time:
("increment" | "replace", network, time, i, j, value), ("attribute", name, time, i, value, _) and
("presence", None, time, i, value, _).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Step = tuple[str, Any, float, int, Any, float]


@dataclass
class Naive:
    """A history at a moment, rebuilt from the very start each time it is asked for."""

    actors: int
    present: list[bool]
    attributes: dict[str, list[float]]
    networks: dict[str, dict[tuple[int, int], float]]
    steps: list[Step] = field(default_factory=list)

    def weights(self, network: str, time: float, window: float | None) -> Callable:
        """Return B(i, j) just before a time."""
        whole = {pair: value for pair, value in self.networks[network].items()}
        recent: dict[tuple[int, int], float] = {}
        for kind, name, when, i, j, value in self.steps:
            if name != network or kind not in ("increment", "replace") or not when < time:
                continue
            pair = (min(i, j), max(i, j))
            old = whole.get(pair, 0.0)
            whole[pair] = old + value if kind == "increment" else value
            if window is not None and not when + window < time:
                recent[pair] = recent.get(pair, 0.0) + whole[pair] - old
        chosen = whole if window is None else recent
        return lambda i, j: chosen.get((min(i, j), max(i, j)), 0.0)

    def attribute(self, name: str, time: float) -> list[float]:
        """Return x just before a time."""
        start = self.attributes[name]
        known = [value for value in start if not math.isnan(value)]
        values = [sum(known) / len(known) if math.isnan(value) else value for value in start]
        for kind, which, when, i, value, _ in self.steps:
            if kind == "attribute" and which == name and when < time:
                others = [other for place, other in enumerate(values) if place != i]
                values[i] = sum(others) / len(others) if math.isnan(value) else value
        return values

    def there(self, time: float) -> list[int]:
        """Return who is present at a time."""
        present = list(self.present)
        for kind, _, when, i, value, _ in self.steps:
            if kind == "presence" and when <= time:
                present[i] = bool(value)
        return [i for i in range(self.actors) if present[i]]

    def events(self, dependent: str) -> list[tuple[float, int, int]]:
        """Return the dependent events."""
        return [
            (when, i, j)
            for kind, name, when, i, j, value in self.steps
            if kind == "increment" and name == dependent and value == 1
        ]


def statistic(history: Naive, effect: dict, dependent: str, time: float, i: int, j: int) -> float:
    """Return s(i, j) just before a time."""
    everyone = range(history.actors)
    transform = effect.get("transform") or (lambda value: value)
    window = effect.get("window")
    if effect.get("ignore_repetitions") and history.weights(dependent, time, None)(i, j) > 0:
        return 0.0
    networks = [history.weights(name, time, window) for name in effect.get("networks", [])]

    def tied(which: int, a: int, b: int) -> bool:
        return a != b and networks[which](a, b) > 0

    def mean_over(actor: int, values: list[float]) -> float | None:
        found = [values[h] for h in everyone if tied(0, h, actor)]
        return sum(found) / len(found) if found else None

    values = [history.attribute(name, time) for name in effect.get("attributes", [])]
    kind = effect["kind"]
    if kind == "Tie":
        return transform(networks[0](i, j)) if effect.get("weighted") else float(tied(0, i, j))
    if kind == "Degree":
        if effect.get("weighted"):
            return transform(sum(networks[0](h, j) for h in everyone if h != j))
        return transform(sum(tied(0, h, j) for h in everyone))
    if kind == "SharedPartners":
        return transform(sum(tied(0, i, h) and tied(len(networks) - 1, h, j) for h in everyone))
    if kind == "FourCycles":
        # Ways i - h - k - j with four different actors, counted one by one.
        return transform(
            sum(
                tied(0, i, h) and tied(0, h, k) and tied(0, k, j)
                for h in everyone
                for k in everyone
                if len({i, j, h, k}) == 4
            )
        )
    if kind == "Triangles":
        return transform(
            sum(
                tied(0, j, h) and tied(0, h, k) and tied(0, k, j)
                for h in everyone
                for k in everyone
            )
        )
    if kind == "Product":
        return math.prod(
            statistic(history, part, dependent, time, i, j) for part in effect["parts"]
        )
    if kind == "Ego":
        return values[0][i]
    if kind == "Alter":
        return values[0][j]
    if kind == "Difference":
        return transform(abs(values[0][i] - values[0][j]))
    if kind == "Similarity":
        return -abs(values[0][i] - values[0][j])
    if kind == "Same":
        return float(values[0][i] == values[0][j])
    if kind == "Interaction":
        return transform(values[0][i] * values[1][j])
    if kind == "MeanOverPartners":
        mine = mean_over(j, values[0])
        means = [mean for h in everyone if (mean := mean_over(h, values[0])) is not None]
        return mine if mine is not None else sum(means) / len(means) if means else 0.0
    raise AssertionError(kind)


def pair_probabilities(
    history: Naive, dependent: str, effects: list[dict], b: list[float], time: float
) -> dict[tuple[int, int], float]:
    """Return P(i, j) of every present pair at a time."""
    there = history.there(time)

    def utility(i: int, j: int) -> float:
        return sum(
            value * statistic(history, effect, dependent, time, i, j)
            for value, effect in zip(b, effects, strict=True)
        )

    chooses = {}
    for i in there:
        strengths = {j: math.exp(utility(i, j)) for j in there if j != i}
        for j, strength in strengths.items():
            chooses[i, j] = strength / sum(strengths.values())
    both = {(i, j): chooses[i, j] * chooses[j, i] for i in there for j in there if i < j}
    return {pair: value / sum(both.values()) for pair, value in both.items()}


def event_logs(history: Naive, dependent: str, effects: list[dict], b: list[float]) -> list[float]:
    """Return log P of every dependent event, in order."""
    return [
        math.log(pair_probabilities(history, dependent, effects, b, time)[min(i, j), max(i, j)])
        for time, i, j in history.events(dependent)
    ]
