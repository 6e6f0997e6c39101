"""Regenerate the fact tables of ``src/partnersim/data`` from a folder of collected facts.

Usage: ``python tools/prepare_world.py FACTS [DATA]``

Written from the facts: ``countries.csv``, ``memberships.csv``, ``borders.csv``, ``network.csv``.
Refreshed: ``instruments.csv`` (name, directions, binding and sources; our own coding is kept).
Kept by hand: ``organisations.csv``, ``areas.csv``, ``modules.csv``, ``hotspots.csv``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from partnersim.history.history import STAGE_OF_EVENT, stage_entered

Row = dict[str, str]

DATA = Path(__file__).parent.parent / "src" / "partnersim" / "data"

#: Columns of countries.csv taken from indicators.csv: our name, name in the facts.
INDICATORS = {
    "un_subregion": "un_subregion",
    "capital": "capital",
    "latitude": "capital_lat",
    "longitude": "capital_lon",
    "landlocked": "landlocked",
    "ldc": "ldc",
    "population": "population_2023",
    "gdp_usd": "gdp_usd_2023",
    "gdp_year": "gdp_year",
    "online_service": "egdi_online_service_2024",
    "human_capital": "egdi_human_capital_2024",
    "telecom": "egdi_telecom_2024",
    "cybersecurity_index": "gci_score_2024",
    "internet_users": "internet_users_pct",
    "liberal_democracy": "vdem_libdem_2024",
    "un_distance_eu": "unga_distance_to_eu27_mean_2021_2023",
    "un_agreement_eu": "unga_agree_eu_majority_2015_2019",
    "un_agreement_china": "unga_agree_china_2021_2023",
    "un_agreement_russia": "unga_agree_russia_2021_2023",
    "exports_china": "exports_china_share_top5_pct",
    "imports_china": "imports_china_share_top5_pct",
}

STAGE_RANK = ("announced", "negotiating", "concluded", "signed", "in_force")

#: Events whose text says less than their type.
WEAKER_THAN_TYPE = {
    ("IND", "HPC"): ("announced", "a statement of intent only"),
    ("JPN", "CONN_ARCTIC"): ("announced", "a memorandum on routes, no project contract"),
}

WESTERN_BALKANS = ("ALB", "BIH", "MKD", "MNE", "SRB", "XKX")
CANDIDATES = (*WESTERN_BALKANS, "GEO", "MDA", "TUR", "UKR")
NEIGHBOURS = ("ARM", "AZE", "DZA", "EGY", "ISR", "JOR", "LBN", "LBY", "MAR", "PSE", "TUN")
SUSPENDED_NEIGHBOURS = "Belarus and Syria left out, cooperation suspended"
COUNCIL_AND_PARTNERSHIP = ("CAN", "IND", "JPN", "KOR", "SGP", "USA")
CENTRAL_AMERICA_CARIBBEAN = (
    *("ATG", "BHS", "BLZ", "BRB", "CRI", "CUB", "DMA", "DOM", "GRD", "GTM", "GUY", "HND"),
    *("HTI", "JAM", "KNA", "LCA", "NIC", "PAN", "SLV", "SUR", "TTO", "VCT"),
)
WEST_AFRICAN_COAST = (
    *("BEN", "CIV", "CPV", "GHA", "GIN", "GMB", "GNB", "LBR", "MRT", "NGA", "SEN", "SLE", "TGO"),
)
RESEARCH_NETWORKS_ON_BELLA = ("ARG", "BRA", "CHL", "COL", "ECU")

#: Blocs that the document speaks of, expanded into members by this project:
#: instrument, bloc, stage, members (countries, or one organisation code), why these.
EXPANSIONS: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("SMART_AFRICA", "BLOC_SMART_AFRICA", "in_force", ("SMART_AFRICA",), "members"),
    ("ASEAN_CONNECTIVITY", "BLOC_ASEAN", "in_force", ("ASEAN",), "members"),
    ("AU_MINISTERIAL", "BLOC_AFRICAN_UNION", "announced", ("AFRICAN_UNION",), "members"),
    (
        *("CONN_BELLA", "BLOC_LAC", "in_force", RESEARCH_NETWORKS_ON_BELLA),
        "research networks that the built link connects",
    ),
    (
        *("CONN_BELLA", "BLOC_CENTRAL_AMERICA_CARIBBEAN", "planned", CENTRAL_AMERICA_CARIBBEAN),
        "extension",
    ),
    (
        *("COPERNICUS_MIRROR", "BLOC_LAC", "in_force", RESEARCH_NETWORKS_ON_BELLA),
        "Earth Observation data over BELLA: countries on the built link",
    ),
    (
        *("HPC", "BLOC_LAC", "planned"),
        ("ARG", "BRA", "CHL", "COL", "CRI", "ECU", "MEX", "URY"),
        "Alliance members with a national computing centre",
    ),
    (
        *("CONN_MEDUSA", "BLOC_MED_SOUTH", "planned", ("DZA", "EGY", "LBY", "MAR", "TUN")),
        "southern shore",
    ),
    ("CONN_MEDUSA", "BLOC_WEST_AFRICA", "planned", WEST_AFRICAN_COAST, "coastal states"),
    (
        *("CONN_BLUE_RAMAN", "BLOC_MIDDLE_EAST", "planned", ("ISR", "JOR")),
        "landings as published before June 2025",
    ),
    (
        *("CONN_BLUE_RAMAN", "BLOC_GULF", "planned", ("OMN", "SAU")),
        "landings as published before June 2025",
    ),
    (
        *("CONN_BLUE_RAMAN", "BLOC_EASTERN_AFRICA", "planned", ("DJI",)),
        "landing as published before June 2025",
    ),
    (
        *("CONN_BLACK_SEA", "BLOC_EAP", "planned", ("MDA", "UKR")),
        "when conditions allow; Belarus left out, cooperation suspended",
    ),
    (
        *("CONN_BLACK_SEA", "BLOC_SOUTH_CAUCASUS", "planned", ("ARM", "AZE", "GEO")),
        "when conditions allow",
    ),
    (
        *("CONN_BLACK_SEA", "BLOC_CENTRAL_ASIA", "planned", ("CENTRAL_ASIA_C5",)),
        "when conditions allow",
    ),
    (
        *("CONN_ARCTIC", "BLOC_ARCTIC", "planned", ("CAN", "FRO", "ISL", "NOR", "USA")),
        "Arctic states and territories outside the EU; Russia left out, cooperation suspended",
    ),
    *(
        (
            instrument,
            "BLOC_CANDIDATES",
            "in_force",
            CANDIDATES,
            "candidates and potential candidate",
        )
        for instrument in ("ENISA_COOP", "CYBER_CAPACITY", "FIMI_COOP")
    ),
    *(
        (instrument, "BLOC_NEIGHBOURHOOD", "in_force", NEIGHBOURS, SUSPENDED_NEIGHBOURS)
        for instrument in ("ENISA_COOP", "FIMI_COOP")
    ),
    (
        *("CYBER_CAPACITY", "BLOC_NEIGHBOURHOOD", "in_force"),
        tuple(code for code in NEIGHBOURS if code != "ISR"),
        f"{SUSPENDED_NEIGHBOURS}; Israel left out, high income",
    ),
    *(
        (
            *(instrument, "BLOC_PARTNERS", "in_force", COUNCIL_AND_PARTNERSHIP),
            "existing partners read as those with a Digital Partnership or a Council",
        )
        for instrument in ("ATTRIBUTION_SANCTIONS", "PLATFORM_REG", "CONSUMER_SAFETY")
    ),
    (
        *("D4D_HUB", "BLOC_AFRICA", "in_force", ("COD", "KEN", "NGA", "TZA")),
        "countries with a Digital Economy Package or an Informal Digital Hub",
    ),
    (
        *("D4D_HUB", "BLOC_LAC", "in_force", ("BRA", "COL")),
        "countries with a Digital Economy Package or an Informal Digital Hub",
    ),
    (
        *("D4D_HUB", "BLOC_ASIA_PACIFIC", "in_force", ("PHL",)),
        "countries with a Digital Economy Package",
    ),
    *(
        (
            *("GOVERNANCE_COORD", bloc, "in_force", (organisation,)),
            "members; Russia left out, political dialogue suspended",
        )
        for bloc, organisation in (
            ("BLOC_G7", "G7"),
            ("BLOC_G20", "G20"),
            ("BLOC_OECD", "OECD"),
            ("BLOC_COE", "COUNCIL_OF_EUROPE"),
        )
    ),
)

#: Members of a bloc's organisation that an expansion leaves out.
LEFT_OUT = {("RUS", "GOVERNANCE_COORD")}


def read(path: Path) -> list[Row]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row.get("source", "").startswith("press or official page dated after"):
            row["source"] = "press or official page, address not kept"
    return rows


def write(path: Path, rows: list[Row]) -> None:
    """Write rows, whose first gives the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def countries(facts: Path) -> list[Row]:
    """Return one row per country or territory, with groups and indicators."""
    indicators = {row["iso3"]: row for row in read(facts / "indicators.csv")}
    borders_eu = {
        row["iso3_a"] if row["iso3_a"] in indicators else row["iso3_b"]
        for row in read(facts / "contiguity.csv")
        if row["eu_member_in_pair"] == "yes"
    }
    rows = []
    for partner in read(facts / "partners.csv"):
        if partner["kind"] == "bloc":
            continue
        code = partner["iso3"]
        status = partner["enlargement_status"]
        rows.append(
            {
                "iso3": code,
                "name": partner["name"],
                "kind": partner["kind"],
                "region": partner["region"],
                "enlargement": status.split(",")[0],
                "enlargement_status": status,
                "named": "yes" if partner["named_in_seed"] == "yes" else "no",
                "borders_eu": "yes" if code in borders_eu else "no",
                **{ours: indicators[code][theirs] for ours, theirs in INDICATORS.items()},
                "source": f"{partner['source']}; indicators: see NOTICE",
                "confidence": partner["confidence"],
            }
        )
    return rows


