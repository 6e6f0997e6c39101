"""The same model as Mesa teaches it, in short: the yardstick of ``speed.py``.

One agent per country and one for the EU, with numpy vectors over instruments, areas, modules and
shocks; what others look at are rows of matrices of the model. A quarter is played as section 7 of
the ODD tells it, with all metrics and a log of events. Rates, priorities and other numbers that
never change in a run are read from where the package has prepared them (``fixed``); what happens in
a quarter is written anew and calls none of the rules.

Simplified: luck comes from the generators of Mesa, money is in million EUR instead of cents, the
hazards of a country's negotiations are worked out together before the first one moves, and there
are no counter-offers, scheduled strikes, turns of the climate or switches of the policy. It checks
nothing: the rules have their oracle in ``tests/test_docs_replay.py``.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import mesa
import numpy as np

from benchmarks.twin_metrics import measure, structure_of
from benchmarks.twin_tables import (
    ANNOUNCED,
    BROADEN,
    CONCLUDED,
    CONNECT,
    DEEPEN,
    IN_FORCE,
    MILLION,
    MOVING,
    NEGOTIATING,
    NONE,
    PLANNED,
    POLITICAL,
    PROJECT,
    SIGNED,
    STALLED,
    SUSPENDED,
    TREATY,
    Array,
    Tables,
)
from partnersim.model.constants import (
    AREAS,
    FRESH_RUPTURE,
    MONTHS_PER_QUARTER,
    PROGRAMME_QUARTERS,
    QUARTERS_PER_YEAR,
    SCOPES,
    SUMMIT_CYCLE,
)
from partnersim.model.effect_kinds import COLUMN, FIRST_SHOCK
from partnersim.model.shocks import FAINT, TURNS_AT_HANDOVER
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World


def chance(hazard: Any) -> Any:
    """Return the probability that something of a hazard happens in a quarter."""
    return -np.expm1(-hazard)


def log_chance(utility: Array) -> Array:
    """Return the logarithm of the probability of a yes."""
    return -np.logaddexp(0.0, -utility)


class Country(mesa.Agent):
    """A partner country: its ties with the EU, its scores, and how it decides."""

    model: Partnerships

    def __init__(self, model: Partnerships, place: int) -> None:
        super().__init__(model)
        self.place = place
        for name, column in vars(model.facts).items():
            setattr(self, name, column[place])
        for name in model.ROWS:
            setattr(self, name, getattr(model, name)[place])
        for name in ("alignment", "readiness", "rival", "threat", "kept_out"):
            setattr(self, name, getattr(self, f"first_{name}"))
        self.alignment_base, self.rival_base = self.alignment, self.rival
        self.usual_offer = model.c.usual_offer * self.developing
        usual = self.investment_unit * self.usual_offer / (1.0 - self.usual_offer)
        self.recent = np.full(len(AREAS), usual)
        self.price = 0.0
        self.take_stock()
        self.first_depth = self.depth
        self.count_supply()

    # --- its ties ---------------------------------------------------------------------------------

    def take_stock(self) -> None:
        """Count what is in force."""
        self.active[:] = (self.stage == IN_FORCE) & (self.halt == MOVING)
        self.held = self.active @ self.model.covers
        self.depth = (self.model.binding_by_area * self.active[:, None]).max(axis=0)

    def change(self, k: int, kind: str, stage: int | None = None, halt: int = MOVING) -> None:
        """Bring a tie to a stage, the present one if none is named, or halt it."""
        model, active, busy = self.model, self.active[k], self.is_busy(k)
        self.stage[k] = self.stage[k] if stage is None else stage
        self.halt[k] = halt
        self.occupy(k, self.is_busy(k) - busy)
        self.take_stock()
        model.lost_ties += active > self.active[k]
        model.log(kind, self.place, k)

    def is_busy(self, k: int) -> int:
        """Return 1 if an instrument is being negotiated."""
        return int(ANNOUNCED <= self.stage[k] < IN_FORCE and self.halt[k] == MOVING)

    def occupy(self, k: int, change: int) -> None:
        """Take up or set free negotiators of both sides, and what is to be paid."""
        model, union = self.model, self.model.union
        self.load += change
        union.owed += change * model.cost[k] * (not self.paid[k])
        union.load += change * model.catalogue.effort[k] * (self.lead[k] == self.place)

    def directions(self) -> Array:
        """Return the direction under which the country would take each instrument."""
        own = np.where(self.model.covers @ self.held > 0.0, DEEPEN, BROADEN)
        return np.where(self.model.fixed_direction < 0, own, self.model.fixed_direction)

    def prerequisites_met(self) -> Array:
        """Tell of each instrument whether each group of prerequisites has one in force."""
        met = self.model.requires @ self.active > 0.0
        return (met | self.model.requires_none).all(axis=1)

    def options(self) -> Array:
        """Tell which instruments the country may take."""
        barred = self.model.excludes @ (self.stage >= ANNOUNCED) > 0.0
        free = self.available & (self.stage <= PLANNED) & ~barred & ~self.lapsed
        return free & (self.again <= self.model.quarter) & self.prerequisites_met()

    def together(self, k: int) -> list[Country]:
        """Return those who negotiate an instrument as one bloc and stand at the same point."""
        model, i = self.model, self.place
        if model.bloc[i, k] < 0:
            return [self]
        tables = (model.bloc, model.stage, model.lead, model.halt)
        alike = np.logical_and.reduce([table[:, k] == table[i, k] for table in tables])
        members = [model.country[place] for place in np.flatnonzero(alike)]
        return [one for one in members if one.rupture <= FRESH_RUPTURE and not one.standing()[k]]

    def waiting(self) -> Array:
        """Tell which instruments wait for nothing but money."""
        model, talks = self.model, (self.stage >= ANNOUNCED) & (self.stage < IN_FORCE)
        last = model.fixed.next_stage[model.catalogue.path, self.stage] == IN_FORCE
        return last & talks & (model.cost > 0.0) & ~self.paid & (self.halt == MOVING)

    def standing(self) -> Array:
        """Tell which instruments wait for money, or have come to their stage too lately."""
        return self.waiting() | (self.again > self.model.quarter) & (self.halt == MOVING)

    # --- what instruments and shocks change -------------------------------------------------------

    def effects(self) -> Array:
        """Return what instruments in force leave over of each thing that they act on."""
        model, of, i = self.model, self.model.effect_of, self.place
        here = self.active[of] * (1.0 + model.effect.by_links * model.linked_share[i, of])
        here += (model.third[i] & (self.stage < IN_FORCE))[of] * model.effect.abroad
        size = np.minimum(1.0, here * model.effect_size[model.every_effect, self.age[of]])
        left = np.ones(model.fixed.effects_left.shape[1])
        left[model.effect_column] = np.multiply.reduceat(1.0 - size, model.effect_first)
        return left

    def see_effects(self) -> None:
        """Let instruments in force, and shocks as far as these do not damp them, have effects."""
        model, c, i = self.model, self.model.c, self.place
        there = (self.active > 0.0) | (model.third[i] & (self.stage < IN_FORCE))
        self.age[:] = np.minimum(self.age + there, model.oldest)
        self.left = self.effects()
        gain = model.first_left[i] - self.left
        self.trust = gain[COLUMN.trust]
        self.capacity = 1 + int(c.country_capacity * (self.administration + gain[COLUMN.capacity]))

        undamped = self.left[FIRST_SHOCK : FIRST_SHOCK + len(self.intensity)]
        second_route = np.where(model.types.outage, self.left[COLUMN.redundancy], 1.0)
        struck = self.intensity * np.minimum(undamped, second_route)
        model.spared += (self.intensity - struck) @ model.losses
        others = (model.everywhere - self.gdp_share * self.intensity).clip(0.0, 1.0)
        reaching = np.concatenate([struck, struck * self.candidate, self.behind, others])
        scores = reaching @ model.shock_effects - model.usual[i]

        by_area, (alignment, silence, rupture) = scores[:-3].reshape(5, -1), scores[-3:].tolist()
        invested = c.investment_effect * self.invested / self.investment_unit
        closed = np.exp(-invested - c.rival_readiness * self.built)
        by_area[0] += self.first_threat
        by_area[1] += self.rival_base - gain[COLUMN.lowers_rival :][: len(AREAS)]
        by_area[2] += 1.0 - (1.0 - self.first_readiness) * closed
        by_area[2] += gain[COLUMN.raises_readiness :][: len(AREAS)]
        self.threat, self.rival, self.readiness = by_area[:3].clip(0.0, 1.0)
        self.drive, self.pace = by_area[3:]
        alignment += self.alignment_base + gain[COLUMN.raises_alignment]
        self.alignment, self.silence = min(1.0, max(0.0, alignment)), min(1.0, max(0.0, silence))
        self.rupture, self.breach = rupture, max(0.0, rupture - self.rupture)

    # --- what it wants ----------------------------------------------------------------------------

    def utility(self) -> Array:
        """Return the utility of every instrument, whatever the EU would say to it."""
        model, c, binding = self.model, self.model.c, self.model.catalogue.binding
        by_area = c.need * self.need + c.readiness * self.readiness + c.rival * self.supplied
        by_area = by_area - 0.5 * c.rival_pull * (self.rival - self.first_rival)
        recent, held = model.shares @ self.recent, model.shares @ self.held
        steps = np.maximum(0.0, binding[:, None] - self.depth)
        return (
            model.direction_constant[self.directions()]
            + model.shares @ (by_area + self.drive)
            + c.offer * (recent / (recent + self.investment_unit) - self.usual_offer)
            + c.alignment * (self.alignment - 0.5) * binding / 4.0
            + c.long_step * (model.shares * steps).sum(axis=1) / 4.0
            + c.complementarity * held / (held + 2.0)
            + c.precursor * (model.precursor @ self.active > 0.0)
            + c.diffusion_links * model.linked_share[self.place]
            + c.diffusion_region * model.regional_share[self.region]
            + c.economic_size * self.economic_size
            + model.threat_demand @ self.threat
            + c.announced * (self.stage == PLANNED)
            + c.reputation * (model.union.reputation + self.trust - 0.5)
            + c.pooled_effects * self.opening
            + c.vendor_alliance * self.ally * model.catalogue.keeps_vendors_out
            + model.political * np.log(max(1.0 - self.silence, 1e-300))
        )

    @property
    def in_trouble(self) -> bool:
        """Whether a rupture is fresh, or anything suspended."""
        return bool(self.rupture > FRESH_RUPTURE or (self.halt == SUSPENDED).any())

    def has_hands_free(self) -> bool:
        """Tell whether it can carry another negotiation, and no rupture is in the way."""
        return self.load < self.capacity and self.rupture <= FRESH_RUPTURE

    def step(self) -> None:
        """Take a turn: choose among instruments and holding still, ask the EU for the choice."""
        model, union = self.model, self.model.union
        if model.rng.random() >= self.activity or not self.has_hands_free():
            return
        agreed = log_chance(union.utility(self))
        utility, options = self.utility() - self.members + agreed, self.options() & union.free()
        model.decide(self, np.where(options, utility, -np.inf), agreed, "approached", "refused")

    # --- its negotiations -------------------------------------------------------------------------

    def negotiate(self) -> None:
        """Let talks move on, stall, be resumed or given up; the first of a bloc decides for it."""
        talks = (self.stage >= ANNOUNCED) & (self.stage < IN_FORCE) & (self.halt != SUSPENDED)
        if self.rupture > FRESH_RUPTURE or not talks.any():
            return
        columns = np.flatnonzero(talks & ~self.standing())
        columns = columns[[self.together(k)[0] is self for k in columns]]
        stalled = self.halt[columns] == STALLED
        for k in columns[stalled]:
            self.resume_or_end(k)
        self.move(columns[~stalled])

    def move(self, columns: Array) -> None:
        """Let talks pass a stage a month, unless they stall or wait for money."""
        model, c, catalogue = self.model, self.model.c, self.model.catalogue
        for _ in range(MONTHS_PER_QUARTER):
            last = model.fixed.next_stage[catalogue.path[columns], self.stage[columns]] == IN_FORCE
            columns = columns[~last | (catalogue.serves[columns] <= model.quarter)]
            if not columns.size:
                return
            path, stage = catalogue.path[columns], self.stage[columns]
            all_agree = (stage >= CONCLUDED) & (stage <= catalogue.mixed[columns])
            advance = model.fixed.hazard[path, stage] * np.exp(
                model.pace_of_instrument[columns]
                + model.shares[columns] @ (c.hazard_threat * self.threat)
                + (model.shares[columns] @ self.pace) * ~((path == PROJECT) & (stage == SIGNED))
                + c.hazard_alignment * (self.alignment - 0.5)
                + c.hazard_busy * (model.union.busy - c.usual_busy)
                + c.hazard_mixed * all_agree
                + c.hazard_cable * (model.laid[self.place, columns] * (stage == SIGNED))
            )
            advance *= 1.0 - self.silence * (path == POLITICAL)
            advance /= self.left[catalogue.saved[columns]]
            late = (stage >= CONCLUDED) & (path != PROJECT)
            stall = np.where(late, c.hazard_concluded_stall, model.stall_hazard[path])
            stall = advance + stall * ~((path == TREATY) & (stage == SIGNED))
            either = stall + c.hazard_signature_block * all_agree
            # What is agreed in one text has one draw.
            draw = model.rng.random(len(model.cost))[model.text[self.place, columns]]
            draw *= either / chance(either / MONTHS_PER_QUARTER)
            events = np.select([draw < advance, draw < stall, draw < either], [1, 2, 3])
            for k, event in zip(columns[events > 0], events[events > 0], strict=True):
                # What another one has superseded by now is left alone.
                for country in self.together(k) if self.is_busy(k) else ():
                    if event == 1:
                        country.advance(k)
                    else:
                        country.again[k] = model.quarter + int(c.stall_quarters)
                        country.change(k, "stalled" if event == 2 else "blocked", halt=STALLED)
            columns = columns[events <= 1]
            talks = (self.stage[columns] >= ANNOUNCED) & (self.stage[columns] < IN_FORCE)
            columns = columns[talks & ~self.standing()[columns]]

    def advance(self, k: int) -> None:
        """Reach the next stage of a negotiation."""
        model = self.model
        stage = model.fixed.next_stage[model.catalogue.path[k], self.stage[k]]
        if stage == IN_FORCE:
            for old in np.flatnonzero((model.fixed.supersedes[k] > 0) & (self.stage > PLANNED)):
                self.change(old, "superseded", NONE)
            known = self.depth[model.covers[k] * self.held > 0.0]
            model.new_ties += 1
            model.deeper_ties += (model.catalogue.binding[k] > known).any()
        self.again[k] = model.quarter + model.wait[k, stage]
        self.change(k, "advanced", stage)
        model.advanced += 1

    def resume_or_end(self, k: int) -> None:
        """Let stalled talks be taken up again, be given up, or stay stalled."""
        model, c = self.model, self.model.c
        resume = c.hazard_resume if model.quarter >= self.again[k] else 0.0
        either = resume + (0.0 if self.stage[k] == SIGNED else c.hazard_end)
        if model.rng.random() >= chance(either):
            return
        resumed = model.rng.random() < resume / either
        for country in self.together(k):
            if resumed:
                country.change(k, "resumed")
            else:
                country.again[k] = model.quarter + int(c.retry_quarters)
                country.change(k, "ended", NONE)

    def suspend_and_recover(self) -> None:
        """Let a rupture suspend ties, and suspended ones recover."""
        model, c, suspended = self.model, self.model.c, self.halt == SUSPENDED
        if self.breach > 0.0 or suspended.any():
            degree = model.degree[self.place]
            connected = degree / (degree + 3.0) - 0.5
            recovery = c.recovery_rate * np.exp(c.recovery_links * connected - self.rupture)
            hazard = np.where(suspended, recovery, self.breach * model.suspension)
            hazard *= (self.stage >= ANNOUNCED) & (self.halt != STALLED)
            holds = (model.bloc[self.place] >= 0) & (model.catalogue.path == POLITICAL)
            holds |= (model.catalogue.cable > 0) & (self.stage == IN_FORCE)
            hazard[holds & ~suspended] = 0.0
            for k in np.flatnonzero(model.rng.random(len(hazard)) < chance(hazard)):
                if suspended[k]:
                    self.change(k, "recovered")
                else:
                    self.change(k, "suspended", halt=SUSPENDED)

    # --- rivals, slow change, money ---------------------------------------------------------------

    def count_supply(self) -> None:
        """Work out which shares of its areas rivals supply, and high-risk ones among them."""
        held, risky = self.supply @ self.model.serves
        self.supplied, self.high_risk = held / (1.0 + held), risky / (1.0 + held)

    def compete(self) -> None:
        """Let the hold of rivals fade, keep high-risk vendors out, be won by rivals."""
        model, c, rivals = self.model, self.model.c, self.model.rivals
        if self.kept_out < 1.0 and not self.power:
            often = c.vendor_alliance * self.ally + c.vendor_wealth * (self.wealth - 0.5)
            toolbox = c.vendor_toolbox * (model.catalogue.keeps_vendors_out @ self.active > 0.0)
            if model.rng.random() < chance(c.vendor_ban * np.exp(often) + toolbox):
                self.kept_out = 1.0
                model.log("vendor_banned", self.place)
        banned = self.kept_out * rivals.vendor
        self.supply *= rivals.decay * (1.0 - c.vendor_replacement * banned)
        recent = self.recent / (self.recent + self.investment_unit)
        attraction = np.exp(
            c.rival_pull * (self.rival - self.first_rival)
            + c.rival_ties * (self.depth - self.first_depth) / 4.0
            + c.rival_money * (recent - self.usual_offer)
        )
        hazard = model.fixed.rival_rate[self.place] * (1.0 - self.supply) * (1.0 - banned)
        hazard = hazard * attraction[rivals.area]
        for o in np.flatnonzero(model.rng.random(len(hazard)) < chance(hazard)):
            self.supply[o] = 1.0
            self.built[rivals.area[o]] += rivals.builds[o]
            model.rival_wins += 1
            model.log("rival_won", self.place, o)
        self.count_supply()
        # Slow change.
        drift = model.fixed.phase_drift[0] - c.rival_crowding_out * recent
        self.rival_base = (self.rival_base + drift).clip(0.0, 1.0)
        closer = c.alignment_convergence * self.depth.mean() / 4.0
        self.alignment_base += closer * (1.0 - self.alignment_base)

    def absorb(self) -> None:
        """Absorb what was promised, forget some of what was received; see what is asked for."""
        c = self.model.c
        self.recent = self.recent * 2.0 ** (-1.0 / c.offer_memory)
        hub, facilitator, self.framework = self.model.has_offer_role @ self.active > 0.0
        limit = c.absorption_rate * self.programme
        limit *= 1.0 + c.absorption_readiness * self.readiness.mean()
        limit *= 1.0 + c.absorption_hub * (hub or self.policy_hub > 0)
        limit *= 1.0 + c.absorption_facilitator * facilitator
        # However little there is for it, a package takes two thirds of the usual time.
        slowest = self.price / (c.package_quarters * 2.0 / 3.0)
        self.committed = max(0.0, self.committed - min(limit, slowest))
        self.worthwhile = c.package_quarters * 2.0 / 3.0 * limit >= c.package_least
        if self.committed > 0.0:
            return
        self.package_luck = self.model.rng.random()
        quarters = c.package_quarters * (2.0 + 2.0 * self.package_luck) / 3.0
        self.price = max(c.package_least, quarters * limit)

    def package(self) -> Array:
        """Return what each module weighs in a package, without those too sensitive for it."""
        modules, near = self.model.modules, self.alignment + self.trust
        trusted = near >= modules.trust * (1.0 - self.model.union.openness)
        return trusted * modules.share * self.model.fixed.gains[self.place]

    def receive(self) -> float:
        """Receive a package; return the money that it mobilises."""
        package = self.package() / self.package().sum()
        mobilised = self.leverage * self.price * (2.0 - self.left[COLUMN.investment])
        by_area = mobilised * package @ self.model.modules.area
        self.invested, self.recent = self.invested + by_area, self.recent + by_area
        self.committed += self.price
        return mobilised


class EuropeanUnion(mesa.Agent):
    """The EU: what it wants, whom it turns to, and its money."""

    model: Partnerships

    def __init__(self, model: Partnerships) -> None:
        super().__init__(model)
        for name, column in vars(model.levers).items():
            setattr(self, name, column[0])
        self.per_quarter = self.envelope_per_quarter / MILLION
        self.carry_over, self.reputation = self.carry_over / MILLION, 0.5
        self.yearly_envelope = self.owed = self.spent = self.carried = self.lapsed = 0.0
        self.due: Any = 0.0
        self.envelope = self.mobilised = 0.0

    @property
    def busy(self) -> float:
        """The share of negotiators at work."""
        return min(1.0, self.load / self.negotiators) if self.negotiators else 1.0

    def free(self) -> Array:
        """Tell for which instruments negotiators are free."""
        return self.load + self.model.catalogue.effort <= self.negotiators

    def worth(self, country: Country) -> float:
        """Return what a country is worth as a partner, whatever the instrument."""
        model, c = self.model, self.model.c
        return (
            c.consent_size * country.economic_size
            + c.consent_region * (model.fixed.region_priority[country.region] - 1.0)
            + c.consent_alignment * (country.alignment - (1.0 - self.openness))
            + c.consent_busy * (self.busy - c.usual_busy)
        )

    def utility(self, country: Country) -> Array:
        """Return the EU's utility of each instrument with a country."""
        model, c, catalogue = self.model, self.model.c, self.model.catalogue
        value = catalogue.strength * (country.economic_size + country.alignment) / 2.0
        cost = model.cost * country.developing
        due = np.maximum(self.owed + cost, 1e-300)
        unpaid = np.maximum(0.0, 1.0 - self.yearly_envelope / due) * (cost > 0.0)
        return (
            self.worth(country)
            + c.consent
            + c.consent_area * (catalogue.priority - 1.0)
            + c.consent_direction * (self.direction_priority[country.directions()] - 1.0)
            + c.consent_announced * (country.stage == PLANNED)
            + c.consent_value * value
            + c.consent_money * unpaid
        )

    def step(self) -> None:
        """Spend the Offer, then turn to partners in the order in which their time comes."""
        model, c = self.model, self.model.c
        self.spend()
        summit = model.fixed.summit[:, model.quarter % SUMMIT_CYCLE]
        rate = np.array(model.countries.map(self.worth)) - c.consent_size / 2.0
        rate = c.initiative_rate * np.exp(rate + c.initiative_summit * summit)
        waits = model.rng.exponential(size=len(rate)) / rate
        for place in np.argsort(waits)[: np.count_nonzero(waits < 1.0)]:
            if model.country[place].has_hands_free():
                self.propose(model.country[place])

    def propose(self, country: Country) -> None:
        """Propose to a country what both sides would want most."""
        model, options = self.model, country.options() & self.free()
        accepted = log_chance(country.utility() + model.c.acceptance)
        silence = model.political * np.log(max(1.0 - country.silence, 1e-300))
        utility = self.utility(country) + accepted + silence - country.members
        model.decide(country, np.where(options, utility, -np.inf), accepted, "proposed", "declined")

    def spend(self) -> None:
        """Pay projects that wait for their money, then buy packages by claims."""
        model = self.model
        model.countries.do("absorb")
        envelope = self.per_quarter * self.budget_factor
        purse = left = envelope + self.carried
        for country in model.countries.select(
            lambda one: one.load and one.waiting().any()
        ).shuffle():
            for k in np.flatnonzero(country.waiting()):
                if model.cost[k] <= left:
                    country.paid[k] = True
                    self.owed, left = self.owed - model.cost[k], left - model.cost[k]
        buyers = model.countries.select(
            lambda one: (
                one.developing and one.worthwhile and one.committed == 0.0 and not one.in_trouble
            )
        )
        share = model.fixed.region_share
        for one in buyers:
            most = model.c.package_most
            if share[one.region] > 0.0:
                most = min(most, 4.0 * share[one.region] * envelope)
            most *= (2.0 + one.package_luck) / 3.0
            one.price = max(model.c.package_least, min(one.price, most))
        claims = sorted(((self.claim(one), one.place) for one in buyers), reverse=True)
        claimants = [model.country[place] for claim, place in claims if claim > 0.0]
        self.due = self.due + share * envelope
        for region in (*np.flatnonzero(share), None):
            left -= self.buy(claimants, left, region)
        self.envelope, self.spent = self.envelope + envelope, self.spent + purse - left
        self.carried = min(left, self.carry_over)
        self.lapsed += left - self.carried
        self.lapsed_share = (left - self.carried) / (purse + 100.0)
        self.yearly_envelope = 4.0 * envelope

    def claim(self, country: Country) -> float:
        """Return a country's claim on a package, 0 if one side would not gain from it."""
        model, package = self.model, country.package()
        priority = model.fixed.region_priority[country.region]
        gain = package @ model.fixed.gains[country.place] / max(package.sum(), 1e-300)
        own = priority * (country.economic_size + country.alignment) / 2.0
        if gain <= self.reservation_partner or own <= self.reservation_union:
            return 0.0
        degree, depth = model.degree[country.place], country.depth.mean() / 4.0
        claim = self.targeting @ [gain, own, 1.0, depth, degree / (degree + 3.0)]
        recent = country.recent.sum() / country.investment_unit
        bonus = model.c.package_bonus * country.framework
        return float(priority * (1.0 + bonus) * claim / (1.0 + recent))

    def buy(self, claimants: list[Country], money: float, region: int | None) -> float:
        """Buy packages for a region or for all, the best claims first; return the price."""
        spent = 0.0
        for country in claimants.copy():
            served = region is None or (country.region == region and self.due[region] > 0.0)
            if served and country.price <= money - spent:
                claimants.remove(country)
                self.due[country.region] -= country.price
                self.mobilised += country.receive()
                self.packages += 1
                spent += country.price
                self.model.log("package", country.place, value=country.price)
        return spent

    def adapt(self) -> None:
        """Let reputation follow what was delivered, and what lapsed."""
        model, c = self.model, self.model.c
        delivered = model.advanced / (model.advanced + 0.06 * len(model.country))
        gained = c.reputation_gain * (1.0 - self.reputation) * delivered
        self.reputation += gained - c.reputation_loss * self.reputation * self.lapsed_share


