"""A Mesa model of the same kind, as Mesa teaches it: the yardstick of ``speed.py``.

One agent per country, with numpy vectors over its own instruments, areas and links. It plays what
costs most of a quarter: shocks, scores, a turn of every country among instruments and links,
consent of the EU and of other countries, stages, suspension, recovery, slow change, and some
metrics. It leaves out the Offer, spreading shocks, the year ends, the event log and most metrics,
so that the ratio to the compiled ensemble is a lower bound. Its numbers are rounded and fixed, so
that the yardstick keeps its length when estimates change. It checks nothing: the rules have their
oracle in ``tests/test_docs_replay.py``.
"""

from __future__ import annotations

import mesa
import numpy as np
from numpy.typing import NDArray

from partnersim.model.constants import (
    ANNOUNCED,
    IN_FORCE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    SIGNED,
    STAGES,
)
from partnersim.world.world import World

Vector = NDArray[np.float64]

SHOCK_TYPES = 19
SHOCK_RATE, SEVERITY, SHOCK_DECAY, SUSPENSION = 0.025, 0.4, 0.87, 0.01
EFFECT_ON_THREAT, EFFECT_ON_RIVAL, EFFECT_ON_ALIGNMENT = 0.1, 0.05, -0.03
STAGE_HAZARD, RECOVERY = 0.3, 0.15
NEGOTIATORS = 600


