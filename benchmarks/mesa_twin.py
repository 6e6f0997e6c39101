"""The same model as Mesa teaches it, in short: the yardstick of ``speed.py``.

One agent per country and one for the EU. What an agent has are numpy vectors over its own
instruments, areas and shocks; what others look at are rows of matrices of the model. Each quarter
is played as the ODD (section 7) tells it: shocks and what they and instruments change, the Offer,
proposals of the EU, turns of countries, links, stages, suspension, rivals, slow change, all metrics
and a log of events. Constants, the world and the scenario come from the package, rules do not.

Simplified: luck comes from one generator, as usual in Mesa; money is in million EUR, not in whole
cents; what a country negotiates moves by hazards worked out once for all its instruments; what is
decided while one country acts counts for diffusion from the next step on. Left out are what the
shipped climates and the balanced policy lack: turns of the climate, switches, recipients that a
policy names. It checks nothing: the rules have their oracle in ``tests/test_docs_replay.py``.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import mesa
import numpy as np
from numpy.typing import NDArray

from partnersim.model.constants import (
    ANNOUNCED,
    AREAS,
    BROADEN,
    CONCLUDED,
    CONNECT,
    CYBERSECURITY_AREA,
    DEEPEN,
    DIRECTIONS,
    FACILITATOR,
    FRAMEWORK,
    HIGH_LEVEL_NETWORK,
    HUB,
    IN_FORCE,
    INFORMATION_AREA,
    JOINT_PROJECT,
    MODULES,
    NETWORK,
    NONE,
    OBJECTIVES,
    PATH_STAGES,
    PATHS,
    PLANNED,
    POLITICAL,
    PROGRAMME_QUARTERS,
    PROJECT,
    RELATIONS,
    SECURITY,
    SIGNED,
    STAGES,
    STRENGTHEN,
    SUMMIT_CYCLE,
    TECHNICAL_EXCHANGE,
)
from partnersim.model.effect_kinds import KINDS
from partnersim.model.metrics import slug
from partnersim.random.keys import name_keys
from partnersim.scenario.horizon import quarter_index
from partnersim.scenario.names import members_of
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.shock import NEIGHBOUR, ShockType
from partnersim.world.world import World

Vector = NDArray[np.float64]

MOVING, SUSPENDED, STALLED = range(3)
#: What shocks change, area by area and as a whole.
BY_AREA = ("threat", "rival", "readiness", "drive", "pace")
AS_A_WHOLE = ("alignment", "silence", "rupture")
#: Facts about a country, and matrices of the model with a row for each.
FACTS = (
    *("size", "wealth", "gdp", "gdp_share", "business", "need", "developing", "candidate", "ally"),
    *("power", "region", "summit"),
)
ROWS = ("stage", "halt", "lead", "paid", "direction", "lapsed", "active", "intensity", "behind")


def chance(hazard: Vector) -> Vector:
    """Return the probability that something of a hazard happens in a quarter."""
    return -np.expm1(-hazard)


def log_chance(utility: Vector) -> Vector:
    """Return the logarithm of the probability of a yes."""
    return -np.logaddexp(0.0, -utility)


class Country(mesa.Agent):
    """A partner country: its ties with the EU, its scores, and how it decides."""

    model: Partnerships

    def __init__(self, model: Partnerships, place: int) -> None:
        super().__init__(model)
        arrays, c, offer = model.world.arrays, model.c, model.policy.offer
        self.place = place
        for name in FACTS:
            setattr(self, name, getattr(arrays, name)[place])
        for name in ROWS:
            setattr(self, name, getattr(model, name)[place])
        for name in ("alignment", "readiness", "rival", "threat"):
            setattr(self, name, getattr(arrays, name)[place])
            setattr(self, f"first_{name}", getattr(arrays, name)[place])
        self.alignment_base, self.rival_base = self.alignment, self.rival
        ready = self.readiness.mean()
        self.available = model.available[place]
        self.opening = c.pooled_effects * model.opening[place]
        self.opening += c.vendor_alliance * self.ally * arrays.keeps_vendors_out
        self.activity = chance(c.activity_rate * np.exp(c.activity_size * (self.size - 0.5)))
        weight = model.world.capacity_size
        self.administration = weight * self.size + (1.0 - weight) * ready
        self.unit = c.investment_scale * np.sqrt(self.gdp)
        self.absorption = c.absorption_rate * self.gdp * (1.0 + c.absorption_readiness * ready)
        self.leverage = 1.0 + offer.private * self.business + offer.export_credit * self.size
        self.leverage += 4.0 * offer.development_finance * self.business * (1.0 - self.business)
        served = self.need * (1.0 - self.first_readiness) * (1.0 - self.first_rival / 2.0)
        self.gains = arrays.module_area @ served
        self.policy_hub = model.iso3[place] in model.policy.hubs
        self.usual_offer = c.usual_offer * self.developing
        self.recent = np.full(len(AREAS), self.unit * self.usual_offer / (1.0 - self.usual_offer))
        self.invested, self.built = np.zeros(len(AREAS)), np.zeros(len(AREAS))
        self.committed = self.trust = self.rupture = self.breach = self.silence = 0.0
        self.load = int(((self.stage >= ANNOUNCED) & (self.stage < IN_FORCE)).sum())
        self.again = arrays.again[place].copy()
        self.note()
        self.first_depth = self.depth
        self.age = np.where(self.stage == IN_FORCE, model.oldest, 0)
        self.supply, self.kept_out = arrays.rival_supply[place].copy(), arrays.kept_out[place]
        self.count_supply()

    # --- ties -------------------------------------------------------------------------------------

    def note(self) -> None:
        """Take stock of what is in force."""
        model = self.model
        self.active[:] = (self.stage == IN_FORCE) & (self.halt == MOVING)
        self.held = self.active @ model.covers
        self.depth = (model.binding_by_area * self.active[:, None]).max(axis=0)

    def directions(self) -> NDArray[np.int64]:
        """Return the direction under which the country would take each instrument."""
        fixed = self.model.fixed_direction
        own = np.where(self.model.covers @ self.held > 0.0, DEEPEN, BROADEN)
        return np.where(fixed < 0, own, fixed)

    def prerequisites_met(self) -> NDArray[np.bool_]:
        """Tell of each instrument whether each group of prerequisites has one in force."""
        model = self.model
        return ((model.requires @ self.active > 0.0) | model.requires_none).all(axis=0)

    def options(self) -> NDArray[np.bool_]:
        """Tell which instruments the country may take."""
        barred = self.model.excludes @ (self.stage >= ANNOUNCED) > 0.0
        free = self.available & (self.stage <= PLANNED) & ~barred & ~self.lapsed
        return free & (self.again <= self.model.quarter) & self.prerequisites_met()

    def occupy(self, k: int, change: int) -> None:
        """Take up or set free negotiators of both sides."""
        self.load += change
        union, arrays = self.model.union, self.model.world.arrays
        union.owed += change * arrays.cost[k] * (not self.paid[k])
        if self.lead[k] == self.place:
            union.load += change * int(arrays.effort[k])

    def begin(self, k: int, lead: int, kind: str) -> None:
        """Open a negotiation that both sides have agreed to."""
        model = self.model
        self.direction[k], self.lead[k] = self.directions()[k], lead
        self.stage[k] = model.next_stage[model.world.arrays.path[k], NONE]
        self.paid[k], self.age[k] = False, 0
        self.occupy(k, 1)
        model.log(kind, self.place, k)

    def end(self, k: int, kind: str) -> None:
        """End a tie, wherever it stands."""
        if self.active[k]:
            self.model.lost_ties += 1
        elif self.halt[k] == MOVING:
            self.occupy(k, -1)
        self.stage[k], self.halt[k] = NONE, MOVING
        self.note()
        self.model.log(kind, self.place, k)

    def together(self, k: int) -> NDArray[np.int64]:
        """Return the places of those who negotiate an instrument as one bloc, at one point."""
        model, place = self.model, self.place
        if model.bloc[place, k] < 0:
            return np.array([place])
        alike = model.bloc[:, k] == model.bloc[place, k]
        for matrix in (model.stage, model.lead, model.halt, model.paid):
            alike &= matrix[:, k] == matrix[place, k]
        return np.flatnonzero(alike)

    def waiting(self) -> NDArray[np.bool_]:
        """Tell which instruments wait for nothing but money."""
        model = self.model
        last = model.next_stage[model.world.arrays.path, self.stage] == IN_FORCE
        last &= (self.stage >= ANNOUNCED) & (self.stage < IN_FORCE)
        return last & model.funded & ~self.paid & (self.halt == MOVING)

    # --- shocks and effects -----------------------------------------------------------------------

    def feel_instruments(self) -> None:
        """Work out what the instruments in force do for the country."""
        model = self.model
        kind = model.kind
        third = model.third[self.place] & (self.stage != IN_FORCE)
        self.age = np.minimum(self.age + ((self.active > 0.0) | third), model.oldest)
        self.joint = self.effects(third)
        gain = self.gain = self.joint - model.first_joint[self.place]
        self.trust = gain[kind.trust][0]
        carried = self.administration + gain[kind.capacity][0]
        self.capacity = 1 + int(model.c.country_capacity * carried)

    def effects(self, third: NDArray[np.bool_]) -> Vector:
        """Return the joint effect of all instruments on each thing that effects act on."""
        model, of = self.model, self.model.effect_of
        share = model.linked_share[self.place]
        here = self.active[of] * (1.0 + model.effect_by_links * share[of])
        here += third[of] * model.effect_abroad
        size = model.effect_size * model.effect_reached[model.every_effect, self.age[of]]
        joint = np.zeros(model.effect_columns)
        left = np.multiply.reduceat(1.0 - np.minimum(1.0, size * here), model.effect_first)
        joint[model.effect_column] = 1.0 - left
        return joint

    def feel_shocks(self) -> None:
        """See what shocks, money and instruments leave of the country's scores."""
        model, c = self.model, self.model.c
        kind, gain = model.kind, self.gain
        self.damped = self.joint[kind.damps_shock].copy()
        cut = model.cable_cut
        self.damped[cut] = max(self.damped[cut], self.joint[kind.redundancy][0])
        struck = self.intensity * (1.0 - self.damped)
        others = (model.everywhere - self.gdp_share * self.intensity).clip(0.0, 1.0)
        reaching = np.concatenate([struck, struck * self.candidate, self.behind, others])
        left = (1.0 - self.first_readiness) * np.exp(
            -c.investment_effect * self.invested / self.unit - c.rival_readiness * self.built
        )
        scores = reaching @ model.shock_effects - model.usual[self.place]
        by_area = scores[: -len(AS_A_WHOLE)].reshape(len(BY_AREA), len(AREAS))
        by_area[0] += self.first_threat
        by_area[1] += self.rival_base - gain[kind.lowers_rival]
        by_area[2] += 1.0 - left + gain[kind.raises_readiness]
        self.threat, self.rival, self.readiness = by_area[:3].clip(0.0, 1.0)
        self.drive, self.pace = by_area[3:]
        alignment, silence, rupture = scores[-len(AS_A_WHOLE) :].tolist()
        alignment += self.alignment_base + gain[kind.raises_alignment][0]
        self.alignment, self.silence = min(1.0, max(0.0, alignment)), min(1.0, max(0.0, silence))
        self.rupture, self.breach = rupture, max(0.0, rupture - self.rupture)

    def expire_and_renew(self, over: NDArray[np.bool_], luck: Vector) -> None:
        """Let ties lapse with their programme, and renew lapsed ones."""
        model = self.model
        renews = self.lapsed & (model.quarter >= model.world.arrays.renews)
        renews &= luck[self.lead, model.every_instrument] < chance(model.c.hazard_renewal)
        ends = (self.active > 0.0) & over
        if ends.any() or renews.any():
            for k in np.flatnonzero(ends):
                self.end(k, "expired")
            renews &= self.prerequisites_met()
            self.lapsed[:] = (self.lapsed & ~renews) | ends
            self.stage[renews] = IN_FORCE
            self.note()
            for k in np.flatnonzero(renews):
                model.log("renewed", self.place, k)

    # --- choices ----------------------------------------------------------------------------------

    def utility(self) -> Vector:
        """Return the utility of every instrument, whatever the EU would say to it."""
        model, c, binding = self.model, self.model.c, self.model.world.arrays.binding
        weighed = c.need * self.need + c.readiness * self.readiness + c.rival * self.supplied
        recent, held = model.shares @ self.recent, model.shares @ self.held
        steps = np.maximum(0.0, binding[:, None] - self.depth)
        return (
            model.direction_constant[self.directions()]
            + model.shares @ (weighed + self.drive)
            + c.offer * (recent / (recent + self.unit) - self.usual_offer)
            + c.alignment * (self.alignment - 0.5) * binding / 4.0
            + c.long_step * (model.shares * steps).sum(axis=1) / 4.0
            + c.complementarity * held / (held + 2.0)
            + c.precursor * (model.precursor @ self.active > 0.0)
            + c.diffusion_links * model.linked_share[self.place]
            + c.diffusion_region * model.regional_share[self.region]
            + c.economic_size * self.size
            + model.threat_demand @ self.threat
            + c.announced * (self.stage == PLANNED)
            + c.reputation * (model.union.reputation + self.trust - 0.5)
            + self.opening
            + model.political * np.log(max(1.0 - self.silence, 1e-300))
        )

    def step(self) -> None:
        """Take a turn: choose among instruments and holding still, ask the EU for the choice."""
        model, union = self.model, self.model.union
        if model.rng.random() >= self.activity or self.load >= self.capacity:
            return
        agreed = log_chance(union.utility(self))
        utility = self.utility() - model.log_bloc_size[self.place] + agreed
        k = model.choose(np.where(self.options() & union.free(), utility, -np.inf))
        if k is None:
            return
        answer = model.ask(np.exp(agreed[k]))
        if answer == "yes":
            model.open(self, k, "approached")
        elif answer == "no":
            model.log("refused", self.place, k)

    # --- negotiations -----------------------------------------------------------------------------

    def negotiate(self) -> None:
        """Let negotiations move on, stall, be resumed or given up; the first of a bloc decides."""
        under_way = (self.stage >= ANNOUNCED) & (self.stage <= SIGNED) & (self.halt != SUSPENDED)
        if not under_way.any():
            return
        columns = np.flatnonzero(under_way & ~self.waiting())
        columns = columns[[self.together(k)[0] == self.place for k in columns]]
        stalled = self.halt[columns] == STALLED
        for k in columns[stalled]:
            self.resume_or_end(k)
        self.move(columns[~stalled])

    def move(self, columns: NDArray[np.int64]) -> None:
        """Let negotiations pass stages until each stays, stalls or is in force."""
        model, c = self.model, self.model.c
        arrays = model.world.arrays
        while columns.size:
            path, stage = arrays.path[columns], self.stage[columns]
            ratified = (arrays.mixed[columns] > 0) & (stage >= CONCLUDED)
            advance = model.stage_hazard[path, stage] * np.exp(
                c.hazard_alignment * (self.alignment - 0.5)
                + model.instrument_pace[columns]
                + model.shares[columns] @ (c.hazard_threat * self.threat + self.pace)
                + c.hazard_busy * (model.union.busy - c.usual_busy)
                + c.hazard_mixed * ratified
            )
            advance *= 1.0 - self.silence * (path == POLITICAL)
            advance /= 1.0 - self.joint[model.kind.speeds][columns]
            stall = model.stall_hazard[path, stage]
            either = advance + stall + c.hazard_ratification_block * ratified
            draw = model.rng.random(len(columns)) * either / chance(either)
            for k in columns[(draw >= advance) & (draw < advance + stall)]:
                self.halt_talks(k, "stalled")
            for k in columns[(draw >= advance + stall) & (draw < either)]:
                self.halt_talks(k, "blocked")
            columns = columns[draw < advance]
            for k in columns:
                following = model.next_stage[arrays.path[k], self.stage[k]]
                for place in self.together(k):
                    model.country[place].reach(k, following)
            columns = columns[(self.stage[columns] < IN_FORCE) & ~self.waiting()[columns]]

    def reach(self, k: int, stage: int) -> None:
        """Reach the next stage of a negotiation."""
        model = self.model
        arrays = model.world.arrays
        if stage == IN_FORCE:
            self.occupy(k, -1)
            superseded = (arrays.supersedes[k] > 0) & (self.stage > PLANNED)
            for old in np.flatnonzero(superseded):
                self.end(old, "superseded")
            known = (arrays.area[k] > 0) & (self.held > 0.0)
            model.new_ties += 1
            model.deeper_ties += bool((arrays.binding[k] > self.depth[known]).any())
        self.stage[k] = stage
        if stage == IN_FORCE:
            self.note()
        model.advanced += 1
        model.log("advanced", self.place, k, stage)

    def halt_talks(self, k: int, kind: str) -> None:
        """Let the talks of a bloc or of this country stall."""
        model = self.model
        for member in (model.country[place] for place in self.together(k)):
            member.halt[k] = STALLED
            member.again[k] = model.quarter + int(model.c.stall_quarters)
            member.occupy(k, -1)
            model.log(kind, member.place, k)

    def resume_or_end(self, k: int) -> None:
        """Let stalled talks be taken up again, be given up, or stay stalled."""
        model, c = self.model, self.model.c
        resume = c.hazard_resume if model.quarter >= self.again[k] else 0.0
        either = resume + c.hazard_end
        draw = model.rng.random() * either / chance(either)
        if draw < either:
            for member in (model.country[place] for place in self.together(k)):
                if draw < resume:
                    member.halt[k] = MOVING
                    member.occupy(k, 1)
                    model.log("resumed", member.place, k)
                else:
                    member.end(k, "ended")
                    member.again[k] = model.quarter + int(c.retry_quarters)

    def suspend_and_recover(self) -> None:
        """Let a rupture suspend ties, and suspended ones recover."""
        model, c = self.model, self.model.c
        suspended = self.halt == SUSPENDED
        if self.breach == 0.0 and not suspended.any():
            return
        degree = model.degree[self.place]
        connected = degree / (degree + 3.0) - 0.5
        recovery = c.recovery_rate * np.exp(c.recovery_links * connected - self.rupture)
        hazard = np.where(suspended, recovery, self.breach * model.suspends)
        hazard *= (self.stage >= ANNOUNCED) & (self.halt != STALLED)
        for k in np.flatnonzero(model.rng.random(len(hazard)) < chance(hazard)):
            self.halt[k] = MOVING if suspended[k] else SUSPENDED
            if self.stage[k] < IN_FORCE:
                self.occupy(k, 1 if suspended[k] else -1)
            elif not suspended[k]:
                model.lost_ties += 1
            self.note()
            model.log("recovered" if suspended[k] else "suspended", self.place, k)

    # --- rivals and slow change -------------------------------------------------------------------

    def count_supply(self) -> None:
        """Work out which shares of its areas rivals supply, and high-risk ones among them."""
        held, risky = self.supply @ self.model.serves
        self.supplied, self.high_risk = held / (1.0 + held), risky / (1.0 + held)

    def compete(self) -> None:
        """Let the hold of rivals fade, ban high-risk vendors, or be won by rivals."""
        model, c = self.model, self.model.c
        arrays = model.world.arrays
        if self.kept_out < 1.0 and not self.power:
            hazard = c.vendor_ban * np.exp(
                c.vendor_alliance * self.ally + c.vendor_wealth * (self.wealth - 0.5)
            ) + c.vendor_toolbox * (arrays.keeps_vendors_out @ self.active > 0.0)
            if model.rng.random() < chance(hazard):
                self.kept_out = 1.0
                model.log("vendor_banned", self.place)
        banned = self.kept_out * arrays.rival_vendor
        self.supply *= model.rival_decay * (1.0 - c.vendor_replacement * banned)
        attraction = np.exp(
            c.rival_pull * (self.rival - self.first_rival)
            + c.rival_ties * (self.depth - self.first_depth) / 4.0
            + c.rival_money * (self.recent / (self.recent + self.unit) - self.usual_offer)
        )
        hazard = arrays.rival_rate[self.place] * (1.0 - self.supply) * (1.0 - banned)
        hazard *= attraction[arrays.rival_area]
        for o in np.flatnonzero(model.rng.random(len(hazard)) < chance(hazard)):
            self.supply[o] = 1.0
            self.built[arrays.rival_area[o]] += arrays.rival_builds[o]
            model.rival_wins += 1
            model.log("rival_won", self.place, o)
        self.count_supply()

    def adapt(self) -> None:
        """Let rival pull and alignment change slowly."""
        c = self.model.c
        crowding = c.rival_crowding_out * self.recent / (self.recent + self.unit)
        self.rival_base = (self.rival_base + self.model.rival_drift - crowding).clip(0.0, 1.0)
        closed = c.alignment_convergence * self.depth.mean() / 4.0
        self.alignment_base += closed * (1.0 - self.alignment_base)

    # --- the Offer --------------------------------------------------------------------------------

    def absorb(self) -> None:
        """Absorb money that was promised, and forget some that was received."""
        c = self.model.c
        self.recent *= 2.0 ** (-1.0 / c.offer_memory)
        hub, facilitator, self.framework = self.model.has_offer_role @ self.active > 0.0
        self.limit = self.absorption * (1.0 + c.absorption_hub * (hub or self.policy_hub))
        self.limit *= 1.0 + c.absorption_facilitator * facilitator
        self.committed = max(0.0, self.committed - self.limit)
        wanted = c.package_quarters * self.limit
        self.price = min(c.package_most, max(c.package_least, wanted))

    def package(self) -> Vector:
        """Return what each module weighs in a package, without those too sensitive for it."""
        model = self.model
        least = model.world.arrays.module_trust * (1.0 - model.policy.openness)
        return np.where(self.alignment + self.trust >= least, model.mix * self.gains, 0.0)

    def receive(self, money: float) -> None:
        """Receive a package and what it mobilises."""
        model, package = self.model, self.package()
        mobilised = self.leverage * money * (1.0 + self.joint[model.kind.investment][0])
        by_area = mobilised * (package / package.sum()) @ model.world.arrays.module_area
        self.invested, self.recent = self.invested + by_area, self.recent + by_area
        self.committed += money
        model.union.mobilised += mobilised


