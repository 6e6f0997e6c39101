"""The small tables of the page: heads and rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import NO_BREAK, capitalised, metric_label, number, quantity, words
from partnersim.compare.regret import robustness, winners
from partnersim.compare.words import amount, called, counted, percent, share_of_runs

PAIRS, FACTORS, FAILURES = 12, 12, 20
#: Criteria of robustness and how they are called.
CRITERIA = {
    "maximin": "Worst future",
    "hurwicz": "Between worst and best",
    "laplace": "Mean",
    "minimax_regret": "Largest regret",
    "regret_90": "Regret in 9 of 10 futures",
    "satisficing": "Share of good futures",
}


@dataclass(frozen=True)
class Table:
    """A table of text; the first cell of a row names it.

    Attributes
    ----------
    caption : str
        What it shows.
    heads : list of str
        Column heads.
    rows : list of list of str
        Cells.
    """

    caption: str
    heads: list[str]
    rows: list[list[str]]


def differences_table(comparison: Comparison) -> Table:
    """Return the paired differences of all policies to the reference."""
    reference = comparison.reference
    others = [policy for policy in comparison.ranking.ranked if policy != reference]
    rows = []
    for metric in comparison.measures:
        found = comparison.differences(metric, reference)
        base = quantity(metric, float(comparison.means.loc[reference, metric]))
        cells = [found[policy].signed + ("*" if found[policy].verdict else "") for policy in others]
        rows.append([metric_label(metric).title, base, *cells])
    return Table(
        f"Mean of {called(reference)}, mean differences to it and their 95{NO_BREAK}% intervals, "
        "which all hold together; a star marks what is clearly better or worse",
        ["Measure", *map(_policy, [reference, *others])],
        rows,
    )


def regret_table(comparison: Comparison) -> Table:
    """Return the regret of every policy on every measure."""
    found = comparison.ranking
    rows = []
    for policy in found.ranked:
        cells = [
            amount(metric, float(found.regret.loc[policy, metric]), found.decimals(metric))
            for metric in found.regret
        ]
        first = percent(found.first[policy]) if found.first and not found.unranked else "–"
        rows.append([_policy(policy), percent(float(found.scores[policy])), first, *cells])
    return Table(
        f"Regret not exceeded in 90{NO_BREAK}% of {comparison.noun}s, the smallest first",
        [
            "Policy",
            "Mean share of the largest",
            "First in resamples",
            *(metric_label(metric).title for metric in found.regret),
        ],
        rows,
    )


def robustness_table(comparison: Comparison) -> Table:
    """Return further criteria of robustness for the measure in focus."""
    metric = comparison.focus
    label = metric_label(metric)
    found = robustness(comparison.outcomes, [metric], {metric: label.better})
    found = found.set_index("policy").loc[comparison.policies]
    shown = [name for name in CRITERIA if name != "satisficing"]
    rows = [
        [
            _policy(policy),
            *(quantity(metric, float(row[name])) for name in shown),
            percent(float(row["satisficing"])),
        ]
        for policy, row in found.iterrows()
    ]
    threshold = quantity(metric, float(found["threshold"].iloc[0]))
    return Table(
        f"{label.title} over all futures by several criteria of robustness",
        [
            "Policy",
            *(CRITERIA[name] for name in shown),
            f"Futures at least as good as {threshold}",
        ],
        rows,
    )


def winners_table(comparison: Comparison) -> Table:
    """Return which policy is first by each criterion of robustness on each measure."""
    measures = list(comparison.ranking.regret.columns)
    better = {name: metric_label(name).better for name in measures}
    first = winners(robustness(comparison.outcomes, measures, better))
    first = first.set_index(["metric", "measure"])["policies"]
    rows = [
        [
            metric_label(metric).title,
            *(
                ", ".join(_policy(policy) for policy in first[metric, name]) or "–"
                for name in CRITERIA
            ),
        ]
        for metric in measures
    ]
    return Table("Which policy is first by which criterion", ["Measure", *CRITERIA.values()], rows)


def boxes_table(comparison: Comparison) -> Table:
    """Return the boxes in which the most robust policy fails."""
    found = comparison.failing
    rows = [
        [
            f"Box {order}",
            found.factors.box(box),
            percent(box.coverage),
            percent(box.density),
            number(box.cases),
        ]
        for order, box in enumerate(found.boxes, start=1)
    ]
    return Table(
        f"Where {called(found.policy)} fails",
        ["Box", "Conditions", "Of its failures", "Of the futures there fail", "Futures"],
        rows,
    )


def drivers_table(comparison: Comparison) -> Table:
    """Return the strongest factors of the measure in focus."""
    found = comparison.drivers(comparison.focus)
    rows = [
        [
            capitalised(factor_name(str(row["factor"]))),
            f"{number(row['index'], 2)} ({number(row['low'], 2)} to {number(row['high'], 2)})",
            "yes" if row["matters"] else "no more than chance",
        ]
        for _, row in found.indices.head(FACTORS).iterrows()
    ]
    return Table(
        f"{metric_label(found.metric).title}: {found.method} with 95{NO_BREAK}% intervals",
        ["Factor", "Index", "Matters"],
        rows,
    )


def signing_table(comparison: Comparison) -> Table:
    """Return the pairs most likely to come into force next."""
    found = comparison.signers
    years = sorted({int(year) for year in found.chances["year"]})
    later = years[-1]
    chances = found.chances.set_index(["iso3", "instrument", "year"])["probability"]
    rows = []
    for _, row in found.next.head(PAIRS).iterrows():
        partner, _, instrument = found.pair(row).partition(": ")
        end = float(chances.get((row["iso3"], row["instrument"], later), 0.0))
        interval = f"{number(100 * row['low'])} to {percent(row['high'])}"
        shares = [share_of_runs(share, row["runs"]) for share in (row["probability"], end)]
        rows.append([partner, instrument, shares[0], interval, shares[1]])
    return Table(
        f"Most likely to be in force under {called(found.policy)}",
        ["Partner", "Instrument", f"By {found.year}", "95 % interval", f"By {later}"],
        rows,
    )


def failures_table(comparison: Comparison) -> Table:
    """Return the runs that failed, the first ones."""
    failures = comparison.failures
    rows = [
        [
            _policy(str(row["policy"])),
            number(int(row["future"])),
            number(int(row["replicate"])),
            str(row["error"]),
        ]
        for _, row in failures.head(FAILURES).iterrows()
    ]
    total = len(failures)
    caption = "Runs that failed" + (
        f", the first {FAILURES} of {number(total)}" * (total > FAILURES)
    )
    return Table(caption, ["Policy", "Future", "Replicate", "Error"], rows)


def factors_table(factors: pd.DataFrame, futures: pd.DataFrame) -> Table:
    """Return what differs between futures, and over which range."""
    rows = []
    for _, row in factors.iterrows():
        path = str(row["factor"])
        if pd.api.types.is_numeric_dtype(futures[path]):
            span = f"{plain(row['low'])} to {plain(row['high'])}"
        else:
            span = ", ".join(words(str(name)) for name in dict.fromkeys(futures[path]))
        rows.append(
            [
                path,
                span,
                str(row["unit"] or ""),
                words(str(row["kind"])),
                str(row["meaning"] or ""),
                str(row["origin"]),
            ]
        )
    return Table(
        "What differs between futures",
        ["Setting", "Values", "Unit", "Drawn", "Meaning", "Origin"],
        rows,
    )


def coefficients_table(comparison: Comparison, origin: str) -> Table:
    """Return every coefficient of an origin: value, range, meaning.

    Parameters
    ----------
    comparison : Comparison
    origin : {"assumed", "literature", "estimated"}
        Where the values come from.
    """
    varied = set(comparison.runs.factors["factor"])
    coefficients: Mapping[str, Any] = comparison.manifest["configuration"]["behaviour"][
        "coefficients"
    ]
    rows = []
    for name, entry in coefficients.items():
        if entry["origin"] != origin:
            continue
        path = f"behaviour.coefficients.{name}.value"
        value = "varied, see above" if path in varied else plain(entry["value"])
        rows.append(
            [
                name,
                value,
                f"{plain(entry['low'])} to {plain(entry['high'])}",
                str(entry["unit"]),
                str(entry["meaning"]),
            ]
        )
    return Table(
        f"{counted(len(rows), 'coefficient')}, origin: {origin}",
        ["Coefficient", "Value", "Plausible range", "Unit", "Meaning"],
        rows,
    )


def policies_table(comparison: Comparison) -> Table:
    """Return the policies that were compared, in words."""
    settings = comparison.manifest["configuration"]["policy"]
    rows = []
    for policy in comparison.policies:
        entry = settings.get(policy, settings)
        mark = " (reference)" if policy == comparison.reference else ""
        rows.append([_policy(policy) + mark, str(entry.get("description", ""))])
    return Table("Policies compared", ["Policy", "Description"], rows)


def _policy(name: str) -> str:
    """Return a policy's name as a heading."""
    return capitalised(words(name))


def plain(value: float) -> str:
    """Return a setting as a user would write it, with a true minus sign."""
    return "–" if np.isnan(value) else f"{float(value):g}".replace("-", "−")
