"""The same model in Mesa, vectorised over the whole table wherever that is possible.

One `mesa.Agent` per country, with numpy vectors over its alternatives, takes its turn; whatever
concerns all countries at once (shocks, Offer, stages, strain, metrics) is one operation on tables.
That is as fast as Mesa gets, and further from agents than Mesa teaches: ``agent_twin.py``. It
shares no rule with the package, only the tables of world and scenario, and so checks the rules
independently: `tests/test_twin.py` compares the two in distribution.
"""

from __future__ import annotations

import mesa
import numpy as np

from benchmarks import twin_metrics
from benchmarks.twin_tables import Tables
from partnersim.model.constants import (
    ANNOUNCED,
    BROADEN,
    CENTS_PER_MILLION,
    CYBERSECURITY_AREA,
    DEEPEN,
    FACILITATOR,
    HUB,
    IN_FORCE,
    PACKAGE,
    PLANNED,
    SIGNED,
)

HALF_COMPLEMENTARY = 2.0
HALF_CONNECTED = 3.0
HALF_DELIVERED = 0.06
SPREAD_SHARE = 0.5
INITIAL_REPUTATION = 0.5


class Partner(mesa.Agent):
    """A partner country; its arrays are rows of the model's tables."""

    def __init__(self, model: MesaTwin, place: int) -> None:
        super().__init__(model)
        tables, arrays = model.tables, model.tables.world.arrays
        self.place = place
        self.region_holders = model.region_holders[arrays.region[place]]
        self.region_size = float(tables.region_size[arrays.region[place]])
        self.size = float(arrays.size[place])
        self.activity = float(tables.activity[place])
        self.capacity = int(tables.capacity[place])
        self.investment_unit = float(tables.investment_unit[place])
        self.priority = float(tables.priority[place])
        self.available = tables.available[place]
        self.stage = model.stage[place]
        self.active = model.active[place]
        self.direction = model.direction[place]
        self.held = model.held[place]
        self.depth = model.depth[place]
        self.links = model.links[place]
        self.link_constant = tables.link_constant[place]
        c = tables.c
        self.utility = np.empty(tables.instruments + tables.countries + 1)
        self.utility[-1] = 0.0  # holding still
        self.constant = (
            c.need * tables.need[place]
            + c.economic_size * self.size
            + c.outreach * (tables.instrument_priority + self.priority - 2.0)
        )
        first = tables.first_stage[place]
        self.stage[:] = first
        self.active[:] = first == IN_FORCE
        self.direction[:] = tables.first_direction[place]
        under_way = (first >= ANNOUNCED) & (first <= SIGNED)
        self.load = int(under_way.sum())
        model.union.load += int(arrays.effort[under_way].sum())
        self.update_ties()

    def update_ties(self) -> None:
        """Count again what the country has in force, by area."""
        covers, active = self.model.tables.covers, self.active
        self.held[:] = active @ covers
        self.depth[:] = (covers * (active * self.model.tables.binding)[:, None]).max(axis=0)

    def weigh_instruments(self) -> np.ndarray:
        """Return the utility of every instrument, ``-inf`` where it is no option."""
        model, tables, c, i = self.model, self.model.tables, self.model.tables.c, self.place
        threat, alignment = model.threat[i], model.alignment[i]
        recent = tables.covers @ model.recent[i]
        held = tables.mean_area @ self.held
        deepens = np.where(held > 0.0, DEEPEN, BROADEN)
        self.directions = np.where(tables.bilateral, deepens, tables.role_direction)
        steps = np.maximum(0.0, tables.binding[:, None] - self.depth)
        utility = (
            self.constant
            + tables.direction_constant[self.directions]
            + tables.mean_area @ (c.readiness * model.readiness[i] + c.rival * model.rival[i])
            + tables.mean_area_security @ (c.threat_security * threat)
            + tables.mean_area_elsewhere @ (c.threat_elsewhere * threat)
            + c.offer * recent / (recent + self.investment_unit)
            + c.alignment * (alignment - 0.5) * tables.firmness
            + c.long_step / 4.0 * (tables.mean_area * steps).sum(axis=1)
            + c.complementarity * held / (held + HALF_COMPLEMENTARY)
            + c.diffusion_links * (self.links @ model.active) / max(1.0, model.degree[i])
            + c.diffusion_region * self.region_holders / self.region_size
            + c.announced * (self.stage == PLANNED)
            + c.reputation * (model.reputation - 0.5)
        )
        unmet = tables.prerequisite_groups @ self.active == 0
        admissible = self.available & (self.stage <= PLANNED)
        admissible[tables.prerequisite_owner[unmet]] = False
        return np.where(admissible, utility, -np.inf)

    def weigh_links(self) -> np.ndarray:
        """Return the utility of a link to every country, ``-inf`` where it is no option."""
        model, tables, c, i = self.model, self.model.tables, self.model.tables.c, self.place
        if not self.held.any():
            return np.full(tables.countries, -np.inf)
        utility = (
            self.link_constant
            + c.link_shared_partners * (self.links @ model.links)
            + c.link_degree_of_alter * (model.degree + 1.0)
            + c.link_alignment_gap * np.abs(model.alignment - model.alignment[i])
            + c.link_programmes * (model.active @ (self.active * tables.network))
            + c.link_load * model.degree[i]
        )
        utility[(self.links > 0) | (model.in_force == 0)] = -np.inf
        utility[i] = -np.inf
        return utility

    def utility_of_link(self, other: Partner) -> float:
        """Return the utility of one link."""
        model, tables, c = self.model, self.model.tables, self.model.tables.c
        return (
            self.link_constant[other.place]
            + c.link_shared_partners * (self.links @ other.links)
            + c.link_degree_of_alter * (model.degree[other.place] + 1.0)
            + c.link_alignment_gap * abs(model.alignment[other.place] - model.alignment[self.place])
            + c.link_programmes * (other.active @ (self.active * tables.network))
            + c.link_load * model.degree[self.place]
        )

    def step(self) -> None:
        """Choose among instruments, links and holding still by multinomial logit; ask; do."""
        model, tables = self.model, self.model.tables
        if model.rng.random() >= self.activity or self.load >= self.capacity:
            return
        self.utility[: tables.instruments] = self.weigh_instruments()
        self.utility[tables.instruments : -1] = self.weigh_links()
        option = int((self.utility + model.rng.gumbel(size=self.utility.size)).argmax())
        if option < tables.instruments:
            if model.union.consents(self, option):
                self.open_negotiation(option)
            else:
                model.log("refused", self.place, instrument=option)
        elif option < tables.instruments + tables.countries:
            other = model.partners[option - tables.instruments]
            if other.consents_to_link(self):
                model.set_link(self.place, other.place, True)
                model.log("linked", self.place, other=other.place)
            else:
                model.log("link_refused", self.place, other=other.place)

    def consents_to_link(self, other: Partner) -> bool:
        """Answer a country that proposes a link."""
        utility = self.utility_of_link(other) + self.model.tables.c.link_asked
        return bool(utility + self.model.rng.logistic() > 0.0)

    def open_negotiation(self, k: int) -> None:
        """Enter the first stage of an instrument."""
        tables = self.model.tables
        self.direction[k] = self.directions[k]
        self.stage[k] = tables.next_stage[tables.world.arrays.path[k], PLANNED]
        self.occupy(k, 1)
        self.model.log("approached", self.place, instrument=k)

    def occupy(self, k: int, change: int) -> None:
        """Take up or set free the negotiators of both sides."""
        self.load += change
        self.model.union.load += change * int(self.model.tables.world.arrays.effort[k])

    def set_active(self, k: int, active: bool) -> None:
        """Bring an instrument into force, or take it out of force."""
        self.active[k] = active
        change = 1 if active else -1
        self.model.in_force[self.place] += change
        self.region_holders[k] += change
        self.update_ties()


