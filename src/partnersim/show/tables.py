"""The small tables of the report: texts in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import (
    NO_BREAK,
    capitalised,
    headed,
    metric_label,
    number,
    quantity,
    words,
)
from partnersim.compare.provenance import changes, derived
from partnersim.compare.regret import robustness, winners
from partnersim.compare.words import amount, called, counted, percent
from partnersim.runs.manifest import LISTED

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
    rows : list of tuple of str
        Cells.
    """

    caption: str
    heads: list[str]
    rows: list[tuple[str, ...]]


def table(caption: str, columns: Mapping[str, Iterable[str]]) -> Table:
    """Return a table of columns of equal length, each under its head."""
    return Table(caption, list(columns), list(zip(*columns.values(), strict=True)))


def differences_table(comparison: Comparison) -> Table:
    """Return the paired differences of all policies to the reference."""
    reference, measures = comparison.reference, comparison.measures
    found = [comparison.differences(metric, reference) for metric in measures]
    others = [policy for policy in comparison.ranking.ranked if policy != reference]
    level = comparison.means.loc[reference]
    columns = {
        headed(policy): [of[policy].signed + "*" * bool(of[policy].verdict) for of in found]
        for policy in others
    }
    return table(
        f"Mean of {called(reference)}, mean differences to it and their 95{NO_BREAK}% intervals, "
        "which all hold together; a star marks what is clearly better or worse",
        {
            "Measure": [metric_label(metric).title for metric in measures],
            headed(reference): [quantity(metric, float(level[metric])) for metric in measures],
            **columns,
        },
    )


def regret_table(comparison: Comparison) -> Table:
    """Return the regret of every policy on every measure."""
    found = comparison.ranking
    columns = {
        metric_label(metric).title: [
            amount(metric, float(value), found.decimals(metric))
            for value in found.regret.loc[found.ranked, metric]
        ]
        for metric in found.regret
    }
    return table(
        f"Regret not exceeded in 90{NO_BREAK}% of {comparison.noun}s, the smallest first",
        {
            "Policy": map(headed, found.ranked),
            "Mean share of the largest": map(percent, found.scores[found.ranked]),
            "First in resamples": [percent(found.first[policy]) for policy in found.ranked],
            **columns,
        },
    )


def robustness_table(comparison: Comparison) -> Table:
    """Return further criteria of robustness for the measure in focus."""
    metric = comparison.focus
    label = metric_label(metric)
    found = robustness(comparison.outcomes, [metric], {metric: label.better})
    found = found.set_index("policy").loc[comparison.policies]
    columns = {
        head: [quantity(metric, float(value)) for value in found[name]]
        for name, head in CRITERIA.items()
        if name != "satisficing"
    }
    threshold = quantity(metric, float(found["threshold"].iloc[0]))
    good = f"Futures at least as good as {threshold}"
    return table(
        f"{label.title} over all futures by several criteria of robustness",
        {"Policy": map(headed, found.index), **columns, good: map(percent, found["satisficing"])},
    )


def winners_table(comparison: Comparison) -> Table:
    """Return which policy is first by each criterion of robustness on each measure."""
    measures = list(comparison.ranking.regret.columns)
    better = {name: metric_label(name).better for name in measures}
    first = winners(robustness(comparison.outcomes, measures, better))
    grid = first.pivot(index="metric", columns="measure", values="policies").loc[measures]
    columns = {
        head: [", ".join(map(headed, policies)) or "–" for policies in grid[name]]
        for name, head in CRITERIA.items()
    }
    titles = [metric_label(metric).title for metric in measures]
    return table("Which policy is first by which criterion", {"Measure": titles, **columns})


def boxes_table(comparison: Comparison) -> Table:
    """Return the boxes in which the most robust policy fails."""
    found = comparison.failing
    boxes = found.boxes
    return table(
        f"Where {called(found.policy)} fails",
        {
            "Box": [f"Box {order}" for order in range(1, len(boxes) + 1)],
            "Conditions": [found.factors.box(box) for box in boxes],
            "Of its failures": [percent(box.coverage) for box in boxes],
            "Of the futures there fail": [percent(box.density) for box in boxes],
            "Futures": [number(box.cases) for box in boxes],
        },
    )


def drivers_table(comparison: Comparison) -> Table:
    """Return the strongest factors of the measure in focus."""
    found = comparison.drivers(comparison.focus)
    rows = found.indices.head(FACTORS)
    ends = zip(rows["index"], rows["low"], rows["high"], strict=True)
    return table(
        f"{metric_label(found.metric).title}: {found.method} with 95{NO_BREAK}% intervals",
        {
            "Factor": [capitalised(factor_name(str(path))) for path in rows["factor"]],
            "Index": [f"{number(i, 2)} ({number(a, 2)} to {number(b, 2)})" for i, a, b in ends],
            "Matters": ["yes" if matters else "no" for matters in rows["matters"]],
        },
    )


