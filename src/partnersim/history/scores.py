"""How good probabilities were, once it is known what happened.

Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2; logarithmic score: Good (1952),
doi:10.1111/j.2517-6161.1952.tb00104.x. Intervals come from a bootstrap over clusters (Cameron and
Miller 2015, doi:10.3368/jhr.50.2.317): pairs of one decision, or of one partner, stand or fall
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import chi2, norm, poisson

from partnersim.arrays import Floats, Integers, Truths

#: Lengths of the lists whose recall is computed.
LISTS = (20, 50, 100)
#: Edges of the classes of a calibration plot.
EDGES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
#: Bootstrap samples, and the share of them that an interval holds.
SAMPLES = 1000
INTERVAL = 0.9
_TAIL = (1.0 - INTERVAL) / 2.0
#: Smallest groups whose coverage is counted, and levels of what their cases share.
FEWEST_CASES, _DRAWN = 20, 200
_LESS_IS_BETTER = ("log score", "log score by decision", "Brier score")


def log_score(probability: Floats, happened: Floats) -> Floats:
    """Return -log of the probability of what happened, case by case; less is better.

    Examples
    --------
    >>> log_score(np.array([0.5, 0.5]), np.array([1.0, 0.0])).round(3).tolist()
    [0.693, 0.693]
    """
    return -np.log(np.where(happened == 1.0, probability, 1.0 - probability))


def brier(probability: Floats, happened: Floats) -> Floats:
    """Return the squared error, case by case; less is better.

    Examples
    --------
    >>> brier(np.array([0.5, 0.2]), np.array([1.0, 0.0])).round(2).tolist()
    [0.25, 0.04]
    """
    return (probability - happened) ** 2


def score_table(
    cases: pd.DataFrame, forecasts: Sequence[str], groups: Mapping[str, Truths]
) -> pd.DataFrame:
    """Return scores of several forecasts of the same cases, with clustered intervals.

    Parameters
    ----------
    cases : DataFrame
        ``happened`` (0 or 1), ``decision`` (that made it happen), ``cluster``, ``cut`` if there are
        several, and one column of probabilities per forecast. Lists are those of a cut.
    forecasts : sequence of str
        Names of those columns; the first one is compared with the others.
    groups : mapping of str to array of bool
        Parts of the cases that are scored apart.

    Returns
    -------
    DataFrame
        ``group, forecast, score, value, low, high, difference, difference_low, difference_high,
        cases, happened, decisions, cuts, won``. ``difference`` is the score of the forecast less
        that of the first one, ``decisions`` how many independent ones made something happen,
        ``won`` at how many of the cuts the first one has the better score.
    """
    rows = []
    for group, chosen in groups.items():
        part = cases[chosen]
        happened = part["happened"].to_numpy(np.float64)
        bootstrap = _Bootstrap(part["cluster"])
        decided = part.loc[part["happened"] == 1, "decision"]
        sizes = part["decision"].map(decided.value_counts()).to_numpy(np.float64)
        weight = np.where(happened == 1.0, 1.0 / sizes, 1.0)
        cut = pd.factorize(part["cut"])[0] if "cut" in part else np.zeros(len(part), int)
        cuts = len(np.unique(cut))
        facts = {"cases": len(part), "happened": int(happened.sum())}
        facts |= {"decisions": int(decided.nunique()), "cuts": cuts}
        first: dict[str, tuple[float, Floats, Floats]] = {}
        for name in forecasts:
            probability = part[name].to_numpy(np.float64)
            scores = _scores(probability, happened, weight, cut)
            for score, (values, counts) in scores.items():
                value, samples = bootstrap.ratio(values, counts)
                best, of_best, by_case = first.setdefault(score, (value, samples, values))
                ahead = np.bincount(cut, by_case - values, cuts)
                better = ahead < 0.0 if score in _LESS_IS_BETTER else ahead > 0.0
                rows.append(
                    {
                        **{"group": group, "forecast": name, "score": score, "value": value},
                        **_ends("", samples),
                        "difference": value - best,
                        **_ends("difference_", samples - of_best),
                        **facts,
                        "won": int(better.sum()),
                    }
                )
    return pd.DataFrame(rows)


def calibration_table(cases: pd.DataFrame, forecasts: Sequence[str]) -> pd.DataFrame:
    """Return how often it happened, by class of probability.

    Returns
    -------
    DataFrame
        ``forecast, class_low, class_high, cases, decisions, probability`` (mean), ``frequency,
        low, high`` (of independent decisions), for classes that hold a case.
    """
    rows = []
    for name in forecasts:
        number = pd.cut(cases[name], [*EDGES[:-1], np.inf], right=False, labels=False)
        for place, part in cases.groupby(number):
            happened = part["happened"].to_numpy(np.float64)
            decisions = int(part.loc[part["happened"] == 1, "decision"].nunique())
            rows.append(
                {
                    "forecast": name,
                    "class_low": EDGES[int(place)],
                    "class_high": EDGES[int(place) + 1],
                    "cases": len(part),
                    "decisions": decisions,
                    "probability": float(part[name].mean()),
                    "frequency": float(happened.mean()),
                    **_counted(int(happened.sum()), decisions, len(part)),
                }
            )
    return pd.DataFrame(rows)


def coverage_table(cases: pd.DataFrame, kinds: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return in how many groups of cases as much happened as their intervals allow.

    What the intervals of the cases hold, structural error too, is taken to be the same for all
    cases of a group: they lie high or low together. The independent decisions of a group are then
    a Poisson count around the sum of its probabilities; pairs that come with each decision are as
    many as in all cases.

    Parameters
    ----------
    cases : DataFrame
        ``low``, ``high`` (ends of the interval of each case), ``happened`` and ``decision``.
    kinds : mapping of str to Series
        By kind of group: the group of each case.

    Returns
    -------
    DataFrame
        ``kind, groups, covered, nominal, by_luck``: groups of at least `FEWEST_CASES` cases, the
        share of them whose count lies within its interval, the share that would if the forecast
        were right (counts are whole, so intervals hold more than they say), and the share within
        intervals of luck alone, as if the probabilities were known.
    """
    came = cases[cases["happened"] == 1]
    each = max(1.0, len(came) / max(1, came["decision"].nunique()))
    low, high = (logit(cases[end].to_numpy(np.float64)) for end in ("low", "high"))
    middle, spread = (low + high) / 2.0, (high - low) / (2.0 * norm.ppf(1.0 - _TAIL))
    drawn = norm.ppf((np.arange(_DRAWN) + 0.5) / _DRAWN)
    rows = []
    for kind, group in kinds.items():
        found = []
        for _, places in cases.groupby(group.to_numpy()).indices.items():
            if len(places) < FEWEST_CASES:
                continue
            levels = middle[places] + drawn[:, None] * spread[places]
            part = cases.iloc[places]
            decisions = part.loc[part["happened"] == 1, "decision"].nunique()
            means = expit(levels).sum(axis=1) / each
            luck, _ = _within(decisions, means.mean(keepdims=True))
            found.append((*_within(decisions, means), luck))
        shares = pd.DataFrame(found, columns=["covered", "nominal", "by_luck"]).mean()
        rows.append({"kind": kind, "groups": len(found), **shares})
    return pd.DataFrame(rows)


