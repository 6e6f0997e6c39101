"""The metrics of the Mesa twin, vectorised over countries and instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partnersim.model.constants import AREAS, CENTS_PER_MILLION, DIRECTIONS, OBJECTIVES

if TYPE_CHECKING:
    from benchmarks.mesa_twin import MesaTwin


def measure(model: MesaTwin) -> dict[str, float]:
    """Return all metrics of this moment by name."""
    return _ties(model) | _links(model) | _value(model) | _money(model) | _climate(model)


def _ties(model: MesaTwin) -> dict[str, float]:
    partners = model.in_force > 0
    row: dict[str, float] = {"instruments": model.in_force.sum(), "partners": partners.sum()}
    active = model.active > 0
    for place, name in enumerate(DIRECTIONS):
        entered = active & (model.direction == place)
        row[f"instruments_{name}"] = entered.sum()
        row[f"partners_{name}"] = entered.any(axis=1).sum()
    for name, held in zip(AREAS, model.held.sum(axis=0), strict=True):
        row[f"instruments_{name}"] = held
    deepest = model.depth.max(axis=1)
    for depth in range(1, 5):
        row[f"partners_depth_{depth}"] = (deepest >= depth).sum()
    row["depth_mean"] = model.depth.mean()
    row["new_ties"] = model.new_ties
    row["deeper_ties"] = model.deeper_ties
    row["lost_ties"] = model.lost_ties
    row["negotiations"] = sum(partner.load for partner in model.partners)
    return row


def _links(model: MesaTwin) -> dict[str, float]:
    links, degree = model.links, model.degree
    countries, ends = model.tables.countries, model.degree.sum()
    _, component = connected_components(csr_array(links), directed=False)
    sizes = np.bincount(component)
    members = np.flatnonzero(component == sizes.argmax())
    if model.links_changed:
        model.connectivity = _algebraic_connectivity(links[np.ix_(members, members)])
        model.links_changed = False
    partners = (model.in_force > 0).sum()
    triples = (degree * (degree - 1.0)).sum()
    closed = ((links @ links) * links).sum()
    in_region = model.tables.in_region
    within = (in_region @ links * in_region).sum()
    share = in_region @ degree / ends if ends else np.zeros(model.tables.regions)
    return {
        "links": ends / 2,
        "link_density": ends / (countries * (countries - 1)),
        "clustering": closed / triples if triples else 0.0,
        "algebraic_connectivity": model.connectivity,
        "modularity": within / ends - (share**2).sum() if ends else 0.0,
        "hub_dependence": 1.0 - min(len(members), partners) / partners if partners else 0.0,
    }


def _algebraic_connectivity(links: np.ndarray) -> float:
    if len(links) < 2:
        return 0.0
    laplacian = np.diag(links.sum(axis=1)) - links
    return float(np.linalg.eigvalsh(laplacian)[1])


def _value(model: MesaTwin) -> dict[str, float]:
    tables, arrays, c = model.tables, model.tables.world.arrays, model.tables.c
    degree = np.maximum(1.0, model.degree)[:, None]
    shared = model.links @ model.active / degree
    strength = model.active * tables.strength * (1.0 + c.value_network * shared)
    partner_worth = (arrays.need * (0.5 + 0.5 * model.readiness)) @ tables.mean_area.T
    union_worth = 0.5 * arrays.size + 0.5 * model.alignment
    to_partner, to_union = strength * partner_worth, strength * union_worth[:, None]
    value = to_partner.sum(axis=1)
    partner_value, eu_value = value.sum(), to_union.sum()
    by_instrument = (to_partner + to_union).sum(axis=0)
    by_objective = by_instrument @ tables.mean_area @ arrays.objective
    total = partner_value + eu_value
    if total >= model.peak_value:
        model.peak_value, model.quarters_below_peak = total, 0
    else:
        model.quarters_below_peak += 1
    ordered = np.sort(value)
    count = len(ordered)
    weighted = ((2 * np.arange(count) + 1 - count) * ordered).sum()
    partners = model.in_force > 0
    row = {
        "partner_value": partner_value,
        "eu_value": eu_value,
        "value_gini": weighted / (count * partner_value) if partner_value > 0 else 0.0,
        "value_ldc_share": value @ arrays.ldc / partner_value if partner_value > 0 else 0.0,
        "covered_gdp": arrays.gdp_share @ partners,
        "covered_population": arrays.population_share @ partners,
        "drawdown": 1.0 - total / model.peak_value if model.peak_value > 0 else 0.0,
        "quarters_below_peak": model.quarters_below_peak,
    }
    row |= {f"value_{name}": by_objective[place] for place, name in enumerate(OBJECTIVES)}
    regions = tables.metrics[-2 * tables.regions :]
    per_region = (*(tables.in_region @ model.in_force), *(tables.in_region @ value))
    return row | dict(zip(regions, per_region, strict=True))


def _money(model: MesaTwin) -> dict[str, float]:
    union = model.union
    return {
        "offer_envelope": union.envelope / CENTS_PER_MILLION,
        "offer_spent": union.spent / CENTS_PER_MILLION,
        "offer_carried": union.carried / CENTS_PER_MILLION,
        "offer_lapsed": union.lapsed / CENTS_PER_MILLION,
        "offer_mobilised": union.mobilised,
        "offer_absorbed": union.spent / union.envelope if union.envelope else 0.0,
    }


def _climate(model: MesaTwin) -> dict[str, float]:
    share = model.tables.world.arrays.gdp_share
    rival = float(share @ model.rival.sum(axis=1))
    own = float(share @ model.depth.sum(axis=1)) / 4.0
    return {
        "readiness_mean": model.readiness.mean(),
        "alignment_mean": model.alignment.mean(),
        "threat_mean": model.threat.mean(),
        "rival_share": rival / (rival + own) if rival + own > 0.0 else 0.0,
        "reputation": model.reputation,
    }