class Partnerships(Tables):
    """The EU's network of partnerships, quarter by quarter.

    Parameters
    ----------
    world : World
    scenario : Scenario
    rng : int or sequence of int
        Seed of the model's generators.
    """

    #: Matrices whose rows belong to countries.
    ROWS = (
        *("stage", "halt", "again", "lead", "paid", "lapsed", "direction", "active", "age"),
        *("available", "members", "opening", "intensity", "behind", "supply"),
    )

    def __init__(self, world: World, scenario: Scenario, rng: int | list[int]) -> None:
        super().__init__(rng=rng)
        self.read(world, scenario)
        self.quarter, self.rival_wins, self.peak, self.below_peak = 0, 0, 0.0, 0
        self.events: list[tuple[object, ...]] = []
        self.union = EuropeanUnion(self)
        self.countries = Country.create_agents(self, len(self.stage), np.arange(len(self.stage)))
        self.country = self.countries.to_list()
        for i, k in np.argwhere((self.stage >= ANNOUNCED) & (self.stage < IN_FORCE)):
            self.country[i].occupy(k, 1)
        self.begin_quarter()
        self.look_around()
        self.age[self.third & (self.stage < IN_FORCE)] = self.oldest
        self.first_left = np.array(self.countries.map("effects"))
        for country in self.countries:
            country.left = self.first_left[country.place]
        self.note_links()
        self.measures = measure(self)
        reporters = {name: partial(Partnerships.measured, name=name) for name in self.measures}
        self.datacollector = mesa.DataCollector(reporters)
        self.datacollector.collect(self)

    # --- a quarter --------------------------------------------------------------------------------

    def step(self) -> None:
        """Play one quarter."""
        self.quarter += 1
        self.begin_quarter()
        self.strike()
        self.countries.do("see_effects")
        self.expire_and_renew()
        self.look_around()
        self.union.step()
        self.countries.shuffle_do("step")
        self.form_links()
        self.countries.do("negotiate")
        self.countries.do("suspend_and_recover")
        self.countries.do("compete")
        self.union.adapt()
        if self.links_changed:
            self.note_links()
        self.look_around()
        self.measures = measure(self)
        self.datacollector.collect(self)

    def begin_quarter(self) -> None:
        """Begin to count anew."""
        self.advanced = self.new_ties = self.deeper_ties = self.lost_ties = 0
        self.spared, self.links_changed = 0.0, False

    def look_around(self) -> None:
        """Count what everybody looks at: who has what among linked partners and in the region."""
        self.degree = self.links.sum(axis=1)
        holders = self.links @ self.active
        self.linked_share = holders / np.maximum(1.0, self.degree)[:, None]
        self.third = (holders >= 2.0) & self.built_abroad & (self.facts.developing[:, None] > 0)
        self.regional_share = self.share_of_region @ self.active

    def table(self, name: str) -> Array:
        """Return an attribute of all countries, one row each."""
        return np.array(self.countries.get(name))

    def measured(self, name: str) -> float:
        """Return a metric of this quarter."""
        return float(self.measures[name])

    def log(self, kind: str, place: int = -1, other: int = -1, value: float = 0.0) -> None:
        """Note what happened."""
        self.events.append((self.quarter, kind, place, other, value))

    def decide(self, country: Country, utility: Array, agreed: Array, yes: str, no: str) -> None:
        """Choose by multinomial logit among instruments and nothing, sound out, put the question.

        ``agreed`` holds the log chances of a yes; a no that was foreseen is mostly not asked for.
        """
        utility = np.append(utility, 0.0)
        k = int((utility + self.rng.gumbel(size=len(utility))).argmax())
        if k < len(agreed):
            draw, chance_of_yes = self.rng.random(), np.exp(agreed[k])
            if draw < chance_of_yes:
                self.open(country, k, yes)
            elif draw < chance_of_yes + self.c.unsounded * (1.0 - chance_of_yes):
                self.log(no, country.place, k)

    def open(self, lead: Country, k: int, kind: str) -> None:
        """Open a negotiation with a country, or with all of its bloc that may take part."""
        joint = (self.bloc[:, k] == self.bloc[lead.place, k]) & (self.bloc[:, k] >= 0)
        others = [self.country[place] for place in np.flatnonzero(joint) if place != lead.place]
        for country in [lead, *(other for other in others if other.options()[k])]:
            country.direction[k], country.lead[k] = country.directions()[k], lead.place
            country.paid[k], country.age[k] = not country.developing, 0
            country.change(k, kind, ANNOUNCED)

    def expire_and_renew(self) -> None:
        """Let programmes end with their period, and lapsed ties be renewed, blocs as one."""
        expires, renews = self.catalogue.expires, self.catalogue.renews
        since = self.quarter - expires - 1
        over = (expires > 0) & (since >= 0) & (since % PROGRAMME_QUARTERS == 0)
        renewed = self.lapsed & (renews > 0) & (self.quarter >= renews)
        for i, k in np.argwhere((self.stage >= CONCLUDED) & over):
            self.lapsed[i, k] = self.stage[i, k] == IN_FORCE
            # What is not in force yet is negotiated anew.
            stage, halt = (NONE, MOVING) if self.lapsed[i, k] else (NEGOTIATING, self.halt[i, k])
            self.country[i].change(k, "expired", stage, halt)
        luck = self.rng.random(self.stage.shape)
        for i, k in np.argwhere(renewed):
            country = self.country[i]
            met = country.prerequisites_met()[k] and not country.in_trouble
            if met and luck[self.lead[i, k], self.text[i, k]] < chance(self.c.hazard_renewal):
                self.lapsed[i, k] = False
                country.change(k, "renewed", IN_FORCE)

    # --- shocks -----------------------------------------------------------------------------------

    def strike(self) -> None:
        """Let old shocks fade, new ones strike, and those of last quarter spread."""
        types, random = self.types, self.rng
        before, self.struck = self.struck, np.zeros_like(self.struck)
        for intensity in (self.intensity, self.behind, self.on_union):
            intensity *= types.decay
        for s, scope in enumerate(types.scope):
            exposure = self.fixed.shock_exposure[s, : types.units[s]]
            hazard = self.fixed.shock_rate[0, s, self.quarter] * exposure
            if types.turn[s]:
                hazard = hazard * self.by_calendar()
            for unit in np.flatnonzero(random.random(len(hazard)) < chance(hazard)):
                if types.turn[s] and self.has_just_turned(unit):
                    continue
                ends = types.severity_low[s], types.severity_mode[s], types.severity_high[s]
                self.land(s, SCOPES[scope], unit, random.triangular(*ends))
            along = (None, self.world.arrays.borders, self.links)[types.spread[s]]
            loud = np.flatnonzero(before[:, s] / 2.0 >= FAINT)
            for origin in loud if along is not None else ():
                spared = (before[:, s] > 0.0) | (self.behind[:, s] > 0.0)
                near = np.flatnonzero((along[origin] > 0) & ~spared)
                for place in near[random.random(len(near)) < types.spread_probability[s]]:
                    if not (types.turn[s] and self.has_just_turned(place)):
                        self.hit(s, [place], before[origin, s] / 2.0)
        self.everywhere = self.facts.gdp_share @ self.intensity
        self.union.budget_factor = max(0.0, 1.0 + types.budget @ self.on_union)

    def by_calendar(self) -> Array:
        """Return how much likelier than on average each country turns now."""
        term = np.maximum(self.facts.term, 2)
        due = (self.quarter - self.facts.handover) % term == 0
        usual = (1.0 - TURNS_AT_HANDOVER) * term / (term - 1)
        return np.where(self.facts.term, np.where(due, TURNS_AT_HANDOVER * term, usual), 1.0)

    def has_just_turned(self, place: int) -> bool:
        """Tell whether a country has turned, towards the EU or away, within a year."""
        return bool(self.quarter - self.turned[place] < QUARTERS_PER_YEAR)

    def land(self, s: int, scope: str, unit: int, severity: float) -> None:
        """Let a shock strike a unit of its scope."""
        everybody, source = np.arange(len(self.country)), -1
        struck = everybody[unit : unit + 1]
        if scope in ("eu", "world"):
            self.on_union[s] = min(1.0, self.on_union[s] + severity)
            struck = everybody if scope == "world" else everybody[:0]
        elif scope == "region":
            struck = everybody[self.facts.region == unit]
        elif scope == "pair":
            behind = self.fixed.source_weight[s, self.facts.region[everybody], everybody]
            reached = self.links[unit] * (behind == 0.0) * (self.behind[:, s] == 0.0)
            exposure = reached * self.fixed.shock_exposure[s]
            if exposure.any():
                other = self.rng.choice(len(exposure), p=exposure / exposure.sum())
                self.hit(s, [other], severity / 2.0)
            else:
                struck = everybody[:0]
        if self.types.sourced[s]:
            region = 0 if scope == "world" else self.facts.region[unit]
            weights = np.append(self.fixed.source_weight[s, region], self.types.by_nobody[s])
            if scope != "world":
                weights[:-1] += self.types.by_neighbours[s] * self.hostile[unit]
                weights[unit] = 0.0
            source = self.rng.choice(len(weights), p=weights / weights.sum())
            source = source if source < len(everybody) else -1
        self.hit(s, struck, severity, source)

    def hit(self, s: int, struck: Any, severity: float, source: int = -1) -> None:
        """Strike some countries, but not the one behind it."""
        struck = np.array(struck, int)
        struck = struck[struck != source]
        self.intensity[struck, s] = np.minimum(1.0, self.intensity[struck, s] + severity)
        self.struck[struck, s] = np.maximum(self.struck[struck, s], severity)
        if self.types.turn[s]:
            self.turned[struck] = self.quarter
        if source >= 0:
            self.behind[source, s] = min(1.0, self.behind[source, s] + severity)
        self.log("shock", struck[0] if len(struck) == 1 else -1, s, severity)

    # --- links ------------------------------------------------------------------------------------

    def form_links(self) -> None:
        """Let pairs link, groupings found agreements, countries join, signed ones enter force."""
        c, random, arrays = self.c, self.rng, self.world.arrays
        alignment, readiness = self.table("alignment"), self.table("readiness").mean(axis=1)
        wanted = c.link_size * self.facts.economic_size + c.link_readiness * readiness
        wanted += c.link_experience * (self.degree > 0.0)
        gap = np.abs(alignment[:, None] - alignment)
        pull = self.lasting_pull * np.exp(wanted + c.link_alignment_gap * gap)
        pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
        both = pull * pull.T
        interest = self.agreement @ both * (self.agreement @ ~self.linkable == 0.0)
        pace = np.exp(c.link_outreach * (self.union.direction_priority[CONNECT] - 1.0))
        pace *= chance(c.link_entry_rate * self.quarter)

        def decided(rate: float, chances: Array) -> Array:
            count = random.poisson(pace * rate) if chances.any() else 0
            chosen = random.choice(
                chances.size, count, p=chances.ravel() / max(chances.sum(), 1e-300)
            )
            return np.column_stack(np.unravel_index(chosen, chances.shape))

        # Two smaller ones make no agreement by themselves.
        for i, j in decided(
            c.link_rate, both * (np.add.outer(self.facts.large, self.facts.large) > 0)
        ):
            self.link(i, j)
        for i, j in decided(c.link_founding_rate, both * (self.fixed.common_grouping >= 0)):
            self.found(i, j, alignment)
        for a, i in decided(c.link_accession_rate, interest):
            members = np.flatnonzero(self.agreement[a])
            if self.linkable[i, members].all():
                self.agreement[a, i] = 1.0
                for member in members:
                    self.link(i, member)
        signed = np.unique(arrays.signed[arrays.signed > 0])
        entering = signed[random.random(len(signed)) < chance(c.link_entry_rate)]
        for i, j in np.argwhere(np.isin(arrays.signed, entering)):
            self.link(i, j)

    def found(self, i: int, j: int, alignment: Array) -> None:
        """Found an agreement of two countries and of those of their grouping that join."""
        c, members = self.c, np.flatnonzero(self.fixed.grouping[self.fixed.common_grouping[i, j]])
        gap = np.abs(alignment[members, None] - alignment[[i, j]]).mean(axis=1)
        utility = c.link_joining + c.link_joining_members * np.log(len(members) / 10.0)
        utility = utility + c.link_joining_gap * gap + self.rng.logistic(size=len(members))
        founders = [i, j]
        for member in members[utility > 0.0]:
            if self.linkable[member, founders].all():
                founders.append(member)
        for one, other in combinations(founders, 2):
            self.link(one, other)

    def link(self, i: int, j: int) -> None:
        """Link two countries."""
        if self.linkable[i, j] and not self.links[i, j]:
            self.links[i, j] = self.links[j, i] = 1.0
            self.links_changed = True
            self.log("linked", i, j)

    def note_links(self) -> None:
        """Work out what changes with links only: who is drawn to whom, and their structure."""
        shared = self.links @ self.links
        free = self.linkable & (self.links == 0.0)
        closure = (1.0 + shared) ** self.c.link_shared_partners
        self.lasting_pull = free * self.fixed.fixed_pull * closure
        self.structure, self.largest_group = structure_of(self.links, shared, self.facts.region)