def memberships(facts: Path) -> list[Row]:
    """Return one row per country and organisation."""
    return [
        {
            "iso3": row["iso3"],
            "organisation": row["organisation"],
            "joined_year": row["joined_year"],
            "status": "member" if row["status_on_2025_06_05"] == "member" else "suspended",
            "source": row["source"],
            "confidence": row["confidence"],
        }
        for row in read(facts / "dyads.csv")
    ]


def borders(facts: Path) -> list[Row]:
    """Return one row per land border between two partners."""
    columns = ("iso3_a", "iso3_b", "source", "confidence")
    return [
        {column: row[column] for column in columns}
        for row in read(facts / "contiguity.csv")
        if row["eu_member_in_pair"] == "no"
    ]


def instruments(facts: Path, present: list[Row]) -> list[Row]:
    """Return the present catalogue with the facts refreshed and our own coding kept."""
    catalogue = {row["instrument"]: row for row in read(facts / "instruments.csv")}
    partners = {row["iso3"]: row["name"] for row in read(facts / "partners.csv")}
    expanded = {(instrument, bloc) for instrument, bloc, *_ in EXPANSIONS}
    baseline = read(facts / "baseline_2025_06.csv")
    expanded |= {(row["instrument"], row["via_bloc"]) for row in baseline if row["via_bloc"]}
    for row in present:
        known = catalogue[row["instrument"]]
        open_with: dict[str, list[str]] = {}
        for pair in baseline:
            key = (pair["instrument"], pair["iso3"])
            if key[0] == row["instrument"] and key[1].startswith("BLOC") and key not in expanded:
                open_with.setdefault(pair["status"], []).append(partners[pair["iso3"]])
        row.update(
            name=known["name"],
            description=known["binding_reason"],
            directions=known["directions"].replace("secure_defence", "strengthen"),
            binding=known["binding_0_4"],
            open_with="; ".join(f"{stage}: {', '.join(who)}" for stage, who in open_with.items()),
            seed_ref=known["seed_ref"],
            source=known["source"],
            confidence=known["confidence"],
        )
    return present


