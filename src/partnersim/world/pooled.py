"""Effects: those of instruments on others, and those of single instruments, pooled from history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from partnersim.model.constants import AREAS, MODES, OBJECTIVES, PATHS
from partnersim.model.effect_kinds import KINDS
from partnersim.random.keys import name_key
from partnersim.world.tables import Row

#: Quarters of a half-year.
_HALF_YEAR = 2
FILE = "pooled_effects.csv"
#: What opening an instrument has a slope by.
SLOPES = ("size", "wealth")
#: Kinds of effects, and the array of the world that each fills.
ARRAYS = {
    "opening": "opening",
    **{name: f"opening_by_{name}" for name in SLOPES},
    "country": "opening_by_country",
    "region": "opening_by_region",
    "speed": "speed",
}
#: What an effect of an instrument is known together with.
TOGETHER = ("opening", "size")
#: Kinds whose effects stand around a mean of the instrument's path, and the kind of that.
AROUND = {"opening": "path", **{name: f"path_{name}" for name in SLOPES}}


def effect_arrays(rows: Sequence[Row], instruments: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the arrays of a world that hold effects of instruments, by name.

    Parameters
    ----------
    rows : sequence of Row
        Of the table of effects, checked.
    instruments : sequence of str
        Names of the K instruments.
    """
    kinds = list(KINDS)
    places = {"area": AREAS, "objective": OBJECTIVES, "instrument": tuple(instruments)}

    def target(row: Row) -> int:
        on = KINDS[row["effect"]]
        if on == "shock":
            return name_key(row["target"])
        return places[on].index(row["target"]) if on in places else 0

    found = sorted(rows, key=lambda row: instruments.index(row["instrument"]))
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


def pooled_arrays(
    effects: pd.DataFrame,
    codes: Sequence[str],
    regions: Sequence[str],
    instruments: Sequence[str],
    paths: Sequence[str],
) -> dict[str, Any]:
    """Return the arrays of a world that hold pooled effects, by name.

    What the table does not name has the mean of its path and the spread of its kind.

    Parameters
    ----------
    effects : DataFrame
        The table `FILE`, or the effects of a `Posterior`.
    codes : sequence of str
        Of the N countries.
    regions : sequence of str
        Names of the R regions.
    instruments, paths : sequence of str
        Names and paths of the K instruments.

    Returns
    -------
    dict of str to array
        (N, 2), (R, 2) or (K, 2) arrays of mean and deviation, (K, 4) of what is known together, see
        `WorldArrays`.
    """
    by_kind = {str(kind): rows.set_index("name") for kind, rows in effects.groupby("kind")}
    arrays = {}
    for kind, array in ARRAYS.items():
        names = {"country": codes, "region": regions}.get(kind, instruments)
        rows = by_kind[kind]
        unknown = pd.Series({"mean": 0.0, "deviation": rows["spread"].max()})
        known = rows.reindex(names)[["mean", "deviation"]].fillna(unknown)
        if kind in AROUND:
            of_path = by_kind[AROUND[kind]]["mean"].reindex(PATHS, fill_value=0.0)
            known["mean"] += of_path.loc[list(paths)].to_numpy()
        arrays[array] = np.ascontiguousarray(known.to_numpy(np.float64))
    roots = _roots(by_kind, instruments, [arrays[ARRAYS[kind]][:, 1] for kind in AROUND])
    for row, kind in enumerate(AROUND):
        array = ARRAYS[kind]
        arrays[array] = np.ascontiguousarray(np.hstack([arrays[array][:, :1], roots[:, row]]))
    return arrays


def _roots(
    by_kind: dict[str, pd.DataFrame], instruments: Sequence[str], deviations: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the lower triangular root of the covariance of opening and slopes, (K, 3, 3)."""
    together = np.zeros((len(instruments), 3, 3)) + np.eye(3)
    for row, kind in enumerate(AROUND):
        for column, other in enumerate(TOGETHER[:row]):
            known = by_kind[kind][f"with_{other}"].reindex(instruments).fillna(0.0)
            together[:, row, column] = together[:, column, row] = known
    scale = np.array(deviations).T
    return np.linalg.cholesky(together * scale[:, :, None] * scale[:, None, :])
