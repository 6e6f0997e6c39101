"""How links between partners are formed, estimated from the dated digital agreements.

Who links with whom is the coordination model of `partnersim.events`. What brings links about are
decisions: of two countries, of a grouping that founds an agreement, of a country that joins one.
All links of one decision share the weight of one. Formulas: docs/ODD.md, section 7.18.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import block_diag

from partnersim.arrays import Floats, Integers, Truths
from partnersim.errors import InputError
from partnersim.events import (
    Alter,
    AttributeReplacements,
    Degree,
    Difference,
    EventData,
    Fit,
    NetworkIncrements,
    NetworkReplacements,
    PresenceChanges,
    SharedPartners,
    Tie,
    fit,
)
from partnersim.events.changes import AnyChanges
from partnersim.events.effects import Effect
from partnersim.events.estimates import sandwich
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.history import FIRST_YEAR
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.model.links import MIDDLING_MEMBERS
from partnersim.model.world_arrays import WorldArrays
from partnersim.world.agreements import decision_name
from partnersim.world.layouts import LAST_DAY
from partnersim.world.tables import Row

#: Kinds of decisions, and the rate of each.
RATES = {
    "two countries": "link_rate",
    "founding": "link_founding_rate",
    "accession": "link_accession_rate",
}
#: The rate at which a signed agreement comes into force.
ENTRY_RATE = "link_entry_rate"
_DAYS_PER_QUARTER = 365.25 / QUARTERS_PER_YEAR
#: Rates of decisions are those of the last ten years: as long as a run.
RATE_YEARS = 10
_TEN_THOUSAND_KM = 10_000.0
_MOST_STEPS, _TOLERANCE = 50, 1e-10


def _in_ten_thousand_km(kilometres: Floats) -> Floats:
    return kilometres / _TEN_THOUSAND_KM


def _any(degree: Floats) -> Floats:
    return np.minimum(degree, 1.0)


#: Utility of a second link of the same two, and of one that measures forbid: none is made.
_NEVER: Mapping[Effect, float] = {Tie("links"): -30.0, Tie("restricted"): -30.0}
#: What countries look at, by coefficient.
EFFECTS: Mapping[str, Effect] = {
    "link_size": Alter("size"),
    "link_readiness": Alter("readiness"),
    "link_distance": Tie("distance", weighted=True, transform=_in_ten_thousand_km),
    "link_grouping": Tie("grouping"),
    "link_alignment_gap": Difference("alignment"),
    "link_shared_partners": SharedPartners("links", transform=np.log1p),
    "link_experience": Degree("links", transform=_any),
}
JOINING = ("link_joining", "link_joining_members", "link_joining_gap")


@dataclass(frozen=True)
class LinkDecision:
    """A decision that linked countries for the first time.

    Attributes
    ----------
    name : str
    kind : str
        One of `RATES`.
    date : str
        When it linked the first two.
    pairs : tuple of (str, str, str)
        Date and the two countries of every new link.
    countries : frozenset of str
        All that take part, newly linked or not, in force or only signed.
    """

    name: str
    kind: str
    date: str
    pairs: tuple[tuple[str, str, str], ...]
    countries: frozenset[str]


@dataclass(frozen=True, eq=False)
class LinkEstimate:
    """Coefficients of link formation, P of them.

    Attributes
    ----------
    names : tuple of str
    values : (P,) array
        Rates as their logarithms.
    covariance : (P, P) array
        Rates, choice and joining are estimated apart: zero between them.
    decisions : tuple of LinkDecision
    fit : Fit
        Of the coordination model.
    recent : dict of str to int
        Decisions of the last ten years by kind.
    signed, entered : int
        Agreements whose signature is dated, and those of them that have come into force.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    decisions: tuple[LinkDecision, ...]
    fit: Fit
    recent: Mapping[str, int]
    signed: int
    entered: int

    def source_of(self, name: str) -> str:
        """Return from how many decisions a coefficient is estimated."""
        kinds = Counter(decision.kind for decision in self.decisions)
        if name in JOINING:
            return f"members of the groupings in which {kinds['founding']} agreements were founded"
        if name in EFFECTS:
            return f"{len(self.decisions)} decisions that linked partners, 2011 to June 2025"
        if name == ENTRY_RATE:
            return f"{self.signed} signed agreements, {self.entered} of them in force"
        kind = next(kind for kind, rate in RATES.items() if rate == name)
        return f"{kind}: {self.recent[kind]} decisions in the ten years to June 2025"

    @property
    def logarithmic(self) -> tuple[str, ...]:
        """Return the names of those whose logarithm is estimated."""
        return (*RATES.values(), ENTRY_RATE)