def _within(count: int, means: Floats) -> tuple[bool, float]:
    """Return whether a count lies in the interval of Poisson counts of means, and its share."""
    most = poisson.ppf(1.0 - _TAIL, means.max())
    below = poisson.cdf(np.arange(-1, most + 1)[:, None], means).mean(axis=1)
    first, last = np.searchsorted(below[1:], (_TAIL, 1.0 - _TAIL))
    return bool(first <= count <= last), float(below[last + 1] - below[first])


def _counted(happened: int, decisions: int, cases: int) -> dict[str, float]:
    """Return the interval of a share in which independent decisions are counted.

    That of a Poisson count is exact, and holds where hardly anything happened (Garwood 1936,
    doi:10.1093/biomet/28.3-4.437).
    """
    each = happened / decisions / cases if decisions else 1.0 / cases
    low = chi2.ppf(_TAIL, 2 * decisions) / 2 if decisions else 0.0
    high = chi2.ppf(1.0 - _TAIL, 2 * decisions + 2) / 2
    return {"low": float(low * each), "high": float(min(1.0, high * each))}


class _Bootstrap:
    """Samples of clusters, drawn with replacement, and ratios of sums over them."""

    def __init__(self, clusters: pd.Series) -> None:
        names, self._place = np.unique(clusters.to_numpy(str), return_inverse=True)
        self._count = len(names)
        generator = np.random.Generator(np.random.Philox(0))
        drawn = generator.integers(0, max(self._count, 1), (SAMPLES, self._count))
        self._weights = np.zeros((SAMPLES, self._count))
        np.add.at(self._weights, (np.arange(SAMPLES)[:, None], drawn), 1.0)

    def ratio(self, values: Floats, counts: Floats) -> tuple[float, Floats]:
        """Return sum of values by sum of counts, of the cases and of every sample."""
        upper, lower = (
            (self._weights * np.bincount(self._place, of, self._count)).sum(axis=1)
            for of in (values, counts)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(np.float64(values.sum()) / counts.sum()), upper / lower


def _scores(
    probability: Floats, happened: Floats, weight: Floats, cut: Integers
) -> dict[str, tuple[Floats, Floats]]:
    """Return values and counts of every score, case by case; a score is the ratio of their sums."""
    ones = np.ones(len(happened))
    log = log_score(probability, happened)
    found = {
        "log score": (log, ones),
        "log score by decision": (weight * log, weight),
        "Brier score": (brier(probability, happened), ones),
        # Lists and ranks stay as they are in the samples; what is drawn anew is who had events.
        "area under curve": (_above(probability, happened) * happened, happened),
    }
    for length in LISTS:
        if length < len(probability):
            shares = np.zeros(len(probability))
            for place in np.unique(cut):
                shares[cut == place] = listed(probability[cut == place], length)
            found[f"recall at {length}"] = shares * happened, happened
    return found


def _above(probability: Floats, happened: Floats) -> Floats:
    """Return the share of what did not happen that each case was held likelier than.

    Its mean over what happened is the area under the receiver operating characteristic (Hanley and
    McNeil 1982, doi:10.1148/radiology.143.1.7063747).
    """
    others = np.sort(probability[happened == 0.0])
    below = np.searchsorted(others, probability, "left")
    return (below + np.searchsorted(others, probability, "right")) / (2.0 * max(len(others), 1))


def listed(probability: Floats, length: int) -> Floats:
    """Return the share of each case in the list of the most probable ones.

    Cases that are equally probable at the end of the list share its last places.

    Examples
    --------
    >>> listed(np.array([0.9, 0.5, 0.5, 0.1]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if length >= len(probability):
        return np.ones(len(probability))
    edge = np.sort(probability)[::-1][length - 1]
    above, level = probability > edge, probability == edge
    return above + level * (length - above.sum()) / level.sum()


def _ends(prefix: str, samples: Floats) -> dict[str, float]:
    """Return the ends of the interval over samples, NaN if none is finite."""
    known = samples[np.isfinite(samples)]
    low, high = np.quantile(known, [_TAIL, 1.0 - _TAIL]) if len(known) else (np.nan, np.nan)
    return {f"{prefix}low": float(low), f"{prefix}high": float(high)}
