"""The generated part that tells which table does what in the model, and how far it was checked."""

from __future__ import annotations

import pandas as pd

from doc_tables import code, table
from partnersim.world.tables import PACKAGE_DATA

CONFIDENCES = ("seed", "verified", "recalled", "assumed")
#: What each table does, in the order of their weight.
USES = {
    "network": "where every pair of country and instrument stands at the start",
    "instruments": "what can be signed: areas, binding level, path, eligibility, prerequisites",
    "countries": "need, readiness, alignment, threat, rival pull, size, capacity of each partner",
    "history": "dated events: estimates of demand, consent and stages; backtest",
    "panel": "the same indicators of past years, for estimates and backtest",
    "organisations": "which shared memberships count, and how much: affinity, links at the start",
    "memberships": "who belongs to which organisation: affinity, eligibility",
    "borders": "along which shocks spread",
    "rivals": "what rivals supply at the start, how often they win, who keeps them out",
    "rival_kinds": "which moves of rivals supply something, how strongly and how long they tie",
    "scores": "weights that make readiness, need, threat and other scores out of indicators",
    "areas": "how much an area serves each objective: splits of value",
    "modules": "what the modules of the Offer do, and how much trust they need",
    "hotspots": "centres of conflict: threat and exposure",
    "outsiders": "which places are no partners, for a clear message",
    "other_names": "how else countries are called, for a clear message",
    "conflicts": "since when these count in the history",
}


def data_use() -> str:
    """Return the tables of the package by use, with rows by confidence."""
    rows = []
    for name, use in USES.items():
        confidence = pd.read_csv(PACKAGE_DATA / f"{name}.csv", dtype=str)["confidence"]
        counts = confidence.value_counts()
        cells = [counts.get(kind, "") for kind in CONFIDENCES]
        rows.append((code(f"{name}.csv"), use, len(confidence), *cells))
    return table(("table", "what it does in the model", "rows", *CONFIDENCES), rows)
