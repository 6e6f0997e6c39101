"""What happened to the cases of a forecast, and which of them belong together."""

from __future__ import annotations

import pandas as pd

from partnersim.history.coding import positions
from partnersim.history.history import Record
from partnersim.history.timeline import quarter_name
from partnersim.world.world import World


def with_outcomes(
    table: pd.DataFrame, found: list[Record], world: World, after: int
) -> pd.DataFrame:
    """Return the cases of a forecast with what happened to them.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and probabilities.
    found : list of Record
        All records; those up to ``after`` only tell what was before.
    after : int
        Last quarter known to the forecast, counted from 2010Q1.

    Returns
    -------
    DataFrame
        The same with ``happened`` (1 if the pair had reached the stage, or a later one of its
        path, by the quarter), ``pipeline`` (whether it was under way at the start) and
        ``cluster``: the decision that moved the pair, else the country.
    """
    iso3 = list(world.countries["iso3"])
    names = list(world.instruments["instrument"])
    place = {
        name: positions(path) for name, path in zip(names, world.instruments["path"], strict=True)
    }
    when: dict[tuple[str, str, str], str] = {}
    decision: dict[tuple[str, str], str] = {}
    for record in found:
        if record.last <= after or record.stage == "none":
            continue
        code, name = iso3[record.country], names[record.instrument]
        reached = place[name][record.stage]
        label = quarter_name(record.last)
        for stage, position in place[name].items():
            if 0 < position <= reached:
                key = (code, name, stage)
                when[key] = min(when.get(key, label), label)
        if record.decision:
            decision[code, name] = record.decision
    keys = list(zip(table["iso3"], table["instrument"], strict=True))
    stages = list(table["stage"])
    never = "9999Q4"
    date = [
        when.get((code, name, stage), never)
        for (code, name), stage in zip(keys, stages, strict=True)
    ]
    return table.assign(
        happened=(pd.Series(date, index=table.index) <= table["by"]).astype(int),
        pipeline=under_way(table),
        cluster=[decision.get(key, key[0]) for key in keys],
    )


def under_way(table: pd.DataFrame) -> list[bool]:
    """Tell for every case of a forecast whether its pair was under way at the start.

    Only such a pair has left its first stage behind, which is then no case.
    """
    first = table["stage"] == "announced"
    waiting = set(zip(*(table.loc[first, key] for key in ("iso3", "instrument")), strict=True))
    return [pair not in waiting for pair in zip(table["iso3"], table["instrument"], strict=True)]
