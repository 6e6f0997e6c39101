"""Dated facts that rules may rest on: links, gates, blocs, relations, landings, effects, costs.

Each table is read with `read_tables`, which checks every cell: a code that nobody knows, a bloc
without members, an instrument that supersedes itself, a gate without date or an effect on an
unknown shock is refused with file, row and reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.world.fact_layouts import COMMON, LAYOUTS, Known, Layout
from partnersim.world.tables import Reader, Row

#: Tables that say what may happen to a world: they are read with it.
OF_THE_WORLD = (
    *("link_events.csv", "agreements.csv", "gates.csv", "blocs.csv", "bloc_members.csv"),
    *("bloc_decisions.csv", "relations.csv", "summits.csv", "instrument_effects.csv"),
    "connection_modes.csv",
    *("rivals.csv", "rival_kinds.csv", "rival_powers.csv", "allies.csv", "restrictions.csv"),
    "pacts.csv",
)

Facts = dict[str, list[Row]]


def read_tables(reader: Reader, known: Known, names: Sequence[str]) -> Facts:
    """Return the rows of some tables of facts by file, each cell checked; problems are noted."""
    tables = {name: _read(reader, name, LAYOUTS[name], known) for name in names}
    blocs = {row["bloc"] for row in tables["blocs.csv"]}
    members = {row["bloc"] for row in tables["bloc_members.csv"]}
    for row in tables["blocs.csv"]:
        if row["bloc"] not in members:
            reader.problem(row, f"{row['bloc']} has no members in bloc_members.csv")
    for name in ("bloc_members.csv", "bloc_decisions.csv"):
        for row in tables[name]:
            reader.known(row, "bloc", blocs, "a bloc of blocs.csv")
    recorded = {row["agreement"] for row in tables["link_events.csv"]}
    for row in tables["agreements.csv"]:
        reader.known(row, "recorded_as", recorded, "an agreement of link_events.csv")
    kinds = {row["kind"] for row in tables["rival_kinds.csv"]}
    powers = {row["rival"] for row in tables["rival_powers.csv"]}
    for row in tables["rivals.csv"]:
        reader.known(row, "kind", kinds, "a kind of rival_kinds.csv")
        reader.known(row, "rival", powers, "a rival of rival_powers.csv")
    for row in (*tables.get("trade_talks.csv", ()), *tables.get("summits.csv", ())):
        reader.known(row, "partner", {*known.countries, *blocs}, "a country or a bloc")
    return tables


def _read(reader: Reader, name: str, layout: Layout, known: Known) -> list[Row]:
    """Return the rows of a table, each cell checked."""
    columns = dict.fromkeys((*layout.columns, "source", "confidence"))
    rows = reader.read(name, tuple(columns), layout.key)
    named = {
        **dict.fromkeys(
            ("iso3", "iso3_a", "iso3_b"), (known.countries, "a country of countries.csv")
        ),
        **dict.fromkeys(
            ("instrument", "other"), (known.instruments, "an instrument of instruments.csv")
        ),
        "type": (known.shocks, "a shock of the catalogue"),
    }
    for row in rows:
        for column in columns:
            if column in named and row[column]:
                reader.known(row, column, *named[column])
        for column, check in {**COMMON, **layout.checks}.items():
            check(reader, row, column)
        if layout.whole is not None:
            layout.whole(reader, row, known)
    return rows
