"""What happened to the cases of a forecast, and which of them belong together."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from partnersim.history.history import Record, positions
from partnersim.history.timeline import quarter_name
from partnersim.world.world import World

#: Columns that identify a case of a forecast.
KEYS = ("iso3", "instrument", "stage", "by")


def with_outcomes(
    table: pd.DataFrame, found: list[Record], world: World, after: int
) -> pd.DataFrame:
    """Return the cases of a forecast with what happened to them.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and probabilities.
    found : list of Record
        All records; those up to ``after`` only say what was before.
    world : World
        Countries and catalogue that the records count in.
    after : int
        Last quarter known to the forecast, counted from 2010Q1.

    Returns
    -------
    DataFrame
        The same with ``happened`` (1 if the pair had reached the stage, or a later one of its
        path, by the quarter), ``pipeline`` (whether it was under way at the start) and
        ``cluster``: the decision that moved the pair, else the country.
    """
    iso3, names = list(world.countries["iso3"]), list(world.instruments["instrument"])
    place = dict(zip(names, map(positions, world.instruments["path"]), strict=True))
    moves: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    decision: dict[tuple[str, str], str] = {}
    for record in found:
        if record.last > after and record.stage != "none":
            pair = iso3[record.country], names[record.instrument]
            moves[pair].append((quarter_name(record.last), place[pair[1]][record.stage]))
            decision[pair] = record.decision or decision.get(pair, "")
    happened, cluster = [], []
    for code, name, stage, by in table[list(KEYS)].itertuples(index=False):
        wanted = place[name][stage]
        happened.append(
            int(any(when <= by and reached >= wanted for when, reached in moves[code, name]))
        )
        cluster.append(decision.get((code, name)) or code)
    return table.assign(happened=happened, pipeline=under_way(table), cluster=cluster)


def under_way(table: pd.DataFrame) -> list[bool]:
    """Return for every case of a forecast whether its pair was under way at the start.

    Only such a pair has left its first stage behind, which is then no case.
    """
    pairs = pd.MultiIndex.from_frame(table[["iso3", "instrument"]])
    return (~pairs.isin(pairs[(table["stage"] == "announced").to_numpy()])).tolist()
