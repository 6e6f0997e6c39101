"""The network of 5 June 2025: the stage of every pair, and which bloc decides it for its members.

A pair is a country and an instrument. What a bloc decides is one decision for all of its members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partnersim.model.constants import PATH_STAGES, PLANNED, STAGES
from partnersim.model.world_arrays import Flags
from partnersim.world.countries import Organisations
from partnersim.world.layouts import LAYOUTS, Known, read_rows, table_of
from partnersim.world.places import groups_in, nearest_place
from partnersim.world.tables import Reader, Row

NO_BLOC = -1


def read_network(
    reader: Reader, countries: pd.DataFrame, catalogue: pd.DataFrame, eligible: Flags
) -> pd.DataFrame:
    """Return the pairs that hold a stage, in file order.

    Parameters
    ----------
    eligible : array of uint8
        (N, K); a pair that may not exist is a problem.

    Returns
    -------
    DataFrame
        ``origin``: ``document`` (stated by JOIN(2025) 140 final) or ``history`` (a dated event that
        the document does not mention). ``expansion``: ``none``, or who turned a bloc into its
        members: ``facts`` or ``partnersim``.
    """
    country = {code: position for position, code in enumerate(countries["iso3"])}
    instrument = {name: position for position, name in enumerate(catalogue["instrument"])}
    paths = dict(zip(catalogue["instrument"], catalogue["path"], strict=True))
    rows = read_rows(reader, "network.csv", Known(country, instrument))
    for row in rows:
        known = row["iso3"] in country and row["instrument"] in instrument
        if not known or not reader.sound("instruments.csv", row["instrument"]):
            continue
        stage, path = row.values["stage"], paths[row["instrument"]]
        possible = ("planned", *PATH_STAGES[path])
        if stage not in possible:
            why = f"whose path '{path}' knows {', '.join(possible)}"
            reader.problem(row, f"stage '{stage}' is impossible for {row['instrument']}, {why}")
        grounds = (("countries.csv", row["iso3"]), ("memberships.csv",), ("organisations.csv",))
        if not eligible[country[row["iso3"]], instrument[row["instrument"]]] and all(
            reader.sound(*ground) for ground in grounds
        ):
            reader.problem(row, f"{row['iso3']} is not eligible for {row['instrument']}")
    return table_of("network.csv", rows)


def announced_pairs(
    reader: Reader,
    rows: list[Row],
    countries: pd.DataFrame,
    organisations: Organisations,
    eligible: Flags,
) -> pd.DataFrame:
    """Return the pairs with which added instruments are announced, as rows of the network.

    What is announced to a group of countries is one decision, as in the document.

    Parameters
    ----------
    rows : list of Row
        Added instruments; ``open_with`` names regions, groups and codes.
    eligible : array of uint8
        (N, number of rows); who may not take it is left out of a group.
    """
    codes = [str(code) for code in countries["iso3"]]
    groups = {"world": tuple(codes), **groups_in(countries, organisations.members)}
    for region, members in countries.groupby("region")["iso3"]:
        groups[str(region)] = tuple(members)
    columns = LAYOUTS["network.csv"].columns
    pairs: list[dict[str, str]] = []
    for column, row in enumerate(rows):
        may = {code for code, fits in zip(codes, eligible[:, column], strict=True) if fits}
        taken: set[str] = set()
        for place in row.items("open_with"):
            members = groups.get(place, (place,) if place in codes else ())
            if not members:
                reader.problem(
                    row, f"announced '{place}' is unknown{nearest_place(place, [*groups, *codes])}"
                )
            elif not may & set(members):
                reader.problem(row, f"announced '{place}': may not take it")
            new = [code for code in members if code in may and code not in taken]
            taken.update(new)
            shared = {
                **dict.fromkeys(columns, ""),
                **{"instrument": row["instrument"], "stage": STAGES[PLANNED], "expansion": "none"},
                **{"origin": row["source"], "via_bloc": "" if place in codes else place},
                **{"source": row["source"], "confidence": row["confidence"]},
            }
            pairs += [{**shared, "iso3": code} for code in new]
    return pd.DataFrame(pairs, columns=columns)


def stage_array(
    network: pd.DataFrame, countries: pd.DataFrame, catalogue: pd.DataFrame
) -> NDArray[np.int8]:
    """Return the stage of every pair, (N, K)."""
    array = np.zeros((len(countries), len(catalogue)), dtype=np.int8)
    rows = pd.Index(countries["iso3"]).get_indexer(network["iso3"])
    columns = pd.Index(catalogue["instrument"]).get_indexer(network["instrument"])
    array[rows, columns] = [STAGES.index(stage) for stage in network["stage"]]
    return array


def bloc_members(blocs: Sequence[Row], members: Sequence[Row]) -> dict[str, list[str]]:
    """Return the members of every bloc, by all that it is called.

    Parameters
    ----------
    blocs, members : sequence of Row
        Of ``blocs.csv`` and ``bloc_members.csv``.
    """
    found: dict[str, list[str]] = {}
    for row in members:
        found.setdefault(row["bloc"], []).append(row["iso3"])
    also = {row["also_called"]: row["bloc"] for row in blocs if row["also_called"]}
    return found | {other: found[bloc] for other, bloc in also.items()}


def bloc_array(
    decisions: Sequence[Row],
    members: Mapping[str, Sequence[str]],
    codes: Sequence[str],
    instruments: Sequence[str],
    eligible: Flags,
) -> NDArray[np.int16]:
    """Return the bloc that decides an instrument for a country, (N, K); -1 where none does.

    Blocs are numbered in the order in which ``bloc_decisions.csv`` first names them. A member that
    is not eligible for the instrument is left out of the decision.
    """
    numbers = {
        name: place for place, name in enumerate(dict.fromkeys(r["bloc"] for r in decisions))
    }
    array = np.full((len(codes), len(instruments)), NO_BLOC, dtype=np.int16)
    for decision in decisions:
        bloc, instrument = decision["bloc"], instruments.index(decision["instrument"])
        for code in set(members[bloc]) - set(decision.items("without")):
            pair = codes.index(code), instrument
            if eligible[pair]:
                array[pair] = numbers[bloc]
    return array


def text_array(
    joint: Sequence[Row],
    organisations: Organisations,
    codes: Sequence[str],
    instruments: Sequence[str],
) -> NDArray[np.int16]:
    """Return the instrument in whose text each pair is agreed, (N, K): mostly its own."""
    array = np.tile(np.arange(len(instruments), dtype=np.int16), (len(codes), 1))
    for row in joint:
        who = np.isin(codes, list(organisations.countries_of(*row.items("who"))))
        array[who, instruments.index(row["instrument"])] = instruments.index(row["other"])
    return array


def check_decisions(
    reader: Reader,
    decisions: Sequence[Row],
    members: Mapping[str, Sequence[str]],
    codes: Sequence[str],
    names: Sequence[str],
    stages: NDArray[np.int8],
    eligible: Flags,
) -> None:
    """Note countries with two blocs for one instrument, and members at different stages.

    Parameters
    ----------
    stages : array of int8
        (N, K) stages of 5 June 2025.
    """
    taken: dict[tuple[int, int], str] = {}
    for decision in decisions:
        array = bloc_array([decision], members, codes, names, eligible)
        found: dict[str, str] = {}
        for i, k in np.argwhere(array != NO_BLOC):
            if (i, k) in taken:
                reader.problem(decision, f"{taken[i, k]} decides {names[k]} for {codes[i]} already")
            taken[i, k] = decision["bloc"]
            found[STAGES[stages[i, k]]] = codes[i]
        if not (array != NO_BLOC).any():
            reader.problem(
                decision, f"no member of {decision['bloc']} may take {decision['instrument']}"
            )
        elif len(found) > 1:
            listed = ", ".join(f"{code} {stage}" for stage, code in sorted(found.items()))
            one = f"{decision['bloc']} decides {decision['instrument']} for all its members"
            reader.problem(decision, f"{one}, but they stand at different stages: {listed}")


def with_announced_blocs(
    bloc: np.ndarray, network: pd.DataFrame, codes: list[str], names: list[str]
) -> np.ndarray:
    """Return (N, K) numbers of blocs in which what is announced to a bloc is one decision.

    What the document announces to several partners at once is one thing that may or may not come.
    """
    joined = bloc.copy()
    announced = network[(network["stage"] == "planned") & (network["via_bloc"] != "")]
    number = int(bloc.max(initial=-1))
    for (_, name), rows in announced.groupby(["via_bloc", "instrument"], sort=False):
        column = names.index(str(name))
        others = [codes.index(code) for code in rows["iso3"]]
        others = [place for place in others if joined[place, column] < 0]
        if len(others) > 1:
            number += 1
            joined[others, column] = number
    return joined
