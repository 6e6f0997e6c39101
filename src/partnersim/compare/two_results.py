"""Two stored results beside each other: what differs in their settings, and in what comes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from partnersim.compare.comparison import SAMPLED
from partnersim.compare.differences import PolicyDifference, differences, paired_differences
from partnersim.compare.labels import HEADLINES, MAIN_METRICS
from partnersim.compare.provenance import Differing, differing
from partnersim.errors import refuse
from partnersim.runs.manifest import LISTED, OUTSIDE_THE_HASH
from partnersim.runs.sampling import CLIMATE

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs

#: What the two results are called in tables.
FIRST, SECOND = "A", "B"


@dataclass(frozen=True)
class TwoResults:
    """Two results beside each other.

    Attributes
    ----------
    first, second : Runs
    changed : list of Differing
        Settings that differ.
    differences : dict of (policy of A, policy of B) to list of PolicyDifference
        B minus A on each measure, run by run under the same luck: first what is clear, of it first
        the headline measures, the largest share of A first.
    notes : list of str
        What limits the comparison.
    """

    first: Runs
    second: Runs
    changed: list[Differing]
    differences: dict[tuple[str, str], list[PolicyDifference]]
    notes: list[str]


def two_results(first: Runs, second: Runs) -> TwoResults:
    """Set two stored results beside each other.

    Policies of the same name are compared, and where each result has one other policy, those two.
    Climates of the same name are compared, or where each result has one climate, those two. Runs
    are paired by future and replicate: the same seed gives both the same luck, whatever else
    differs.

    Raises
    ------
    InputError
        If nothing can be compared: no policy, future, quarter or metric in common, or other seeds.
    """
    notes = [runs.warning for runs in (first, second) if runs.warning]
    pairs, futures, quarter, metrics = in_common(
        (first.manifest, first.futures), (second.manifest, second.futures)
    )
    if (first.quarters[-1], second.quarters[-1]) != (quarter, quarter):
        notes.append(f"Compared at the end of {quarter}, the last quarter that both hold")
    if first.manifest["versions"] != second.manifest["versions"]:
        notes.append("They were made by different versions, which may differ in their rules")
    one = _at(first, metrics, quarter, {a: a for a, _ in futures})
    two = _at(second, metrics, quarter, {b: a for a, b in futures})
    kind = "sampled" if first.kind in SAMPLED else "listed"
    found = {}
    for a, b in pairs:
        own = one[one["policy"] == a].assign(policy=FIRST)
        together = pd.concat([own, two[two["policy"] == b].assign(policy=SECOND)])
        table = paired_differences(
            together, metrics, FIRST, futures=kind, comparisons=len(pairs) * len(metrics)
        )
        found[a, b] = sorted(differences(table, FIRST), key=_weight)
    return TwoResults(first, second, _changed(first, second), found, notes)


def _weight(one: PolicyDifference) -> tuple[bool, bool, float]:
    """Return what sorts a difference: clear, headline, large."""
    return one.word != "clear", one.metric not in HEADLINES, -one.size


#: Manifest and futures of runs, made or planned.
Planned = tuple[Mapping[str, Any], pd.DataFrame]


def in_common(
    first: Planned, second: Planned
) -> tuple[list[tuple[str, str]], list[tuple[int, int]], str, list[str]]:
    """Return what of two results, made or planned, can be compared.

    These are pairs of policies, pairs of futures (their numbers in each), the last quarter, and
    the metrics.

    Raises
    ------
    InputError
        If nothing can be compared, one line per reason.
    """
    one, two = first[0], second[0]
    problems = []
    if one["seed"] != two["seed"]:
        problems.append(
            f"seeds differ ({one['seed']} and {two['seed']}): run one again with the seed of the"
            " other, so that both meet the same luck"
        )
    pairs = [(name, name) for name in one["policies"] if name in two["policies"]]
    pairs += _lone(one["policies"], two["policies"])
    if not pairs:
        problems.append("no policy of the same name is in both")
    futures = _futures(first, second)
    if len({manifest["design"]["kind"] == LISTED for manifest, _ in (first, second)}) > 1:
        problems.append("one holds listed climates, the other sampled futures: none is in both")
    elif not futures:
        problems.append("no future is in both: other climates, or another sample")
    quarters = [quarter for quarter in one["quarters"] if quarter in two["quarters"]]
    metrics = [name for name in MAIN_METRICS if name in one["metrics"] and name in two["metrics"]]
    if not quarters:
        problems.append("no quarter was kept in both")
    if not metrics:
        problems.append("no main metric was kept in both")
    refuse(problems)
    return pairs, futures, quarters[-1], metrics


def _futures(first: Planned, second: Planned) -> list[tuple[int, int]]:
    """Return the futures that are compared, by their numbers in both results."""
    if all(manifest["design"]["kind"] == LISTED for manifest, _ in (first, second)):
        one, two = (list(futures[CLIMATE].astype(str)) for _, futures in (first, second))
        same = [(one.index(name), two.index(name)) for name in one if name in two]
        return same or ([(0, 0)] if len(one) == len(two) == 1 else [])
    if first[0]["futures_digest"] == second[0]["futures_digest"]:
        return [(int(number), int(number)) for number in first[1]["future"]]
    return []


def _at(runs: Runs, metrics: list[str], quarter: str, futures: Mapping[int, int]) -> pd.DataFrame:
    rows = runs.outcomes(metrics, "all").astype({"policy": str})
    rows = rows[(rows["quarter"] == quarter) & rows["future"].isin(list(futures))]
    return rows.assign(future=rows["future"].map(futures)).drop(columns="quarter")


def _changed(first: Runs, second: Runs) -> list[Differing]:
    trees = [dict(runs.manifest["configuration"]) for runs in (first, second)]
    for group in ("policy", "geopolitics"):
        for names in _lone(trees[0][group], trees[1][group]):
            # The two that only one result has are held against each other, setting by setting.
            for tree, name in zip(trees, names, strict=True):
                rest = {key: own for key, own in tree[group].items() if key != name}
                tree[group] = {**rest, **tree[group][name]}
    changed = differing(trees[0], trees[1])
    return [one for one in changed if one.path.split(".")[0] not in OUTSIDE_THE_HASH]


def _lone(first: Collection[str], second: Collection[str]) -> list[tuple[str, str]]:
    """Return the name that the first alone has, and that of the second, if each has just one."""
    mine = [name for name in first if name not in second]
    theirs = [name for name in second if name not in first]
    return [(mine[0], theirs[0])] if len(mine) == len(theirs) == 1 else []
