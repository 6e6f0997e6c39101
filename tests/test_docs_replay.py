"""The ODD is enough to re-implement the model: whole runs, written from docs/ODD.md alone.

Everything here follows the text of the document, section by section, with plain loops and numpy's
own Philox. It takes the data and the settings, nothing of the rules but the names of constants.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from partnersim import PartnershipModel, World, load_scenario
from partnersim.model.constants import (
    AREAS,
    DIRECTIONS,
    MODULES,
    OBJECTIVES,
    OFFER_ROLES,
    PATH_STAGES,
    PATHS,
    STAGES,
)
from partnersim.model.targeting import TARGETING
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock import ShockType
from partnersim.world.tables import PACKAGE_DATA

QUARTERS = 12
NONE, PLANNED, ANNOUNCED, NEGOTIATING, IN_FORCE = 0, 1, 2, 3, 6
CYBERSECURITY, INFORMATION = AREAS.index("cybersecurity"), AREAS.index("information")
(ARRIVAL, SEVERITY, SPREAD, TARGET, ORDER, ACTIVITY, CHOICE, EU_CONSENT) = range(8)
(LINK, ADVANCE, SUSPENSION, RECOVERY, SOURCE) = range(8, 13)
(POOLED, JOINING, ACCESSION, FOUNDING, CLIMATE_END, CLIMATE_NEXT) = range(16, 22)
RENEWAL, RIVAL_WIN, VENDOR_BAN, INITIATIVE, PROPOSAL, ACCEPTANCE, ENTRY, PACKAGE = range(22, 30)

Values = NDArray[np.float64]


def clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def key_of_code(code: str) -> int:
    one, two, three = (ord(letter) - ord("A") for letter in code)
    return (one * 26 + two) * 26 + three


def key_of_name(name: str) -> int:
    return 2**62 + int.from_bytes(sha256(name.encode()).digest()[:8], "big") % 2**62


HOLDING, NOBODY, CODES = 2**62 - 1, 0, 26**3


def relative(priorities: Sequence[float], weights: Any = None) -> Values:
    values = np.array(priorities, float)
    mean = np.average(values, weights=weights)
    return values / mean if mean > 0 else np.ones(len(values))


class Replay:
    """One run; names of attributes are those of the document."""

    def __init__(self, world: World, scenario: Scenario, seed: int, replicate: int) -> None:
        # Sections 5 and 6.
        self.data, self.scenario = world.arrays, scenario
        self.key = seed + (replicate << 64)
        self.c = scenario.behaviour.values()
        self.t = 0
        self.phase = scenario.geopolitics.name
        self.iso3 = list(world.countries["iso3"])
        self.place = {code: i for i, code in enumerate(self.iso3)}
        self.groups = world.groups
        self.country = [key_of_code(code) for code in self.iso3]
        self.instrument = [key_of_name(name) for name in world.instruments["instrument"]]
        self.regions = list(world.regions)
        self.region_of = list(world.countries["region"])
        self.n, self.k = self.data.stage.shape
        policy, offer, c, x = scenario.policy, scenario.policy.offer, self.c, self.data
        self.areas_of = [np.flatnonzero(row) for row in x.area]
        self.direction_priority = [4 * getattr(policy.priorities, d) for d in DIRECTIONS]
        area_priority = relative([getattr(policy.areas, area) for area in AREAS])
        self.priority = [area_priority[areas].mean() for areas in self.areas_of]
        countries_of = np.bincount(x.region, minlength=len(self.regions))
        wanted = [policy.regions.get(name, 1.0) for name in self.regions]
        self.region_priority = relative(wanted, countries_of)
        self.unit = c["investment_scale"] * np.sqrt(x.gdp)
        self.administration = 0.5 * (x.size + x.readiness.mean(axis=1))
        rate = c["activity_rate"] * np.exp(c["activity_size"] * (x.size - 0.5))
        self.activity = 1 - np.exp(-rate)
        self.hub = [code in policy.hubs for code in self.iso3]
        self.full_envelope = round(offer.envelope * 100_000_000 / 4)
        self.carry_limit = round(offer.envelope * offer.carry_over * 100_000_000)
        self.shocks = list(scenario.shocks.items())
        self.shock = [key_of_name(name) for name, _ in self.shocks]
        # State.
        self.stage = x.stage.astype(int)
        self.suspended, self.stalled, self.expired = np.zeros((3, self.n, self.k), bool)
        self.again = x.again.astype(int)
        self.due: dict[str, int] = defaultdict(int)
        self.lead = np.array([[self.first(i, k) for k in range(self.k)] for i in range(self.n)])
        self.linked = x.links.astype(int)
        self.agreement = x.agreement.astype(int)
        with (PACKAGE_DATA / "link_events.csv").open(encoding="utf-8") as file:
            self.link_steps = sorted(csv.DictReader(file), key=lambda row: row["date"])
        self.signed = self.signed_agreements()
        self.large = x.gdp >= min(
            max(x.gdp[self.iso3.index(row[end])] for end in ("iso3_a", "iso3_b"))
            for row in self.link_steps
            if not row["decision"]
        )
        self.usual = np.array([self.usually(shock) for _, shock in self.shocks])
        self.intensity = self.c["usual_shocks"] * self.usual.reshape(len(self.shocks), self.n)
        self.behind = np.zeros((len(self.shocks), self.n))
        self.candidate = np.array([status != "" for status in world.countries["enlargement"]])
        self.union_intensity = np.zeros(len(self.shocks))
        self.struck = np.zeros((len(self.shocks), self.n))
        self.turned = np.full(self.n, -4)
        self.alignment_base, self.rival_base = x.alignment.copy(), x.rival.copy()
        self.usual_money = self.c["usual_offer"] * x.developing
        felt = self.unit * self.usual_money / (1 - self.usual_money)
        self.invested, self.recent = np.zeros((self.n, 8)), np.tile(felt[:, None], 8)
        self.reputation = 0.5
        self.rival = x.rival.copy()
        self.offers = [key_of_name(name) for name in world.rival_offers]
        self.supply, self.kept_out = x.rival_supply.copy(), x.kept_out.copy()
        self.rupture = np.zeros(self.n)
        self.built = np.zeros((self.n, 8))
        self.first_depth = np.array([self.depth(i) for i in range(self.n)])
        self.rival_wins = 0
        roots = np.stack([x.opening, x.opening_by_size, x.opening_by_wealth])
        weights = np.stack([np.ones(self.n), x.size - 0.5, x.wealth - 0.5])
        normal = [self.normal(self.instrument, place) for place in (0, 2, 6)]
        spread = np.einsum("ai,akb->ikb", weights, roots[:, :, 1:])
        own = np.einsum("ai,ak->ik", weights, roots[:, :, 0])
        own += np.einsum("ikb,bk->ik", spread, normal)
        own -= (spread**2).sum(axis=2) / 2
        country = self.pooled(self.country, 0, x.opening_by_country)
        keys = [key_of_name(name) for name in self.regions]
        region = self.pooled(keys, 0, x.opening_by_region)[x.region]
        self.opening = own + country[:, None]
        self.opening += np.where(x.role == 1, 0.0, region[:, None])
        self.speed = self.pooled(self.instrument, 4, x.speed)
        self.envelope = self.spent = self.carried = self.lapsed = self.yearly_envelope = 0
        self.cost = [round(million * 100_000_000) for million in x.cost.tolist()]
        self.paid, self.committed = np.zeros((self.n, self.k), bool), np.zeros(self.n)
        self.packages, self.price = [0] * self.n, [0] * self.n
        with (PACKAGE_DATA / "instrument_effects.csv").open(encoding="utf-8") as file:
            self.effects = list(csv.DictReader(file))
        self.names = list(world.instruments["instrument"])
        self.effects.sort(key=lambda row: self.names.index(row["instrument"]))
        self.age = np.zeros((self.n, self.k), int)
        with (PACKAGE_DATA / "connection_modes.csv").open(encoding="utf-8") as file:
            self.modes = {row["instrument"]: row["mode"] for row in csv.DictReader(file)}
        self.grown = (self.stage == IN_FORCE) | self.third_countries()
        self.first_joint = self.joint_effects()

    def exposure(self, shock: ShockType) -> Values:
        x = self.data
        by_group = np.ones(self.n)
        for name, factor in shock.groups.items():
            by_group[np.isin(self.iso3, self.groups.get(name, (name,)))] *= factor
        if shock.sources:
            for i in range(self.n):
                weights = self.weights(shock, i)
                free = [
                    weight
                    for j, weight in weights.items()
                    if j not in self.place or not self.spares(shock, i, j)
                ]
                every = sum(weights.values())
                by_group[i] *= sum(free) / every if every > 0 else 0
        of_region = [x.alignment[x.region == region].mean() for region in x.region]
        scores = {
            "exposed": x.exposure,
            "fragile": x.fragility,
            "aligned": x.exposure * x.alignment / of_region,
        }
        return by_group * scores[shock.strikes]

    def usually(self, shock: ShockType) -> Values:
        """Section 7.2: the mean intensity of a shock type at its own rate."""
        x = self.data
        by_region = np.array([shock.regions.get(name, 1.0) for name in self.regions])
        struck = {
            "world": np.ones(self.n),
            "eu": np.zeros(self.n),
            "region": by_region[x.region],
        }.get(shock.scope, by_region[x.region] * self.exposure(shock))
        severity = (shock.severity.low + shock.severity.mode + shock.severity.high) / 3
        chance = 1 - np.exp(-shock.rate / 4 * struck)
        return np.minimum(1, chance * severity / (1 - 2 ** (-1 / shock.half_life)))

    def first(self, i: int, k: int) -> int:
        """Section 7.6: the first member of a bloc at the same stage."""
        bloc, stage = self.data.bloc[:, k], self.data.stage[:, k]
        alike = np.flatnonzero((bloc == bloc[i]) & (stage == stage[i]))
        return int(alike[0]) if bloc[i] >= 0 else i

    # Section 7.11

    @lru_cache(maxsize=100_000)  # noqa: B019
    def _word(self, t: int, actor: int, purpose: int) -> int:
        counter = (actor << 64) + (t << 128) + (purpose << 192)
        # numpy counts up before it draws.
        generator = np.random.Philox(counter=counter - 1, key=self.key)
        return int(generator.random_raw())

    def uniform(
        self, actor: int, alternative: int, purpose: int, quarter: int | None = None
    ) -> float:
        """Return the draw of an actor about an alternative, both told by their keys."""
        word = self._word(self.t if quarter is None else quarter, actor, purpose)
        z = word + alternative * 0x9E3779B97F4A7C15
        z %= 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return ((z ^ z >> 31) // 2**32 + 0.5) * 2.0**-32

    def normal(self, keys: list[int], place: int) -> Values:
        """Section 5: effects are drawn once, in quarter 0."""
        found = []
        for key in keys:
            one, two = (self.uniform(key, place + more, POOLED) for more in (0, 1))
            found.append(math.sqrt(-2 * math.log(one)) * math.cos(2 * math.pi * two))
        return np.array(found)

    def pooled(self, keys: list[int], place: int, effects: Values) -> Values:
        mean, deviation = effects.T
        return mean + deviation * self.normal(keys, place) - deviation**2 / 2

    def happens(self, hazard: float, actor: int, alternative: int, purpose: int) -> bool:
        return self.uniform(actor, alternative, purpose) < 1 - math.exp(-hazard)

    def agrees(self, utility: float, actor: int, alternative: int, purpose: int) -> bool:
        x = self.uniform(actor, alternative, purpose)
        return utility + math.log(x) - math.log(1 - x) > 0

    # Section 2

    @property
    def active(self) -> NDArray[np.bool_]:
        return (self.stage == IN_FORCE) & ~self.suspended

    @property
    def under_way(self) -> NDArray[np.bool_]:
        moving = ~self.suspended & ~self.stalled
        return (self.stage >= ANNOUNCED) & (self.stage < IN_FORCE) & moving

    def active_of(self, i: int) -> NDArray[np.bool_]:
        return (self.stage[i] == IN_FORCE) & ~self.suspended[i]

    def held(self, i: int) -> Values:
        return self.data.area[self.active_of(i)].sum(axis=0)

    def depth(self, i: int) -> Values:
        binding = self.data.binding[:, None] * self.data.area
        return binding[self.active_of(i)].max(axis=0, initial=0)

    def load(self) -> int:
        i, k = np.nonzero(self.under_way)
        return int(self.data.effort[k[self.lead[i, k] == i]].sum())

    def busy(self) -> float:
        negotiators = self.scenario.policy.negotiators
        return min(1.0, self.load() / negotiators) if negotiators else 1.0

    # Section 3

    def play_quarter(self) -> None:
        self.t += 1
        self.new_ties = self.deeper_ties = self.lost_ties = self.advanced = 0
        self.turn_climate()
        self.strike_shocks()
        self.age[self.active | self.third_countries()] += 1
        self.let_effects_act()
        self.feel()
        self.expire_and_renew()
        keys = [self.uniform(NOBODY, self.country[i], ORDER) for i in range(self.n)]
        self.spend()
        self.propose()
        for i in np.argsort(keys, kind="stable"):
            self.take_turn(i)
        self.form_links()
        self.negotiate()
        self.suspend()
        self.compete()
        self.change_slowly()

    # Section 7.1

    def turn_climate(self) -> None:
        climate = self.scenario.geopolitics
        phases = [climate.name, *climate.phases]
        due = [
            turn.to
            for turn in climate.turns
            if quarter_index(turn.quarter, self.scenario.horizon.start) == self.t
        ]
        lasts = climate.persistence
        if due:
            self.phase = due[0]
        elif lasts and self.happens(1 / (4 * lasts), NOBODY, NOBODY, CLIMATE_END):
            draws = {
                self.uniform(NOBODY, key_of_name(phase), CLIMATE_NEXT): phase
                for phase in phases
                if phase != self.phase
            }
            self.phase = draws[min(draws)]

    def strike_shocks(self) -> None:
        climate, x = self.scenario.geopolitics, self.data
        phase = climate.phases.get(self.phase, climate)
        growth = phase.intensity * (1 + climate.intensification) ** (self.t / 4)
        for s, (name, shock) in enumerate(self.shocks):
            decay = 2 ** (-1 / shock.half_life)
            self.union_intensity[s] *= decay
            self.intensity[s] *= decay
            self.behind[s] *= decay
            before = self.struck[s].copy()
            self.struck[s] = 0
            rate = shock.rate * phase.shocks.get(name, 1.0) * growth / 4
            by_country = shock.scope in ("country", "pair")
            exposure = self.exposure(shock)
            units = self.region_of if by_country else ["-"]
            for unit, region in enumerate(self.regions if shock.scope == "region" else units):
                if shock.scope == "region" and region not in self.region_of:
                    continue
                hazard = rate * shock.regions.get(region, 1.0) if region != "-" else rate
                hazard *= exposure[unit] if by_country else 1
                hazard *= self.by_calendar(unit) if shock.turn else 1
                if self.happens(hazard, self.shock[s], self.unit_key(s, unit), ARRIVAL):
                    if shock.turn and self.t - self.turned[unit] < 4:
                        continue
                    self.land(s, unit, self.severity(s, unit))
            if shock.spread.along == "none":
                continue
            near = x.borders if shock.spread.along == "borders" else self.linked
            by_region = [shock.regions.get(name, 1.0) for name in self.region_of]
            reached = by_region * self.exposure(shock)
            for origin in np.flatnonzero(before / 2 >= 0.05):
                for i in np.flatnonzero(near[origin]):
                    carried = self.shock[s] + self.country[origin]
                    share = self.uniform(self.country[i], carried, SPREAD)
                    spared = shock.scope == "country" and reached[i] == 0
                    named = self.weights(shock, i).get(self.iso3[i], 0) > 0
                    spared |= named or self.behind[s][i] > 0
                    spared |= shock.turn and self.t - self.turned[i] < 4
                    if before[i] == 0 and not spared and share < shock.spread.probability:
                        self.hit(s, i, before[origin] / 2)
                        self.turned[i] = self.t if shock.turn else self.turned[i]
        for strike in climate.schedule:
            if quarter_index(strike.quarter, self.scenario.horizon.start) == self.t:
                s = [name for name, _ in self.shocks].index(strike.shock)
                if self.shocks[s][1].scope == "eu":
                    self.land(s, 0, strike.severity)
                    continue
                if self.shocks[s][1].scope == "world":
                    self.union_intensity[s] = min(1.0, self.union_intensity[s] + strike.severity)
                source = -1 if strike.by is None else self.iso3.index(strike.by)
                self.stand_behind(s, source, strike.severity)
                for i in range(self.n):
                    places = {"world", self.iso3[i], self.region_of[i]}
                    if i != source and places & set(strike.where):
                        self.hit(s, i, strike.severity)

    def by_calendar(self, i: int) -> float:
        term = self.data.term[i]
        if not term:
            return 1.0
        due = (self.t - self.data.handover[i]) % term == 0
        return 0.9 * term if due else (1 - 0.9) * term / (term - 1)

    def unit_key(self, s: int, unit: int) -> int:
        """Return the key of a unit of a shock type's scope."""
        scope = self.shocks[s][1].scope
        if scope in ("world", "eu"):
            return NOBODY
        return key_of_name(self.regions[unit]) if scope == "region" else self.country[unit]

    def severity(self, s: int, unit: int) -> float:
        shape = self.shocks[s][1].severity
        low, mode, high = shape.low, shape.mode, shape.high
        x = self.uniform(self.shock[s], self.unit_key(s, unit), SEVERITY)
        if high <= low:
            return low
        if x < (mode - low) / (high - low):
            return low + math.sqrt(x * (high - low) * (mode - low))
        return high - math.sqrt((1 - x) * (high - low) * (high - mode))

    def land(self, s: int, unit: int, severity: float) -> None:
        scope = self.shocks[s][1].scope
        if scope == "eu":
            self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
        elif scope == "world":
            self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
            source = self.source(s, None)
            for i in range(self.n):
                if i != source:
                    self.hit(s, i, severity)
            self.stand_behind(s, source, severity)
        elif scope == "region":
            for i in np.flatnonzero(self.data.region == unit):
                self.hit(s, i, severity)
        elif scope == "country":
            self.hit(s, unit, severity)
            self.turned[unit] = self.t if self.shocks[s][1].turn else self.turned[unit]
            self.stand_behind(s, self.source(s, unit), severity)
        else:
            shock, actor = self.shocks[s][1], self.shock[s] + self.country[unit]
            exposure = self.exposure(shock)
            exposure = exposure * [shock.regions.get(name, 1.0) for name in self.region_of]
            waits = {
                j: -math.log(self.uniform(actor, self.country[j], TARGET)) / exposure[j]
                for j in np.flatnonzero(self.linked[unit] * (exposure > 0))
                if self.weights(shock, j).get(self.iso3[j], 0) == 0 == self.behind[s][j]
            }
            if waits:
                self.hit(s, unit, severity)
                self.stand_behind(s, self.source(s, unit), severity)
                self.hit(s, min(waits, key=lambda j: waits[j]), severity / 2)

    def weights(self, shock: ShockType, struck: int | None) -> dict[str, float]:
        region = None if struck is None else self.region_of[struck]
        where = shock.source_regions
        return {j: w * where.get(j, {}).get(region, 1.0) for j, w in shock.sources.items()}

    def spares(self, shock: ShockType, i: int, code: str) -> bool:
        x, j = self.data, self.place[code]
        foe = x.restricted[i, j] or (x.kept_out[i] == 1 and x.power[j])
        return i == j or bool({"nobody": False, "friends": x.pact[i, j], "foes": foe}[shock.spares])

    def source(self, s: int, struck: int | None) -> int:
        weights = self.weights(self.shocks[s][1], struck)
        neighbour = weights.pop("neighbour", 0.0)
        rates = {j: weights.pop(code, 0.0) for j, code in enumerate(self.iso3)}
        nobody = sum(weights.values())
        shock = self.shocks[s][1]
        rates = {
            j: rate
            for j, rate in rates.items()
            if struck is None or not self.spares(shock, struck, self.iso3[j])
        }
        if struck is not None:
            near = np.flatnonzero(self.data.borders[struck])
            hostility = self.data.size[near] * (1 - self.data.alignment[near]) ** 2
            hostility *= ~self.candidate[near]
            for j, share in zip(near, hostility, strict=True):
                if j in rates:
                    rates[j] += neighbour * share
        actor = self.shock[s] + (NOBODY if struck is None else self.country[struck])
        keys = {-1: HOLDING, **dict(enumerate(self.country))}
        waits = {
            j: -math.log(self.uniform(actor, keys[j], SOURCE)) / rate
            for j, rate in {-1: nobody, **rates}.items()
            if rate > 0
        }
        return min(waits, key=lambda j: waits[j]) if waits else -1

    def stand_behind(self, s: int, source: int, severity: float) -> None:
        if source >= 0:
            self.behind[s, source] = min(1.0, self.behind[s, source] + severity)

    def hit(self, s: int, i: int, severity: float) -> None:
        self.intensity[s, i] = min(1.0, self.intensity[s, i] + severity)
        self.struck[s, i] = max(self.struck[s, i], severity)

    # Section 7.2

    def feel(self) -> None:
        x = self.data

        seen = self.intensity * x.gdp_share
        spared = np.array([self.damped(name) for name, _ in self.shocks])
        struck = self.intensity * (1 - spared)
        self.lost, self.spared = 0.0, 0.0
        for s, (_, shock) in enumerate(self.shocks):
            loss = -sum(min(0.0, change) for change in shock.effects.struck.readiness.values())
            self.lost += loss * self.intensity[s].sum()
            self.spared += loss * (self.intensity[s] * spared[s]).sum()
        felt = {
            "struck": struck,
            "candidate": struck * self.candidate,
            "source": self.behind,
            "others": np.clip(seen.sum(axis=1, keepdims=True) - seen, 0, 1),
        }
        lingers = self.usual * x.gdp_share
        usual = {
            "struck": self.usual,
            "candidate": self.usual * self.candidate,
            "source": np.zeros_like(self.usual),
            "others": np.clip(lingers.sum(axis=1, keepdims=True) - lingers, 0, 1),
        }

        def change(kind: str) -> Values:
            """Return the change of a score of areas, or of one number in all columns."""
            total = np.zeros((self.n, 8))
            for s, (_, shock) in enumerate(self.shocks):
                for relation, intensity in felt.items():
                    if kind != "silence":
                        intensity = intensity - self.c["usual_shocks"] * usual[relation]
                    effect = getattr(getattr(shock.effects, relation), kind)
                    by_area = [
                        effect.get(a, 0.0) if isinstance(effect, dict) else effect for a in AREAS
                    ]
                    total += np.outer(intensity[s], by_area)
            return total

        grown = np.exp(
            -self.c["investment_effect"] * self.invested / self.unit[:, None]
            - self.c["rival_readiness"] * self.built
        )
        raised, lowered = (
            np.stack([self.gained(kind, area) for area in AREAS], axis=1)
            for kind in ("raises_readiness", "lowers_rival")
        )
        nearer = self.gained("raises_alignment")
        self.readiness = np.clip(1 - (1 - x.readiness) * grown + raised + change("readiness"), 0, 1)
        self.rival = np.clip(self.rival_base - lowered + change("rival"), 0, 1)
        self.threat = np.clip(x.threat + change("threat"), 0, 1)
        self.alignment = np.clip(self.alignment_base + nearer + change("alignment")[:, 0], 0, 1)
        self.drive, self.pace = change("drive"), change("pace")
        self.silence = np.clip(change("silence")[:, 0], 0, 1)
        before, self.rupture = self.rupture, change("rupture")[:, 0]
        self.breach = np.maximum(0, self.rupture - before)
        cut = sum(
            shock.effects.struck.budget * self.union_intensity[s]
            for s, (_, shock) in enumerate(self.shocks)
        )
        self.budget_factor = max(0.0, 1 + cut)

    # Section 7.3

    def waits_for_money(self, i: int, k: int) -> bool:
        last = PATH_STAGES[PATHS[self.data.path[k]]][-2]
        halted = self.suspended[i, k] or self.stalled[i, k]
        ready = self.stage[i, k] == STAGES.index(last) and not halted
        return bool(ready and self.costs(i, k) and not self.paid[i, k])

    def costs(self, i: int, k: int) -> bool:
        return bool(self.cost[k] > 0 and self.data.developing[i])

    def spend(self) -> None:
        c, x = self.c, self.data
        roles = [set(x.offer_role[self.active_of(i)]) for i in range(self.n)]
        limits = [self.absorption_limit(i, roles[i]) for i in range(self.n)]
        self.recent *= 2 ** (-1 / c["offer_memory"])
        slowest = np.array(self.price) / 100_000_000 / (c["package_quarters"] * 2 / 3)
        self.committed = np.maximum(0.0, self.committed - np.minimum(limits, slowest))
        envelope = math.floor(self.full_envelope * self.budget_factor)
        purse = envelope + self.carried
        spent = 0
        for i in sorted(range(self.n), key=lambda i: self.uniform(NOBODY, self.country[i], ORDER)):
            for k in range(self.k):
                if self.waits_for_money(i, k) and self.cost[k] <= purse - spent:
                    self.paid[i, k] = True
                    spent += self.cost[k]
        worth = [c["package_quarters"] * 2 / 3 * limit >= c["package_least"] for limit in limits]
        claims = {i: self.claim(i) for i in np.flatnonzero(worth)}
        shares = self.scenario.policy.offer.regions
        yearly = [4 * math.floor(shares.get(name, 0.0) * envelope) for name in self.region_of]
        prices = [self.package_price(i, limits[i], yearly[i]) for i in range(self.n)]
        for region in (*(name for name in self.regions if shares.get(name)), "all"):
            self.due[region] += math.floor(shares.get(region, 0.0) * envelope)
            while fits := [
                i
                for i in claims
                if claims[i] > 0
                and prices[i] <= purse - spent
                and region in ("all", self.region_of[i])
                and (region == "all" or self.due[region] > 0)
            ]:
                best = max(fits, key=lambda i: (claims[i], -i))
                del claims[best]
                spent += prices[best]
                self.due[self.region_of[best]] -= prices[best]
                self.buy(best, prices[best])
        self.carried = min(purse - spent, self.carry_limit)
        lapsed = purse - spent - self.carried
        self.lapsed_share = lapsed / (purse + 100 * 100_000_000)
        self.yearly_envelope = 4 * envelope
        self.envelope, self.spent = self.envelope + envelope, self.spent + spent
        self.lapsed += lapsed

    def package_price(self, i: int, limit: float, yearly: int) -> int:
        c = self.c
        luck = self.uniform(self.country[i], NOBODY, PACKAGE, self.packages[i])
        wanted = 100_000_000 * (c["package_quarters"] * (2 + 2 * luck) / 3) * limit
        most = 100_000_000 * c["package_most"]
        if self.scenario.policy.offer.regions.get(self.region_of[i]):
            most = min(most, yearly)
        most *= (2 + luck) / 3
        return math.floor(max(100_000_000 * c["package_least"], min(most, wanted)))

    def partner_gain(self, i: int, m: int) -> float:
        x = self.data
        unmet = x.need[i] * (1 - x.readiness[i]) * (1 - x.rival[i] / 2)
        return float((x.module_area[m] * unmet).sum())

    def module_weights(self, i: int) -> list[float]:
        policy = self.scenario.policy
        return [
            getattr(policy.offer.mix, name) * self.partner_gain(i, m)
            if self.alignment[i] + self.trust[i]
            >= self.data.module_trust[m] * (1 - policy.openness)
            else 0.0
            for m, name in enumerate(MODULES)
        ]

    def has_framework(self, i: int) -> bool:
        return bool(
            (self.active_of(i) & (self.data.offer_role == OFFER_ROLES.index("framework"))).any()
        )

    def claim(self, i: int) -> float:
        x, policy = self.data, self.scenario.policy
        weights = self.module_weights(i)
        if not x.developing[i] or self.committed[i] > 0 or sum(weights) <= 0:
            return 0.0
        if self.rupture[i] > 0.05 or self.suspended[i].any():
            return 0.0
        priority = self.region_priority[x.region[i]]
        gain = sum(
            self.partner_gain(i, m) * weight / sum(weights) for m, weight in enumerate(weights)
        )
        union_gain = priority * (x.size[i] + self.alignment[i]) / 2
        if gain <= policy.offer.reservation_partner or union_gain <= policy.offer.reservation_eu:
            return 0.0
        degree = self.linked[i].sum()
        merits = {
            **{"need": gain, "strategic": union_gain, "even": 1.0},
            **{"depth": self.depth(i).sum() / 32, "connection": degree / (degree + 3)},
        }
        weights = {name: getattr(policy.offer.targeting, name) for name in TARGETING}
        claim = sum(w * merits[name] for name, w in weights.items() if w > 0)
        claim *= priority * (1 + self.c["package_bonus"] if self.has_framework(i) else 1)
        return claim * self.unit[i] / (self.unit[i] + self.recent[i].sum())

    def buy(self, i: int, price: int) -> None:
        weights = self.module_weights(i)
        self.committed[i] += price / 100_000_000
        self.price[i] = price
        self.packages[i] += 1
        for m, weight in enumerate(weights):
            more = 1 + self.joint[("investment", "")][i]
            part = more * self.leverage(i) * price / 100_000_000 * weight / sum(weights)
            self.invested[i] += part * self.data.module_area[m]
            self.recent[i] += part * self.data.module_area[m]

    def absorption_limit(self, i: int, roles: set[int]) -> float:
        c, x = self.c, self.data
        income = x.gdp[i] / x.population[i]
        near = self.region_of[i] in ("Eastern Partnership", "Southern Neighbourhood")
        poverty = max(0, 1 - income / (40_000 if near or x.candidate[i] else 14_005))
        limit = c["absorption_rate"] * math.sqrt(x.population[i]) * poverty**2
        limit *= 1 + c["absorption_readiness"] * self.readiness[i].mean()
        limit *= 1 + c["absorption_hub"] if self.hub[i] or 1 in roles else 1
        return limit * (1 + c["absorption_facilitator"] if 3 in roles else 1)

    def leverage(self, i: int) -> float:
        x, offer = self.data, self.scenario.policy.offer
        b = x.business[i]
        lending = offer.development_finance * 4 * b * (1 - b)
        return 1 + offer.private * b + lending + offer.export_credit * x.size[i]

    # Sections 7.4 to 7.6

    def free(self, i: int) -> bool:
        return bool(self.under_way[i].sum() < self.capacity[i] and self.rupture[i] <= 0.05)

    def take_turn(self, i: int) -> None:
        if not self.free(i) or self.uniform(NOBODY, self.country[i], ACTIVITY) >= self.activity[i]:
            return
        options = {self.k: 0.0}
        held, depth = self.held(i), self.depth(i)
        for k in range(self.k):
            if self.may_take(i, k):
                options[k] = self.instrument_utility(i, k, held, depth)
        for k in list(options):
            if k < self.k:
                chance = self.union_chance(i, k)
                options[k] += math.log(chance) if chance > 0 else -math.inf
        chosen = self.best(options, self.country[i], CHOICE)
        if (
            chosen < self.k
            and self.answer(self.union_chance(i, chosen), i, chosen, EU_CONSENT) == "yes"
        ):
            self.open(i, chosen)

    def best(self, options: dict[int, float], actor: int, purpose: int) -> int:
        keys = [*self.instrument, HOLDING]
        scores = {
            option: utility - math.log(-math.log(self.uniform(actor, keys[option], purpose)))
            for option, utility in options.items()
        }
        return max(scores, key=lambda option: (scores[option], -option))

    def open(self, i: int, k: int) -> None:
        bloc = self.data.bloc[:, k]
        for j in range(self.n):
            joins = bloc[j] == bloc[i] >= 0 and self.rupture[j] <= 0.05
            if j == i or (joins and self.may_take(j, k)):
                self.stage[j, k], self.lead[j, k] = ANNOUNCED, i
                self.paid[j, k] = False
                self.age[j, k], self.grown[j, k] = 0, False

    def answer(self, chance: float, i: int, k: int, purpose: int) -> str:
        x = self.uniform(self.country[i], self.instrument[k], purpose)
        if x > 1 - chance:
            return "yes"
        return "no" if x < self.c["unsounded"] * (1 - chance) else "not asked"

    # Section 7.6

    def propose(self) -> None:
        c, waits = self.c, {}
        for i in range(self.n):
            hazard = c["initiative_rate"] * math.exp(
                self.partner_worth(i)
                - 0.5 * c["consent_size"]
                + c["initiative_summit"] * self.data.summit[i, self.t % 48]
            )
            wait = -math.log(self.uniform(NOBODY, self.country[i], INITIATIVE)) / hazard
            if wait < 1:
                waits[i] = wait
        for i in sorted(waits, key=lambda i: waits[i]):
            if self.free(i):
                self.turn_to(i)

    def turn_to(self, i: int) -> None:
        options = {self.k: 0.0}
        for k in range(self.k):
            if self.may_take(i, k) and self.union_chance(i, k) > 0 and self.heard(i, k) > 0:
                options[k] = self.union_utility(i, k) + math.log(self.acceptance(i, k))
                options[k] += math.log(self.heard(i, k)) - math.log(self.decided_with(i, k))
        k = self.best(options, self.country[i], PROPOSAL)
        if k == self.k:
            return
        answer = self.answer(self.acceptance(i, k), i, k, ACCEPTANCE)
        if answer == "yes":
            self.open(i, k)
        if answer == "no":
            self.again[i, k] = self.t + 1
        j = int(self.data.lighter[k])
        if answer == "no" and j >= 0 and self.may_take(i, j):
            if self.answer(self.union_chance(i, j), i, j, EU_CONSENT) != "yes":
                return
            if self.answer(self.acceptance(i, j), i, j, ACCEPTANCE) == "yes":
                self.open(i, j)
            else:
                self.again[i, j] = self.t + 1

    def acceptance(self, i: int, k: int) -> float:
        utility = self.instrument_utility(i, k, self.held(i), self.depth(i))
        utility += math.log(self.decided_with(i, k)) + self.c["acceptance"]
        return 1 / (1 + math.exp(-utility))

    def decided_with(self, i: int, k: int) -> int:
        bloc = self.data.bloc[:, k]
        return int((bloc == bloc[i]).sum()) if bloc[i] >= 0 else 1

    def may_take(self, i: int, k: int) -> bool:
        x = self.data
        if not x.eligible[i, k] or self.stage[i, k] > PLANNED:
            return False
        present = self.stage[i] > PLANNED
        barred = (present & (x.excludes[k] == 1)).any()
        if barred or self.expired[i, k] or self.again[i, k] > self.t:
            return False
        return self.has_needed(i, k)

    def has_needed(self, i: int, k: int) -> bool:
        groups = [group[group >= 0] for group in self.data.prerequisite[k]]
        return all(self.active_of(i)[group].any() for group in groups if len(group))

    def direction(self, k: int, held: Values) -> int:
        if self.data.role[k] == 2:
            return DIRECTIONS.index("strengthen")
        if self.data.role[k] == 1:
            return DIRECTIONS.index("connect")
        known = held[self.areas_of[k]].any()
        return DIRECTIONS.index("deepen" if known else "broaden")

    def instrument_utility(self, i: int, k: int, held: Values, depth: Values) -> float:
        c, x, areas = self.c, self.data, self.areas_of[k]
        n, binding = len(areas), x.binding[k]
        direction = self.direction(k, held)
        money = self.recent[i, areas].mean()
        holding = held[areas].mean()
        holds = (self.stage[:, k] == IN_FORCE) & ~self.suspended[:, k]
        linked, neighbours = holds[self.linked[i] == 1], holds[x.region == x.region[i]]
        security = [a for a in areas if x.role[k] == 2 or a in (CYBERSECURITY, INFORMATION)]
        elsewhere = [a for a in areas if a not in security]
        return float(
            c[DIRECTIONS[direction]]
            + c["need"] * x.need[i, areas].mean()
            + c["readiness"] * self.readiness[i, areas].mean()
            + c["offer"] * (money / (money + self.unit[i]) - self.usual_money[i])
            + c["alignment"] * (self.alignment[i] - 0.5) * binding / 4
            + c["long_step"] * np.maximum(0, binding - depth[areas]).mean() / 4
            + c["complementarity"] * holding / (holding + 2)
            + c["precursor"] * bool((self.active_of(i) & (x.precursor[k] == 1)).any())
            + c["diffusion_links"] * (linked.mean() if len(linked) else 0.0)
            + c["diffusion_region"] * neighbours.mean()
            + c["economic_size"] * x.size[i]
            + c["rival"] * self.supplied()[0][i, areas].mean()
            - c["rival_pull"] / 2 * (self.rival - x.rival)[i, areas].mean()
            + c["threat_security"] * self.threat[i, security].sum() / n
            + c["threat_elsewhere"] * self.threat[i, elsewhere].sum() / n
            + (c["announced"] if self.stage[i, k] == PLANNED else 0.0)
            + c["reputation"] * (self.reputation + self.trust[i] - 0.5)
            + c["pooled_effects"] * self.opening[i, k]
            - math.log(self.decided_with(i, k))
            + self.drive[i, areas].mean()
            + (math.log(self.heard(i, k)) if self.heard(i, k) > 0 else -math.inf)
            + c["vendor_alliance"] * x.ally[i] * x.keeps_vendors_out[k]
        )

    def share_unpaid(self, i: int, k: int) -> float:
        if not self.costs(i, k):
            return 0.0
        unpaid = self.under_way & ~self.paid & (self.data.developing[:, None] == 1)
        owed = int((self.cost * unpaid).sum()) + self.cost[k]
        return max(0.0, 1 - self.yearly_envelope / owed)

    def heard(self, i: int, k: int) -> float:
        return 1 - self.silence[i] if PATHS[self.data.path[k]] == "political" else 1.0

    def partner_worth(self, i: int) -> float:
        c, x = self.c, self.data
        return float(
            c["consent_size"] * x.size[i]
            + c["consent_region"] * (self.region_priority[x.region[i]] - 1)
            + c["consent_alignment"] * (self.alignment[i] - (1 - self.scenario.policy.openness))
            + c["consent_busy"] * (self.busy() - c["usual_busy"])
        )

    def union_utility(self, i: int, k: int) -> float:
        c, x = self.c, self.data
        wanted = self.direction_priority[self.direction(k, self.held(i))]
        strength = ((1 + x.binding[k]) / 5) ** 2
        return float(
            self.partner_worth(i)
            + c["consent"]
            + c["consent_area"] * (self.priority[k] - 1)
            + c["consent_direction"] * (wanted - 1)
            + (c["consent_announced"] if self.stage[i, k] == PLANNED else 0.0)
            + c["consent_value"] * strength * (x.size[i] + self.alignment[i]) / 2
            + c["consent_money"] * self.share_unpaid(i, k)
        )

    def union_chance(self, i: int, k: int) -> float:
        if self.load() + self.data.effort[k] > self.scenario.policy.negotiators:
            return 0.0
        return 1 / (1 + math.exp(-self.union_utility(i, k)))

    # Section 7.18

    def grouping_of(self, i: int, j: int) -> Values | None:
        """Return the members of the smallest grouping of two countries."""
        shared = [members for members in self.data.grouping if members[i] and members[j]]
        return min(shared, key=lambda members: members.sum()) if shared else None

    def chance_of_choosing(self, i: int) -> Values:
        c, x = self.c, self.data
        weights = np.zeros(self.n)
        readiness, together = self.readiness.mean(axis=1), (x.grouping & x.grouping[:, [i]]).any(0)
        shared_partners, experienced = self.linked @ self.linked[i], self.linked.any(axis=1)
        for j in range(self.n):
            if j == i or self.linked[i, j] or x.restricted[i, j]:
                continue
            weights[j] = math.exp(
                c["link_size"] * x.size[j]
                + c["link_readiness"] * readiness[j]
                + (c["link_experience"] if experienced[j] else 0.0)
                + c["link_distance"] * x.distance[i, j]
                + (c["link_grouping"] if together[j] else 0.0)
                + c["link_alignment_gap"] * abs(self.alignment[i] - self.alignment[j])
                + c["link_shared_partners"] * math.log(1 + shared_partners[j])
            )
        return weights / weights.sum() if weights.any() else weights

    def form_links(self) -> None:
        c, x = self.c, self.data
        choosing = np.array([self.chance_of_choosing(i) for i in range(self.n)])
        both = choosing * choosing.T
        grouped = both * (x.grouping.T.astype(int) @ x.grouping > 0)
        joins = np.array(
            [
                [
                    0 if a[i] or not may[i] or (x.restricted[i] & a).any() else both[i] @ a
                    for i in range(self.n)
                ]
                for a, may in zip(self.agreement, x.may_join, strict=True)
            ]
        )
        connect = self.direction_priority[DIRECTIONS.index("connect")]
        helped = math.exp(c["link_outreach"] * (connect - 1))
        helped *= 1 - math.exp(-c["link_entry_rate"] * self.t)
        alone = both * (self.large | self.large[:, None])
        for n in range(1, self.decisions(c["link_rate"] * helped, LINK) + 1):
            if alone.any():
                i = self.soonest(alone.sum(axis=1), n * CODES, LINK)
                self.link([i, self.soonest(alone[i], self.country[i] + n * CODES, LINK)])
        for n in range(1, self.decisions(c["link_founding_rate"] * helped, FOUNDING) + 1):
            if grouped.any():
                i = self.soonest(grouped.sum(axis=1), n * CODES, FOUNDING)
                self.found(i, self.soonest(grouped[i], self.country[i] + n * CODES, FOUNDING))
        for n in range(1, self.decisions(c["link_accession_rate"] * helped, ACCESSION) + 1):
            waits = [
                (
                    -math.log(self.uniform(self.country[i] + n * CODES, key, ACCESSION))
                    / joins[a, i],
                    a,
                    i,
                )
                for a, key in enumerate(map(int, x.agreement_key))
                for i in np.flatnonzero(joins[a])
            ]
            if waits:
                _, a, i = min(waits)
                members = np.flatnonzero(self.agreement[a])
                if i not in members and not x.restricted[i, members].any():
                    for j in members:
                        self.link([i, j])
                    self.agreement[a, i] = 1
        for name, pairs in self.signed.items():
            if self.happens(c["link_entry_rate"], NOBODY, key_of_name(name), ENTRY):
                for i, j in pairs:
                    if not x.restricted[i, j]:
                        self.link([i, j])

    def signed_agreements(self) -> dict[str, list[tuple[int, int]]]:
        """Return the pairs of each agreement that is signed and not yet in force."""
        rows = sorted(self.link_steps, key=lambda row: row["stage"] != "signed")
        taken = {(row["iso3_a"], row["iso3_b"]) for row in rows if row["stage"] == "in_force"}
        pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row in rows:
            codes = row["iso3_a"], row["iso3_b"]
            if row["stage"] in ("concluded", "signed") and codes not in taken:
                taken.add(codes)
                name = row["decision"] or f"{row['agreement']}: {'-'.join(codes)}"
                pairs[name].append((self.iso3.index(codes[0]), self.iso3.index(codes[1])))
        return pairs

    def decisions(self, rate: float, purpose: int) -> int:
        """Return the smallest count whose chance of at most as many reaches the draw."""
        share, count = self.uniform(NOBODY, NOBODY, purpose), 0
        chance = math.exp(-rate)
        while share > chance > 0:
            share, count = share - chance, count + 1
            chance *= rate / count
        return count

    def soonest(self, chances: Values, actor: int, purpose: int) -> int:
        def arrival(j: int) -> float:
            return -math.log(self.uniform(actor, self.country[j], purpose)) / chances[j]

        return min(np.flatnonzero(chances), key=arrival)

    def found(self, i: int, j: int) -> None:
        c, gap = self.c, lambda h, k: abs(self.alignment[h] - self.alignment[k])
        members = np.flatnonzero(self.grouping_of(i, j))
        part = [i, j]
        for h in members:
            utility = (
                c["link_joining"]
                + c["link_joining_members"] * math.log(len(members) / 10)
                + c["link_joining_gap"] * (gap(h, i) + gap(h, j)) / 2
            )
            barred = self.data.restricted[h, [i, j, *(one for one in part if one < h)]].any()
            founders = self.country[i] + self.country[j] * CODES
            agrees = self.agrees(utility, founders, self.country[h], JOINING)
            if h not in part and not barred and agrees:
                part.append(h)
        self.link(part)

    def link(self, countries: Sequence[int]) -> None:
        for i in countries:
            for j in countries:
                self.linked[i, j] = self.linked[j, i] = int(i != j) | self.linked[i, j]

    # Section 7.7

    def expire_and_renew(self) -> None:
        x = self.data
        for k in np.flatnonzero(x.expires):
            late = self.t - int(x.expires[k]) - 1
            for i in range(self.n):
                over = late >= 0 and late % 28 == 0
                if over and self.stage[i, k] == IN_FORCE:
                    self.lost_ties += self.active[i, k]
                    self.stage[i, k], self.suspended[i, k] = NONE, False
                    self.expired[i, k] = True
                elif over and self.stage[i, k] > NEGOTIATING:
                    self.stage[i, k], self.again[i, k] = NEGOTIATING, self.t + 1
                elif late >= 0 and self.expired[i, k] and self.t >= x.renews[k] > 0:
                    key = self.instrument[x.text[i, k]]
                    renewed = self.happens(
                        self.c["hazard_renewal"], self.country[self.lead[i, k]], key, RENEWAL
                    )
                    fresh = self.rupture[i] > 0.05 or self.suspended[i].any()
                    if renewed and self.has_needed(i, k) and not fresh:
                        self.stage[i, k], self.expired[i, k] = IN_FORCE, False

    def together(self, i: int, k: int) -> list[int]:
        """Return the members that negotiate as country i does, itself included."""
        if self.data.bloc[i, k] < 0:
            return [i]

        def state(j: int) -> tuple[int, ...]:
            halted = 2 if self.stalled[j, k] else int(self.suspended[j, k])
            return self.data.bloc[j, k], self.lead[j, k], self.stage[j, k], halted

        return [j for j in range(self.n) if state(j) == state(i)]

    def stands_still(self, i: int, k: int) -> bool:
        halted = self.stalled[i, k] or self.suspended[i, k]
        early = bool(not halted and self.t < self.again[i, k])
        return early or bool(self.rupture[i] > 0.05) or self.waits_for_money(i, k)

    def negotiate(self) -> None:
        for i in range(self.n):
            for k in range(self.k):
                if not ANNOUNCED <= self.stage[i, k] < IN_FORCE:
                    continue
                if self.suspended[i, k] or self.stands_still(i, k):
                    continue
                members = [j for j in self.together(i, k) if not self.stands_still(j, k)]
                if min(members) < i:
                    continue
                if self.stalled[i, k]:
                    self.resume_or_end(i, k, members)
                else:
                    self.move(i, k)

    def outcome(
        self, one: float, other: float, i: int, k: int, place: int, parts: int = 1, left: int = 1
    ) -> tuple[int, int]:
        """Return 1 or 2, whichever of two competing things happens, 0 if neither; and when.

        Of the parts of a quarter some are left; when is the number of that part among them.
        """
        key = self.instrument[self.data.text[i, k]] + place
        u = self.uniform(self.country[self.lead[i, k]], key, ADVANCE)
        before = 0.0
        for part in range(1, left + 1):
            until = 1 - math.exp(-(one + other) / parts * part)
            if u < until:
                return 1 if u - before < (until - before) * (one / (one + other)) else 2, part
            before = until
        return 0, left

    def move(self, i: int, k: int) -> None:
        c, x = self.c, self.data
        text = x.text[i, k]
        path, areas = PATHS[x.path[k]], self.areas_of[text]
        order = PATH_STAGES[path]
        months = 3
        while months and self.stage[i, k] != IN_FORCE and not self.stands_still(i, k):
            members = [j for j in self.together(i, k) if not self.stands_still(j, k)]
            stage = STAGES[self.stage[i, k]]
            following = order[order.index(stage) + 1]
            if following == "in_force" and self.t < x.serves[k]:
                return
            old = STAGES[x.stage[i, k]] == "signed"
            hazard = c[f"hazard_{path}_{stage}"] * math.exp(
                c["hazard_alignment"] * (self.alignment[i] - 0.5)
                + c["hazard_binding"] * (x.binding[text] / 4 - 0.5)
                + c["hazard_threat"] * self.threat[i, areas].mean()
                + c["hazard_busy"] * (self.busy() - c["usual_busy"])
                + c["hazard_direct"] * x.direct[text]
                + c["hazard_cable"] * (x.cable[k] and stage == "signed" and not old)
                + c["pooled_effects"] * self.speed[text]
                + (path != "project" or stage != "signed") * self.pace[i, areas].mean()
            )
            hazard *= self.heard(i, k) / (1 - self.joint[("speeds", self.names[text])][i])
            late = stage in ("concluded", "signed")
            all_agree = 4 <= STAGES.index(stage) <= x.mixed[k]
            hazard *= math.exp(c["hazard_mixed"] * all_agree)
            settled = late and path != "project"
            stall = c["hazard_concluded_stall" if settled else f"hazard_{path}_stall"]
            stall *= (path, stage) != ("treaty", "signed")
            stall += c["hazard_signature_block"] * all_agree
            happened, month = self.outcome(hazard, stall, i, k, STAGES.index(stage), 3, months)
            months -= month
            if happened == 0:
                return
            if happened == 2:
                self.stalled[members, k] = True
                self.again[members, k] = self.t + math.floor(self.c["stall_quarters"])
                return
            for j in reversed(members):
                self.advanced += 1
                if following == "in_force":
                    self.complete(j, k)
                self.stage[j, k] = STAGES.index(following)
                self.again[j, k] = self.t + self.wait(k, following)

    def wait(self, k: int, stage: str) -> int:
        """Return the quarters that a pair stays at least where it has come."""
        path = PATHS[self.data.path[k]]
        waits = {("project", "signed"): 1.0, (path, "negotiating"): 1.0}
        if not self.data.direct[k]:
            waits["treaty", "negotiating"] = self.c["talks_quarters"]
            waits["treaty", "concluded"] = waits["treaty", "signed"] = self.c["treaty_quarters"]
        return math.floor(waits.get((path, stage), 0))

    def complete(self, i: int, k: int) -> None:
        areas = self.areas_of[k]
        for old in np.flatnonzero(self.data.supersedes[k]):
            self.lost_ties += self.active[i, old]
            if self.stage[i, old] > PLANNED:
                self.stage[i, old], self.suspended[i, old] = NONE, False
                self.stalled[i, old] = False
        held, depth = self.held(i)[areas], self.depth(i)[areas]
        self.new_ties += 1
        self.deeper_ties += bool(((held > 0) & (self.data.binding[k] > depth)).any())

    def resume_or_end(self, i: int, k: int, members: list[int]) -> None:
        resume = self.c["hazard_resume"] if self.t >= self.again[i, k] else 0.0
        signed = STAGES[self.stage[i, k]] == "signed"
        happened, _ = self.outcome(resume, 0.0 if signed else self.c["hazard_end"], i, k, 7)
        if happened:
            self.stalled[members, k] = False
        if happened == 2:
            self.stage[members, k] = NONE
            self.again[members, k] = self.t + math.floor(self.c["retry_quarters"])

    # Section 7.8

    def suspend(self) -> None:
        c, x = self.c, self.data
        share = {"treaty": c["suspension_treaty"], "project": c["suspension_project"]}
        for i, k in np.argwhere((self.stage >= ANNOUNCED) & ~self.stalled):
            keys = self.country[i], NOBODY
            if self.suspended[i, k]:
                degree = self.linked[i].sum()
                connected = c["recovery_links"] * (degree / (degree + 3) - 0.5)
                hazard = c["recovery_rate"] * math.exp(connected - self.rupture[i])
                if self.happens(hazard, *keys, RECOVERY):
                    self.suspended[i, k] = False
            elif self.breach[i] > 0:
                path = PATHS[x.path[k]]
                hazard = self.breach[i] * share.get(path, 1.0)
                laid = x.cable[k] and self.stage[i, k] == IN_FORCE
                if laid or (path == "political" and x.bloc[i, k] >= 0):
                    continue
                if self.happens(hazard, *keys, SUSPENSION):
                    self.suspended[i, k] = True
                    self.lost_ties += self.stage[i, k] == IN_FORCE

    # Section 7.19

    def supplied(self) -> tuple[Values, Values]:
        """Return the shares of areas that rivals supply, and high-risk ones among them."""
        x = self.data
        hold, in_area = x.rival_weight * self.supply, np.eye(8)[x.rival_area]
        held, risky = hold @ in_area, (hold * x.rival_high_risk) @ in_area
        return held / (1 + held), risky / (1 + held)

    def compete(self) -> None:
        c, x = self.c, self.data
        for i in range(self.n):
            if self.kept_out[i] < 1 and not x.power[i]:
                by_wealth = c["vendor_wealth"] * (x.wealth[i] - 0.5)
                hazard = c["vendor_ban"] * math.exp(c["vendor_alliance"] * x.ally[i] + by_wealth)
                if self.active[i, x.keeps_vendors_out == 1].any():
                    hazard += c["vendor_toolbox"]
                if self.happens(hazard, self.country[i], NOBODY, VENDOR_BAN):
                    self.kept_out[i] = 1.0
            deeper = (self.depth(i) - self.first_depth[i]) / 4
            money = self.recent[i] / (self.recent[i] + self.unit[i]) - self.usual_money[i]
            attraction = np.exp(
                c["rival_pull"] * (self.rival[i] - x.rival[i])
                + c["rival_ties"] * deeper
                + c["rival_money"] * money
            )
            for o, key in enumerate(self.offers):
                out = self.kept_out[i] * x.rival_vendor[o]
                fading = 2 ** (-1 / x.rival_half_life[o])
                self.supply[i, o] *= fading * (1 - c["vendor_replacement"] * out)
                hazard = x.rival_rate[i, o] * (1 - self.supply[i, o]) * (1 - out)
                hazard *= attraction[x.rival_area[o]]
                if self.happens(hazard, self.country[i], key, RIVAL_WIN):
                    self.supply[i, o] = 1.0
                    self.built[i, x.rival_area[o]] += x.rival_builds[o]
                    self.rival_wins += 1

    # Section 7.9

    def change_slowly(self) -> None:
        c = self.c
        crowding = c["rival_crowding_out"] * self.recent / (self.recent + self.unit[:, None])
        climate = self.scenario.geopolitics
        drift = climate.phases.get(self.phase, climate).rival_drift / 4
        self.rival_base = np.clip(self.rival_base + drift - crowding, 0, 1)
        for i in range(self.n):
            base = self.alignment_base[i]
            gain = c["alignment_convergence"] * self.depth(i).sum() / 32 * (1 - base)
            self.alignment_base[i] = clip(base + gain)
        gain = (
            c["reputation_gain"]
            * (1 - self.reputation)
            * self.advanced
            / (self.advanced + 0.06 * len(self.iso3))
        )
        loss = c["reputation_loss"] * self.reputation * self.lapsed_share
        self.reputation = clip(self.reputation + gain - loss)

    # Section 7.20

    def joint_effects(self) -> dict[tuple[str, str], Values]:
        """Return the joint effect on every country by kind and thing."""
        left: dict[tuple[str, str], Values] = defaultdict(lambda: np.ones(self.n))
        active, third = self.active, self.third_countries()
        for row in self.effects:
            k, half_years = self.names.index(row["instrument"]), float(row["half_years"])
            scale = self.c[f"effect_{row['effect']}"]
            ends = [0.0, *(float(row[end]) for end in ("low", "mode", "high"))]
            size = float(np.interp(scale, [0, 0.5, 1, 2], ends))
            young = 1 - 2 ** (-self.age[:, k] / (2 * half_years)) if half_years else 1.0
            reached = np.where(self.grown[:, k], 1.0, young)
            kind, mode = row["effect"], self.modes.get(row["instrument"])
            here = size * reached
            if (mode, kind) == ("technical_exchange", "raises_readiness"):
                here = here * (
                    1 + self.c["connection_exchange"] * self.share_of_links(active[:, k])
                )
            if (mode, kind) == ("high_level_network", "coalition_weight"):
                here = here * (1 + self.c["connection_network"] * self.share_of_links(active[:, k]))
            left[kind, row["target"]] *= 1 - np.minimum(1, here) * active[:, k]
            if mode == "joint_project" and kind in ("raises_readiness", "lowers_rival"):
                abroad = self.c["connection_third"] * size * reached
                left[kind, row["target"]] *= 1 - abroad * third[:, k]
        return defaultdict(
            lambda: np.zeros(self.n), {what: 1 - rest for what, rest in left.items()}
        )

    def share_of_links(self, holders: NDArray[np.bool_]) -> Values:
        return np.array([holders[to == 1].mean() if to.any() else 0.0 for to in self.linked])

    def third_countries(self) -> NDArray[np.bool_]:
        joint = np.array([self.modes.get(name) == "joint_project" for name in self.names])
        holders = self.linked @ self.active
        poor = self.data.developing[:, None] == 1
        return joint & poor & (self.stage != IN_FORCE) & (holders >= 2)

    def gained(self, kind: str, thing: str = "") -> Values:
        return self.joint[kind, thing] - self.first_joint[kind, thing]

    def let_effects_act(self) -> None:
        self.joint = self.joint_effects()
        self.trust = self.gained("trust")
        strength = self.administration + self.gained("capacity")
        self.capacity = 1 + np.floor(self.c["country_capacity"] * strength)

    def damped(self, shock: str) -> Values:
        damped = self.joint["damps_shock", shock]
        return np.maximum(damped, self.joint["redundancy", ""]) if shock == "cable_cut" else damped

    def effect_metrics(self) -> dict[str, float]:
        """Return the metrics of section 7.20 and `losses_damped` of 7.2."""
        x, joint = self.data, self.joint
        chance = np.clip(self.alignment + joint["coalition_weight", ""], 0, 1)
        return {
            "losses_damped": self.spared / self.lost if self.lost else 0.0,
            "redundancy": (x.population_share * self.joint["redundancy", ""]).sum(),
            "trust_mean": self.trust.mean(),
            "coalition_votes": chance.mean(),
            "coalition_gdp": (x.gdp_share * chance).sum(),
        }

    # Section 7.12

    def value(self) -> tuple[float, float, list[float]]:
        """Return the value to partners, to the EU, and by objective."""
        x, to_partners, to_union = self.data, np.zeros(3), np.zeros(3)
        high_risk = self.supplied()[1]
        for i, k in np.argwhere(self.active):
            areas, linked = self.areas_of[k], np.flatnonzero(self.linked[i])
            shared = self.active[linked, k].mean() if len(linked) else 0.0
            strength = ((1 + x.binding[k]) / 5) ** 2 * (1 + self.c["value_network"] * shared)
            need = (x.need[i, areas] * (1 + self.readiness[i, areas]) / 2).mean()
            shares = x.objective[areas].mean(axis=0)
            worth = (x.size[i] + self.alignment[i]) / 2
            to_partners += strength * need * shares
            to_union += strength * worth * shares
            lost = self.c["value_high_risk"] * high_risk[i, areas].mean() * strength * worth
            security = OBJECTIVES.index("security")
            to_union[security] -= lost * shares[security]
        for i in np.flatnonzero(self.active.any(axis=1)):
            for o, objective in enumerate(OBJECTIVES):
                added = self.joint["adds_value", objective][i]
                needed = np.average(x.need[i], weights=x.objective[:, o])
                to_partners[o] += added * needed
                to_union[o] += added * (x.size[i] + self.alignment[i]) / 2
        given = self.scenario.world.weights
        weights = np.array([given.get(f"value_{name}", 1.0) for name in OBJECTIVES])
        weights /= weights.mean()
        return (
            float(weights @ to_partners),
            float(weights @ to_union),
            (to_partners + to_union).tolist(),
        )


