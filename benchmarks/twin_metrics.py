"""The metrics of the Mesa model of ``mesa_twin.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from partnersim.model.constants import AREAS, DIRECTIONS, OBJECTIVES
from partnersim.model.effect_kinds import COLUMN
from partnersim.model.metrics import slug

Array = np.ndarray

#: What the Offer counts.
MONEY = ("envelope", "spent", "carried", "lapsed", "mobilised", "packages")


def structure_of(links: Array, shared: Array, region: Array) -> tuple[dict[str, float], int]:
    """Return the metrics of a network of links, and the number of countries that hang together.

    Parameters
    ----------
    links, shared : (N, N) float array
        1 where two countries are linked; how many are linked to both.
    region : (N,) integer array
    """
    degree, count = links.sum(axis=1), len(links)
    # Each country takes the smallest number in sight, until all of a component share one.
    component, before = np.arange(count), None
    while not np.array_equal(component, before):
        before = component
        nearest = np.where(links > 0.0, component, count).min(axis=1)
        component = np.minimum(component, nearest)
    group = np.flatnonzero(component == np.bincount(component).argmax())
    inner = links[np.ix_(group, group)]
    spectrum = np.linalg.eigvalsh(np.diag(inner.sum(axis=1)) - inner)
    ends = max(1.0, degree.sum())
    within = links[region[:, None] == region].sum() / ends
    return {
        "links": links.sum() / 2.0,
        "link_density": links.sum() / (count * (count - 1.0)),
        "clustering": (shared * links).sum() / max(1.0, (degree * (degree - 1.0)).sum()),
        "algebraic_connectivity": spectrum[1] if len(group) > 1 else 0.0,
        "modularity": within - ((np.bincount(region, degree) / ends) ** 2).sum(),
    }, len(group)


def measure(model: Any) -> dict[str, float]:
    """Return all metrics of this moment."""
    facts, catalogue, union, active = model.facts, model.catalogue, model.union, model.active
    depth, held, left = model.table("depth"), model.table("held"), model.table("left")
    alignment, readiness = model.table("alignment"), model.table("readiness")
    regions, share, partner = model.world.regions, facts.gdp_share, active.any(axis=1)
    by_rivals, by_ties = share @ model.table("supplied"), share @ depth / 4.0
    joins = (alignment + 1.0 - left[:, COLUMN.coalition_weight]).clip(0.0, 1.0)
    lost = max((model.intensity @ model.losses).sum(), 1e-300)

    strength = catalogue.strength * (1.0 + model.c.value_network * model.linked_share) * active
    worth = (facts.economic_size + alignment)[:, None] / 2.0
    added = (1.0 - left[:, COLUMN.adds_value :][:, : len(OBJECTIVES)]) * partner[:, None]
    to_partner = strength * (facts.need * (1.0 + readiness) / 2.0 @ model.shares.T)
    at_risk = model.c.value_high_risk * (model.table("high_risk") @ model.shares.T)
    by_partner = to_partner @ catalogue.objective + added * facts.objective_need
    by_union = (strength * worth) @ catalogue.objective + added * worth
    security = OBJECTIVES.index("security")
    exposed = strength * worth * at_risk
    by_union[:, security] -= exposed @ catalogue.objective[:, security]
    value, to_union = by_partner @ model.world.value_weights, by_union @ model.world.value_weights
    total, both = value.sum(), value.sum() + to_union.sum()
    model.below_peak = 0 if both >= model.peak else model.below_peak + 1
    model.peak = max(model.peak, both)
    rank = 2.0 * np.arange(len(value)) + 1.0 - len(value)
    entered = [active * (model.direction == d) for d in range(len(DIRECTIONS))]
    deepest, drawn = depth.max(axis=1), by_rivals / np.maximum(by_rivals + by_ties, 1e-300)
    in_region = np.bincount(facts.region, active.sum(axis=1), len(regions))
    value_in_region = np.bincount(facts.region, value, len(regions))

    def each(name: str, parts: Any, values: Any) -> dict[str, float]:
        return {f"{name}_{part}": n for part, n in zip(parts, values, strict=True)}

    return {
        "instruments": active.sum(),
        "partners": partner.sum(),
        **each("instruments", DIRECTIONS, [ties.sum() for ties in entered]),
        **each("partners", DIRECTIONS, [ties.any(axis=1).sum() for ties in entered]),
        **each("instruments", AREAS, held.sum(axis=0)),
        **each("partners_depth", range(1, 5), [(deepest >= n).sum() for n in range(1, 5)]),
        "depth_mean": depth.mean(),
        "new_ties": model.new_ties,
        "deeper_ties": model.deeper_ties,
        "lost_ties": model.lost_ties,
        "negotiations": model.table("load").sum(),
        **model.structure,
        "hub_dependence": 1.0 - min(1.0, model.largest_group / max(1, partner.sum())),
        "partner_value": total,
        "eu_value": to_union.sum(),
        **each("value", OBJECTIVES, (by_partner + by_union).sum(axis=0)),
        "value_gini": rank @ np.sort(value) / max(len(value) * total, 1e-300),
        "value_ldc_share": facts.least_developed @ value / max(total, 1e-300),
        "covered_gdp": share @ partner,
        "covered_population": facts.population_share @ partner,
        "drawdown": 1.0 - both / max(model.peak, 1e-300),
        "quarters_below_peak": model.below_peak,
        **each("offer", MONEY, [getattr(union, name) for name in MONEY]),
        "offer_absorbed": union.spent / max(union.envelope, 1e-300),
        "readiness_mean": readiness.mean(),
        "alignment_mean": alignment.mean(),
        "threat_mean": model.table("threat").mean(),
        "rival_share": by_rivals.sum() / max((by_rivals + by_ties).sum(), 1e-300),
        **each("rival_share", AREAS, drawn),
        "rival_wins": model.rival_wins,
        "vendor_bans": (model.table("kept_out") >= 1.0).sum(),
        "reputation": union.reputation,
        "losses_damped": model.spared / lost,
        "trust_mean": model.table("trust").mean(),
        "redundancy": facts.population_share @ (1.0 - left[:, COLUMN.redundancy]),
        "coalition_votes": joins.mean(),
        "coalition_gdp": share @ joins,
        **each("instruments", map(slug, regions), in_region),
        **each("value", map(slug, regions), value_in_region),
    }