class Country(mesa.Agent):
    """A partner country: what it has with the EU, and how it decides."""

    model: Partnerships

    def __init__(self, model: Partnerships, place: int) -> None:
        super().__init__(model)
        arrays = model.world.arrays
        self.place = place
        self.size, self.region = float(arrays.size[place]), int(arrays.region[place])
        self.activity = -np.expm1(-0.5 * np.exp(0.8 * (self.size - 0.5)))
        self.capacity = 1 + int(4.0 * (self.size + arrays.readiness[place].mean()))
        self.available = arrays.eligible[place] > 0
        self.stage = arrays.stage[place].astype(int)
        self.suspended = np.zeros(len(self.stage), bool)
        self.need = model.shares @ arrays.need[place]
        self.first_threat, self.threat = arrays.threat[place], arrays.threat[place]
        self.rival_base, self.rival = arrays.rival[place], arrays.rival[place]
        self.alignment_base = self.alignment = float(arrays.alignment[place])
        self.intensity = np.zeros(SHOCK_TYPES)

    @property
    def active(self) -> NDArray[np.bool_]:
        """(K,) what is in force and not suspended."""
        return (self.stage == IN_FORCE) & ~self.suspended

    @property
    def under_way(self) -> NDArray[np.bool_]:
        """(K,) what is being negotiated."""
        return (self.stage >= ANNOUNCED) & (self.stage <= SIGNED) & ~self.suspended

    def meet_shocks(self) -> None:
        """Let old shocks fade and new ones strike; see what they leave of the scores."""
        struck = self.model.rng.random(SHOCK_TYPES) < SHOCK_RATE
        self.intensity = np.minimum(1.0, SHOCK_DECAY * self.intensity + SEVERITY * struck)
        total = self.intensity.sum()
        self.threat = (self.first_threat + EFFECT_ON_THREAT * total).clip(0.0, 1.0)
        self.rival = (self.rival_base + EFFECT_ON_RIVAL * total).clip(0.0, 1.0)
        self.alignment = float(np.clip(self.alignment_base + EFFECT_ON_ALIGNMENT * total, 0, 1))

    def weigh_instruments(self) -> Vector:
        """Return the utility of every instrument, ``-inf`` where it is no option."""
        model, arrays = self.model, self.model.world.arrays
        held = model.shares @ (self.active @ model.covers)
        depth = (model.covers * (self.active * arrays.binding)[:, None]).max(axis=0)
        steps = np.maximum(0.0, arrays.binding[:, None] - depth)
        linked = model.links[self.place]
        utility = (
            -6.0
            + 1.2 * self.need
            + 2.3 * self.size
            + 2.8 * (self.alignment - 0.5) * arrays.binding / 4.0
            + 2.2 * (model.shares @ self.threat)
            - 0.2 * (model.shares @ self.rival)
            - 0.1 * (model.shares * steps).sum(axis=1)
            + 1.3 * held / (held + 2.0)
            + 0.8 * (linked @ model.active) / max(1.0, model.degree[self.place])
            + 2.0 * model.regional_share[self.region]
            + 2.5 * (self.stage == PLANNED)
        )
        met = model.prerequisites(self.active)
        return np.where(self.available & met & (self.stage <= PLANNED), utility, -np.inf)

    def weigh_links(self) -> Vector:
        """Return the utility of a link to every country, ``-inf`` where it is no option."""
        model, arrays = self.model, self.model.world.arrays
        if not self.active.any():
            return np.full(len(model.degree), -np.inf)
        links = model.links[self.place]
        utility = (
            -8.5
            + 0.25 * (links @ model.links)
            + 0.05 * (model.degree + 1.0)
            + 3.0 * arrays.affinity[self.place]
            - 0.8 * arrays.distance[self.place]
            - 1.5 * np.abs(model.alignment - self.alignment)
            + 0.3 * (model.active @ self.active)
            - 0.08 * model.degree[self.place]
        )
        utility[(links > 0) | ~model.is_partner] = -np.inf
        utility[self.place] = -np.inf
        return utility

    def step(self) -> None:
        """Take a turn: choose among instruments, links and holding still by multinomial logit."""
        model, random = self.model, self.model.rng
        if random.random() >= self.activity or self.under_way.sum() >= self.capacity:
            return
        instruments, links = self.weigh_instruments(), self.weigh_links()
        utility = np.concatenate([instruments, links, [0.0]])
        option = int((utility + random.gumbel(size=utility.size)).argmax())
        other = option - len(instruments)
        if other < 0:
            if model.union_consents(self, option):
                self.stage[option] = model.next_stage[model.world.arrays.path[option], PLANNED]
        elif other < len(links) and links[other] + 7.0 + random.logistic() > 0.0:
            model.link(self.place, other)

    def negotiate(self) -> None:
        """Let every negotiation reach its next stage, or not."""
        model, arrays = self.model, self.model.world.arrays
        columns = np.flatnonzero(self.under_way)
        firmness = arrays.binding[columns] / 4.0
        hazard = STAGE_HAZARD * np.exp(
            1.4 * (self.alignment - 0.5)
            + 0.2 * (firmness - 0.5)
            + 0.4 * (model.shares[columns] @ self.threat)
            - 0.5 * model.busy
        )
        done = columns[model.rng.random(len(columns)) < -np.expm1(-hazard)]
        self.stage[done] = model.next_stage[arrays.path[done], self.stage[done]]

    def suspend_and_recover(self) -> None:
        """Put ties on hold under shocks, and take them off again."""
        columns = np.flatnonzero(self.stage >= ANNOUNCED)
        firmness = self.model.world.arrays.binding[columns] / 4.0
        pressure = SUSPENSION * self.intensity.sum()
        hazard = np.where(
            self.suspended[columns],
            RECOVERY * np.exp(firmness - 0.5 - pressure),
            pressure * (1.0 - 0.7 * firmness),
        )
        changed = columns[self.model.rng.random(len(columns)) < -np.expm1(-hazard)]
        self.suspended[changed] ^= True

    def adapt(self) -> None:
        """Let rival pull and alignment change slowly."""
        self.rival_base = (self.rival_base + 0.0025).clip(0.0, 1.0)
        self.alignment_base += 0.001 * self.active.mean() * (1.0 - self.alignment_base)
        self.model.note(self)