def link_decisions(links: Sequence[Row], agreements: Sequence[Row]) -> tuple[LinkDecision, ...]:
    """Return the decisions since `FIRST_YEAR` that linked countries for the first time, by date.

    Parameters
    ----------
    links, agreements : sequence of row
        Of ``link_events.csv`` and ``agreements.csv``.
    """
    open_to_others = {row["recorded_as"] for row in agreements}
    named: dict[str, list[Row]] = {}
    for row in links:
        if row["decision"]:
            named.setdefault(row["decision"], []).append(row)
    made: dict[str, list[Row]] = {}
    linked: set[tuple[str, str]] = set()
    in_force = [row for row in links if row["stage"] == "in_force"]
    for row in sorted(in_force, key=lambda row: row["date"]):
        ends = row["iso3_a"], row["iso3_b"]
        if ends not in linked:
            linked.add(ends)
            if row["date"] >= str(FIRST_YEAR):
                made.setdefault(decision_name(row), []).append(row)
    return tuple(
        _decision(name, first, named.get(name, first[:1]), open_to_others)
        for name, first in made.items()
    )


def _decision(
    name: str, first: list[Row], rows: list[Row], open_to_others: set[str]
) -> LinkDecision:
    """Return one decision: its kind shows in who takes part in all of its pairs.

    The rows of new links come first, in order of date, then all that the decision is about.
    """
    together = {(row["iso3_a"], row["iso3_b"]) for row in rows}
    counts = Counter(code for ends in together for code in ends)
    kind = "two countries"
    if max(counts.values()) < len(together):
        kind = "founding"
    elif first[0]["agreement"] in open_to_others:
        # One country has a part in every pair: it joins what the others have.
        kind = "accession"
    pairs = tuple((row["date"], row["iso3_a"], row["iso3_b"]) for row in first)
    return LinkDecision(name, kind, pairs[0][0], pairs, frozenset(counts))


def estimate_links(evidence: HistoryEvidence) -> LinkEstimate:
    """Estimate how links are formed, from what came into force up to `LAST_DAY`.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `partnersim.history.evidence.read_evidence`.

    Raises
    ------
    InputError
        If there are too few decisions to estimate from.

    Examples
    --------
    >>> from partnersim.history.evidence import read_evidence
    >>> estimate_links(read_evidence()).names[:3]  # doctest: +SKIP
    ('link_rate', 'link_founding_rate', 'link_accession_rate')
    """
    facts = evidence.facts
    decisions = link_decisions(facts["link_events.csv"], facts["agreements.csv"])
    years = {y: evidence.world_of(y).arrays for y in range(FIRST_YEAR, int(LAST_DAY[:4]) + 1)}
    codes = list(evidence.world.countries["iso3"])
    recent = _recent(decisions)
    found = np.array([recent[kind] for kind in RATES], float)
    waits, entered = signed_agreements(facts["link_events.csv"])
    if not entered.any():
        raise InputError("links: no signed agreement came into force")
    entries = int(entered.sum())
    data, weights = event_data(decisions, years, codes)
    chosen = fit(data, "links", [*EFFECTS.values(), *_NEVER], fixed=_NEVER, weights=weights)
    count = len(EFFECTS)
    joining, joining_covariance = _joining(decisions, years, codes)
    rates = np.append(found / (RATE_YEARS * QUARTERS_PER_YEAR), entries / waits.sum())
    of_rates = np.diag(1.0 / np.append(found, entries))
    return LinkEstimate(
        (*RATES.values(), ENTRY_RATE, *EFFECTS, *JOINING),
        np.concatenate([np.log(rates), chosen.estimates[:count], joining]),
        block_diag(of_rates, chosen.covariance[:count, :count], joining_covariance),
        decisions,
        chosen,
        recent,
        len(waits),
        entries,
    )