def signing_table(comparison: Comparison) -> Table:
    """Return the pairs that are likeliest to come into force."""
    found = comparison.signers
    later = max(found.chances["year"])
    key = ["iso3", "instrument"]
    last = found.by(int(later)).set_index(key)["probability"].rename("last")
    rows = found.next.head(PAIRS).join(last, on=key).fillna({"last": 0.0})
    pairs = [found.pair(row).partition(": ") for _, row in rows.iterrows()]
    counts = found.forecast is None
    caption = f"{found.lead} in force under {called(found.policy)}"
    return table(
        f"{caption}; no forecast" if counts else f"{caption}, as forecast",
        {
            "Partner": [partner for partner, _, _ in pairs],
            "Instrument": [instrument for _, _, instrument in pairs],
            f"By {found.year}": map(found.chance, rows["probability"], rows["runs"]),
            f"{95 if counts else 90}{NO_BREAK}% interval": map(
                found.between, rows["low"], rows["high"]
            ),
            f"By {later}": map(found.chance, rows["last"], rows["runs"]),
            **({} if counts else {"Why": rows["reason"]}),
        },
    )


def failures_table(comparison: Comparison) -> Table:
    """Return the runs that failed, the first ones."""
    rows, total = comparison.failures.head(FAILURES), len(comparison.failures)
    first = f", the first {FAILURES} of {number(total)}" if total > FAILURES else ""
    return table(
        "Runs that failed" + first,
        {
            "Policy": map(headed, rows["policy"].astype(str)),
            "Future": map(number, rows["future"]),
            "Replicate": map(number, rows["replicate"]),
            "Error": rows["error"].astype(str),
        },
    )


def factors_table(comparison: Comparison) -> Table:
    """Return what differs between futures, and over which range."""
    factors, futures = comparison.runs.factors, comparison.runs.futures
    spans = [
        f"{plain(low)} to {plain(high)}"
        if pd.api.types.is_numeric_dtype(futures[path])
        else ", ".join(words(str(name)) for name in dict.fromkeys(futures[path]))
        for path, low, high in factors[["factor", "low", "high"]].itertuples(index=False)
    ]
    return table(
        "What differs between futures",
        {
            "Setting": factors["factor"],
            "Values": spans,
            "Unit": factors["unit"].fillna(""),
            "Drawn": map(words, factors["kind"]),
            "Meaning": factors["meaning"].fillna(""),
            "Origin": factors["origin"],
        },
    )


def coefficients_table(comparison: Comparison, origin: str) -> Table:
    """Return every coefficient of an origin: value, range, meaning.

    Parameters
    ----------
    comparison : Comparison
    origin : {"assumed", "literature", "estimated"}
        Where the values come from.
    """
    every = comparison.manifest["configuration"]["behaviour"]["coefficients"]
    rows = {name: entry for name, entry in every.items() if entry["origin"] == origin}
    varied = set(comparison.runs.factors["factor"])
    return table(
        f"{counted(len(rows), 'coefficient')}, origin: {origin}",
        {
            "Coefficient": rows,
            "Value": [
                "varied, see above"
                if f"behaviour.coefficients.{name}.value" in varied
                else plain(entry["value"])
                for name, entry in rows.items()
            ],
            "Plausible range": [f"{plain(e['low'])} to {plain(e['high'])}" for e in rows.values()],
            "Unit": [entry["unit"] for entry in rows.values()],
            "Meaning": [entry["meaning"] for entry in rows.values()],
        },
    )


def policies_table(comparison: Comparison) -> Table:
    """Return the policies that were compared, in words."""
    settings, policies = comparison.manifest["configuration"]["policy"], comparison.policies
    names = [headed(p) + " (reference)" * (p == comparison.reference) for p in policies]
    changed = {
        one.name: one.words for one in derived(comparison.manifest["configuration"], "policy")
    }
    descriptions = [
        changed.get(p) or settings.get(p, settings).get("description", "") for p in policies
    ]
    return table("Policies compared", {"Policy": names, "Description": descriptions})


def changes_table(comparison: Comparison) -> Table:
    """Return climates that are not as shipped, and what of world, shocks and behaviour is not."""
    configuration = comparison.manifest["configuration"]
    rows = {one.name: one.words for one in derived(configuration, "geopolitics") if one.words}
    rows |= {one.path: one.against for one in changes(configuration)}
    return table("What is not as shipped", {"Setting": rows, "Value": rows.values()})


def facts_table(comparison: Comparison) -> Table:
    """Return what identifies the results."""
    facts, digest = comparison.manifest, comparison.manifest["digest"]
    rows = {"Experiment": facts["experiment"], "Seed": facts["seed"], "Runs": comparison.made_of}
    if comparison.runs.kind != LISTED:
        design = ", ".join(f"{key} {value}" for key, value in facts["design"].items() if value)
        rows["Design"] = design.replace("_", " ")
    rows["Configuration hash"] = facts["configuration_hash"]
    partly = " (of the whole sweep, not of what is there now)" if comparison.lacking else ""
    unfinished = "none yet: the sweep is not finished"
    rows["Digest of the results"] = f"{digest}{partly}" if digest else unfinished
    if "machine" in facts:
        rows["Machine"] = ", ".join(facts["machine"].values())
    rows["Versions"] = ", ".join(f"{name} {one}" for name, one in facts["versions"].items())
    return table("What was run", {"Fact": rows, "Value": map(str, rows.values())})


def plain(value: float) -> str:
    """Return a setting as a user would write it, with a true minus sign."""
    return "–" if np.isnan(value) else f"{float(value):g}".replace("-", "−")
