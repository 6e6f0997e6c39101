"""What instruments do for their holders, and how they connect them: arrays out of two tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partnersim.model.constants import AREAS, MODES, OBJECTIVES
from partnersim.model.effect_kinds import KINDS
from partnersim.random.keys import name_key
from partnersim.world.tables import Row

#: Quarters of a half-year.
_HALF_YEAR = 2


def effect_arrays(rows: Sequence[Row], instruments: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the arrays of a world that hold effects of instruments, by name.

    Parameters
    ----------
    rows : sequence of Row
        Of the table of effects, checked.
    instruments : sequence of str
        Names of the K instruments; effects of others, and on others, are left out.
    """
    kinds = list(KINDS)
    places = {"area": AREAS, "objective": OBJECTIVES, "instrument": tuple(instruments)}

    def target(row: Row) -> int:
        on = KINDS[row["effect"]]
        if on == "shock":
            return name_key(row["target"])
        return places[on].index(row["target"]) if on in places else 0

    of_world = [
        row
        for row in rows
        if row["instrument"] in instruments
        and (KINDS[row["effect"]] != "instrument" or row["target"] in instruments)
    ]
    found = sorted(of_world, key=lambda row: instruments.index(row["instrument"]))
    ends = [[float(row[end]) for end in ("low", "mode", "high")] for row in found]
    return {
        "effect_of": np.array([instruments.index(row["instrument"]) for row in found], np.int64),
        "effect_kind": np.array([kinds.index(row["effect"]) for row in found], np.int64),
        "effect_target": np.array([target(row) for row in found], np.int64),
        "effect_ends": np.array(ends, np.float64).reshape(-1, 3),
        "effect_delay": np.array([_HALF_YEAR * float(row["half_years"]) for row in found]),
    }


def damped_shocks(rows: Sequence[Row]) -> dict[str, str]:
    """Return the shocks that effects act on, each with the place of the first such row."""
    found: dict[str, str] = {}
    for row in rows:
        if KINDS[row["effect"]] == "shock":
            found.setdefault(row["target"], row.place)
    return found


def mode_array(rows: Sequence[Row], instruments: Sequence[str]) -> np.ndarray:
    """Return (K,) the mode of connection of each instrument, -1 of those that connect nobody."""
    modes = {row["instrument"]: MODES.index(row["mode"]) for row in rows}
    return np.array([modes.get(name, -1) for name in instruments], np.int64)