def _recent(decisions: Sequence[LinkDecision]) -> dict[str, int]:
    """Return the decisions of the last ten years by kind; their rate is that of a Poisson process.

    The variance of the logarithm of such a rate is one over the number.
    """
    since = f"{int(LAST_DAY[:4]) - RATE_YEARS}{LAST_DAY[4:]}"
    counts = Counter(decision.kind for decision in decisions if decision.date > since)
    missing = [kind for kind in RATES if not counts[kind]]
    if missing:
        raise InputError(f"links: no decision of kind {', '.join(missing)} after {since}")
    return {kind: counts[kind] for kind in RATES}


def signed_agreements(links: Sequence[Row]) -> tuple[Floats, Truths]:
    """Return how long each signed agreement has waited, in quarters, and whether it is in force.

    From its first signature to its entry into force between the first two; until `LAST_DAY` where
    it has not come into force. Entries over quarters of waiting are then the rate of an
    exponential distribution, and one over the entries is the variance of its logarithm.

    Parameters
    ----------
    links : sequence of row
        Of ``link_events.csv``.
    """
    first: dict[str, dict[str, str]] = {"signed": {}, "in_force": {}}
    for row in sorted(links, key=lambda row: row["date"]):
        if row["stage"] in first:
            first[row["stage"]].setdefault(decision_name(row), _middle(row["date"]))
    begins = list(first["signed"].values())
    ends = [first["in_force"].get(name, LAST_DAY) for name in first["signed"]]
    entered = [name in first["in_force"] for name in first["signed"]]
    days = (np.array(ends, "M8[D]") - np.array(begins, "M8[D]")).astype(float)
    return days / _DAYS_PER_QUARTER, np.array(entered, bool)


def event_data(
    decisions: Sequence[LinkDecision], years: Mapping[int, WorldArrays], codes: Sequence[str]
) -> tuple[EventData, Floats]:
    """Return the first links as an event history, and the weight of each.

    Attributes are those known at the beginning of every year; links of one decision share the
    weight of one.
    """
    made = sorted(
        (_middle(date), one, other, 1.0 / len(decision.pairs))
        for decision in decisions
        for date, one, other in decision.pairs
    )
    events = pd.DataFrame(made, columns=["time", "sender", "receiver", "weight"])
    begin = min(years)
    scores = {
        year: {"size": of.size, "readiness": of.readiness.mean(axis=1), "alignment": of.alignment}
        for year, of in years.items()
    }
    networks = {"grouping": grouped, "restricted": lambda arrays: arrays.restricted.astype(float)}
    changes: list[AnyChanges] = []
    for year in sorted(years)[1:]:
        then, now = years[year - 1], years[year]
        # Changes hold from the day after.
        day = f"{year - 1}-12-31"
        changes += [
            AttributeReplacements(
                name, pd.DataFrame({"time": day, "label": codes, "value": values})
            )
            for name, values in scores[year].items()
        ]
        # Who may link with nobody chooses nobody, rather than anybody alike.
        before, shut = (each.restricted.sum(axis=1) == len(codes) - 1 for each in (then, now))
        turned = np.flatnonzero(shut != before)
        if len(turned):
            who = {"label": np.take(codes, turned), "value": ~shut[turned]}
            changes.append(PresenceChanges(pd.DataFrame({"time": day, **who})))
        for name, of in networks.items():
            moved = of(now) != of(then)
            if moved.any():
                ties = _network(of(now), codes, moved)
                changes.append(NetworkReplacements(name, ties.assign(time=day)))
    changes.append(NetworkIncrements("links", events.drop(columns="weight").assign(value=1)))
    nothing = np.zeros((len(codes), len(codes)))
    distance = np.rint(years[begin].distance * _TEN_THOUSAND_KM)
    data = EventData(
        pd.DataFrame({"label": codes, **scores[begin]}),
        {
            "links": _network(nothing, codes),
            **{name: _network(of(years[begin]), codes) for name, of in networks.items()},
            "distance": _network(distance, codes),
        },
        changes,
    )
    return data, events["weight"].to_numpy()


