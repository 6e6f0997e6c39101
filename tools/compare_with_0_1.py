"""Are simulated results those of version 0.1? Compare folders of both formats, run by run, exactly.

    python tools/compare_with_0_1.py OLD NEW [OLD NEW ...]

OLD is a folder of results that version 0.1 wrote (an experiment or a sweep, or the one above it),
NEW the folder of the same experiment run with this version. Every metric of every policy, climate
or future, replicate and quarter that OLD holds must be in NEW with the same bits, and every row
of the event logs in its order. One line per pair; exit status 1 if anything differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet

from partnersim import Runs, read_runs

KEYS = ["policy", "future", "replicate", "quarter"]


class DifferenceError(Exception):
    """Where two results differ first."""


def the_one_in(folder: Path) -> Path:
    """Return the folder itself or the only folder of results in it."""
    inside = sorted(path.parent for path in folder.glob("*/manifest.json"))
    return folder if (folder / "manifest.json").exists() or not inside else inside[0]


def is_sweep(folder: Path) -> bool:
    """Tell whether version 0.1 wrote a sweep."""
    return (folder / "design.json").exists()


def old_metrics(folder: Path, runs: Runs) -> Iterator[pd.DataFrame]:
    """Yield the metrics that version 0.1 kept, a piece at a time, with numbers for futures."""
    if is_sweep(folder):
        for path in sorted((folder / "parts").glob("part-*.parquet")):
            table = parquet.read_table(path)
            yield table.drop_columns(["run_digest"]).to_pandas().rename(columns={"point": "future"})
        return
    with parquet.ParquetFile(folder / "metrics.parquet") as file:
        for piece in range(file.num_row_groups):
            yield by_future(file.read_row_group(piece).to_pandas(), runs)


def by_future(rows: pd.DataFrame, runs: Runs) -> pd.DataFrame:
    """Replace the name of a climate by the number of its future."""
    place = dict(zip(runs.futures["geopolitics"], runs.futures["future"], strict=True))
    rows["future"] = rows.pop("climate").astype(str).map(place)
    return rows


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by run and quarter, all text plain."""
    rows = rows.assign(policy=rows["policy"].astype(str), quarter=rows["quarter"].astype(str))
    return rows.sort_values(KEYS, kind="stable", ignore_index=True)


def compare_metrics(folder: Path, runs: Runs) -> tuple[int, int]:
    """Compare metrics; return the numbers of runs and of values.

    Raises
    ------
    DifferenceError
        At the first difference.
    """
    new = in_order(runs.outcomes(quarters="all")).set_index(KEYS)
    seen, values = set(), 0
    for piece in old_metrics(folder, runs):
        old = in_order(piece).set_index(KEYS)
        names = list(old.columns)
        if lacking := [name for name in names if name not in new]:
            raise DifferenceError(f"metric {lacking[0]} is not kept")
        if lacking := old.index.difference(new.index).tolist():
            raise DifferenceError(f"{lacking[0]} is not there")
        was, now = old.to_numpy(), new.loc[old.index, names].to_numpy()
        same = (was == now) | (np.isnan(was) & np.isnan(now))
        if not same.all():
            row, column = np.argwhere(~same)[0]
            raise DifferenceError(
                f"{old.index[row]}: {names[column]} was {was[row, column]!r},"
                f" is {now[row, column]!r}"
            )
        seen |= set(old.index.droplevel("quarter"))
        values += was.size
    if len(seen) != len(runs.outcomes([])):
        raise DifferenceError(f"{len(seen)} runs were there, {len(runs.outcomes([]))} are")
    return len(seen), values


def compare_events(folder: Path, runs: Runs) -> int:
    """Compare event logs row by row, in their order; return the number of events."""
    path = folder / "events.parquet"
    if not path.exists():
        return 0
    count = 0
    climates = dict(zip(runs.futures["future"], runs.futures["geopolitics"], strict=True))
    for policy in runs.policies:
        for future, climate in climates.items():
            rows = [("policy", "==", policy), ("climate", "==", climate)]
            old = by_future(parquet.read_table(path, filters=rows).to_pandas(), runs)
            new = runs.events(policy=policy, future=int(future))
            if len(old) != len(new):
                raise DifferenceError(
                    f"{policy}, {climate}: {len(old)} events were there, {len(new)}"
                )
            for name in new.columns:
                if pd.api.types.is_numeric_dtype(old[name]):
                    was, now = old[name].to_numpy(), new[name].to_numpy()
                    equal = np.array_equal(was, now, equal_nan=True)
                else:
                    equal = list(old[name].astype(str)) == list(new[name].astype(str))
                if not equal:
                    raise DifferenceError(
                        f"{policy}, {climate}: column {name} of the events differs"
                    )
            count += len(old)
    return count


def compare_shocks(folder: Path, runs: Runs) -> int:
    """Compare what tested shocks change; return the number of values."""
    path = folder / "response.parquet"
    if not path.exists():
        return 0
    keys = ["shock", "metric", "quarters_since"]
    old = parquet.read_table(path).to_pandas().astype({"shock": str, "metric": str})
    new = runs.shock_response().astype({"shock": str, "metric": str})
    old, new = (frame.sort_values(keys).set_index(keys) for frame in (old, new))
    numbers = ["difference", "low", "high", "unstruck", "runs"]
    if not old.index.equals(new.index):
        raise DifferenceError("shocks, metrics or quarters of the shock tests differ")
    was, now = old[numbers].to_numpy(), new[numbers].to_numpy()
    if not np.array_equal(was, now, equal_nan=True):
        raise DifferenceError("what tested shocks change differs")
    return int(was.size)


def main(words: list[str]) -> int:
    """Compare pairs of folders."""
    if not words or len(words) % 2:
        print(__doc__)
        return 2
    status = 0
    for old, new in zip(words[::2], words[1::2], strict=True):
        folder, runs = the_one_in(Path(old)), read_runs(new)
        try:
            count, values = compare_metrics(folder, runs)
            events = compare_events(folder, runs)
            shocks = compare_shocks(folder, runs)
        except DifferenceError as difference:
            print(f"{runs.manifest['experiment']}: DIFFERENT: {difference}")
            status = 1
            continue
        print(
            f"{runs.manifest['experiment']}: equal: {count:,} runs, {values:,} values of metrics,"
            f" {events:,} events, {shocks:,} values of shock tests",
            flush=True,
        )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
