"""Two stored results beside each other, in words, as a table and as a short report."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.compare.differences import NEGLIGIBLE, PolicyDifference
from partnersim.compare.labels import NO_BREAK, metric_label, quantity
from partnersim.compare.two_results import TwoResults
from partnersim.compare.words import called, counted, listed, percent, titled
from partnersim.runs.folder import write_whole, writing_results
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.tables import Table

_TABLE = "differences.csv"
#: So many changed settings are named in the text, and differences in the first sentence.
_NAMED, _FIRST = 6, 3


def verdict(one: PolicyDifference) -> str:
    """Return ``clear``, ``negligible`` or ``not clear``; a dash where runs tell no uncertainty."""
    if not np.isfinite(one.low):
        return "–"
    if one.negligible:
        return "negligible"
    return "clear" if one.low > 0 or one.high < 0 else "not clear"


def sentence(found: TwoResults) -> str:
    """Return the answer: what B changes clearly against A."""
    parts = []
    for (a, b), own in found.differences.items():
        name = called(a) if a == b else f"{called(b)} against {called(a)}"
        clear = [one for one in own if verdict(one) == "clear"]
        if clear:
            most = listed([f"{titled(one.metric)} {one.signed}" for one in clear[:_FIRST]])
            more = len(clear) - _FIRST
            parts.append(f"{name}: {most}" + (f" and {more} more" if more > 0 else ""))
        else:
            parts.append(f"{name}: nothing clearly")
    return "B against A, " + "; ".join(parts)


def details(found: TwoResults) -> list[str]:
    """Return what else belongs to the answer."""
    lines = [
        f"{name} is experiment {runs.manifest['experiment']} in {runs.folder}, with"
        f" {counted(runs.replicates, 'run')} per policy and future"
        for name, runs in (("A", found.first), ("B", found.second))
    ]
    changed = [f"{one.path} {one.first} → {one.second}" for one in found.changed[:_NAMED]]
    more = len(found.changed) - len(changed)
    what = "; ".join(changed) + (f"; and {more} more" if more > 0 else "")
    lines.append(
        f"{counted(len(found.changed), 'setting')} differ: {what}"
        if changed
        else "No setting differs"
    )
    lines.append(
        f"Clear: the interval leaves out zero; negligible: all of it is within"
        f" {percent(NEGLIGIBLE)} of A; intervals hold together with 95{NO_BREAK}% confidence"
    )
    return [*lines, *found.notes]


def write_two_results(found: TwoResults, output: Path) -> list[Path]:
    """Write the table and the report; return their paths.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    hashes = [runs.manifest["configuration_hash"][:12] for runs in (found.first, found.second)]
    folder = output / "compare" / "_".join(hashes)
    frame = pd.DataFrame(
        [
            {
                "policy_a": a,
                "policy_b": b,
                "metric": one.metric,
                "a": one.level,
                "difference": one.mean,
                "low": one.low,
                "high": one.high,
                "verdict": verdict(one),
            }
            for (a, b), own in found.differences.items()
            for one in own
        ]
    )
    table = folder / _TABLE
    with writing_results(table):
        folder.mkdir(parents=True, exist_ok=True)
        content = b"\xef\xbb\xbf" + frame.to_csv(index=False, lineterminator="\n").encode()
        write_whole(table, partial(Path.write_bytes, data=content))
    places = [runs.folder.absolute().as_posix() for runs in (found.first, found.second)]
    command = shlex.join(["partnersim", "compare", *places])
    lead = " and ".join(runs.manifest["experiment"] for runs in (found.first, found.second))
    return [
        table,
        write_short_page(
            folder, "Two results compared", lead, [two_results_part(found)], [command]
        ),
    ]


def two_results_part(found: TwoResults, question: str = "") -> Part:
    """Return the comparison as a part of a page."""
    tables = [
        Table(
            f"{called(a)} in A and {called(b)} in B",
            ["Measure", "A", "B minus A, 95 % interval", "verdict"],
            [
                (
                    metric_label(one.metric).title,
                    quantity(one.metric, one.level),
                    one.signed,
                    verdict(one),
                )
                for one in own
            ],
        )
        for (a, b), own in found.differences.items()
    ]
    rows: list[tuple[str, ...]] = [
        (one.path, str(one.first), str(one.second)) for one in found.changed
    ]
    tables.append(Table("Settings that differ", ["setting", "A", "B"], rows))
    return Part(sentence(found), question=question, details=details(found), tables=tables)
