"""What never changes in a run of the Mesa model of ``mesa_twin.py``, and how a run begins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from partnersim.model import constants
from partnersim.model.constants import AREAS, DIRECTIONS, IN_FORCE
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

Array = np.ndarray

NONE, PLANNED, ANNOUNCED, NEGOTIATING, CONCLUDED, SIGNED = range(6)
DEEPEN, BROADEN, CONNECT, STRENGTHEN = range(len(DIRECTIONS))
MOVING, SUSPENDED, STALLED = range(3)
POLITICAL, TREATY, PROJECT = constants.POLITICAL, constants.TREATY, constants.PROJECT
MILLION = constants.CENTS_PER_MILLION
#: Rows of scores in the tables of shocks, area by area: threat, rival, readiness, drive and pace;
#: then alignment, silence and rupture.
SCORES = [*range(8), *range(9, 41), 8, 41, 42]


def columns_of(records: Any) -> SimpleNamespace:
    """Return the columns of a table, each as an array of its own."""
    return SimpleNamespace(**{name: records[name].copy() for name in records.dtype.names})


class Tables(mesa.Model):
    """A model that has read its tables: attributes are arrays over countries, instruments, areas.

    ``fixed`` is the state of a run as the package prepares it: rates, priorities and the like.
    """

    def read(self, world: World, scenario: Scenario) -> None:
        """Read a world and a scenario."""
        self.world, self.c = world, SimpleNamespace(**scenario.behaviour.values())
        state = self.fixed = prepare(world, scenario, 1)
        self.facts, self.catalogue = columns_of(state.countries), columns_of(state.instruments)
        self.types, self.rivals = columns_of(state.shocks), columns_of(state.rivals)
        self.modules, self.levers = columns_of(state.modules), columns_of(state.union)
        self.read_instruments()
        self.read_effects()
        self.read_ties()
        self.draw_openings()

    def read_instruments(self) -> None:
        """Read the catalogue, and what rivals offer."""
        c, catalogue, areas = self.c, self.catalogue, self.world.arrays.area.astype(float)
        self.every = np.arange(len(areas))
        self.covers, self.shares = areas, areas / areas.sum(axis=1, keepdims=True)
        self.binding_by_area = areas * catalogue.binding[:, None]
        self.cost, self.political = catalogue.cost / MILLION, (catalogue.path == POLITICAL) * 1.0
        treaties = (catalogue.path == TREATY) & (catalogue.direct == 0)
        self.wait = np.zeros((len(areas), IN_FORCE + 1), int)
        self.wait[:, NEGOTIATING] = 1
        self.wait[treaties, NEGOTIATING] = int(c.talks_quarters)
        self.wait[treaties, CONCLUDED:IN_FORCE] = int(c.treaty_quarters)
        self.wait[catalogue.path == PROJECT, SIGNED] = 1
        self.fixed_direction = np.array([-1, CONNECT, STRENGTHEN])[catalogue.role]
        self.direction_constant = np.array([getattr(c, name) for name in DIRECTIONS])
        secures = np.isin(AREAS, ("cybersecurity", "information"))
        secures = secures | (catalogue.role == constants.SECURITY)[:, None]
        self.threat_demand = self.shares * np.where(secures, c.threat_security, c.threat_elsewhere)
        self.requires = (catalogue.prerequisite[..., None] == self.every).any(axis=2) * 1.0
        self.requires_none = ~self.requires.any(axis=2)
        self.excludes = self.fixed.excludes.astype(float)
        self.precursor = self.fixed.precursor.astype(float)
        roles = [constants.HUB, constants.FACILITATOR, constants.FRAMEWORK]
        self.has_offer_role = np.equal.outer(roles, catalogue.offer_role).astype(float)
        suspension = [1.0, c.suspension_treaty, 1.0, c.suspension_project]
        self.suspension = np.array(suspension)[catalogue.path]
        stalls = [f"hazard_{path}_stall" for path in constants.PATHS]
        self.stall_hazard = np.array([getattr(c, name) for name in stalls])
        serves = np.equal.outer(self.rivals.area, np.arange(len(AREAS)))
        serves = serves * self.rivals.weight[:, None]
        self.serves = np.array([serves, serves * self.rivals.high_risk[:, None]])

    def read_effects(self) -> None:
        """Read what instruments do, sorted by what they act on, and what shocks do."""
        state, arrays = self.fixed, self.world.arrays
        order = np.argsort(state.effects["column"], kind="stable")
        self.effect, self.every_effect = columns_of(state.effects[order]), np.arange(len(order))
        self.effect_of = arrays.effect_of[order]
        self.effect_size = (state.effects["full"][:, None] * state.effect_reached.T)[order]
        self.oldest = self.effect_size.shape[1] - 1
        self.built_abroad = np.isin(self.every, self.effect_of[self.effect.abroad > 0.0])
        self.effect_column, self.effect_first = np.unique(self.effect.column, return_index=True)
        changes = np.zeros((*state.shock_changes.shape[1::-1], len(SCORES)))
        for s, relation in np.ndindex(self.types.changes.shape):
            known = state.shock_changes[s, relation, : self.types.changes[s, relation]]
            changes[relation, s, known["row"]] = known["change"]
        self.losses = -changes[0, :, 17:25].clip(None, 0.0).sum(axis=1)
        self.shock_effects = changes[:, :, SCORES].reshape(-1, len(SCORES)).copy()
        self.usual = (self.c.usual_shocks * state.usual[SCORES]).T.copy()
        hostility = arrays.size * (1.0 - arrays.alignment) ** 2 * (arrays.candidate == 0)
        self.hostile = arrays.borders * hostility
        self.intensity = (self.c.usual_shocks * state.usual_intensity).T.copy()
        self.behind, self.struck = np.zeros((2, *self.intensity.shape))
        self.on_union = np.zeros(len(self.types.key))
        self.turned = np.full(len(self.facts.key), -constants.QUARTERS_PER_YEAR)

    def read_ties(self) -> None:
        """Read the network of June 2025."""
        arrays, pairs = self.world.arrays, columns_of(self.fixed.pairs)
        self.stage, self.halt = pairs.first_stage.astype(int), pairs.first_halt.astype(int)
        self.bloc, self.members, self.again = pairs.bloc, self.fixed.members, pairs.first_again
        self.text = pairs.text
        # Contracts that a run begins with are years old.
        self.laid = (self.catalogue.cable > 0) & (self.stage != SIGNED)
        self.available, shape = pairs.available > 0, self.stage.shape
        self.active, self.lapsed = np.zeros(shape), np.zeros(shape, bool)
        # The rich pay for themselves.
        self.paid = np.repeat(arrays.developing[:, None] == 0, shape[1], axis=1)
        self.age = np.where(self.stage == IN_FORCE, self.oldest, 0)
        self.lead = np.repeat(np.arange(shape[0])[:, None], shape[1], axis=1)
        for i, k in np.argwhere((self.bloc >= 0) & (self.stage >= ANNOUNCED)):
            alike = (self.bloc[:, k] == self.bloc[i, k]) & (self.stage[:, k] == self.stage[i, k])
            self.lead[i, k] = alike.argmax()
        held = (self.stage == IN_FORCE)[:, :, None] * self.covers
        known = ((held.cumsum(axis=1) - held) * self.covers).any(axis=2)
        own = np.where(known, DEEPEN, BROADEN)
        self.direction = np.where(self.fixed_direction < 0, own, self.fixed_direction)
        in_region = np.equal.outer(np.arange(len(self.world.regions)), arrays.region)
        self.share_of_region = in_region / np.maximum(1, in_region.sum(axis=1, keepdims=True))
        self.supply, self.links = arrays.rival_supply.copy(), arrays.links.astype(float)
        self.agreement, self.linkable = arrays.agreement.astype(float), self.fixed.fixed_pull > 0.0
        np.fill_diagonal(self.linkable, False)

    def draw_openings(self) -> None:
        """Draw what the history leaves open of instruments, countries and regions."""
        arrays, c = self.world.arrays, self.c

        def drawn(effect: Array) -> Array:
            mean, spread = effect.T
            return mean + spread * self.rng.standard_normal(len(effect)) - spread**2 / 2.0

        # An instrument's effect and its slopes by size and wealth: means, and roots of covariances.
        known = np.stack([arrays.opening, arrays.opening_by_size, arrays.opening_by_wealth])
        by = np.stack([np.ones(len(arrays.size)), arrays.size - 0.5, arrays.wealth - 0.5])
        mean, *spread = np.einsum("ai,akb->bik", by, known)
        luck = self.rng.standard_normal((3, 1, known.shape[1]))
        self.opening = mean + (spread * luck - np.square(spread) / 2.0).sum(axis=0)
        self.opening += drawn(arrays.opening_by_country)[:, None]
        regional = drawn(arrays.opening_by_region)[arrays.region]
        self.opening += np.outer(regional, arrays.role != constants.NETWORK)
        self.pace_of_instrument = c.hazard_binding * (arrays.binding / 4.0 - 0.5)
        self.pace_of_instrument += c.hazard_direct * arrays.direct
        self.pace_of_instrument += c.pooled_effects * drawn(arrays.speed)
