"""Two stored results beside each other, in words, as a table and as a short report."""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd

from partnersim.compare.differences import NEGLIGIBLE, PolicyDifference
from partnersim.compare.labels import HEADLINES, NO_BREAK, metric_label, number, quantity
from partnersim.compare.provenance import Differing, shown
from partnersim.compare.two_results import FIRST, SECOND, TwoResults
from partnersim.compare.words import amount, called, counted, listed, opening, percent, some, titled
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.tables import table

_TABLE = "differences.csv"
#: So many changed settings, and differences of a policy, are named in the text.
_NAMED, _SHOWN = 6, 6


def sentence(found: TwoResults) -> str:
    """Return the answer: what B changes clearly against A, and who takes what it adds."""
    return "; ".join([f"B against A: {_headline(found)}", *_added(found)])


def _headline(found: TwoResults) -> str:
    """Say what changes clearly, by the headline measures."""
    clear: dict[str, list[tuple[str, PolicyDifference]]] = {}
    every = [(b, one) for (_, b), own in found.differences.items() for one in own]
    for policy, one in every:
        if one.word == "clear" and one.metric in HEADLINES:
            clear.setdefault(one.metric, []).append((policy, one))
    if clear:
        largest = sorted(clear.values(), key=lambda own: -max(one.size for _, one in own))
        return "; ".join(_changes(own, len(found.differences)) for own in largest)
    if all(one.mean == 0 for _, one in every):
        same = "" if found.changed else ", and no setting differs"
        return f"every measure is exactly equal{same}"
    if all(one.word == "–" for _, one in every):
        return "no difference is clear, for one run of each tells no uncertainty"
    if all(one.negligible for _, one in every):
        return f"every measure differs by less than {percent(NEGLIGIBLE)} (negligible)"
    return "no difference is clear by the headline measures"


def _changes(clear: list[tuple[str, PolicyDifference]], policies: int) -> str:
    """Say how B changes a measure, under so many of all policies."""
    (policy, first), *more = clear
    title = titled(first.metric)
    if not more:
        alone = f" under {called(policy)} alone" if policies > 1 else ""
        return f"{title} {first.signed}{alone}"
    means = [one.mean for _, one in clear]
    low, high = (amount(first.metric, mean, 1, sign=True) for mean in (min(means), max(means)))
    under = f"all {policies}" if len(clear) == policies else f"{len(clear)} of {policies}"
    return f"{title} {low} to {high} under {under} policies"


def _added(found: TwoResults) -> list[str]:
    """Say with how many partners instruments that B alone knows come into force."""
    lines, second = [], found.second
    rows = second.in_force()
    last = rows[rows["year"] == rows["year"].max()]
    for name in second.layout.instruments:
        if name in found.first.layout.instruments:
            continue
        own = last[last["instrument"] == name]
        counts = (own["in_force"] / own["runs"]).groupby(own["policy"].astype(str)).sum()
        means = {policy: number(float(counts.get(policy, 0.0)), 1) for policy in second.policies}
        each = [f"{mean} under {called(policy)}" for policy, mean in means.items()]
        each[0] = each[0].replace(" under", " partners under", 1)
        lines.append(
            f"at the end of {second.layout.years[-1]} {called(second.world.instrument[name])} is in"
            f" force, on the mean, with {listed(each)}"
        )
    return lines


def details(found: TwoResults) -> list[str]:
    """Return what else belongs to the answer: further differences, settings, what A and B are."""
    lines = []
    for (a, b), own in found.differences.items():
        name = called(a) if a == b else f"{called(b)} against {called(a)}"
        clear = [one for one in own if one.word == "clear"]
        texts = [f"{titled(one.metric)} {one.signed}" for one in clear]
        rest = [
            f"{word} {count}"
            for word in ("negligible", "not clear")
            if (count := sum(one.word == word for one in own))
        ]
        lines.append(
            f"{opening(name)}: {some(texts, _SHOWN) or 'no clear difference'}"
            + (f" ({', '.join(rest)})" if rest else "")
        )
    changed = list(map(_change, found.changed[:_NAMED]))
    more = len(found.changed) - len(changed)
    what = "; ".join(changed) + (f"; and {more} more" if more > 0 else "")
    lines.append(
        f"{counted(len(found.changed), 'setting differs', 'settings differ')}: {what}"
        if changed
        else "No setting differs"
    )
    lines += [
        f"{name} is experiment {runs.manifest['experiment']} in {runs.folder}, with"
        f" {counted(runs.replicates, 'run')} per policy and future"
        for name, runs in (("A", found.first), ("B", found.second))
    ]
    compared = sum(map(len, found.differences.values()))
    lines.append(
        f"Clear: the interval leaves out zero; negligible: all of it is within"
        f" {percent(NEGLIGIBLE)} of A; the intervals of all {compared} differences hold together"
        f" with 95{NO_BREAK}% confidence"
    )
    return [*lines, *found.notes]


def _change(one: Differing) -> str:
    if one.first is None or one.second is None:
        return f"{one.path} in {FIRST if one.second is None else SECOND} alone"
    return f"{one.path} {shown(one.first)} → {shown(one.second)}"


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
            (a, b, one.metric, one.level, one.mean, one.low, one.high, one.word)
            for (a, b), own in found.differences.items()
            for one in own
        ],
        columns=["policy_a", "policy_b", "metric", "a", "difference", "low", "high", "verdict"],
    )
    places = [runs.folder.absolute().as_posix() for runs in (found.first, found.second)]
    command = shlex.join(["partnersim", "compare", *places])
    lead = " and ".join(runs.manifest["experiment"] for runs in (found.first, found.second))
    part, title = two_results_part(found), "Two results compared"
    page = write_short_page(folder, title, lead, [part], [command], beside={_TABLE: frame})
    return [folder / _TABLE, page]


def two_results_part(found: TwoResults, question: str = "") -> Part:
    """Return the comparison as a part of a page."""
    tables = [
        table(
            f"{called(a)} in A and {called(b)} in B",
            {
                "Measure": [metric_label(one.metric).title for one in own],
                "A": [quantity(one.metric, one.level) for one in own],
                "B minus A, 95 % interval": [one.signed for one in own],
                "verdict": [one.word for one in own],
            },
        )
        for (a, b), own in found.differences.items()
    ]
    values = {
        "A": ["–" if one.first is None else shown(one.first) for one in found.changed],
        "B": ["–" if one.second is None else shown(one.second) for one in found.changed],
    }
    settings = {"setting": [one.path for one in found.changed], **values}
    tables.append(table("Settings that differ", settings))
    return Part(sentence(found), question=question, details=details(found), tables=tables)
