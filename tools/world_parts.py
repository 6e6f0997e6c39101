"""Generated parts about the data: instruments, network, weights, what is missing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from doc_tables import code, pairs, table
from partnersim.configuration import load_scenario
from partnersim.model.constants import AREAS, OBJECTIVES, STAGES
from partnersim.model.metrics import metric_names
from partnersim.scenario.config_files import options
from partnersim.world import indicators
from partnersim.world.countries import INDICATORS
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, load_world


def instruments() -> str:
    """Return the instrument catalogue with the network of June 2025."""
    world = load_world()
    stages = Counter(world.network[["instrument", "stage"]].itertuples(index=False, name=None))
    rows = []
    for row in world.instruments.to_dict("records"):
        name = row["instrument"]
        held = [f"{count} {stage}" for stage in STAGES if (count := stages[name, stage])]
        rows.append(
            (
                code(name),
                row["name"],
                ", ".join(row["areas"].split(";")),
                row["binding"],
                row["role"],
                row["path"],
                row["effort"],
                "yes" if row["funded"] else "no",
                _who(world, name),
                "; ".join(
                    " or ".join(group.split("|")) for group in row["prerequisites"].split(";")
                )
                or "-",
                ", ".join(held).replace("_", " ") or "-",
            )
        )
    header = ("id", "name", "areas", "binding", "role", "path", "effort", "EU money")
    return table((*header, "eligible", "needs in force", "June 2025"), rows)


def _who(world: World, instrument: str) -> str:
    place = list(world.instruments["instrument"]).index(instrument)
    count = int(world.arrays.eligible[:, place].sum())
    return "all" if count == len(world.countries) else str(count)


def value_in_words() -> str:
    """Return in what value shows, by objective, and what of it the model counts."""
    columns = ("objective", "indicator", "counted", "how")
    with (PACKAGE_DATA / "value_objectives.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row[name] for name in columns) for row in csv.DictReader(file)]
    return table(("objective", "value shows in", "counted", "how, or why not"), rows)


def weights() -> str:
    """Return the weighted means that make scores out of indicators."""
    grounds = load_world().grounds
    assert grounds is not None
    means = indicators.means_of(grounds.weights, {})
    rows = [(score, area or "-", pairs(mean)) for (score, area), mean in means.items()]
    return table(("score", "area", "parts and weights"), rows)


def missing() -> str:
    """Return how many values of each indicator are imputed, and for whom."""
    countries = load_world().countries
    imputed = {
        name: countries["iso3"][countries["imputed"].str.split(";").map(lambda x, n=name: n in x)]
        for name in INDICATORS
    }
    rows = [(code(name), len(codes), " ".join(codes) or "-") for name, codes in imputed.items()]
    return table(("indicator", "missing", "countries and territories"), rows)


def network() -> str:
    """Return where the pairs of the network of June 2025 come from."""
    pairs_held = load_world().network
    rows = []
    for (origin, expansion), part in pairs_held.groupby(["origin", "expansion"], sort=True):
        counts = part["stage"].value_counts()
        rows.append(
            (origin, expansion, len(part), *(int(counts.get(stage, 0)) for stage in STAGES[1:]))
        )
    totals = pairs_held["stage"].value_counts()
    rows.append(("all", "", len(pairs_held), *(int(totals.get(stage, 0)) for stage in STAGES[1:])))
    return table(("origin", "expansion", "pairs", *(s.replace("_", " ") for s in STAGES[1:])), rows)


def objectives() -> str:
    """Return how much each area serves each objective."""
    return _csv_table("areas.csv", ("area", *OBJECTIVES))


def modules() -> str:
    """Return how much each module of the Offer serves each area, and how sensitive it is."""
    return _csv_table("modules.csv", ("module", *AREAS, "trust"))


def hotspots() -> str:
    """Return the centres of conflict."""
    return _csv_table("hotspots.csv", ("hotspot", "latitude", "longitude", "weight"))


def organisations() -> str:
    """Return the organisations that make affinity."""
    frame = pd.read_csv(PACKAGE_DATA / "organisations.csv", dtype=str, keep_default_na=False)
    members = pd.read_csv(PACKAGE_DATA / "memberships.csv", dtype=str, keep_default_na=False)
    counts = members[members["status"] == "member"]["organisation"].value_counts()
    rows = [
        (
            code(row["organisation"]),
            row["name"],
            row["weight"],
            "yes" if row["grouping"] == "yes" else "-",
            int(counts.get(row["organisation"], 0)),
        )
        for row in frame.to_dict("records")
    ]
    return table(("id", "name", "weight", "economic grouping", "members outside the EU"), rows)


def _csv_table(file: str, columns: Sequence[str]) -> str:
    frame = pd.read_csv(PACKAGE_DATA / file, dtype=str, keep_default_na=False)
    return table(columns, frame[list(columns)].itertuples(index=False, name=None))


def in_numbers() -> str:
    """Return how large the model is."""
    scenario = load_scenario()
    world = load_world()
    held = Counter(world.network["stage"])
    origins = Counter(item.origin for item in scenario.behaviour.coefficients.values())
    shipped = f"{len(options('policy'))} and {len(options('geopolitics'))}"
    known = f"{origins['estimated']} estimated, {origins['assumed']} assumed"
    rows = [
        (
            "partner countries",
            f"{len(world.countries)}, of which {world.countries['named'].sum()} named",
        ),
        ("instruments", len(world.instruments)),
        ("pairs of both on 5 June 2025", f"{len(world.network)}, {held['in_force']} in force"),
        ("quarters to the end of 2035", scenario.horizon.quarters),
        ("policies and climates shipped", shipped),
        ("types of shock", len(scenario.shocks)),
        ("behavioural coefficients", known),
        ("metrics per quarter", len(metric_names(world.regions))),
    ]
    return table(("what", "how many"), rows)


def patterns() -> str:
    """Return the patterns of the record and how each is measured."""
    rows = []
    for row in pd.read_csv(PACKAGE_DATA / "patterns.csv", dtype=str, keep_default_na=False).to_dict(
        "records"
    ):
        cells = [row["measure"], row["table"]]
        cells += [f"{name}: {row[name]}" for name in ("where", "meeting", "options") if row[name]]
        cells += [row[name] for name in ("window",) if row[name]]
        if row["change"]:
            cells.append(f"{row['compare']} of `{row['change']}` to `{row['against']}`")
        if row["play"] == "replay":
            cells.append("replay")
        band = f"{row['low']} to {row['high']} {row['unit']}"
        rows.append(
            (row["id"], row["pattern"], row["role"], band, "; ".join(cells), row["confidence"])
        )
    header = ("id", "pattern", "role", "band", "definition", "confidence")
    return table(header, rows)