def stated_pairs(facts: Path, codes: set[str]) -> list[Row]:
    """Return the pairs that the document states, and the expansions already in the facts."""
    return [
        {
            "iso3": row["iso3"],
            "instrument": row["instrument"],
            "stage": row["status"],
            "origin": "document",
            "expansion": "facts" if row["via_bloc"] and row["named_in_seed"] == "no" else "none",
            "via_bloc": row["via_bloc"],
            "note": row["note"],
            "source": row["source"],
            "confidence": row["confidence"],
        }
        for row in read(facts / "baseline_2025_06.csv")
        if row["iso3"] in codes
    ]


def expanded_pairs(
    organisations: list[Row], codes: set[str], taken: set[tuple[str, str]]
) -> list[Row]:
    """Return the pairs that this project derives from the blocs of the document."""
    members: dict[str, list[str]] = {}
    for row in organisations:
        if row["status"] == "member":
            members.setdefault(row["organisation"], []).append(row["iso3"])
    rows = []
    for instrument, bloc, stage, listed, why in EXPANSIONS:
        for code in sorted(c for item in listed for c in members.get(item, [item])):
            assert code in codes, code
            if (code, instrument) in taken or (code, instrument) in LEFT_OUT:
                continue
            taken.add((code, instrument))
            rows.append(
                {
                    "iso3": code,
                    "instrument": instrument,
                    "stage": stage,
                    "origin": "document",
                    "expansion": "partnersim",
                    "via_bloc": bloc,
                    "note": why,
                    "source": "JOIN(2025) 140 final names the bloc; members: own expansion",
                    "confidence": "assumed",
                }
            )
    return rows