class EuropeanUnion(mesa.Agent):
    """The EU: what it wants, whom it turns to, and its money."""

    model: Partnerships

    def __init__(self, model: Partnerships) -> None:
        super().__init__(model)
        offer = model.policy.offer
        self.per_quarter, self.carry_over = offer.envelope / 4.0, offer.envelope * offer.carry_over
        self.load, self.reputation, self.budget_factor = 0, 0.5, 1.0
        self.yearly_envelope = self.owed = self.received = self.spent = self.carried = 0.0
        self.lapsed = self.lapsed_share = self.mobilised = 0.0
        self.packages = 0

    @property
    def busy(self) -> float:
        """The share of negotiators at work."""
        negotiators = self.model.policy.negotiators
        return min(1.0, self.load / negotiators) if negotiators else 1.0

    def free(self) -> NDArray[np.bool_]:
        """Tell for which instruments negotiators are free."""
        return self.load + self.model.world.arrays.effort <= self.model.policy.negotiators

    def worth(self, country: Country) -> float:
        """Return what a country is worth as a partner, whatever the instrument."""
        model, c = self.model, self.model.c
        return (
            c.consent_size * country.size
            + c.consent_region * (model.region_priority[country.region] - 1.0)
            + c.consent_alignment * (country.alignment - (1.0 - model.policy.openness))
            + c.consent_busy * (self.busy - c.usual_busy)
        )

    def utility(self, country: Country) -> Vector:
        """Return the EU's utility of each instrument with a country."""
        model, c, cost = self.model, self.model.c, self.model.world.arrays.cost
        value = model.strength * (country.size + country.alignment) / 2.0
        unpaid = np.zeros(len(cost))
        due = self.owed + cost[model.funded]
        unpaid[model.funded] = np.maximum(0.0, 1.0 - self.yearly_envelope / due)
        return (
            self.worth(country)
            + c.consent
            + c.consent_area * (model.priority - 1.0)
            + c.consent_direction * (model.direction_priority[country.directions()] - 1.0)
            + c.consent_announced * (country.stage == PLANNED)
            + c.consent_value * value
            + c.consent_money * unpaid
        )

    def step(self) -> None:
        """Spend the Offer, then turn to partners in the order in which their time comes."""
        self.spend()
        model, c = self.model, self.model.c
        worth = np.array(model.countries.map(self.worth))
        summit = model.world.arrays.summit[:, model.quarter % SUMMIT_CYCLE]
        rate = worth - 0.5 * c.consent_size + c.initiative_summit * summit
        waits = model.rng.exponential(size=len(rate)) / (c.initiative_rate * np.exp(rate))
        for place in np.argsort(waits)[: np.count_nonzero(waits < 1.0)]:
            if model.country[place].load < model.country[place].capacity:
                self.propose(model.country[place])

    def propose(self, country: Country) -> None:
        """Propose to a country what both sides would want most, or something lighter."""
        model, place = self.model, country.place
        accepted = log_chance(country.utility() + model.c.acceptance)
        own = self.utility(country)
        utility = own + accepted - model.log_bloc_size[place]
        utility += model.political * np.log(max(1.0 - country.silence, 1e-300))
        options = country.options() & self.free()
        k = model.choose(np.where(options, utility, -np.inf))
        if k is None:
            return
        answer = model.ask(np.exp(accepted[k]))
        if answer == "yes":
            model.open(country, k, "proposed")
        elif answer == "no":
            model.log("declined", place, k)
            lighter = model.world.arrays.lighter[k]
            luck = np.log(model.rng.random(2))
            if lighter >= 0 and options[lighter] and luck[0] < log_chance(own[lighter]):
                if luck[1] < accepted[lighter]:
                    model.open(country, lighter, "countered")
                else:
                    model.log("declined", place, lighter)

    def spend(self) -> None:
        """Pay projects that wait for their money, then buy packages by claims."""
        model = self.model
        model.countries.do("absorb")
        envelope = self.per_quarter * self.budget_factor
        purse = left = envelope + self.carried
        for country in model.countries.select(lambda one: one.waiting().any()).shuffle():
            for k in np.flatnonzero(country.waiting()):
                cost = model.world.arrays.cost[k]
                if cost <= left:
                    country.paid[k] = True
                    self.owed, left = self.owed - cost, left - cost
        buyers = model.countries.select(
            lambda one: one.developing and one.committed == 0.0 and one.rupture <= 0.05
        )
        claims = [(self.claim(country), country.place) for country in buyers]
        claims = [place for claim, place in sorted(claims, reverse=True) if claim > 0.0]
        shared = [region for region, share in enumerate(model.region_share) if share > 0.0]
        unshared = [region for region, share in enumerate(model.region_share) if share == 0.0]
        pools = [(model.region_share[region] * left, [region]) for region in shared]
        for money, regions in [*pools, (left, unshared), (left, shared + unshared)]:
            left -= self.buy(claims, min(money, left), regions)
        self.received, self.spent = self.received + envelope, self.spent + purse - left
        self.carried = min(left, self.carry_over)
        lapsed = left - self.carried
        self.lapsed, self.lapsed_share = self.lapsed + lapsed, lapsed / (purse + 100.0)
        self.yearly_envelope = 4.0 * envelope

    def claim(self, country: Country) -> float:
        """Return a country's claim on a package, 0 if one side would not gain from it."""
        model, c, offer = self.model, self.model.c, self.model.policy.offer
        package = country.package()
        if package.sum() <= 0.0:
            return 0.0
        gain = package @ country.gains / package.sum()
        priority = model.region_priority[country.region]
        own = priority * (country.size + country.alignment) / 2.0
        if gain <= offer.reservation_partner or own <= offer.reservation_eu:
            return 0.0
        degree, aims = model.degree[country.place], offer.targeting
        bonus = c.package_bonus * country.framework
        claim = aims.need * gain + aims.strategic * own + aims.even
        claim += aims.depth * country.depth.mean() / 4.0 + aims.connection * degree / (degree + 3.0)
        recent = country.unit / (country.unit + country.recent.sum())
        return priority * (1.0 + bonus) * claim * recent

    def buy(self, claims: list[int], money: float, regions: list[int]) -> float:
        """Buy packages for countries of some regions, the best claims first; return the price."""
        model, spent = self.model, 0.0
        for place in claims.copy():
            country = model.country[place]
            if country.region in regions and country.price <= money - spent:
                claims.remove(place)
                country.receive(country.price)
                spent += country.price
                self.packages += 1
                model.log("package", place, other=country.price)
        return spent

    def adapt(self) -> None:
        """Let reputation follow what was delivered, and what lapsed."""
        model, c = self.model, self.model.c
        delivered = model.advanced / (model.advanced + 0.06 * len(model.country))
        gained = c.reputation_gain * (1.0 - self.reputation) * delivered
        self.reputation += gained - c.reputation_loss * self.reputation * self.lapsed_share


