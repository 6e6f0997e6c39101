"""Early signs: which observable, by when, tells futures in which another policy does better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Integers, Truths
from partnersim.compare.labels import metric_label
from partnersim.errors import InputError, nearest
from partnersim.runs.intervals import mean_interval
from partnersim.runs.manifest import Layout
from partnersim.scenario.horizon import quarter_index

#: So many thresholds are tried for each observable and quarter.
_THRESHOLDS = 24
#: A policy that is better in fewer runs than this share, or in more than its complement, needs no
#: sign.
RARE = 0.05
#: Hit rate minus false-alarm rate from which a sign is worth its name.
USEFUL = 0.2
#: Of the interval of what a sign is worth.
_CONFIDENCE = 0.9
#: Fewer pairs of runs tell nothing.
FEWEST = 8


@dataclass(frozen=True)
class Sign:
    """An observable that passes a threshold in a quarter.

    Attributes
    ----------
    metric, quarter : str
        What is looked at, and when.
    above : bool
        Whether the sign is met above the threshold, or below it.
    threshold : float
    hit, false_alarm : float
        Share of runs that show the sign, of those in which the other policy does better and of
        those in which it does not; in runs that the threshold was not fitted to.
    value : float
        Mean gain of taking the other policy in runs with the sign, against always staying, in the
        unit of the goal and such that more is better; in the same runs.
    fixed : float
        Mean gain of always taking the other policy against always staying, in the same runs.
    worth : float
        Lower end of the 90 % interval of what the sign gains over the better of the two policies
        that look at no sign, in the same runs.
    runs : int
        Runs with which the rates were measured.
    lead : float
        Years from the sign to the end of the runs.
    """

    metric: str
    quarter: str
    above: bool
    threshold: float
    hit: float
    false_alarm: float
    value: float
    fixed: float
    worth: float
    runs: int
    lead: float

    @property
    def skill(self) -> float:
        """Hit rate minus false-alarm rate (Youden's J): 0 is chance, 1 is perfect."""
        return self.hit - self.false_alarm


@dataclass(frozen=True)
class Signposts:
    """What tells whether to take one policy in place of another.

    Attributes
    ----------
    stay, take, goal : str
        The policy that is followed, the other one, and the metric by which they are judged.
    better : float
        Share of runs in which the other policy ends better.
    signs : list of Sign
        The best one of each observable, the most telling first; empty where none is needed.
    perfect : float
        Mean gain over the better of the two fixed policies if one knew in advance which does
        better in each run: no sign can be worth more.
    runs : int
        Pairs of runs that were looked at.
    """

    stay: str
    take: str
    goal: str
    better: float
    signs: list[Sign]
    perfect: float
    runs: int


def asked_problems(layout: Layout, asked: Mapping[str, object]) -> list[str]:
    """Return why runs, made or planned, cannot be searched for what is asked, one line each.

    Parameters
    ----------
    layout : Layout
        Of the runs.
    asked : mapping
        ``stay``, ``take``, ``metric``, as far as they are named.
    """
    found = []
    for key in ("stay", "take", "metric"):
        allowed = layout.metrics if key == "metric" else layout.policies
        if key in asked and asked[key] not in allowed:
            kind = "metric" if key == "metric" else "policy"
            near = nearest(asked[key], allowed)
            found.append(f"{key}={asked[key]}: these results hold no such {kind}{near}")
    if len(layout.policies) < 2:
        found.append(f"policies: {layout.policies[0]} alone, there is nothing to change to")
    elif "stay" in asked and asked["stay"] == asked.get("take"):
        found.append(f"stay={asked['stay']}, take={asked['take']}: name two policies")
    pairs = layout.futures * layout.replicates
    if pairs < FEWEST:
        found.append(f"replicates: signs need {FEWEST} runs of a policy at least, not {pairs}")
    return found


def find_signposts(
    observed: pd.DataFrame, ends: pd.DataFrame, stay: str, take: str, goal: str
) -> Signposts:
    """Return the early signs of a change from one policy to another.

    Thresholds are fitted to every second future (or replicate, if there are few futures), by the
    hit rate minus the false-alarm rate; their rates are measured in the others.

    Parameters
    ----------
    observed : DataFrame
        ``future, replicate, quarter`` and metrics under the policy that is followed.
    ends : DataFrame
        ``policy, future, replicate`` and the goal at the end, of both policies.
    stay, take, goal : str
        The policies, and the metric by which they are judged.

    Raises
    ------
    InputError
        If there are fewer than eight pairs of runs, or no quarter before the last one.
    """
    keys = ["future", "replicate"]
    table = ends.pivot_table(index=keys, columns="policy", values=goal, observed=True).dropna()
    if stay not in table or take not in table or len(table) < FEWEST:
        raise InputError(f"signposts: fewer than {FEWEST} runs of both {stay} and {take}")
    sign = metric_label(goal).sign
    gain = sign * (table[take] - table[stay]).to_numpy(np.float64)
    better = gain > 0
    share = float(better.mean())
    fixed = max(float(gain.mean()), 0.0)
    found = Signposts(
        *(stay, take, goal, share, []),
        perfect=float(np.maximum(gain, 0.0).mean()) - fixed,
        runs=len(gain),
    )
    if not RARE <= share <= 1 - RARE:
        return found
    quarters = [str(quarter) for quarter in dict.fromkeys(observed["quarter"])]
    if len(quarters) < 2:
        raise InputError("signposts: only the last quarter was kept; set design.quarters=all")
    futures = table.index.get_level_values("future").to_numpy()
    places = futures if len(set(futures)) > 7 else table.index.get_level_values("replicate")
    fitted = np.asarray(places, dtype=np.int64) % 2 == 0
    if not (_both(better[fitted]) and _both(better[~fitted])):
        return found
    metrics = [name for name in observed.columns if name not in (*keys, "quarter", "policy")]
    by_quarter = {
        quarter: rows.set_index(keys).reindex(table.index)
        for quarter, rows in observed.groupby("quarter", observed=True, sort=False)
    }
    skills: dict[str, float] = {}
    for metric in metrics:
        best: tuple[float, bool, float] = (-np.inf, False, 0.0)
        for quarter in quarters[:-1]:
            values = by_quarter[quarter][metric].to_numpy(np.float64)
            one = _fitted(values[fitted], better[fitted])
            # A later quarter must tell clearly more.
            if one is not None and one[0] > best[0] + 0.02:
                best, first, tests = one, quarter, values[~fitted]
        if np.isinf(best[0]):
            continue
        skills[metric], above, threshold = best
        met = tests > threshold if above else tests < threshold
        truth, own = better[~fitted], gain[~fitted]
        always, with_sign = float(own.mean()), np.where(met, own, 0.0)
        more = with_sign - (own if always > 0 else 0.0)
        found.signs.append(
            Sign(
                *(metric, first, above, threshold),
                hit=float(met[truth].mean()),
                false_alarm=float(met[~truth].mean()),
                value=float(with_sign.mean()),
                fixed=always,
                worth=float(mean_interval(more, confidence=_CONFIDENCE)[1]),
                runs=len(truth),
                lead=(quarter_index(quarters[-1], first) - 1) / 4,
            )
        )
    # By the runs that thresholds were fitted to: the others must have no part in the choice.
    found.signs.sort(key=lambda one: (-skills[one.metric], one.quarter, one.metric))
    return found


def _both(truth: Truths) -> bool:
    return bool(truth.any() and not truth.all())


def _fitted(values: Floats, truth: Truths) -> tuple[float, bool, float] | None:
    """Return skill, direction and threshold that separate best; None if values do not vary."""
    distinct = np.unique(values[np.isfinite(values)])
    if len(distinct) < 2:
        return None
    middle = (distinct[1:] + distinct[:-1]) / 2
    evenly = np.linspace(0, len(middle) - 1, min(_THRESHOLDS, len(middle))).round()
    tried = middle[evenly.astype(int)]
    above = values[:, None] > tried[None, :]
    skill = above[truth].mean(axis=0) - above[~truth].mean(axis=0)
    place = int(np.argmax(np.abs(skill)))
    return float(abs(skill[place])), bool(skill[place] > 0), float(tried[place])


# What is worth knowing


@dataclass(frozen=True)
class Knowledge:
    """What an uncertainty is worth before one chooses, and where the choice tips.

    Attributes
    ----------
    factor : str
    value : float
        Expected gain of the goal from knowing the factor, to a quarter of its range, before one
        policy is chosen; what chance alone gives is taken off.
    tipping : float or None
        Value of the factor at which the better of the two policies changes; None if it does not.
    """

    factor: str
    value: float
    tipping: float | None


def value_of_knowledge(
    means: pd.DataFrame, futures: pd.DataFrame, factors: Sequence[str], goal: str
) -> list[Knowledge]:
    """Return what each uncertainty is worth knowing, the most valuable first.

    The expected value of partial perfect information: the mean over quarters of a factor's range of
    the best policy's mean, minus the best mean of a policy over all.

    Parameters
    ----------
    means : DataFrame
        Mean of the goal by future (index) and policy (columns), two or more policies.
    futures : DataFrame
        ``future`` and factors.
    factors : sequence of str
        Those that are looked at, numbers.
    goal : str
        Metric; decides whether more is better.

    References
    ----------
    Raiffa, H. and Schlaifer, R. (1961). Applied statistical decision theory. Harvard.
    """
    values = metric_label(goal).sign * means.to_numpy(np.float64)
    rows = futures.set_index("future").reindex(means.index)
    draw = np.random.default_rng(0)
    shuffles = [draw.permutation(len(values)) for _ in range(20)]
    found = []
    for factor in factors:
        own = rows[factor].to_numpy(np.float64)
        parts = np.array_split(np.argsort(own, kind="stable"), 4)
        known = _informed(values, parts)
        chance = float(np.mean([_informed(values[order], parts) for order in shuffles]))
        found.append(Knowledge(factor, max(0.0, known - chance), _tipping(values, own, parts)))
    return sorted(found, key=lambda one: (-one.value, one.factor))


def _informed(values: Floats, parts: list[Integers]) -> float:
    return float(sum(len(part) * values[part].mean(axis=0).max() for part in parts) / len(values))


def _tipping(values: Floats, own: Floats, parts: list[Integers]) -> float | None:
    """Return where the mean difference of the first two policies changes its sign, once."""
    gap = [float((values[part, 1] - values[part, 0]).mean()) for part in parts]
    at = [float(own[part].mean()) for part in parts]
    turns = [i for i in range(3) if gap[i] * gap[i + 1] < 0]
    if len(turns) != 1:
        return None
    i = turns[0]
    return at[i] + (at[i + 1] - at[i]) * gap[i] / (gap[i] - gap[i + 1])