def _middle(date: str) -> str:
    """Return a day for a date: the middle of a month or year that is all that is known."""
    return date + {4: "-07-01", 7: "-15", 10: ""}[len(date)]


def grouped(arrays: WorldArrays) -> Floats:
    """Return 1 for every two countries with an economic grouping in common, (N, N)."""
    members = arrays.grouping.astype(float)
    return (members.T @ members > 0) * (1.0 - np.eye(members.shape[1]))


def _network(weights: Floats, codes: Sequence[str], kept: np.ndarray | None = None) -> pd.DataFrame:
    """Return the pairs of a network, those with a weight unless some are named."""
    one, other = np.nonzero(np.triu(weights > 0 if kept is None else kept, 1))
    ends = {"sender": np.take(codes, one), "receiver": np.take(codes, other)}
    return pd.DataFrame({**ends, "value": weights[one, other].astype(int)})


def _joining(
    decisions: Sequence[LinkDecision], years: Mapping[int, WorldArrays], codes: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return the coefficients of taking part in a founding, and their covariance.

    A logit over the members of the grouping in which an agreement was founded. The two that begin
    take part anyhow; nobody knows who they were, so each of the n that take part counts as having
    joined by (n - 2) / n. Members of one founding may depend on each other: the covariance is the
    `sandwich`, one cluster for each founding.
    """
    rows, joined, stayed, founding = [], [], [], []
    for number, decision in enumerate(decisions):
        if decision.kind != "founding":
            continue
        arrays = years[int(decision.date[:4])]
        part = np.isin(codes, sorted(decision.countries))
        taking_part = (arrays.grouping.astype(bool) & part).sum(axis=1)
        size = arrays.grouping.sum(axis=1)
        # The grouping that most of them belong to, the smallest of equals.
        home = int(np.lexsort((size, -taking_part))[0])
        for member in np.flatnonzero(arrays.grouping[home]):
            others = part & (np.arange(len(codes)) != member)
            gap = np.abs(arrays.alignment[others] - arrays.alignment[member]).mean()
            rows.append((1.0, np.log(size[home] / MIDDLING_MEMBERS), gap))
            joined.append(part[member] * (1.0 - 2.0 / taking_part[home]))
            stayed.append(float(not part[member]))
            founding.append(number)
    return _logit(np.array(rows), np.array(joined), np.array(stayed), np.array(founding))


def _logit(terms: Floats, yes: Floats, no: Floats, cluster: Integers) -> tuple[Floats, Floats]:
    """Return the coefficients of a logit by Newton's method, and their clustered covariance."""
    values = np.zeros(terms.shape[1])
    for _ in range(_MOST_STEPS):
        chance = 1.0 / (1.0 + np.exp(-terms @ values))
        scores = terms * (yes - (yes + no) * chance)[:, None]
        weight = (yes + no) * chance * (1.0 - chance)
        inverse = np.linalg.inv(terms.T @ (terms * weight[:, None]))
        move = inverse @ scores.sum(axis=0)
        values = values + move
        if np.abs(move).max() < _TOLERANCE:
            break
    else:
        raise InputError("links: who joins a founding has no finite estimate")
    return values, sandwich(inverse, scores, cluster)
