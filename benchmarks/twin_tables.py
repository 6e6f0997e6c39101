"""The constants of the Mesa twin: numpy tables worked out once from a world and a scenario."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from partnersim.model.constants import (
    AREAS,
    BILATERAL,
    BROADEN,
    CENTS_PER_MILLION,
    CONNECT,
    DEEPEN,
    DIRECTIONS,
    IN_FORCE,
    MODULES,
    NETWORK,
    NONE,
    PATH_STAGES,
    PATHS,
    PLANNED,
    QUARTERS_PER_YEAR,
    SECURITY,
    STAGES,
)
from partnersim.model.metrics import metric_names
from partnersim.model.targeting import TARGETING
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: What shocks change area by area.
EFFECTS = ("threat", "rival", "readiness")


def relative(priorities: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Scale priorities to a mean of 1."""
    mean = np.average(priorities, weights=weights)
    return priorities / mean if mean > 0.0 else np.ones(len(priorities))


class Tables:
    """What no run changes, for N countries, K instruments, R regions, S shock types, M modules."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world = world
        self.scenario = scenario
        self.c = SimpleNamespace(
            **{name: one.value for name, one in scenario.behaviour.coefficients.items()}
        )
        self.countries, self.instruments = world.arrays.stage.shape
        self.regions = len(world.regions)
        self.quarters = scenario.horizon.quarters
        self.metrics = list(metric_names(world.regions))
        self._instruments()
        self._countries()
        self._policy()
        self._links()
        self._stages()
        self._shocks()

    def _instruments(self) -> None:
        arrays = self.world.arrays
        self.covers = arrays.area.astype(float)
        self.covered = self.covers.sum(axis=1)
        self.mean_area = self.covers / self.covered[:, None]
        self.binding = arrays.binding.astype(float)
        self.firmness = self.binding / 4.0
        self.strength = ((1.0 + self.binding) / 5.0) ** 2
        self.bilateral = arrays.role == BILATERAL
        self.network = (arrays.role == NETWORK).astype(float)
        self.role_direction = np.where(
            arrays.role == SECURITY,
            DIRECTIONS.index("strengthen"),
            np.where(arrays.role == NETWORK, DIRECTIONS.index("connect"), -1),
        )
        answers = np.isin(AREAS, ["cybersecurity", "information"])
        security = (arrays.role == SECURITY)[:, None] | answers[None, :]
        self.mean_area_security = np.where(security, self.mean_area, 0.0)
        self.mean_area_elsewhere = np.where(security, 0.0, self.mean_area)
        groups, owners = [], []
        for k, required in enumerate(arrays.prerequisite):
            for group in required:
                members = group[group >= 0]
                if len(members):
                    groups.append(np.isin(np.arange(self.instruments), members))
                    owners.append(k)
        self.prerequisite_groups = np.array(groups, float).reshape(-1, self.instruments)
        self.prerequisite_owner = np.array(owners, int)
        policy = self.scenario.policy
        areas = relative(np.array([getattr(policy.areas, area) for area in AREAS], float))
        self.instrument_priority = self.mean_area @ areas
        self.switched_off = np.isin(
            self.world.instruments["instrument"].to_numpy(str),
            list(self.scenario.world.switched_off),
        )

    def _countries(self) -> None:
        arrays, c = self.world.arrays, self.c
        rate = c.activity_rate * np.exp(c.activity_size * (arrays.size - 0.5))
        self.activity = -np.expm1(-rate)
        self.capacity = 1 + np.floor(
            c.country_capacity * 0.5 * (arrays.size + arrays.readiness.mean(axis=1))
        )
        self.investment_unit = c.investment_scale * np.sqrt(arrays.gdp)
        self.need = arrays.need @ self.mean_area.T
        self.available = (arrays.eligible == 1) & ~self.switched_off
        self.first_stage = np.where(self.switched_off, NONE, arrays.stage)
        self.first_direction = np.array([self._directions(stage) for stage in self.first_stage])
        self.in_region = np.equal.outer(np.arange(self.regions), arrays.region).astype(float)
        self.region_size = np.maximum(1.0, self.in_region.sum(axis=1))

    def _directions(self, stages: np.ndarray) -> np.ndarray:
        """Return the direction of each of a country's ties, entered in catalogue order."""
        direction = np.full(len(stages), -1)
        held = np.zeros(len(AREAS))
        for k in np.flatnonzero(stages > PLANNED):
            direction[k] = self.role_direction[k]
            if self.bilateral[k]:
                direction[k] = DEEPEN if held @ self.covers[k] > 0 else BROADEN
            if stages[k] == IN_FORCE:
                held += self.covers[k]
        return direction

    def _links(self) -> None:
        arrays, c = self.world.arrays, self.c
        lead = arrays.readiness[:, None, :] - arrays.readiness[None, :, :]
        fit = np.where(lead > 0.0, lead * arrays.need[None], -lead * arrays.need[:, None])
        self.link_constant = (
            c.link
            + c.link_affinity * arrays.affinity
            + c.link_distance * arrays.distance
            + c.link_complementarity * fit.mean(axis=2)
            + c.outreach * (self.direction_priority[CONNECT] - 1.0)
        )

    def _policy(self) -> None:
        arrays, c, policy = self.world.arrays, self.c, self.scenario.policy
        offer = policy.offer
        regions = np.array([policy.regions.get(name, 1.0) for name in self.world.regions])
        self.priority = relative(regions, self.in_region.sum(axis=1))[arrays.region]
        self.direction_priority = 4.0 * np.array(
            [getattr(policy.priorities, name) for name in DIRECTIONS]
        )
        self.direction_constant = np.array([getattr(c, name) for name in DIRECTIONS])
        self.direction_constant += c.outreach * (self.direction_priority - 1.0)
        self.envelope = round(offer.envelope * CENTS_PER_MILLION / QUARTERS_PER_YEAR)
        self.carry_over = round(offer.envelope * offer.carry_over * CENTS_PER_MILLION)
        self.mix = np.array([getattr(offer.mix, name) for name in MODULES])
        self.targeting = np.array([getattr(offer.targeting, name) for name in TARGETING])
        unmet = arrays.need * (1.0 - arrays.readiness) * (1.0 - 0.5 * arrays.rival)
        self.partner_gain = arrays.module_area @ unmet.T
        self.trusted_from = arrays.module_trust * (1.0 - policy.openness)
        self.absorption = c.absorption_rate * arrays.gdp
        self.absorption *= 1.0 + c.absorption_readiness * arrays.readiness.mean(axis=1)
        self.policy_hub = np.isin(self.world.countries["iso3"].to_numpy(str), list(policy.hubs))
        business = arrays.business
        self.leverage = (
            1.0
            + offer.private * business
            + offer.development_finance * 4.0 * business * (1.0 - business)
            + offer.export_credit * arrays.size
        )
        self.fading = 2.0 ** (-1.0 / c.offer_memory)

    def _stages(self) -> None:
        self.next_stage = np.full((len(PATHS), len(STAGES)), -1)
        self.base_hazard = np.zeros((len(PATHS), len(STAGES)))
        for row, path in enumerate(PATHS):
            stages = [STAGES.index(stage) for stage in PATH_STAGES[path]]
            self.next_stage[row, [NONE, PLANNED]] = stages[0]
            for stage, following in pairwise(stages):
                self.next_stage[row, stage] = following
                self.base_hazard[row, stage] = getattr(self.c, f"hazard_{path}_{STAGES[stage]}")

    def _shocks(self) -> None:
        shocks, climate = self.scenario.shocks, self.scenario.geopolitics
        types = list(shocks.values())
        self.shock_names = list(shocks)
        self.scope = np.array([shock.scope for shock in types])
        self.at_home = self.scope == "eu"
        self.decay = np.array([2.0 ** (-1.0 / shock.half_life) for shock in types])
        self.severity = [
            (shock.severity.low, shock.severity.mode, shock.severity.high) for shock in types
        ]
        self.spread = [(shock.spread.along, shock.spread.probability) for shock in types]
        self.shock_alignment = np.array([shock.effects.alignment for shock in types])
        self.shock_budget = np.array([shock.effects.budget for shock in types])
        self.shock_strain = np.array([shock.strain for shock in types])
        self.shock_cut = np.array([shock.cuts_links for shock in types])
        effects = {name: [getattr(shock.effects, name) for shock in types] for name in EFFECTS}
        self.shock_effect = {
            name: np.array([[effect.get(area, 0.0) for area in AREAS] for effect in rows])
            for name, rows in effects.items()
        }
        years = np.arange(self.quarters + 1) / QUARTERS_PER_YEAR
        growth = climate.intensity * (1.0 + climate.intensification) ** years
        yearly = np.array(
            [shock.rate * climate.shocks.get(name, 1.0) for name, shock in shocks.items()]
        )
        self.shock_rate = np.outer(yearly, growth) / QUARTERS_PER_YEAR
        by_region = np.array(
            [[shock.regions.get(name, 1.0) for name in self.world.regions] for shock in types]
        )
        self.region_multiplier = by_region * self.in_region.any(axis=1)
        self.country_multiplier = by_region[:, self.world.arrays.region] * (
            self.world.arrays.exposure
        )
        self.by_country = np.isin(self.scope, ["country", "pair"])
        self.of_union = self.scope == "eu"
        self.by_region = self.scope == "region"
        self.at_once = np.isin(self.scope, ["world", "eu"])
        self.rival_drift = climate.rival_drift / QUARTERS_PER_YEAR
        labels = list(self.scenario.horizon.labels)
        self.year_end = [label.endswith(f"Q{QUARTERS_PER_YEAR}") for label in labels]
        iso3 = self.world.countries["iso3"].to_numpy(str)
        region = self.world.countries["region"].to_numpy(str)
        self.schedule = [
            (
                labels.index(strike.quarter),
                self.shock_names.index(strike.shock),
                strike.severity,
                np.isin(iso3, strike.where)
                | np.isin(region, strike.where)
                | ("world" in strike.where),
            )
            for strike in climate.schedule
            if strike.quarter in labels[1:]
        ]