class Partnerships(mesa.Model):
    """The EU's network of partnerships, quarter by quarter.

    Parameters
    ----------
    world : World
    scenario : Scenario
        Mesa keeps the name ``scenario`` for itself: it is kept as policy, climate and shocks.
    rng : int or sequence of int
        Seed of the model's generator.
    """

    def __init__(self, world: World, scenario: Scenario, rng: int | list[int]) -> None:
        super().__init__(rng=rng)
        self.world, self.policy, self.climate = world, scenario.policy, scenario.geopolitics
        self.horizon, self.shocks = scenario.horizon, scenario.shocks
        self.c = SimpleNamespace(**scenario.behaviour.values())
        self.iso3 = world.countries["iso3"].tolist()
        self.rival_drift = self.climate.rival_drift / 4.0
        self.quarter, self.rival_wins, self.peak, self.below_peak = 0, 0, 0.0, 0
        self.events: list[tuple[object, ...]] = []
        self.read_instruments(scenario.world.switched_off)
        self.read_policy()
        self.read_shocks()
        self.read_ties()
        self.draw_pooled_effects()
        self.union = EuropeanUnion(self)
        self.countries = Country.create_agents(self, len(self.iso3), np.arange(len(self.iso3)))
        self.country = self.countries.to_list()
        under_way = (self.stage >= ANNOUNCED) & (self.stage < IN_FORCE)
        led = under_way & (self.lead == np.arange(len(self.iso3))[:, None])
        self.union.load = int((led @ world.arrays.effort).sum())
        self.union.owed = float((under_way @ world.arrays.cost).sum())
        self.begin_quarter()
        self.look_around()
        self.first_joint = np.zeros((len(self.iso3), self.effect_columns))
        for country in self.countries:
            third = self.third[country.place] & (country.stage != IN_FORCE)
            country.age[third] = self.oldest
            country.joint = self.first_joint[country.place] = country.effects(third)
            country.damped = np.zeros(len(self.shocks))
        self.measure_links()
        self.measures = self.measure()
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_measured, name=name) for name in self.measures}
        )
        self.datacollector.collect(self)

    # --- what the tables say ----------------------------------------------------------------------

    def read_instruments(self, switched_off: tuple[str, ...]) -> None:
        """Read the catalogue, and the effects of what is in force."""
        arrays, c, count = self.world.arrays, self.c, len(self.world.arrays.binding)
        self.every_instrument = np.arange(count)
        off = self.world.instruments["instrument"].isin(switched_off).to_numpy()
        self.available = (arrays.eligible > 0) & ~off
        self.first_stage = np.where(off, NONE, arrays.stage).astype(np.int64)
        self.covers = arrays.area.astype(float)
        areas = self.covers.sum(axis=1, keepdims=True)
        self.shares = self.covers / areas
        self.binding_by_area = self.covers * arrays.binding[:, None]
        self.strength = ((1.0 + arrays.binding) / 5.0) ** 2
        self.fixed_direction = np.array([-1, CONNECT, STRENGTHEN])[arrays.role]
        self.direction_constant = np.array([getattr(c, name) for name in DIRECTIONS])
        secures = np.isin(range(len(AREAS)), (CYBERSECURITY_AREA, INFORMATION_AREA))
        secures = secures | (arrays.role == SECURITY)[:, None]
        self.threat_demand = self.shares * np.where(secures, c.threat_security, c.threat_elsewhere)
        self.requires = np.zeros((arrays.prerequisite.shape[1], count, count))
        for k, group, place in np.argwhere(arrays.prerequisite >= 0):
            self.requires[group, k, arrays.prerequisite[k, group, place]] = 1.0
        self.requires_none = ~self.requires.any(axis=2)
        self.excludes, self.precursor = (
            arrays.excludes.astype(float),
            arrays.precursor.astype(float),
        )
        self.has_offer_role = np.equal.outer([HUB, FACILITATOR, FRAMEWORK], arrays.offer_role) * 1.0
        self.funded, self.political = arrays.cost > 0.0, (arrays.path == POLITICAL) * 1.0
        self.suspends = np.array([1.0, c.suspension_treaty, 1.0, c.suspension_project])[arrays.path]
        self.next_stage = np.full((len(PATHS), len(STAGES)), IN_FORCE)
        self.stage_hazard = np.zeros(self.next_stage.shape)
        self.stall_hazard = np.full(self.next_stage.shape, c.hazard_concluded_stall)
        for row, path in enumerate(PATHS):
            stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
            self.next_stage[row, : stages[0]] = stages[0]
            self.next_stage[row, stages[:-1]] = stages[1:]
            for stage in stages[:-1]:
                self.stage_hazard[row, stage] = getattr(c, f"hazard_{path}_{STAGES[stage]}")
            last = len(STAGES) if row == PROJECT else CONCLUDED
            self.stall_hazard[row, :last] = getattr(c, f"hazard_{path}_stall")
        self.serves = np.zeros((2, len(arrays.rival_area), len(AREAS)))
        for o, area in enumerate(arrays.rival_area):
            self.serves[:, o, area] = arrays.rival_weight[o] * np.array(
                [1, arrays.rival_high_risk[o]]
            )
        self.rival_decay = 2.0 ** (-1.0 / arrays.rival_half_life)
        self.read_effects()

    def read_effects(self) -> None:
        """Read what instruments do for their holders, sorted by what they act on."""
        arrays, c, kinds = self.world.arrays, self.c, list(KINDS)
        shocks = name_keys(list(self.shocks)).tolist()
        widths = {"area": len(AREAS), "objective": len(OBJECTIVES), "shock": len(shocks)}
        widths["instrument"], widths["country"] = len(arrays.binding), 1
        ends = np.cumsum([widths[on] for on in KINDS.values()]).tolist()
        slices = map(slice, [0, *ends], ends)
        self.kind, self.effect_columns = (
            SimpleNamespace(**dict(zip(kinds, slices, strict=True))),
            ends[-1],
        )
        first = np.array([0, *ends])[arrays.effect_kind]
        is_shock = arrays.effect_kind == kinds.index("damps_shock")
        target = arrays.effect_target.copy()
        target[is_shock] = [shocks.index(key) for key in target[is_shock]]
        order = np.argsort(first + np.maximum(target, 0), kind="stable")
        column = (first + np.maximum(target, 0))[order]
        self.effect_column, self.effect_first = np.unique(column, return_index=True)
        self.every_effect = np.arange(len(order))
        self.effect_of = arrays.effect_of[order]
        name = np.array(kinds)[arrays.effect_kind[order]]
        scales = [getattr(c, f"effect_{kind}") for kind in name]
        self.effect_size = np.array(
            [
                np.interp(scale, [0.0, 0.5, 1.0, 2.0], [0.0, *ends])
                for scale, ends in zip(scales, arrays.effect_ends[order], strict=True)
            ]
        )
        mode = arrays.mode[self.effect_of]
        learns, speaks = name == "raises_readiness", name == "coalition_weight"
        self.effect_by_links = c.connection_exchange * (learns & (mode == TECHNICAL_EXCHANGE))
        self.effect_by_links += c.connection_network * (speaks & (mode == HIGH_LEVEL_NETWORK))
        abroad = (learns | (name == "lowers_rival")) & (mode == JOINT_PROJECT)
        self.effect_abroad = c.connection_third * abroad
        self.built_abroad = np.isin(self.every_instrument, self.effect_of[abroad])
        # At the end stands what has been in force for long.
        self.oldest = self.horizon.quarters + 1
        delay = np.maximum(arrays.effect_delay[order], 1e-3)[:, None]
        self.effect_reached = 1.0 - 0.5 ** (np.arange(self.oldest + 1) / delay)
        self.effect_reached[:, -1] = 1.0
        self.effect_reached[arrays.effect_delay[order] == 0.0] = 1.0
        self.cable_cut = list(self.shocks).index("cable_cut")

    def read_policy(self) -> None:
        """Read priorities, relative to their mean, and the Offer."""
        policy, world = self.policy, self.world
        self.countries_of_region = np.bincount(world.arrays.region, minlength=len(world.regions))
        regions = np.array([policy.regions.get(name, 1.0) for name in world.regions])
        self.region_priority = regions / np.average(regions, weights=self.countries_of_region)
        areas = np.array([getattr(policy.areas, name) for name in AREAS])
        names = world.instruments["instrument"]
        own = np.array([policy.instruments.get(name, 1.0) for name in names])
        self.priority = own * (self.shares @ (areas / areas.mean()))
        self.direction_priority = 4.0 * np.array(
            [getattr(policy.priorities, d) for d in DIRECTIONS]
        )
        self.mix = np.array([getattr(policy.offer.mix, module) for module in MODULES])
        self.region_share = [policy.offer.regions.get(name, 0.0) for name in world.regions]

    def read_shocks(self) -> None:
        """Read whom shocks strike, what they change, and how much of them is usual."""
        arrays, shocks = self.world.arrays, list(self.shocks.values())
        self.decay = np.array([2.0 ** (-1.0 / shock.half_life) for shock in shocks])
        self.budget = np.array([shock.effects.struck.budget for shock in shocks])
        self.union_intensity = np.zeros(len(shocks))
        self.struck = np.zeros((len(self.iso3), len(shocks)))
        self.exposure = [self.exposed(shock) for shock in shocks]
        hostility = arrays.size * (1.0 - arrays.alignment) ** 2 * (arrays.candidate == 0)
        self.hostile = arrays.borders * hostility
        changes = np.zeros((len(RELATIONS), len(shocks), len(BY_AREA), len(AREAS)))
        whole = np.zeros((len(RELATIONS), len(shocks), len(AS_A_WHOLE)))
        for r, relation in enumerate(RELATIONS):
            for s, shock in enumerate(shocks):
                effects = getattr(shock.effects, relation)
                whole[r, s] = [getattr(effects, name) for name in AS_A_WHOLE]
                for row, name in enumerate(BY_AREA):
                    for area, change in getattr(effects, name).items():
                        changes[r, s, row, AREAS.index(area)] = change
        self.losses = np.maximum(0.0, -changes[0, :, BY_AREA.index("readiness")]).sum(axis=1)
        rows = len(RELATIONS) * len(shocks)
        self.shock_effects = np.hstack([changes.reshape(rows, -1), whole.reshape(rows, -1)])
        usual = np.zeros((len(self.iso3), len(shocks)))
        for s, (shock, exposure) in enumerate(zip(shocks, self.exposure, strict=True)):
            struck = chance(shock.rate / 4.0 * exposure) * np.ones(1)
            if shock.scope == "region":
                struck = struck[arrays.region]
            severity = (shock.severity.low + shock.severity.mode + shock.severity.high) / 3.0
            if shock.scope != "eu":
                usual[:, s] = np.minimum(1.0, struck * severity / (1.0 - self.decay[s]))
        others = (arrays.gdp_share @ usual - arrays.gdp_share[:, None] * usual).clip(0.0, 1.0)
        reaching = [usual, usual * arrays.candidate[:, None], np.zeros(usual.shape), others]
        self.usual = self.c.usual_shocks * (np.hstack(reaching) @ self.shock_effects)
        self.usual[:, AS_A_WHOLE.index("silence") - len(AS_A_WHOLE)] = 0.0
        self.intensity, self.behind = self.c.usual_shocks * usual, np.zeros(usual.shape)

    def exposed(self, shock: ShockType) -> Vector:
        """Return how often a shock strikes each unit of its scope, 1 as usual."""
        arrays, world = self.world.arrays, self.world
        regions = np.array([shock.regions.get(name, 1.0) for name in world.regions])
        if shock.scope == "region":
            return regions * (self.countries_of_region > 0)
        if shock.scope not in ("country", "pair"):
            return np.ones(1)
        often = arrays.fragility if shock.strikes == "fragile" else arrays.exposure
        if shock.strikes == "aligned":
            total = np.bincount(arrays.region, arrays.alignment, len(world.regions))
            mean = total / np.maximum(1, self.countries_of_region)
            often = often * arrays.alignment / mean[arrays.region]
        return regions[arrays.region] * np.where(arrays.candidate, shock.candidate, 1.0) * often

    def read_ties(self) -> None:
        """Read the network of June 2025."""
        arrays, c = self.world.arrays, self.c
        self.stage, self.bloc = self.first_stage.copy(), arrays.bloc
        shape = self.stage.shape
        self.halt, self.active = arrays.halt.astype(np.int64), np.zeros(shape)
        self.paid, self.lapsed = np.zeros(shape, bool), np.zeros(shape, bool)
        self.lead = np.repeat(np.arange(shape[0])[:, None], shape[1], axis=1)
        self.log_bloc_size = np.zeros(shape)
        for i, k in np.argwhere(self.bloc >= 0):
            members = self.bloc[:, k] == self.bloc[i, k]
            self.log_bloc_size[i, k] = np.log(members.sum())
            if self.stage[i, k] >= ANNOUNCED:
                self.lead[i, k] = (members & (self.stage[:, k] == self.stage[i, k])).argmax()
        held = (self.stage == IN_FORCE)[:, :, None] * self.covers
        earlier = (held.cumsum(axis=1) - held) * self.covers > 0.0
        own = np.where(earlier.any(axis=2), DEEPEN, BROADEN)
        self.direction = np.where(self.fixed_direction < 0, own, self.fixed_direction)
        self.links = arrays.links.astype(float)
        self.agreement = arrays.agreement.astype(float)
        grouping = arrays.grouping[np.argsort(arrays.grouping.sum(axis=1), kind="stable")] > 0
        both = grouping[:, :, None] & grouping[:, None, :]
        # The smallest that two have in common; -1 without one.
        self.grouping, self.common = grouping, np.where(both.any(axis=0), both.argmax(axis=0), -1)
        np.fill_diagonal(self.common, -1)
        self.linkable = (arrays.restricted == 0) & ~np.eye(len(self.iso3), dtype=bool)
        pull = c.link_distance * arrays.distance + c.link_grouping * (self.common >= 0)
        self.fixed_pull = np.where(self.linkable, np.exp(pull), 0.0)

    def draw_pooled_effects(self) -> None:
        """Draw what the history leaves open of instruments, countries and regions."""
        arrays, rng = self.world.arrays, self.rng

        def drawn(effect: Vector, scale: Vector | float = 1.0) -> Vector:
            luck = rng.standard_normal(len(effect))
            spread = np.multiply.outer(scale, effect[:, 1])
            return np.multiply.outer(scale, effect[:, 0]) + spread * luck - 0.5 * spread**2

        self.opening = drawn(arrays.opening) + drawn(arrays.opening_by_size, arrays.size - 0.5)
        self.opening += drawn(arrays.opening_by_wealth, arrays.wealth - 0.5)
        self.opening += drawn(arrays.opening_by_country)[:, None]
        regional = drawn(arrays.opening_by_region)[arrays.region]
        self.opening += np.outer(regional, arrays.role != NETWORK)
        c, effort = self.c, drawn(arrays.speed)
        self.instrument_pace = c.hazard_binding * (arrays.binding / 4.0 - 0.5) + (
            c.hazard_direct * arrays.direct
            + c.hazard_cable * arrays.cable
            + c.pooled_effects * effort
        )

    # --- a quarter --------------------------------------------------------------------------------

    def step(self) -> None:
        """Play one quarter."""
        self.quarter += 1
        self.begin_quarter()
        self.strike()
        self.countries.do("feel_instruments")
        self.everywhere = self.world.arrays.gdp_share @ self.intensity
        self.countries.do("feel_shocks")
        self.union.budget_factor = max(0.0, 1.0 + self.budget @ self.union_intensity)
        self.end_programmes()
        self.look_around()
        self.union.step()
        self.countries.shuffle_do("step")
        self.form_links()
        self.countries.do("negotiate")
        self.countries.do("suspend_and_recover")
        self.countries.do("compete")
        self.countries.do("adapt")
        self.union.adapt()
        if self.links_changed:
            self.measure_links()
        self.look_around()
        self.measures = self.measure()
        self.datacollector.collect(self)

    def begin_quarter(self) -> None:
        """Set the counters of the quarter to zero."""
        self.advanced = self.new_ties = self.deeper_ties = self.lost_ties = 0
        self.links_changed = False

    def look_around(self) -> None:
        """Count what everybody looks at: who has what among linked partners and in the region."""
        self.degree = self.links.sum(axis=1)
        holders = self.links @ self.active
        self.linked_share = holders / np.maximum(1.0, self.degree)[:, None]
        developing = self.world.arrays.developing[:, None] > 0
        self.third = (holders >= 2.0) & self.built_abroad & developing
        regional = np.zeros((len(self.world.regions), self.active.shape[1]))
        np.add.at(regional, self.world.arrays.region, self.active)
        self.regional_share = regional / np.maximum(1, self.countries_of_region)[:, None]

    def log(self, kind: str, place: int = -1, other: float = -1, value: float = 0.0) -> None:
        """Note what happened."""
        self.events.append((self.quarter, kind, place, other, value))

    def choose(self, utility: Vector) -> int | None:
        """Choose among options and nothing, whose utility is 0, by multinomial logit."""
        utility = np.append(utility, 0.0) + self.rng.gumbel(size=len(utility) + 1)
        option = int(utility.argmax())
        return option if option < len(utility) - 1 else None

    def ask(self, agreed: float) -> str:
        """Sound out a question whose answer is yes with some chance, and put it or not."""
        draw = self.rng.random()
        if draw < agreed:
            return "yes"
        return "no" if 1.0 - draw < self.c.unsounded * (1.0 - agreed) else ""

    def open(self, lead: Country, k: int, kind: str) -> None:
        """Open a negotiation with a country, or with all of its bloc that may take part."""
        lead.begin(k, lead.place, kind)
        if self.bloc[lead.place, k] >= 0:
            for place in np.flatnonzero(self.bloc[:, k] == self.bloc[lead.place, k]):
                if self.country[place].options()[k]:
                    self.country[place].begin(k, lead.place, kind)

    def end_programmes(self) -> None:
        """Let programmes end with their period, and lapsed ties be renewed."""
        since = self.quarter - self.world.arrays.expires - 1
        over = (self.world.arrays.expires > 0) & (since >= 0) & (since % PROGRAMME_QUARTERS == 0)
        if over.any() or self.lapsed.any():
            luck = self.rng.random(self.stage.shape)
            self.countries.do("expire_and_renew", over, luck)

    # --- shocks -----------------------------------------------------------------------------------

    def strike(self) -> None:
        """Let old shocks fade, new ones strike, and those of last quarter spread."""
        before, self.struck = self.struck, np.zeros_like(self.struck)
        self.intensity *= self.decay
        self.behind *= self.decay
        self.union_intensity *= self.decay
        climate = self.climate
        growth = climate.intensity * (1.0 + climate.intensification) ** (self.quarter / 4.0) / 4.0
        for s, (name, shock) in enumerate(self.shocks.items()):
            hazard = shock.rate * climate.shocks.get(name, 1.0) * growth * self.exposure[s]
            units = np.flatnonzero(self.rng.random(len(hazard)) < chance(hazard))
            low, mode, high = shock.severity.low, shock.severity.mode, shock.severity.high
            for unit in units:
                self.land(s, shock, unit, self.rng.triangular(low, mode, high))
            if shock.spread.along != "none":
                self.spread(s, shock, before[:, s])
        for planned in climate.schedule:
            if quarter_index(planned.quarter, self.horizon.start) == self.quarter:
                s = list(self.shocks).index(planned.shock)
                if self.shocks[planned.shock].scope in ("eu", "world"):
                    self.hit_union(s, planned.severity)
                if self.shocks[planned.shock].scope != "eu":
                    source = self.iso3.index(planned.by) if planned.by else -1
                    targets = np.isin(self.iso3, members_of(planned.where, self.world))
                    self.hit(s, np.flatnonzero(targets), planned.severity, source)

    def hit(self, s: int, places: NDArray[np.int64], severity: float, source: int = -1) -> None:
        """Strike some countries, but not the one behind it."""
        places = places[places != source]
        self.intensity[places, s] = np.minimum(1.0, self.intensity[places, s] + severity)
        self.struck[places, s] = np.maximum(self.struck[places, s], severity)
        if source >= 0:
            self.behind[source, s] = min(1.0, self.behind[source, s] + severity)
        self.log("shock", int(places[0]) if len(places) == 1 else -1, s, severity)

    def hit_union(self, s: int, severity: float) -> None:
        """Strike the EU itself."""
        self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)

    def land(self, s: int, shock: ShockType, unit: int, severity: float) -> None:
        """Let a shock strike a unit of its scope."""
        everybody = np.arange(len(self.iso3))
        if shock.scope in ("eu", "world"):
            self.hit_union(s, severity)
        if shock.scope == "world":
            self.hit(s, everybody, severity, self.source(shock, None))
        elif shock.scope == "region":
            self.hit(s, everybody[self.world.arrays.region == unit], severity)
        elif shock.scope == "country":
            self.hit(s, everybody[[unit]], severity, self.source(shock, unit))
        elif shock.scope == "pair" and self.links[unit].any():
            other = self.rng.choice(np.flatnonzero(self.links[unit]))
            self.hit(s, np.array([unit, other]), severity)
        elif shock.scope == "eu":
            self.log("shock", -1, s, severity)

    def source(self, shock: ShockType, struck: int | None) -> int:
        """Draw who is behind a strike by weight; -1 if nobody is."""
        weights = np.zeros(len(self.iso3) + 1)
        for name, weight in shock.sources.items():
            if name == NEIGHBOUR and struck is not None:
                weights[:-1] += weight * self.hostile[struck]
            elif name != NEIGHBOUR:
                weights[self.iso3.index(name) if name in self.iso3 else -1] += weight
        if struck is not None:
            weights[struck] = 0.0
        if not weights.any():
            return -1
        source = int(self.rng.choice(len(weights), p=weights / weights.sum()))
        return source if source < len(self.iso3) else -1

    def spread(self, s: int, shock: ShockType, before: Vector) -> None:
        """Carry strikes of last quarter to countries along borders or links, at half severity."""
        along = self.world.arrays.borders if shock.spread.along == "borders" else self.links
        for origin in np.flatnonzero(before):
            near = np.flatnonzero((along[origin] > 0) & (before == 0.0))
            for place in near[self.rng.random(len(near)) < shock.spread.probability]:
                self.hit(s, np.array([place]), before[origin] / 2.0)

    # --- links ------------------------------------------------------------------------------------

    def form_links(self) -> None:
        """Let pairs link, groupings found agreements, countries join, and signed ones come in."""
        c, arrays, random = self.c, self.world.arrays, self.rng
        alignment = np.array(self.countries.get("alignment"))
        readiness = np.array(self.countries.get("readiness")).mean(axis=1)
        wanted = c.link_size * arrays.size + c.link_readiness * readiness
        wanted += c.link_experience * (self.degree > 0.0)
        gap = np.abs(alignment[:, None] - alignment)
        pull = self.lasting_pull * np.exp(wanted + c.link_alignment_gap * gap)
        pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
        both = pull * pull.T
        pace = np.exp(c.link_outreach * (self.direction_priority[CONNECT] - 1.0))
        pace *= chance(c.link_entry_rate * self.quarter)
        grouped = np.where(self.common >= 0, both, 0.0)
        interest = self.agreement @ both
        barred = (self.agreement > 0.0) | (self.agreement @ (arrays.restricted > 0) > 0.0)
        interest[barred] = 0.0

        def decided(rate: float, weights: Vector) -> NDArray[np.bool_]:
            hazard = pace * rate * weights / max(weights.sum(), 1e-300)
            return random.random(hazard.shape) < chance(hazard)

        for i in np.flatnonzero(decided(c.link_rate, both.sum(axis=1))):
            self.link([i, random.choice(len(both), p=both[i] / both[i].sum())])
        for i in np.flatnonzero(decided(c.link_founding_rate, grouped.sum(axis=1))):
            j = random.choice(len(both), p=grouped[i] / grouped[i].sum())
            self.found(i, j, alignment)
        for a, i in np.argwhere(decided(c.link_accession_rate, interest)):
            members = np.flatnonzero(self.agreement[a])
            if self.linkable[i, members].all():
                for member in members:
                    self.link([i, member])
                self.agreement[a, i] = 1.0
        agreements = np.unique(arrays.signed[arrays.signed > 0])
        entering = agreements[random.random(len(agreements)) < chance(c.link_entry_rate)]
        for pair in np.argwhere(np.isin(np.triu(arrays.signed), entering)):
            self.link(pair)

    def found(self, i: int, j: int, alignment: Vector) -> None:
        """Found an agreement of two countries and of those of their grouping that join."""
        c, members = self.c, np.flatnonzero(self.grouping[self.common[i, j]])
        gap = np.abs(alignment[members, None] - alignment[[i, j]]).mean(axis=1)
        utility = c.link_joining + c.link_joining_members * np.log(len(members) / 10.0)
        utility = utility + c.link_joining_gap * gap + self.rng.logistic(size=len(members))
        founders = [i, j]
        for member in members[utility > 0.0]:
            if self.linkable[member, founders].all():
                founders.append(int(member))
        for one in range(len(founders)):
            for other in founders[one + 1 :]:
                self.link([founders[one], other])

    def link(self, pair: NDArray[np.int64] | list[int]) -> None:
        """Link two countries."""
        one, other = pair
        if self.linkable[one, other] and not self.links[one, other]:
            self.links[one, other] = self.links[other, one] = 1.0
            self.links_changed = True
            self.log("linked", int(one), int(other))

    def measure_links(self) -> None:
        """Measure what changes with links only: their structure, and who is linked to whom."""
        links, region = self.links, self.world.arrays.region
        degree = links.sum(axis=1)
        shared = links @ links
        closure = (1.0 + shared) ** self.c.link_shared_partners
        self.lasting_pull = np.where(links > 0.0, 0.0, self.fixed_pull * closure)
        left, group = set(range(len(links))), np.zeros(1, int)
        while left:
            found = np.zeros(len(links), bool)
            found[min(left)], size = True, 0
            while size < (size := int(found.sum())):
                found |= links[found].any(axis=0)
            left -= set(np.flatnonzero(found).tolist())
            group = np.flatnonzero(found) if size > len(group) else group
        inner = links[np.ix_(group, group)]
        values = np.linalg.eigvalsh(np.diag(inner.sum(axis=1)) - inner)
        triples, ends = (degree * (degree - 1.0)).sum(), max(1.0, degree.sum())
        within = links[region[:, None] == region].sum() / ends
        self.structure = {
            "links": links.sum() / 2.0,
            "link_density": links.sum() / links.size,
            "clustering": (shared * links).sum() / max(1.0, triples),
            "algebraic_connectivity": values[1] if len(values) > 1 else 0.0,
            "modularity": within - ((np.bincount(region, degree) / ends) ** 2).sum(),
        }
        self.largest_group = len(group)

    # --- metrics ----------------------------------------------------------------------------------

    def table(self, name: str) -> Vector:
        """Return an attribute of all countries, one row each."""
        return np.array(self.countries.get(name))

    def measure(self) -> dict[str, float]:
        """Return all metrics of this moment."""
        arrays, union, active = self.world.arrays, self.union, self.active
        shares, region = self.shares, arrays.region
        partner = active.any(axis=1)
        depth, held, readiness = self.table("depth"), self.table("held"), self.table("readiness")
        alignment, joint = self.table("alignment"), self.table("joint")
        partners = int(partner.sum())
        measures = {"instruments": active.sum(), "partners": partners, **self.structure}
        measures["hub_dependence"] = 1.0 - min(self.largest_group, partners) / max(1, partners)
        for d, name in enumerate(DIRECTIONS):
            entered = active * (self.direction == d)
            measures[f"instruments_{name}"] = entered.sum()
            measures[f"partners_{name}"] = entered.any(axis=1).sum()
        measures |= {f"instruments_{a}": n for a, n in zip(AREAS, held.sum(axis=0), strict=True)}
        deepest = depth.max(axis=1)
        measures |= {f"partners_depth_{level}": (deepest >= level).sum() for level in range(1, 5)}
        for name in ("new_ties", "deeper_ties", "lost_ties", "rival_wins"):
            measures[name] = getattr(self, name)

        strength = self.strength * (1.0 + self.c.value_network * self.linked_share) * active
        to_partner = strength * ((arrays.need * (1.0 + readiness) / 2.0) @ shares.T)
        worth = (arrays.size + alignment)[:, None] / 2.0
        to_union = strength * worth
        serves = shares @ arrays.objective
        risk = self.c.value_high_risk * (self.table("high_risk") @ shares.T)
        need = arrays.need @ arrays.objective / arrays.objective.sum(axis=0)
        added = joint[:, self.kind.adds_value] * partner[:, None]
        by_partner = to_partner @ serves + added * need
        by_union = to_union @ serves + added * worth
        by_union[:, OBJECTIVES.index("security")] -= (
            to_union * risk * serves[:, OBJECTIVES.index("security")]
        ).sum(axis=1)
        value = by_partner @ self.world.value_weights
        to_eu = (by_union @ self.world.value_weights).sum()
        total, ordered = value.sum(), np.sort(value)
        rank = 2.0 * np.arange(len(value)) + 1.0 - len(value)
        both = (by_partner + by_union).sum(axis=0)
        measures |= {f"value_{name}": part for name, part in zip(OBJECTIVES, both, strict=True)}
        self.below_peak = 0 if total + to_eu >= self.peak else self.below_peak + 1
        self.peak = max(self.peak, total + to_eu)

        by_rivals = arrays.gdp_share @ self.table("supplied")
        by_ties = arrays.gdp_share @ depth / 4.0
        shared = by_rivals / np.maximum(by_rivals + by_ties, 1e-300)
        measures |= {f"rival_share_{a}": part for a, part in zip(AREAS, shared, strict=True)}
        joins = (alignment + joint[:, self.kind.coalition_weight][:, 0]).clip(0.0, 1.0)
        lost = (self.intensity @ self.losses).sum()
        spared = ((self.intensity * self.table("damped")) @ self.losses).sum()
        in_region = np.bincount(region, active.sum(axis=1), len(self.world.regions))
        worth_in_region = np.bincount(region, value, len(self.world.regions))
        for name, count, part in zip(self.world.regions, in_region, worth_in_region, strict=True):
            measures[f"instruments_{slug(name)}"] = count
            measures[f"value_{slug(name)}"] = part
        return measures | {
            "depth_mean": depth.mean(),
            "negotiations": self.table("load").sum(),
            "partner_value": total,
            "eu_value": to_eu,
            "value_gini": rank @ ordered / max(len(value) * total, 1e-300),
            "value_ldc_share": arrays.ldc @ value / max(total, 1e-300),
            "covered_gdp": arrays.gdp_share @ partner,
            "covered_population": arrays.population_share @ partner,
            "drawdown": 1.0 - (total + to_eu) / max(self.peak, 1e-300),
            "quarters_below_peak": self.below_peak,
            "offer_envelope": union.received,
            "offer_spent": union.spent,
            "offer_carried": union.carried,
            "offer_lapsed": union.lapsed,
            "offer_mobilised": union.mobilised,
            "offer_packages": union.packages,
            "offer_absorbed": union.spent / max(union.received, 1e-300),
            "readiness_mean": readiness.mean(),
            "alignment_mean": alignment.mean(),
            "threat_mean": self.table("threat").mean(),
            "rival_share": by_rivals.sum() / max((by_rivals + by_ties).sum(), 1e-300),
            "vendor_bans": (self.table("kept_out") >= 1.0).sum(),
            "reputation": union.reputation,
            "losses_damped": spared / max(lost, 1e-300),
            "trust_mean": self.table("trust").mean(),
            "redundancy": arrays.population_share @ joint[:, self.kind.redundancy][:, 0],
            "coalition_votes": joins.mean(),
            "coalition_gdp": arrays.gdp_share @ joins,
        }


def _measured(model: Partnerships, name: str) -> float:
    return float(model.measures[name])
