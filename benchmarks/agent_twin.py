"""The same model as Mesa teaches it: every country does for itself what concerns it.

The yardstick of ``speed.py``. What a country feels of shocks, how its negotiations move on, how its
ties come under strain and how it changes slowly are methods of the agent, with numpy vectors over
its own areas and instruments. What is the EU's or the world's (shocks, the Offer, links cut,
metrics) stays as in ``mesa_twin.py``.
"""

from __future__ import annotations

import numpy as np

from benchmarks.mesa_twin import HALF_CONNECTED, MesaTwin, Partner
from partnersim.model.constants import ANNOUNCED, CYBERSECURITY_AREA, IN_FORCE, SIGNED


class CountryAgent(Partner):
    """A partner country that looks after itself."""

    def feel_shocks(self) -> None:
        """Set threat, alignment, rival pull and readiness to what shocks leave of them."""
        model, tables, i = self.model, self.model.tables, self.place
        arrays, effect, struck = tables.world.arrays, tables.shock_effect, model.intensity[:, i]
        growth = tables.c.investment_effect * model.invested[i] / self.investment_unit
        readiness = (
            1.0 - (1.0 - arrays.readiness[i]) * np.exp(-growth) + struck @ effect["readiness"]
        )
        model.readiness[i] = readiness.clip(0.0, 1.0)
        model.rival[i] = (model.rival_base[i] + struck @ effect["rival"]).clip(0.0, 1.0)
        model.threat[i] = (arrays.threat[i] + struck @ effect["threat"]).clip(0.0, 1.0)
        alignment = model.alignment_base[i] + struck @ tables.shock_alignment
        model.alignment[i] = min(1.0, max(0.0, alignment))

    def advance_stages(self) -> None:
        """Let every negotiation that is not suspended reach its next stage, or not."""
        if self.load == 0:
            return
        model, tables, c, i = self.model, self.model.tables, self.model.tables.c, self.place
        under_way = (self.stage >= ANNOUNCED) & (self.stage <= SIGNED) & ~model.suspended[i]
        columns = np.flatnonzero(under_way)
        path = tables.world.arrays.path[columns]
        hazard = tables.base_hazard[path, self.stage[columns]] * np.exp(
            c.hazard_alignment * (model.alignment[i] - 0.5)
            + c.hazard_binding * (tables.firmness[columns] - 0.5)
            + c.hazard_threat * (tables.mean_area[columns] @ model.threat[i])
            + c.hazard_busy * model.union.busy
        )
        for place in np.flatnonzero(model.rng.random(len(columns)) < -np.expm1(-hazard)):
            self.reach_next_stage(int(columns[place]), int(path[place]))

    def reach_next_stage(self, k: int, path: int) -> None:
        """Move one negotiation on and bring it into force at the end."""
        model, tables = self.model, self.model.tables
        self.stage[k] = tables.next_stage[path, self.stage[k]]
        model.advanced += 1
        if self.stage[k] == IN_FORCE:
            self.occupy(k, -1)
            model.new_ties += 1
            covered = tables.covers[k] > 0
            deeper = (self.held > 0) & (tables.binding[k] > self.depth) & covered
            model.deeper_ties += bool(deeper.any())
            self.set_active(k, True)
        model.log("advanced", self.place, instrument=k, stage=int(self.stage[k]))

    def strain_ties(self) -> None:
        """Suspend and revive instruments and negotiations."""
        model, tables, c, i = self.model, self.model.tables, self.model.tables.c, self.place
        columns = np.flatnonzero(self.stage >= ANNOUNCED)
        if len(columns) == 0:
            return
        struck = np.where(tables.at_home, model.union_intensity, model.intensity[:, i])
        strain = float(tables.shock_strain @ struck)
        suspended, firmness = model.suspended[i, columns], tables.firmness[columns]
        shield = self.depth[CYBERSECURITY_AREA] / 4.0
        connected = model.degree[i] / (model.degree[i] + HALF_CONNECTED)
        hazard = np.where(
            suspended,
            c.recovery_rate
            * np.exp(c.recovery_binding * (firmness - 0.5) + c.recovery_links * connected - strain),
            strain * (1.0 - c.strain_protection * firmness) * (1.0 - c.strain_shield * shield),
        )
        for place in np.flatnonzero(model.rng.random(len(columns)) < -np.expm1(-hazard)):
            self.suspend_or_revive(int(columns[place]), bool(suspended[place]))

    def suspend_or_revive(self, k: int, revived: bool) -> None:
        """Put one pair on ice, or take it off."""
        model = self.model
        model.suspended[self.place, k] = not revived
        if self.stage[k] == IN_FORCE:
            self.set_active(k, revived)
            model.lost_ties += not revived
        else:
            self.occupy(k, 1 if revived else -1)
        model.log("recovered" if revived else "suspended", self.place, instrument=k)

    def adapt(self) -> None:
        """Let rival pull and alignment change slowly."""
        model, tables, c, i = self.model, self.model.tables, self.model.tables.c, self.place
        crowding = model.recent[i] / (model.recent[i] + self.investment_unit)
        drift = tables.rival_drift - c.rival_crowding_out * crowding
        model.rival_base[i] = (model.rival_base[i] + drift).clip(0.0, 1.0)
        base = model.alignment_base[i]
        base += c.alignment_convergence * self.depth.mean() / 4.0 * (1.0 - base)
        model.alignment_base[i] = min(1.0, max(0.0, base))


class AgentTwin(MesaTwin):
    """The network of partnerships, with countries that look after themselves."""

    partner_type = CountryAgent

    def feel_shocks(self) -> None:
        """Let every country, and the EU's budget, feel the shocks."""
        self.agents_by_type[CountryAgent].do("feel_shocks")
        self.budget_factor = max(0.0, 1.0 + float(self.tables.shock_budget @ self.union_intensity))

    def advance_stages(self) -> None:
        """Let negotiations move on."""
        self.agents_by_type[CountryAgent].do("advance_stages")

    def strain_ties(self) -> None:
        """Let ties come under strain."""
        self.agents_by_type[CountryAgent].do("strain_ties")

    def adapt(self) -> None:
        """Let slow change happen."""
        self.agents_by_type[CountryAgent].do("adapt")
        self.adapt_reputation()
