"""What the parts of a sweep come to: their digest, who signs what, what failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from partnersim.runs.digest import combined, table_digest
from partnersim.runs.part import Failure, signing_table
from partnersim.runs.stored_part import StoredPart
from partnersim.runs.sweep_layout import SweepLayout
from partnersim.runs.tables import as_table


@dataclass(frozen=True)
class SweepContents:
    """What all parts together hold.

    Attributes
    ----------
    digest : str
        Depends on the results only, not on how the runs were cut into parts.
    signing : Table
        ``policy, iso3, instrument, year, in_force``.
    failures : Table
        ``policy, point, replicate, error`` and the factors.
    """

    digest: str
    signing: pa.Table
    failures: pa.Table


def read_contents(
    parts: Sequence[StoredPart],
    layout: SweepLayout,
    points: pd.DataFrame,
    *,
    recompute: bool = False,
) -> SweepContents:
    """Read all parts, one at a time.

    Parameters
    ----------
    parts : sequence of StoredPart
        In the order of their runs, without overlaps.
    layout : SweepLayout
        Axes of the sweep.
    points : DataFrame
        Its futures.
    recompute : bool
        Whether the digests of the runs are recomputed from their metrics, or taken as stored
        beside them.
    """
    runs, metrics = hashlib.sha256(), hashlib.sha256()
    for part in parts:
        runs.update(part.runs().astype("<i8").data)
        digests = part.recomputed_run_digests(layout) if recompute else part.run_digests()
        metrics.update(b"".join(digests))
    signing = signing_sum(parts, layout)
    failures = as_table(failures_frame(parts, layout, points))
    told = {
        "runs": runs.hexdigest(),
        "metrics": metrics.hexdigest(),
        "signing": table_digest(signing),
        "failures": table_digest(failures),
    }
    return SweepContents(combined(told), signing, failures)


def signing_sum(parts: Iterable[StoredPart], layout: SweepLayout) -> pa.Table:
    """Return the counts of who signs what over all parts."""
    counts = np.zeros(
        (len(layout.policies), len(layout.years), len(layout.iso3), len(layout.instruments)),
        np.int64,
    )
    for part in parts:
        _add(counts, layout, part.signing())
    return signing_table(layout, counts)


def _add(counts: npt.NDArray[np.int64], layout: SweepLayout, table: pa.Table) -> None:
    if table.num_rows == 0:
        return
    places = [
        positions(table.column("policy"), layout.policies),
        np.searchsorted(np.asarray(layout.years), table.column("year").to_numpy()),
        positions(table.column("iso3"), layout.iso3),
        positions(table.column("instrument"), layout.instruments),
    ]
    counts[tuple(places)] += table.column("in_force").to_numpy()


def positions(column: pa.ChunkedArray, names: Sequence[str]) -> npt.NDArray[np.int32]:
    """Return where the words of a column stand among names."""
    place = {name: position for position, name in enumerate(names)}
    codes = [np.zeros(0, np.int32)]
    for words in column.chunks:
        if not pa.types.is_dictionary(words.type):
            words = words.dictionary_encode()
        of_code = np.array([place[word] for word in words.dictionary.to_pylist()], np.int32)
        codes.append(of_code[words.indices.to_numpy()])
    return np.concatenate(codes)


def failures_frame(
    parts: Iterable[StoredPart], layout: SweepLayout, points: pd.DataFrame
) -> pd.DataFrame:
    """Return the runs that failed with what went wrong and their inputs.

    Returns
    -------
    DataFrame
        ``policy, point, replicate, error``, then the factors.
    """
    failures: list[Failure] = [failure for part in parts for failure in part.failures]
    runs = np.array([failure.run for failure in failures], np.int64)
    policy, point, replicate = layout.places(runs)
    frame = pd.DataFrame(
        {
            "policy": [layout.policies[place] for place in policy],
            "point": point,
            "replicate": replicate.astype(np.int32),
            "error": [failure.error for failure in failures],
        }
    ).astype({"policy": str, "error": str})
    inputs = points.drop(columns="point").iloc[point].reset_index(drop=True)
    return pd.concat([frame, inputs], axis=1)