class Partnerships(mesa.Model):
    """The EU's network of partnerships, quarter by quarter.

    Parameters
    ----------
    world : World
    rng : int or sequence of int
        Seed of the model's generator.
    """

    def __init__(self, world: World, rng: int | list[int]) -> None:
        super().__init__(rng=rng)
        arrays = world.arrays
        self.world = world
        self.covers = arrays.area.astype(float)
        self.shares = self.covers / self.covers.sum(axis=1, keepdims=True)
        self.next_stage = np.full((len(PATHS), len(STAGES)), IN_FORCE)
        for row, path in enumerate(PATHS):
            stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
            self.next_stage[row, : stages[0]] = stages[0]
            self.next_stage[row, stages[:-1]] = stages[1:]
        self.links = arrays.links.astype(float)
        self.degree = self.links.sum(axis=1)
        self.active = (arrays.stage == IN_FORCE).astype(float)
        self.alignment = arrays.alignment.copy()
        count = len(arrays.size)
        self.in_region = np.equal.outer(np.arange(len(world.regions)), arrays.region).astype(float)
        self.in_region /= np.maximum(1.0, self.in_region.sum(axis=1, keepdims=True))
        Country.create_agents(self, count, np.arange(count))
        self.begin_quarter()
        self.datacollector = mesa.DataCollector(model_reporters=REPORTERS)
        self.datacollector.collect(self)

    def begin_quarter(self) -> None:
        """Count what everybody looks at."""
        self.regional_share = self.in_region @ self.active
        self.is_partner = self.active.any(axis=1)
        under_way = self.agents.agg("under_way", np.sum)
        self.busy = min(1.0, 4.0 * float(under_way) / NEGOTIATORS)

    def step(self) -> None:
        """Play one quarter."""
        self.begin_quarter()
        self.agents.do("meet_shocks")
        self.agents.shuffle_do("step")
        self.agents.do("negotiate")
        self.agents.do("suspend_and_recover")
        self.agents.do("adapt")
        self.datacollector.collect(self)

    def link(self, one: int, other: int) -> None:
        """Link two countries."""
        self.links[one, other] = self.links[other, one] = 1.0
        self.degree[[one, other]] += 1.0

    def note(self, country: Country) -> None:
        """Let others see what a country has."""
        self.active[country.place] = country.active
        self.alignment[country.place] = country.alignment

    def prerequisites(self, active: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return of each instrument whether each group of prerequisites has a member in force."""
        required = self.world.arrays.prerequisite
        met = (active[required] & (required >= 0)).any(axis=2)
        return (met | (required[:, :, 0] < 0)).all(axis=1)

    def union_consents(self, country: Country, k: int) -> bool:
        """Answer a country that asks the EU for an instrument."""
        utility = -0.8 + 1.5 * country.size + 4.0 * (country.alignment - 0.5) - 2.0 * self.busy
        utility += 2.0 * (country.stage[k] == PLANNED)
        return bool(utility + self.rng.logistic() > 0.0)


def _clustering(model: Partnerships) -> float:
    triples = (model.degree * (model.degree - 1.0)).sum()
    return float(((model.links @ model.links) * model.links).sum() / triples) if triples else 0.0


def _value(model: Partnerships) -> float:
    strength = ((1.0 + model.world.arrays.binding) / 5.0) ** 2
    shared = model.links @ model.active / np.maximum(1.0, model.degree)[:, None]
    worth = model.world.arrays.need @ model.shares.T
    return float((model.active * strength * (1.0 + shared) * worth).sum())


REPORTERS = {
    "instruments": lambda model: float(model.active.sum()),
    "partners": lambda model: int(model.active.any(axis=1).sum()),
    "negotiations": lambda model: int(model.agents.agg("under_way", np.sum)),
    "suspended": lambda model: int(model.agents.agg("suspended", np.sum)),
    "links": lambda model: float(model.links.sum() / 2),
    "clustering": _clustering,
    "value": _value,
    "alignment_mean": lambda model: float(model.alignment.mean()),
    "covered_gdp": lambda model: float(
        model.world.arrays.gdp_share @ (model.active.sum(axis=1) > 0)
    ),
}