SCENARIOS = {
    "storm": (
        *("policy=strengthen_first", "geopolitics=coercion", "geopolitics.intensity=3"),
        *("policy.regions.lac=2", "policy.hubs=[KEN]", "policy.offer.envelope=4000"),
        *("shocks.internet_shutdown.scope=pair", "shocks.constitutional_rupture.rate=0.1"),
    ),
    "network": (
        *("policy=connect_first", "geopolitics=fragmentation", "policy.negotiators=300"),
        *("policy.offer.carry_over=0", "behaviour.coefficients.link_founding_rate.value=0.4"),
        "behaviour.coefficients.link_accession_rate.value=0.3",
        *("shocks.constitutional_rupture.rate=0.05", "geopolitics.persistence=1"),
        "geopolitics.phases={storm: {intensity: 3, rival_drift: 0.03, shocks: {trade_war: 4}},"
        " peace: {intensity: 0.2, rival_drift: -0.01, shocks: {}}}",
        "geopolitics.turns=[{quarter: 2026Q1, to: peace}]",
        "behaviour.coefficients.effect_speeds.value=2",
        "world.weights={value_security: 2, value_governance: 0.5}",
        "behaviour.coefficients.effect_raises_readiness.value=0.3",
        "behaviour.coefficients.effect_trust.value=0.7",
        "behaviour.coefficients.effect_lowers_rival.value=1.6",
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_the_document_says_is_what_the_program_plays(world_all: World, name: str) -> None:
    world = world_all
    scenario = load_scenario(*SCENARIOS[name])
    seed, replicate = 11, 4
    model = PartnershipModel(world, scenario, seed=seed, replicate=replicate)
    replay = Replay(world, scenario, seed, replicate)
    for _ in range(QUARTERS):
        model.step()
        replay.play_quarter()
        state, union = model.state, model.state.union[0]
        told = f"quarter {replay.t}"
        np.testing.assert_array_equal(replay.stage, state.pairs.stage, told)
        halted = replay.suspended + 2 * replay.stalled
        np.testing.assert_array_equal(halted, state.pairs.suspended, told)
        np.testing.assert_array_equal(replay.linked, state.linked, told)
        np.testing.assert_allclose(replay.intensity, state.intensity, atol=1e-12)
        for field in ("alignment", "readiness", "rival", "threat", "invested", "recent"):
            here = getattr(replay, field)
            there = state.alignment if field == "alignment" else state.countries[field]
            np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-9, err_msg=field)
        np.testing.assert_allclose(replay.supply, state.supply, rtol=1e-12)
        np.testing.assert_array_equal(replay.kept_out, state.countries.kept_out, told)
        money = (union.envelope, union.spent, union.carried, union.lapsed)
        assert money == (replay.envelope, replay.spent, replay.carried, replay.lapsed), told
        assert union.load == replay.load(), told
        assert union.reputation == pytest.approx(replay.reputation, abs=1e-12)
        row = model.metrics.iloc[-1]
        ties = (replay.new_ties, replay.deeper_ties, replay.lost_ties)
        assert (row["new_ties"], row["deeper_ties"], row["lost_ties"]) == ties, told
        partners, union, by_objective = replay.value()
        assert (row["partner_value"], row["eu_value"]) == pytest.approx((partners, union))
        told_of = [row[f"value_{name}"] for name in OBJECTIVES]
        assert told_of == pytest.approx(by_objective), told
        measured = replay.effect_metrics()
        assert {name: row[name] for name in measured} == pytest.approx(measured), told
    # The runs must have been eventful enough to tell anything.
    assert replay.rival_wins > 20
    assert (replay.kept_out > world.arrays.kept_out).any()
    assert replay.suspended.any()
    assert replay.spent > 0
    assert (replay.stage != world.arrays.stage).sum() > 10
    assert (replay.linked != world.arrays.links).any()
    entered = [all(replay.linked[pair] for pair in pairs) for pairs in replay.signed.values()]
    assert any(entered)
    assert not all(entered)