def stage_after(events: list[Row], path: str) -> str:
    """Return the stage that dated events leave a pair in; mere activity tells none."""
    entered = [stage_entered(event["event"], path) for event in events]
    return next((stage for stage in reversed(entered) if stage), "none")


def historical_pairs(
    facts: Path, catalogue: list[Row], codes: set[str], taken: set[tuple[str, str]]
) -> list[Row]:
    """Return the pairs that dated events show and of which the document says nothing."""
    paths = {row["instrument"]: row["path"] for row in catalogue}
    histories: dict[tuple[str, str], list[Row]] = {}
    for event in sorted(read(facts / "events_2010_2025.csv"), key=lambda row: row["date"]):
        if event["iso3"] in codes and event["instrument"] in paths:
            histories.setdefault((event["iso3"], event["instrument"]), []).append(event)
    rows = []
    for (code, instrument), events in sorted(histories.items()):
        if (code, instrument) in taken:
            continue
        stage, note = WEAKER_THAN_TYPE.get((code, instrument), ("", ""))
        stage = stage or stage_after(events, paths[instrument])
        if stage == "none":
            continue
        last = [event for event in events if STAGE_OF_EVENT[event["event"]]][-1]
        text = "; ".join(filter(None, (f"{last['event']} {last['date']}", last["note"], note)))
        rows.append(
            {
                "iso3": code,
                "instrument": instrument,
                "stage": stage,
                "origin": "history",
                "expansion": "none",
                "via_bloc": "",
                "note": text,
                "source": last["source"],
                "confidence": last["confidence"],
            }
        )
    return rows


def main(facts: Path, data: Path = DATA) -> None:
    """Write the tables."""
    partners = countries(facts)
    codes = {row["iso3"] for row in partners}
    organisations = memberships(facts)
    catalogue = instruments(facts, read(data / "instruments.csv"))
    network = stated_pairs(facts, codes)
    taken = {(row["iso3"], row["instrument"]) for row in network}
    network += expanded_pairs(organisations, codes, taken)
    network += historical_pairs(facts, catalogue, codes, taken)
    write(data / "countries.csv", partners)
    write(data / "memberships.csv", organisations)
    write(data / "borders.csv", borders(facts))
    write(data / "instruments.csv", catalogue)
    write(data / "network.csv", network)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
