"""The arrays of a world, out of the tables of a data folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from partnersim.model.constants import OFFER_ROLES, PATHS, PLANNED, ROLES
from partnersim.model.world_arrays import Flags, Integers, WorldArrays
from partnersim.random.keys import name_keys
from partnersim.world import affinity, agreements, gates, relations, rivals
from partnersim.world import instruments as catalogues
from partnersim.world.contents import Contents
from partnersim.world.countries import Organisations
from partnersim.world.layouts import LAST_DAY, Facts
from partnersim.world.network import (
    bloc_array,
    bloc_members,
    stage_array,
    text_array,
    with_announced_blocs,
)
from partnersim.world.places import HIGH_INCOME, MEMBER_INCOME, NEIGHBOURHOOD
from partnersim.world.pooled import effect_arrays, mode_array, pooled_arrays


def build_arrays(
    contents: Contents,
    network: pd.DataFrame,
    coding: str,
    regions: tuple[str, ...],
    scores: Mapping[str, Any],
    start: str,
) -> WorldArrays:
    """Return the world as the rules see it.

    Parameters
    ----------
    network : DataFrame
        Pairs of the network that count.
    coding : {"wide", "strict"}
        Which agreements link two partners.
    regions : tuple of str
        Names that ``region`` indexes.
    start : str
        First day of quarter 1.
    """
    countries, instruments = contents.countries, contents.instruments
    codes = list(countries["iso3"])

    def positions(values: Iterable[str], names: tuple[str, ...]) -> Integers:
        return np.array([names.index(value) for value in values], dtype=np.int64)

    grounds = countries, instruments, contents.grounds.organisations, contents.offered
    made = fact_arrays(contents.facts, *grounds, coding, start=start)
    reopening = gates.reopening_array(contents.facts["gates.csv"], codes, instruments, start)
    stage = stage_array(network, countries, instruments)
    names = list(instruments["instrument"])
    made["bloc"] = with_announced_blocs(made["bloc"], network, codes, names)
    return WorldArrays(
        **scores,
        **made,
        region=positions(countries["region"], regions),
        ldc=countries["ldc"].to_numpy(np.uint8),
        binding=instruments["binding"].to_numpy(np.int64),
        area=catalogues.area_array(instruments),
        role=positions(instruments["role"], ROLES),
        path=positions(instruments["path"], PATHS),
        effort=instruments["effort"].to_numpy(np.int64),
        cost=instruments["cost_meur"].to_numpy(np.float64),
        offer_role=positions(instruments["offer_role"], OFFER_ROLES),
        **pooled_arrays(contents.pooled, codes, regions, names, list(instruments["path"])),
        prerequisite=catalogues.prerequisite_array(instruments),
        objective=contents.objective,
        module_area=contents.module_area,
        module_trust=contents.module_trust,
        stage=stage,
        # Nothing of June 2025 is recorded as halted: what was suspended has no stage.
        halt=np.zeros((len(codes), len(names)), np.int8),
        again=np.where((contents.offered == 1) & (stage <= PLANNED), reopening, np.int32(0)),
        cable=np.isin(instruments["instrument"], CABLES).astype(np.uint8),
        affinity=affinity.affinity_array(codes, contents.grounds.organisations),
        distance=affinity.distance_array(
            countries["latitude"].to_numpy(np.float64), countries["longitude"].to_numpy(np.float64)
        ),
        borders=affinity.mutual_array(codes, contents.borders),
    )


#: Instruments that are cable systems: they are built, and no treaty speeds that up.
CABLES = ("CONN_BELLA", "CONN_MEDUSA", "CONN_BLUE_RAMAN", "CONN_BLACK_SEA", "CONN_ARCTIC")


def fact_arrays(
    facts: Facts,
    countries: pd.DataFrame,
    instruments: pd.DataFrame,
    organisations: Organisations,
    offered: Flags,
    coding: str,
    day: str = LAST_DAY,
    start: str = relations.FIRST_DAY,
) -> dict[str, np.ndarray]:
    """Return the arrays that dated facts make, as of a day.

    Parameters
    ----------
    offered : array of uint8
        (N, K) 1 where the catalogue offers the instrument to the country.
    coding : {"wide", "strict"}
        Which agreements link two partners.
    start : str
        First day of quarter 1, from which ends are counted.
    """
    codes, names = list(countries["iso3"]), list(instruments["instrument"])
    related, links = facts["relations.csv"], facts["link_events.csv"]
    members = bloc_members(facts["blocs.csv"], facts["bloc_members.csv"])
    barred = gates.barred_array(facts["gates.csv"], codes, instruments, day)
    eligible = np.where(barred, np.uint8(0), offered)
    sanctioned = gates.sanctioned_array(facts["gates.csv"], codes, day)
    restricted = gates.between_array(
        facts["restrictions.csv"], ("iso3", "by"), codes, organisations, day
    )
    pact = gates.between_array(facts["pacts.csv"], ("party", "friend"), codes, organisations, day)
    candidate = (countries["enlargement"] != "").to_numpy(np.uint8)
    poor = (countries["gdp_per_person"] < HIGH_INCOME).to_numpy(np.uint8)
    near = candidate | np.isin(countries["region"], NEIGHBOURHOOD)
    return {
        "candidate": candidate,
        "joint_bodies": candidate | np.isin(codes, list(organisations.countries_of("EEA_EFTA"))),
        "income_line": np.where(near, MEMBER_INCOME, HIGH_INCOME),
        "sanctioned": sanctioned,
        "developing": poor * (1 - gates.closed_array(facts["gates.csv"], codes, day)),
        "direct": relations.flag_array(related, names, "direct_signature"),
        "introduced": relations.introduction_array(related, names),
        "keeps_vendors_out": relations.flag_array(related, names, "keeps_vendors_out"),
        "mode": mode_array(facts["connection_modes.csv"], names),
        **effect_arrays(facts["instrument_effects.csv"], names),
        "mixed": relations.mixed_array(related, names),
        "lighter": relations.lighter_array(related, instruments, eligible),
        **relations.term_arrays(facts["terms.csv"], codes, start),
        "summit": relations.summit_array(facts["summits.csv"], members, codes, start),
        "expires": relations.quarter_array(related, names, "expires", start),
        "renews": relations.quarter_array(related, names, "renews", start),
        "serves": relations.quarter_array(related, names, "serves", start),
        "excludes": relations.pair_array(related, names, "excludes"),
        "precursor": relations.precursor_array(related, names, day),
        "supersedes": relations.pair_array(related, names, *relations.REPLACES),
        "eligible": eligible,
        "bloc": bloc_array(facts["bloc_decisions.csv"], members, codes, names, eligible),
        "text": text_array(facts["joint_texts.csv"], organisations, codes, names),
        **rivals.rival_arrays(
            *(facts["rivals.csv"], facts["rival_kinds.csv"], facts["rival_powers.csv"]),
            countries,
            organisations,
            sanctioned,
            restricted,
            pact,
            gates.war_array(facts["gates.csv"], codes, day),
            day,
        ),
        "ally": rivals.ally_array(facts["allies.csv"], countries, organisations),
        "large": agreements.large_array(links, countries, day),
        "links": agreements.link_array(links, codes, coding, day),
        "signed": agreements.signed_array(links, codes, coding, day),
        "restricted": restricted,
        "pact": pact,
        "grouping": agreements.grouping_array(organisations, codes, restricted),
        "agreement": agreements.agreement_array(facts["agreements.csv"], links, codes, coding, day),
        "may_join": agreements.joining_array(facts["agreements.csv"], codes, organisations, coding),
        "agreement_key": name_keys(agreements.open_agreements(facts["agreements.csv"], coding)),
    }


#: Arrays with one row per country, and those with one row and one column per country.
PER_COUNTRY = (
    *("size", "wealth", "gdp_share", "population_share", "gdp", "population", "region", "ldc"),
    *("developing", "income_line", "alignment", "opening_by_country"),
    *("readiness", "need", "rival", "threat", "business", "exposure", "fragility"),
    *("eligible", "stage", "halt"),
    *("candidate", "joint_bodies", "sanctioned", "bloc", "text", "again", "summit"),
    *("handover", "term", "ally", "kept_out", "power", "large"),
    *("rival_supply", "rival_rate"),
)
PER_MEMBER = ("grouping", "agreement", "may_join")
PER_PAIR = ("links", "signed", "restricted", "pact", "affinity", "distance", "borders")


def select(arrays: WorldArrays, chosen: np.ndarray) -> WorldArrays:
    """Return the arrays of some countries only, given by index, C-contiguous."""
    fields = arrays._asdict()
    for name in PER_COUNTRY:
        fields[name] = fields[name][chosen]
    for name in PER_MEMBER:
        fields[name] = fields[name][:, chosen]
    for name in PER_PAIR:
        fields[name] = fields[name][np.ix_(chosen, chosen)]
    return WorldArrays(**{name: np.ascontiguousarray(array) for name, array in fields.items()})
