"""Regenerate ``history.csv`` and ``panel.csv`` of the package from a folder of collected facts.

Usage: ``python tools/prepare_history.py FACTS [DATA]``

The dated events get our own coding: the stage that a pair enters, the quarter (or only the year)
that the date supports, the decision that several rows belong to, renewals, activity. Blocs are
turned into their members. ``conflicts.csv`` is kept by hand.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from partnersim.history.history import stage_entered
from prepare_world import DATA, WEAKER_THAN_TYPE, Row, read, write

WESTERN_BALKANS = ("ALB", "BIH", "MKD", "MNE", "SRB", "XKX")

#: Blocs with dated events of an instrument, and the countries meant: those for which the network
#: shows it, or the members of one organisation.
BLOCS: dict[tuple[str, str], tuple[str, ...]] = {
    ("BLOC_WB6", "DIGITAL_DIALOGUE"): WESTERN_BALKANS,
    ("BLOC_WB6", "GROWTH_FACILITY"): WESTERN_BALKANS,
    ("BLOC_EAP", "EU4DIGITAL"): ("ARM", "AZE", "GEO", "MDA", "UKR"),
    ("BLOC_LAC", "CONN_BELLA"): ("ARG", "BRA", "CHL", "COL", "ECU"),
    ("BLOC_CENTRAL_ASIA", "CENTRAL_ASIA_TEI"): ("KAZ", "KGZ", "TJK", "TKM", "UZB"),
    ("BLOC_GULF", "STRATEGIC_PARTNERSHIP"): ("GCC",),
    ("BLOC_SMART_AFRICA", "SMART_AFRICA"): ("SMART_AFRICA",),
}

#: Agreements that one decision made for several countries, whatever the day each joined in.
DECISIONS = {
    "Central America": ("FTA", ("CRI", "GTM", "HND", "NIC", "PAN", "SLV")),
    "SADC": ("FTA", ("BWA", "LSO", "MOZ", "NAM", "SWZ", "ZAF")),
    "Eastern and Southern Africa": ("FTA", ("MDG", "MUS", "SYC", "ZWE")),
    "Mercosur": ("FTA", ("ARG", "BRA", "PRY", "URY")),
    "Andean": ("FTA", ("COL", "PER")),
}

#: Associates of the research programme before Horizon 2020: their later signatures renew.
BEFORE_HORIZON = (
    *("ALB", "BIH", "CHE", "FRO", "ISL", "ISR", "LIE", "MDA", "MKD", "MNE", "NOR", "SRB", "TUR"),
)

#: What was in force before 2010 and is still, without a dated row in the facts.
BEFORE_2010 = (
    *(
        (code, "HORIZON", "2007", "associated to the Seventh Framework Programme or soon after")
        for code in BEFORE_HORIZON
    ),
    ("ALB", "SAA", "2009", "Stabilisation and Association Agreement of 2009"),
    ("MKD", "SAA", "2004", "Stabilisation and Association Agreement of 2004"),
)

COLUMNS = (
    *("date", "quarter", "year", "iso3", "instrument", "event", "stage", "decision", "renewal"),
    *("activity", "via_bloc", "note", "date_support", "source", "confidence"),
)

#: Columns of panel.csv: our name, name in the facts.
PANEL = {
    "iso3": "iso3",
    "year": "year",
    "population": "population",
    "gdp_usd": "gdp_usd",
    "internet_users": "internet_users_pct",
    "liberal_democracy": "vdem_libdem",
    "un_distance_eu": "unga_distance_to_eu27_mean",
    "un_agreement_china": "unga_agree_china",
}


def quarter_of(row: Row) -> str:
    """Return the quarter that a date supports, empty if it is good for the year only.

    A recalled date is not checked, and some sources give no more than a year.
    """
    date, note = row["date"], row["note"]
    checked = row["date_support"] != "recalled" and not re.search(r"gives \d{4}\b", note)
    if len(date) < 7 or not checked:
        return ""
    return f"{date[:4]}Q{(int(date[5:7]) + 2) // 3}"


def stage_of(row: Row, path: str) -> str:
    """Return the stage that an event puts a pair in, empty if none."""
    weaker = WEAKER_THAN_TYPE.get((row["iso3"], row["instrument"]))
    return weaker[0] if weaker else stage_entered(row["event"], path)


def decision_of(row: Row, together: Counter[tuple[str, str, str]]) -> str:
    """Return the name of the decision that a row shares with rows of other countries."""
    for name, (instrument, members) in DECISIONS.items():
        if row["instrument"] == instrument and row["iso3"] in members:
            return f"{instrument} {name}"
    if row["via_bloc"]:
        return f"{row['instrument']} {row['via_bloc']}"
    if row["event"] != "held" and together[row["instrument"], row["event"], row["date"]] > 1:
        return f"{row['instrument']} {row['date']}"
    return ""


def history(facts: Path, data: Path) -> list[Row]:
    """Return the dated events with our coding, in order of date, country and instrument."""
    paths = {row["instrument"]: row["path"] for row in read(data / "instruments.csv")}
    rows = [
        {
            **dict.fromkeys(COLUMNS, ""),
            **{"date": date, "iso3": code, "instrument": instrument, "event": "in_force"},
            **{"note": note, "date_support": "recalled"},
            **{"source": "general knowledge, unverified", "confidence": "recalled"},
        }
        for code, instrument, date, note in BEFORE_2010
    ]
    belongs: dict[str, list[str]] = {}
    for member in read(data / "memberships.csv"):
        belongs.setdefault(member["organisation"], []).append(member["iso3"])
    for event in read(facts / "events_2010_2025.csv"):
        named = BLOCS.get((event["iso3"], event["instrument"]), (event["iso3"],))
        members = belongs.get(named[0], named)
        for code in members:
            row = {column: event.get(column, "") for column in COLUMNS}
            row.update(iso3=code, via_bloc=event["iso3"] if len(members) > 1 else "")
            rows.append(row)
    rows.sort(key=lambda row: (row["date"], row["iso3"], row["instrument"], row["event"]))
    together = Counter(
        (row["instrument"], row["event"], row["date"]) for row in rows if len(row["date"]) == 10
    )
    associated = {row["iso3"] for row in rows if _is_horizon_2020(row)}
    for row in rows:
        row["year"] = row["date"][:4]
        row["quarter"] = quarter_of(row)
        row["stage"] = stage_of(row, paths.get(row["instrument"], "treaty"))
        row["decision"] = decision_of(row, together)
        row["renewal"] = "yes" if _renews(row, associated) else "no"
        row["activity"] = "yes" if row["event"] == "held" else "no"
    return rows


def _renews(row: Row, associated: set[str]) -> bool:
    """Tell whether a country goes on in the next research programme."""
    if row["instrument"] != "HORIZON" or row["event"] not in ("signed", "in_force"):
        return False
    before = BEFORE_HORIZON if row["year"] < "2021" else {*BEFORE_HORIZON, *associated}
    return row["year"] >= "2014" and row["iso3"] in before


def _is_horizon_2020(row: Row) -> bool:
    return row["instrument"] == "HORIZON" and "2014" <= row["date"][:4] <= "2020"


def panel(facts: Path) -> list[Row]:
    """Return the yearly indicators that the scores of past years rest on."""
    return [
        {
            **{ours: row[theirs] for ours, theirs in PANEL.items()},
            "source": "see NOTICE, section panel.csv",
            "confidence": row["confidence"],
        }
        for row in read(facts / "indicators_panel.csv")
    ]


def main(facts: Path, data: Path = DATA) -> None:
    """Write the tables."""
    write(data / "history.csv", history(facts, data))
    write(data / "panel.csv", panel(facts))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