class EuropeanUnion(mesa.Agent):
    """The EU: its negotiators and its purse."""

    def __init__(self, model: MesaTwin) -> None:
        super().__init__(model)
        self.load = 0
        self.funding = 0.0
        self.envelope = self.spent = self.carried = self.lapsed = 0
        self.mobilised = 0.0
        self.lapsed_share = 0.0

    @property
    def busy(self) -> float:
        """Share of the negotiators at work."""
        negotiators = self.model.tables.scenario.policy.negotiators
        return min(1.0, self.load / negotiators) if negotiators > 0 else 1.0

    def consents(self, partner: Partner, k: int) -> bool:
        """Answer a partner that asks for an instrument."""
        model, tables, c = self.model, self.model.tables, self.model.tables.c
        arrays, policy = tables.world.arrays, tables.scenario.policy
        if self.load + arrays.effort[k] > policy.negotiators:
            return False
        utility = (
            c.consent
            + c.consent_size * partner.size
            + c.consent_area * (tables.instrument_priority[k] - 1.0)
            + c.consent_direction * (tables.direction_priority[partner.directions[k]] - 1.0)
            + c.consent_region * (partner.priority - 1.0)
            + c.consent_announced * (partner.stage[k] == PLANNED)
            + c.consent_alignment * (model.alignment[partner.place] - (1.0 - policy.openness))
            + c.consent_busy * self.busy
            + c.consent_money * (1.0 - self.funding) * arrays.funded[k]
        )
        return bool(utility + model.rng.logistic() > 0.0)

    def spend(self) -> None:
        """Share the quarter's envelope among modules and countries."""
        model, tables, c = self.model, self.model.tables, self.model.tables.c
        arrays, offer = tables.world.arrays, tables.scenario.policy.offer
        model.recent *= tables.fading
        envelope = int(tables.envelope * model.budget_factor)
        purse = envelope + self.carried
        budget = np.floor(purse * tables.mix)
        union_gain = tables.priority * (0.5 * arrays.size + 0.5 * model.alignment)
        accepts = (
            (model.alignment >= tables.trusted_from[:, None])
            & (tables.partner_gain > offer.reservation_partner)
            & (union_gain > offer.reservation_eu)
        )
        roles = [model.active[:, arrays.offer_role == role].any(axis=1) for role in range(4)]
        need, strategic, even, depth, connection = tables.targeting
        weight = (
            need * tables.partner_gain
            + strategic * union_gain
            + even
            + depth * model.depth.mean(axis=1) / 4.0
            + connection * model.degree / (model.degree + HALF_CONNECTED)
        )
        claim = accepts * weight * tables.priority * (1.0 + c.package_bonus * roles[PACKAGE])
        total = claim.sum(axis=1, keepdims=True)
        share = np.divide(claim, total, out=np.zeros_like(claim), where=total > 0.0)
        limit = tables.absorption * CENTS_PER_MILLION
        limit = limit * (1.0 + c.absorption_hub * (tables.policy_hub | roles[HUB]))
        limit = limit * (1.0 + c.absorption_facilitator * roles[FACILITATOR])
        cents = np.floor(np.minimum(budget[:, None] * share, limit)).astype(np.int64)
        spent = min(int(cents.sum()), purse)
        mobilised = tables.leverage * (cents / CENTS_PER_MILLION)
        by_area = mobilised.T @ arrays.module_area
        model.invested += by_area
        model.recent += by_area
        self.mobilised += mobilised.sum()
        self.envelope += envelope
        self.spent += spent
        self.carried = min(purse - spent, tables.carry_over)
        lapsed = purse - spent - self.carried
        self.lapsed += lapsed
        self.lapsed_share = lapsed / purse if purse > 0 else 0.0
        self.funding = min(1.0, envelope / tables.envelope) if tables.envelope > 0 else 0.0


