"""Digital agreements between partners, and the groupings in which they are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from partnersim.model.world_arrays import Flags, Integers
from partnersim.random.keys import name_key
from partnersim.world.affinity import mutual_array
from partnersim.world.countries import Organisations
from partnersim.world.tables import Row

#: Share of the other members of a grouping with whom a member may be at odds and still count.
AT_ODDS = 1 / 3


def reached(links: Sequence[Row], stage: str, coding: str, day: str) -> list[Row]:
    """Return the dated steps to a stage that were made by a day.

    Parameters
    ----------
    stage : {"concluded", "signed", "in_force"}
    coding : {"wide", "strict"}
        ``strict`` leaves out trade chapters and the Digital Cooperation Organization.
    """
    return [
        row
        for row in links
        if row["stage"] == stage
        and row["date"] <= day
        and (coding == "wide" or row["coding"] == "strict")
    ]


def decision_name(row: Row) -> str:
    """Return the name of the decision that a step belongs to: of many countries, or of the two."""
    return row["decision"] or f"{row['agreement']}: {row['iso3_a']}-{row['iso3_b']}"


def link_array(links: Sequence[Row], codes: Sequence[str], coding: str, day: str) -> Flags:
    """Return who has a digital agreement in force with whom on a day, (N, N), symmetric."""
    in_force = reached(links, "in_force", coding, day)
    return mutual_array(codes, ((row["iso3_a"], row["iso3_b"]) for row in in_force))


def large_array(links: Sequence[Row], countries: pd.DataFrame, day: str) -> Flags:
    """Return (N,) flags of countries as large as one side of every agreement of two on record.

    Two smaller ones have made none by themselves up to a day.
    """
    gdp = dict(zip(countries["iso3"], countries["gdp_usd"], strict=True))
    larger = [
        max(gdp[row["iso3_a"]], gdp[row["iso3_b"]])
        for row in links
        if not row["decision"] and row["date"] <= day and {row["iso3_a"], row["iso3_b"]} <= set(gdp)
    ]
    return (countries["gdp_usd"] >= min(larger, default=0.0)).to_numpy(np.uint8)


def signed_array(links: Sequence[Row], codes: Sequence[str], coding: str, day: str) -> Integers:
    """Return what has been concluded or signed by a day, where no digital agreement is in force.

    (N, N), symmetric: the key of the agreement, of several the first signed; 0 if none.
    """
    place = {code: position for position, code in enumerate(codes)}
    linked = link_array(links, codes, coding, day)
    array = np.zeros(linked.shape, np.int64)
    made = [row for stage in ("concluded", "signed") for row in reached(links, stage, coding, day)]
    for row in sorted(made, key=lambda row: (row["stage"] != "signed", row["date"])):
        one, other = place.get(row["iso3_a"]), place.get(row["iso3_b"])
        if one is None or other is None or linked[one, other] or array[one, other]:
            continue
        array[one, other] = array[other, one] = name_key(decision_name(row))
    return array


def open_agreements(agreements: Sequence[Row], coding: str) -> list[str]:
    """Return the agreements that others may join, in order of first mention."""
    known = [row for row in agreements if coding == "wide" or row["coding"] == "strict"]
    return list(dict.fromkeys(row["agreement"] for row in known))


def agreement_array(
    agreements: Sequence[Row], links: Sequence[Row], codes: Sequence[str], coding: str, day: str
) -> Flags:
    """Return the members of agreements that others may join, (A, N), in order of first mention."""
    names = open_agreements(agreements, coding)
    name_of = {row["recorded_as"]: row["agreement"] for row in agreements}
    array = np.zeros((len(names), len(codes)), dtype=np.uint8)
    for row in reached(links, "in_force", coding, day):
        name = name_of.get(row["agreement"])
        if name in names:
            array[names.index(name), [codes.index(row["iso3_a"]), codes.index(row["iso3_b"])]] = 1
    return array


def joining_array(
    agreements: Sequence[Row], codes: Sequence[str], organisations: Organisations, coding: str
) -> Flags:
    """Return who may join agreements, (A, N): whom any row of an agreement names."""
    names = open_agreements(agreements, coding)
    array = np.zeros((len(names), len(codes)), dtype=np.uint8)
    for a, name in enumerate(names):
        named = [who for row in agreements if row["agreement"] == name for who in row.items("who")]
        array[a] = np.isin(codes, list(organisations.countries_of(*named)))
    return array


def grouping_array(organisations: Organisations, codes: Sequence[str], restricted: Flags) -> Flags:
    """Return the members of economic groupings, (G, N), in the order of ``organisations.csv``.

    Who is at odds with more than `AT_ODDS` of the other members does not count: with Russia the
    members of APEC agree on nothing.

    Parameters
    ----------
    restricted : (N, N) array of uint8
        1 where one of two countries restricts trade in technology with the other.
    """
    names = organisations.groupings
    members = np.array([[code in organisations.members[name] for code in codes] for name in names])
    members = members.reshape(len(names), len(codes))
    odds = members.astype(np.int64) @ restricted.astype(np.int64)
    others = members.sum(axis=1, keepdims=True) - 1
    return (members & (odds <= AT_ODDS * others)).astype(np.uint8)
