"""Signposts in words, as a table and as a short report."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.compare.comparison import FOCUS, SAMPLED
from partnersim.compare.factors import factor_name
from partnersim.compare.labels import metric_label, number, quantity
from partnersim.compare.signposts import (
    RARE,
    USEFUL,
    Knowledge,
    Sign,
    Signposts,
    find_signposts,
    value_of_knowledge,
)
from partnersim.compare.switches import firings
from partnersim.compare.words import amount, called, counted, listed, percent, share_of_runs, titled
from partnersim.errors import InputError
from partnersim.runs.reader import Runs
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.tables import table

TABLE_NAME, PAGE_NAME = "signposts.csv", "report_signposts.html"
#: So many signs, and factors, are shown.
_SHOWN = 8


@dataclass(frozen=True)
class FoundSignposts:
    """Signposts of some runs.

    Attributes
    ----------
    runs : Runs
    signposts : Signposts
    knowledge : list of Knowledge
        Of sampled futures; empty of listed ones.
    """

    runs: Runs
    signposts: Signposts
    knowledge: list[Knowledge]

    @property
    def best(self) -> Sign | None:
        """The most telling sign, None if none is worth its name, or worth waiting for."""
        sign = self._telling
        return sign if sign is not None and sign.worth > 0 else None

    @property
    def _telling(self) -> Sign | None:
        signs = self.signposts.signs
        return signs[0] if signs and signs[0].skill >= USEFUL else None

    @cached_property
    def sentence(self) -> str:
        """The answer."""
        found, best, telling = self.signposts, self.best, self._telling
        stay, take = called(found.stay), called(found.take)
        better = share_of_runs(found.better, found.runs, " of runs")
        wins = f"{take} ends better by {titled(found.goal)}"
        ends = f"{wins} than {stay} in {better}"
        if found.better < RARE:
            return f"No sign is needed: {ends} only, so stay"
        if found.better > 1 - RARE:
            return f"No sign is needed: {ends}, so take it from the start"
        if best is not None:
            return (
                f"Change from {stay} to {take} if {sign_text(best)}: that shows in"
                f" {percent(best.hit)} of the runs in which {wins}, and in"
                f" {percent(best.false_alarm)} of the others"
            )
        if telling is not None:
            always = f"{take} from the start" if telling.fixed > 0 else f"staying with {stay}"
            return (
                f"No sign is worth waiting for: a change at the most telling one is not clearly"
                f" better by {titled(found.goal)} than {always};"
                f" {take} ends better than {stay} in {better}"
            )
        if not found.signs:
            return (
                f"Too few runs to look for a sign: {ends}; one half of them finds a sign, the other"
                " tests it, and each half needs runs of both kinds: give more replicates"
            )
        return (
            f"No early sign tells when {wins} than {stay}: it does in {better}, and nothing seen"
            " before separates them"
        )

    @cached_property
    def details(self) -> list[str]:
        """What belongs to the answer."""
        found, best, goal = self.signposts, self.best, titled(self.signposts.goal)
        lines = [self.runs.warning] if self.runs.warning else []
        if best is not None:
            side = "above" if best.above else "below"
            lines += [
                f"Value of switching: {self._gain(best.value)} of {goal} on the mean"
                f" over always {called(found.stay)}; always {called(found.take)} gives"
                f" {self._gain(best.fixed)}. Measured in {counted(best.runs, 'run')} that the"
                " threshold was not fitted to, against runs that took the other policy from the"
                " start: an upper end",
                f"Lead time: {number(best.lead, 1)} years before the end of the runs",
                # As the switch of a scenario file.
                f"To hold it ready: when: {{metric: {best.metric}, {side}: {best.threshold:.6g},"
                f" since: {best.quarter}}}",
            ]
        lines.append(
            f"Knowing in advance which of the two ends better would be worth"
            f" {self._gain(found.perfect)} of {goal} over the better of the two: no sign can be"
            " worth more"
        )
        worth = [one for one in self.knowledge if one.value > 0][:3]
        if worth:
            names = listed([self._worth_knowing(one) for one in worth])
            lines.append(
                f"Worth resolving first, by what knowing it before choosing is worth: {names}"
            )
        elif self.knowledge:
            lines.append(
                "No uncertainty is worth resolving first: whatever it is, the same policy is best"
            )
        try:
            return lines + [one.sentence for one in firings(self.runs)]
        except InputError as error:
            return lines + list(error.problems)

    def _worth_knowing(self, one: Knowledge) -> str:
        tips = "" if one.tipping is None else f"; the choice tips at {number(one.tipping, 2)}"
        return f"{factor_name(one.factor)} ({self._gain(one.value)}{tips})"

    def _gain(self, value: float) -> str:
        goal = self.signposts.goal
        return amount(goal, value, 1 + metric_label(goal).decimals, sign=True)


def signposts_of(
    runs: Runs, stay: str | None = None, take: str | None = None, metric: str | None = None
) -> FoundSignposts:
    """Look for early signs in runs.

    Parameters
    ----------
    runs : Runs
    stay, take : str, optional
        The policy that is followed, and the other one: the reference, and the one with the largest
        mean gain.
    metric : str, optional
        By what they are judged at the end.

    Raises
    ------
    InputError
        If the runs are too few, or hold too little.
    """
    goal = metric or next((name for name in FOCUS if name in runs.metrics), runs.metrics[0])
    follow = stay or next(name for name in runs.policies if name != take)
    ends = runs.outcomes([goal]).astype({"policy": str})
    means = ends.groupby("policy")[goal].mean() * metric_label(goal).sign
    others = means.drop(index=follow, errors="ignore")
    if others.empty:
        raise InputError(f"{runs.folder}: no run of another policy than {follow} is there")
    other = take or str(others.idxmax())
    observed = runs.outcomes(None, "all", policy=follow).drop(columns="policy")
    found = find_signposts(observed, ends, follow, other, goal)
    knowledge: list[Knowledge] = []
    if runs.kind in SAMPLED and len(runs.futures) >= 16:
        table = ends.pivot_table(index="future", columns="policy", values=goal).dropna()
        rest = [name for name in table if name not in (follow, other)]
        numeric = runs.futures.select_dtypes(np.number).columns.drop("future")
        # A lever is chosen, not known.
        factors = [str(name) for name in numeric if not str(name).startswith("policy.")]
        knowledge = value_of_knowledge(table[[follow, other, *rest]], runs.futures, factors, goal)
    return FoundSignposts(runs, found, knowledge)


def sign_text(one: Sign) -> str:
    """Return a sign in words: ``links are above 300 in 2027Q4``."""
    value = quantity(one.metric, one.threshold, metric_label(one.metric).decimals + 1)
    return f"{titled(one.metric)} {'above' if one.above else 'below'} {value} by {one.quarter}"


def write_signposts(found: FoundSignposts) -> list[Path]:
    """Write the table and the short report beside the runs; return their paths.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    folder, asked, facts = found.runs.folder, found.signposts, found.runs.manifest
    frame = pd.DataFrame([{**asdict(one), "skill": one.skill} for one in asked.signs])
    lead = (
        f"Experiment {facts['experiment']}, seed {facts['seed']},"
        f" up to the end of {facts['configuration']['horizon']['end']}"
    )
    words = (f"stay={asked.stay}", f"take={asked.take}", f"metric={asked.goal}")
    command = shlex.join(["partnersim", "signposts", folder.absolute().as_posix(), *words])
    title = "Which early sign tells to change the policy?"
    page = write_short_page(
        folder, title, lead, [signposts_part(found)], [command], PAGE_NAME, {TABLE_NAME: frame}
    )
    return [folder / TABLE_NAME, page]


def signposts_part(found: FoundSignposts, question: str = "") -> Part:
    """Return the signposts as a part of a page."""
    signs, known = found.signposts.signs[:_SHOWN], found.knowledge[:_SHOWN]
    goal = metric_label(found.signposts.goal)
    values = [number(goal.scale * one.value, goal.decimals + 1, sign=True) for one in signs]
    tipping = ["" if one.tipping is None else number(one.tipping, 3) for one in known]
    tables = [
        table(
            "The most telling sign of each observable",
            {
                "sign": map(sign_text, signs),
                "hits": [percent(one.hit) for one in signs],
                "false alarms": [percent(one.false_alarm) for one in signs],
                f"value, {goal.title}": values,
                "lead time": [f"{number(one.lead, 1)} years" for one in signs],
            },
        ),
        table(
            "What is worth knowing before choosing",
            {
                "uncertainty": [factor_name(one.factor) for one in known],
                f"value of knowing it, {goal.title}": [
                    number(goal.scale * one.value, 2) for one in known
                ],
                "the choice tips at": tipping,
            },
        ),
    ]
    return Part(found.sentence, question=question, details=found.details, tables=tables)