class MesaTwin(mesa.Model):
    """The network of partnerships, quarter by quarter.

    Parameters
    ----------
    tables : Tables
    rng : int or sequence of int
        Seed of the model's generator.
    """

    partner_type: type[Partner] = Partner

    def __init__(self, tables: Tables, rng: int | list[int]) -> None:
        super().__init__(rng=rng)
        self.tables = tables
        arrays = tables.world.arrays
        countries, instruments = tables.countries, tables.instruments
        self.quarter = 0
        self.events: list[tuple[object, ...]] = []
        self.year_ends: list[tuple[np.ndarray, ...]] = []
        self.stage = np.zeros((countries, instruments), np.int8)
        self.suspended = np.zeros((countries, instruments), bool)
        self.direction = np.full((countries, instruments), -1)
        self.active = np.zeros((countries, instruments))
        self.links = arrays.links.astype(float)
        self.degree = self.links.sum(axis=1)
        self.links_changed = True
        self.depth = np.zeros((countries, 8))
        self.held = np.zeros((countries, 8))
        self.region_holders = np.zeros((tables.regions, instruments))
        self.alignment_base = arrays.alignment.copy()
        self.alignment = arrays.alignment.copy()
        self.rival_base = arrays.rival.copy()
        self.readiness, self.rival = arrays.readiness.copy(), arrays.rival.copy()
        self.threat = arrays.threat.copy()
        self.invested, self.recent = np.zeros((countries, 8)), np.zeros((countries, 8))
        shocks = len(tables.shock_names)
        self.union_intensity = np.zeros(shocks)
        self.intensity = np.zeros((shocks, countries))
        self.struck = np.zeros((shocks, countries))
        self.budget_factor = 1.0
        self.reputation = INITIAL_REPUTATION
        self.advanced = self.new_ties = self.deeper_ties = self.lost_ties = 0
        self.connectivity = 0.0
        self.peak_value = 0.0
        self.quarters_below_peak = 0
        self.union = EuropeanUnion(self)
        self.partners = list(self.partner_type.create_agents(self, countries, np.arange(countries)))
        self.in_force = self.active.sum(axis=1)
        self.region_holders[:] = tables.in_region @ self.active
        self.datacollector = mesa.DataCollector(tables={"metrics": tables.metrics})
        self.datacollector.add_table_row("metrics", twin_metrics.measure(self))

    def step(self) -> None:
        """Play one quarter."""
        self.quarter += 1
        self.advanced = self.new_ties = self.deeper_ties = self.lost_ties = 0
        self.strike_shocks()
        self.feel_shocks()
        self.union.spend()
        self.agents_by_type[self.partner_type].shuffle_do("step")
        self.advance_stages()
        self.strain_ties()
        self.cut_links()
        self.adapt()
        self.datacollector.add_table_row("metrics", twin_metrics.measure(self))
        if self.tables.year_end[self.quarter]:
            self.year_ends.append(
                (
                    self.active.copy(),
                    self.depth.copy(),
                    self.degree.copy(),
                    self.invested.sum(axis=1),
                    self.alignment.copy(),
                )
            )

    def run(self) -> MesaTwin:
        """Play all quarters."""
        for _ in range(self.tables.quarters):
            self.step()
        return self

    def log(self, event: str, country: int, **details: object) -> None:
        """Note what happened."""
        self.events.append((self.quarter, event, country, details))

    @property
    def last_metrics(self) -> dict[str, float]:
        """The metrics as last measured."""
        table = self.datacollector.tables["metrics"]
        return {name: column[-1] for name, column in table.items()}

    def strike_shocks(self) -> None:
        """Fade old shocks and let new ones strike."""
        tables, rng = self.tables, self.rng
        self.union_intensity *= tables.decay
        self.intensity *= tables.decay[:, None]
        before, self.struck = self.struck, np.zeros_like(self.struck)
        rate = tables.shock_rate[:, self.quarter]
        by_country, by_region = tables.by_country, tables.by_region
        for rows, hazard in (
            (by_country, rate[by_country, None] * tables.country_multiplier[by_country]),
            (by_region, rate[by_region, None] * tables.region_multiplier[by_region]),
            (tables.at_once, rate[tables.at_once, None]),
        ):
            types = np.flatnonzero(rows)
            for row, unit in np.argwhere(rng.random(hazard.shape) < -np.expm1(-hazard)):
                self.strike(int(types[row]), int(unit))
        for s, (along, probability) in enumerate(tables.spread):
            if along != "none" and before[s].any():
                self.spread(s, before[s], along, probability)
        for quarter, s, severity, targets in tables.schedule:
            if quarter == self.quarter:
                if tables.scope[s] in ("world", "eu"):
                    self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
                if tables.scope[s] == "eu":
                    self.log("shock", -1, shock=s, severity=severity)
                else:
                    if tables.scope[s] == "world":
                        self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
                    self.hit(s, targets, severity)
                    for place in np.flatnonzero(targets):
                        self.log("shock", int(place), shock=s, severity=severity)

    def strike(self, s: int, unit: int) -> None:
        """Strike one unit of a shock type's scope."""
        tables = self.tables
        low, mode, high = tables.severity[s]
        severity = self.rng.triangular(low, mode, high) if high > low else low
        scope = tables.scope[s]
        if scope == "eu":
            self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
            self.log("shock", -1, shock=s, severity=severity)
        elif scope == "world":
            self.union_intensity[s] = min(1.0, self.union_intensity[s] + severity)
            self.hit(s, np.s_[:], severity)
            self.log("shock", -1, shock=s, severity=severity)
        elif scope == "region":
            self.hit(s, tables.world.arrays.region == unit, severity)
            self.log("shock", -1, shock=s, severity=severity, region=unit)
        else:
            other = -1
            self.hit(s, unit, severity)
            if scope == "pair" and self.degree[unit] > 0:
                other = int(self.rng.choice(np.flatnonzero(self.links[unit])))
                self.hit(s, other, severity)
            self.log("shock", unit, shock=s, severity=severity, other=other)

    def hit(self, s: int, where: object, severity: float) -> None:
        """Add to what countries feel of a shock type."""
        self.intensity[s, where] = np.minimum(1.0, self.intensity[s, where] + severity)
        self.struck[s, where] = np.maximum(self.struck[s, where], severity)

    def spread(self, s: int, before: np.ndarray, along: str, probability: float) -> None:
        """Carry last quarter's strikes to neighbours."""
        near = self.tables.world.arrays.borders if along == "borders" else self.links
        origins = np.flatnonzero(before)
        reached = (near[origins] > 0) & (before == 0.0)
        reached &= self.rng.random(reached.shape) < probability
        for row, place in np.argwhere(reached):
            severity = before[origins[row]] * SPREAD_SHARE
            self.hit(s, place, severity)
            self.log("shock", int(place), shock=s, severity=severity, other=int(origins[row]))

    def feel_shocks(self) -> None:
        """Set threat, alignment, rival pull, readiness and budget to what shocks leave of them."""
        tables, arrays = self.tables, self.tables.world.arrays
        growth = tables.c.investment_effect * self.invested / tables.investment_unit[:, None]
        struck = self.intensity.T
        effect = tables.shock_effect
        readiness = 1.0 - (1.0 - arrays.readiness) * np.exp(-growth) + struck @ effect["readiness"]
        self.readiness = readiness.clip(0.0, 1.0)
        self.rival = (self.rival_base + struck @ effect["rival"]).clip(0.0, 1.0)
        self.threat = (arrays.threat + struck @ effect["threat"]).clip(0.0, 1.0)
        self.alignment = (self.alignment_base + struck @ tables.shock_alignment).clip(0.0, 1.0)
        self.budget_factor = max(0.0, 1.0 + float(tables.shock_budget @ self.union_intensity))

    def advance_stages(self) -> None:
        """Let every negotiation that is not suspended reach its next stage, or not."""
        tables, c = self.tables, self.tables.c
        rows, columns = np.nonzero(
            (self.stage >= ANNOUNCED) & (self.stage <= SIGNED) & ~self.suspended
        )
        path = tables.world.arrays.path[columns]
        threat = (tables.mean_area[columns] * self.threat[rows]).sum(axis=1)
        hazard = tables.base_hazard[path, self.stage[rows, columns]] * np.exp(
            c.hazard_alignment * (self.alignment[rows] - 0.5)
            + c.hazard_binding * (tables.firmness[columns] - 0.5)
            + c.hazard_threat * threat
            + c.hazard_busy * self.union.busy
        )
        for place in np.flatnonzero(self.rng.random(len(rows)) < -np.expm1(-hazard)):
            i, k = int(rows[place]), int(columns[place])
            partner = self.partners[i]
            partner.stage[k] = tables.next_stage[path[place], partner.stage[k]]
            self.advanced += 1
            if partner.stage[k] == IN_FORCE:
                partner.occupy(k, -1)
                self.new_ties += 1
                covered = tables.covers[k] > 0
                deeper = (partner.held > 0) & (tables.binding[k] > partner.depth) & covered
                self.deeper_ties += bool(deeper.any())
                partner.set_active(k, True)
            self.log("advanced", i, instrument=k, stage=int(partner.stage[k]))

    def strain_ties(self) -> None:
        """Suspend and revive instruments and negotiations."""
        tables, c = self.tables, self.tables.c
        struck = np.where(tables.at_home[:, None], self.union_intensity[:, None], self.intensity)
        strain = tables.shock_strain @ struck
        rows, columns = np.nonzero(self.stage >= ANNOUNCED)
        suspended = self.suspended[rows, columns]
        firmness, strain = tables.firmness[columns], strain[rows]
        shield = self.depth[:, CYBERSECURITY_AREA] / 4.0
        connected = self.degree / (self.degree + HALF_CONNECTED)
        hazard = np.where(
            suspended,
            c.recovery_rate
            * np.exp(
                c.recovery_binding * (firmness - 0.5) + c.recovery_links * connected[rows] - strain
            ),
            strain
            * (1.0 - c.strain_protection * firmness)
            * (1.0 - c.strain_shield * shield[rows]),
        )
        for place in np.flatnonzero(self.rng.random(len(rows)) < -np.expm1(-hazard)):
            i, k = int(rows[place]), int(columns[place])
            partner, revived = self.partners[i], bool(suspended[place])
            self.suspended[i, k] = not revived
            if partner.stage[k] == IN_FORCE:
                partner.set_active(k, revived)
                self.lost_ties += not revived
            else:
                partner.occupy(k, 1 if revived else -1)
            self.log("recovered" if revived else "suspended", i, instrument=k)

    def cut_links(self) -> None:
        """Cut links with the mean of the hazards at both ends."""
        cut = self.tables.shock_cut @ self.intensity
        ones, others = np.nonzero(np.triu(self.links))
        hazard = 0.5 * (cut[ones] + cut[others])
        for place in np.flatnonzero(self.rng.random(len(ones)) < -np.expm1(-hazard)):
            one, other = int(ones[place]), int(others[place])
            self.set_link(one, other, False)
            self.log("link_cut", one, other=other)

    def set_link(self, one: int, other: int, linked: bool) -> None:
        """Make or cut a link."""
        self.links[one, other] = self.links[other, one] = linked
        self.degree[[one, other]] += 1 if linked else -1
        self.links_changed = True

    def adapt(self) -> None:
        """Let slow change happen."""
        tables, c = self.tables, self.tables.c
        crowding = self.recent / (self.recent + tables.investment_unit[:, None])
        drift = tables.rival_drift - c.rival_crowding_out * crowding
        self.rival_base = (self.rival_base + drift).clip(0.0, 1.0)
        depth = self.depth.mean(axis=1) / 4.0
        gap = 1.0 - self.alignment_base
        self.alignment_base += c.alignment_convergence * depth * gap
        np.clip(self.alignment_base, 0.0, 1.0, out=self.alignment_base)
        self.adapt_reputation()

    def adapt_reputation(self) -> None:
        """Let the EU's reputation follow what it delivers and what it lets lapse."""
        tables, c = self.tables, self.tables.c
        delivered = self.advanced / (self.advanced + HALF_DELIVERED * tables.countries)
        gain = c.reputation_gain * (1.0 - self.reputation) * delivered
        loss = c.reputation_loss * self.reputation * self.union.lapsed_share
        self.reputation = min(1.0, max(0.0, self.reputation + gain - loss))
