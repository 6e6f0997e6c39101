"""Effects of single instruments and countries as estimated from the history, pooled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from partnersim.model.constants import PATHS
from partnersim.world.tables import Reader

FILE = "pooled_effects.csv"
COLUMNS = ("kind", "name", "mean", "deviation", "spread", "decisions")
#: Kinds of effects, and the array of the world that each fills.
ARRAYS = {
    "opening": "opening",
    "size": "opening_by_size",
    "wealth": "opening_by_wealth",
    "country": "opening_by_country",
    "region": "opening_by_region",
    "speed": "speed",
}
#: Kinds whose effects stand around a mean of the instrument's path, and the kind of that.
AROUND = {"opening": "path", "size": "path_size", "wealth": "path_wealth"}


def read_pooled(reader: Reader) -> pd.DataFrame:
    """Return the table of pooled effects, all cells checked."""
    rows = reader.read(FILE, COLUMNS, ("kind", "name"))
    for row in rows:
        reader.choice(row, "kind", (*AROUND.values(), *ARRAYS))
    numbers = COLUMNS[2:]
    return pd.DataFrame(
        [
            {
                "kind": row["kind"],
                "name": row["name"],
                **{column: reader.number(row, column, -100.0, 10_000.0) for column in numbers},
            }
            for row in rows
        ],
        columns=COLUMNS,
    )


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
        From `read_pooled`, or the effects of a `Posterior`.
    codes : sequence of str
        Of the N countries.
    regions : sequence of str
        Names of the R regions.
    instruments, paths : sequence of str
        Names and paths of the K instruments.

    Returns
    -------
    dict of str to array
        (K, 2), (N, 2) or (R, 2) arrays of mean and deviation, see `WorldArrays`.
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
    return arrays
