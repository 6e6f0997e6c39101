"""What a search found: the Pareto set in fresh futures, policies beside it, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.cost import COST
from partnersim.compare.labels import (
    NO_BREAK,
    inside_sentence,
    metric_label,
    number,
    quantity,
    with_unit,
    words,
)
from partnersim.compare.words import called, counted, listed, percent
from partnersim.runs.intervals import wilson
from partnersim.scenario.policy import Policy
from partnersim.search.goals import Constraint, Objective, Quantity
from partnersim.search.lever_range import WEIGHTS, LeverRange, value_of
from partnersim.search.nsga2 import dominates, front_of
from partnersim.search.problem import (
    BESIDE,
    Problem,
    SearchSettings,
    Tried,
    stored_budget,
    stored_problem,
)
from partnersim.search.searching import fresh_path, generations_for, generations_in, read_fresh

#: So near to an end of its range, in shares of it, a lever counts as being there.
_NEAR = 0.01
#: What a search takes beside its settings and what a run does not.
_SEARCH_ALONE = ("runs", "minutes", "experiment", "design", "climates")


@dataclass(frozen=True)
class Row:
    """A mix of levers, or a policy as it is, in fresh futures.

    Attributes
    ----------
    name : str
        ``mix 1`` and so on, or the name of the policy.
    is_mix : bool
    levers : (d,) array
        Values of the levers.
    goals : (C,) array
        Values of the goals and what stands beside them, see `Problem.worth_of`.
    holds : bool
        Whether all constraints hold.
    """

    name: str
    is_mix: bool
    levers: Floats
    goals: Floats
    holds: bool


class Found:
    """What a search found.

    Parameters
    ----------
    folder : Path
        Of a search that has run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem: Problem = stored_problem(folder)
        self.budget = stored_budget(folder)
        self._planned = generations_for(self.problem, self.budget.runs)
        # A search that was asked for more before has left more than this one looks at.
        self._generations = min(generations_in(folder), self._planned)

    @property
    def mixes_tried(self) -> int:
        """How many mixes were tried."""
        return self._generations * self.problem.settings.population

    @property
    def words(self) -> list[str]:
        """The words of a search that finds the same anywhere: runs in place of minutes."""
        words = list(self.budget.words)
        if not self.budget.minutes:
            return words
        words = [word for word in words if not word.startswith(("runs=", "minutes="))]
        return [*words, f"runs={self.mixes_tried * self.problem.settings.futures}"]

    @cached_property
    def rows(self) -> list[Row]:
        """The mixes in the order of the first objective, then the policies."""
        problem = self.problem
        tried, outcomes = read_fresh(fresh_path(self.folder))
        known = set(problem.experiment.policies)
        found: list[Row] = []
        for own, flat in zip(tried, outcomes, strict=True):
            policy = len(own) == 1 and own[0] in known
            one: Tried = own[0] if policy else tuple(map(float, own))
            goals = problem.worth_of(one, np.array(flat, float).reshape(-1, len(problem.metrics)))
            _, violation = problem.compared(goals[np.newaxis])
            levers = one
            if isinstance(one, str):
                levers = tuple(value_of(problem.policy(one), each.keys) for each in problem.levers)
            name = own[0] if policy else f"mix {len(found) + 1}"
            found.append(Row(name, not policy, np.array(levers), goals, not violation[0]))
        return found

    @property
    def mixes(self) -> list[Row]:
        """The mixes alone."""
        return [row for row in self.rows if row.is_mix and np.isfinite(row.goals).all()]

    @property
    def policies(self) -> list[Row]:
        """The policies as they are."""
        return [row for row in self.rows if not row.is_mix and np.isfinite(row.goals).all()]

    @cached_property
    def front(self) -> list[Row]:
        """The mixes that hold, of which no other is better in everything (fresh futures)."""
        holding = [row for row in self.mixes if row.holds]
        if not holding:
            return []
        objectives, _ = self.problem.compared(np.array([row.goals for row in holding]))
        return [row for row, free in zip(holding, front_of(objectives), strict=True) if free]

    @cached_property
    def knee(self) -> Row | None:
        """The mix of the front that is nearest to the best of every objective at once.

        Each objective is scaled to 0..1 over the front; None if nothing holds. With one
        objective it is simply the best.
        """
        if not self.front:
            return None
        count = len(self.problem.objectives)
        values = np.array([row.goals[:count] for row in self.front])
        values = values * [goal.sign for goal in self.problem.objectives]
        reach = np.ptp(values, axis=0)
        scaled = (values - values.min(axis=0)) / np.where(reach > 0, reach, 1.0)
        return self.front[int(np.argmin((scaled**2).sum(axis=1)))]

    # In words

    @property
    def which(self) -> str:
        """Which mixes are shown."""
        return "of the Pareto set" if self.front else "that comes close to what is required"

    @cached_property
    def sentence(self) -> str:
        """The answer."""
        problem, knee = self.problem, self.knee
        if knee is None:
            return self._infeasible()
        wanted = self._required()
        many = len(problem.objectives) > 1
        aim = listed([goal_text(goal) for goal in problem.objectives])
        lead = f"The best compromise of {aim}" if many else f"The mix with the {aim}"
        lead += f" that gives {wanted}" if wanted else ""
        values = [
            named_value(goal.quantity, value) if many else value_text(goal.quantity, value)
            for goal, value in zip(problem.objectives, knee.goals, strict=False)
        ]
        return f"{lead} comes to {listed(values)}: {self.mix_text(knee)}"

    def _infeasible(self) -> str:
        if not self.problem.constraints or not self.mixes:
            return "No mix could be tried: all their runs failed"
        levels = map(float, self.mixes[0].goals[len(self.problem.goals) :])
        worst = [
            level_text(constraint, level)
            for constraint, level in zip(self.problem.constraints, levels, strict=False)
            if constraint.shortfall(level) > 0
        ]
        closest = f": the one that comes closest reaches {listed(worst)}" if worst else ""
        return f"No mix of these levers was found that gives {self._required()}{closest}"

    def _levers(self, row: Row) -> list[tuple[LeverRange, float]]:
        return list(zip(self.problem.levers, map(float, row.levers), strict=True))

    def _constraint_values(self, row: Row) -> list[tuple[Constraint, float]]:
        count = len(self.problem.objectives)
        return list(zip(self.problem.constraints, map(float, row.goals[count:]), strict=False))

    def _required(self) -> str:
        return listed([goal_text(one) for one in self.problem.constraints])

    def reached(self, constraint: Constraint, value: float) -> str:
        """Say what a mix reaches of a constraint, in fresh futures."""
        if constraint.share is None:
            return named_value(constraint.quantity, value)
        low, high = self._interval(value)
        ends = f"{percent(low)} to {percent(high)}"
        return f"{bound_text(constraint)} in {percent(value)} of futures ({ends})"

    def _interval(self, share: float) -> tuple[float, float]:
        """Return the interval of a share of the fresh futures."""
        count = self.problem.settings.fresh
        low, high = wilson(round(share * count), count)
        return float(low), float(high)

    @cached_property
    def details(self) -> list[str]:
        """What belongs to the answer: how sure it is, what policies do, which ends were met."""
        problem, knee = self.problem, self.knee
        if knee is None and not self.mixes:
            return []
        row, lines = knee or self.mixes[0], []
        if knee is None:
            lines.append(f"That one is {self.mix_text(row)}")
        else:
            reached = [self.reached(*one) for one in self._constraint_values(row)]
            if reached:
                lines.append(
                    f"In {number(problem.settings.fresh)} fresh futures, which the search has not"
                    f" seen, it reaches {listed(reached)}{self._sure(row)}"
                )
        ends = [lever_text(lever, value, problem.base) for lever, value in self._at_ends(row)]
        if ends:
            lines.append(
                f"At an end of its range: {listed(ends)}; a wider range (levers=...) may do better"
            )
        elif knee is not None and all(
            lever.share(value) < _NEAR for lever, value in self._levers(row)
        ):
            lines.append(
                "Every lever is at its lowest: what is required needs none of them"
                if problem.constraints
                else "Every lever is at its lowest, for nothing is required: say with"
                " constraints=... what the mix must give"
            )
        if self._generations < self._planned:
            planned = self._planned * problem.settings.population
            lines.append(
                f"{counted(self.budget.minutes, 'minute')} ended it after"
                f" {number(self.mixes_tried)} of {number(planned)} mixes: the same words once more"
                " carry it further"
            )
        lines.append(self._money(row))
        return lines + self._beside(knee)

    def _money(self, row: Row) -> str:
        """Say what the mix costs, and what of the Offer's money lapses."""
        cost, given, lapsed = map(float, row.goals[-len(BESIDE) :])
        share = f"; of the Offer's money {percent(lapsed / given)} lapses" if given > 0 else ""
        return f"Public cost {number(cost)}{NO_BREAK}million EUR up to the end{share}"

    def _sure(self, row: Row) -> str:
        """Say whether a share is clearly above what is required."""
        values = self._constraint_values(row)
        shares = [(one.share, value) for one, value in values if one.share is not None]
        if any(self._interval(value)[0] < needed for needed, value in shares):
            return "; whether that is enough is not clear: the interval holds less, too"
        return "; that is clearly enough" if shares else ""

    def _at_ends(self, row: Row) -> list[tuple[LeverRange, float]]:
        """Return the levers at an end of their range that settings would let go further."""
        found = []
        for lever, value in self._levers(row):
            notes = self.problem.numbers[lever.path].notes
            low = lever.share(value) < _NEAR and lever.low > notes["low"]
            high = lever.share(value) > 1 - _NEAR and lever.high < notes["high"]
            if (low or high) and not lever.path.startswith(WEIGHTS):
                found.append((lever, value))
        return found

    def _beside(self, knee: Row | None) -> list[str]:
        """Say what the policies as they are come to."""
        holding = [row for row in self.policies if row.holds]
        if not holding:
            names = counted(len(self.policies), "shipped policy", "shipped policies")
            return [f"None of {names} does what is required"]
        better = [row for row in holding if knee is not None and self._beats(row, knee)]
        if not self.problem.constraints and not better:
            return []
        first = self.problem.objectives[0]
        best = min(better or holding, key=lambda row: (first.sign * row.goals[0], row.name))
        at = f"at {named_value(first.quantity, best.goals[0])}"
        own = f"Of the shipped policies {called(best.name)} does it"
        if knee is None:
            return [f"{own} {at}, and no mix that was found: give the search more runs"]
        if not better:
            return [f"{own}, too, {at}"]
        goals = "on every goal" if len(self.problem.objectives) > 1 else at
        return [
            f"Of the shipped policies {called(best.name)} does better {goals}: more runs or other"
            " levers may find a mix as good"
        ]

    def _beats(self, one: Row, other: Row) -> bool:
        """Tell whether a row is nowhere worse than another on the objectives, and not its equal."""
        signs = np.array([goal.sign for goal in self.problem.objectives])
        own, others = (signs * row.goals[: len(signs)] for row in (one, other))
        return bool(dominates(own, others[np.newaxis])[0])

    def mix_text(self, row: Row) -> str:
        """Return the levers of a mix in words: those with numbers first, then shares in percent."""
        parts: list[str] = []
        shares: dict[str, dict[str, float]] = {}
        for lever, value in self._levers(row):
            if lever.path.startswith(WEIGHTS):
                shares.setdefault(lever.path.rpartition(".")[0], {})[lever.keys[-1]] = value
            else:
                parts.append(lever_text(lever, value, self.problem.base))
        for group, own in shares.items():
            total = sum(own.values())
            largest = sorted(own, key=lambda name: (-own[name], name))
            inside = ", ".join(
                f"{words(name)} {number(100 * own[name] / total)}{NO_BREAK}%" for name in largest
            )
            parts.append(f"{words(group.rpartition('.')[2])} {inside}")
        return "; ".join(parts)

    def settings_of(self, row: Row) -> list[str]:
        """Return the words that play a mix: ``policy.negotiators=520``, ``policy.openness=0.7``.

        The words of the search that say what holds for every mix come first.
        """
        levers = {lever.path for lever in self.problem.levers}
        kept = [
            word
            for word in self.budget.words
            if (key := word.partition("=")[0]) not in levers
            and key.partition(".")[0] not in (*SearchSettings.model_fields, *_SEARCH_ALONE)
        ]
        return kept + [f"{lever.path}={plain(lever, value)}" for lever, value in self._levers(row)]

    def table(self) -> pd.DataFrame:
        """Return the mixes and policies: goals in fresh futures, and levers, a row each."""
        front = {row.name for row in self.front}
        rows = []
        for row in self.rows:
            own: dict[str, object] = {
                "name": row.name,
                "kind": "mix" if row.is_mix else "policy",
                "holds": row.holds,
                "pareto": row.is_mix and row.name in front,
                "knee": self.knee is not None and row.name == self.knee.name,
            }
            own |= {key_of(goal): v for goal, v in zip(self.problem.goals, row.goals, strict=False)}
            own |= dict(zip(BESIDE, row.goals[-len(BESIDE) :], strict=True))
            own |= {lever.path: value for lever, value in self._levers(row)}
            rows.append(own)
        return pd.DataFrame(rows)


def key_of(goal: Objective | Constraint) -> str:
    """Return a goal as a heading of a table for programs: ``cost:mean``, ``links>=40 in 90%``."""
    if isinstance(goal, Objective):
        return f"{goal.quantity.name}:{goal.quantity.statistic}"
    sign = ">=" if goal.at_least else "<="
    if goal.share is not None:
        return f"{goal.quantity.name}{sign}{goal.bound:g} in {100 * goal.share:g}%"
    return f"{goal.quantity.name}:{goal.quantity.statistic}{sign}{goal.bound:g}"


def title(quantity: Quantity) -> str:
    """Return what a quantity is called within a sentence."""
    statistic = quantity.statistic
    name = name_of(quantity.name)
    if quantity.name.startswith("policy.") or statistic == "mean":
        return name
    if statistic.startswith("p"):
        part = int(statistic[1:])
        share = f"reached in {100 - part}" if part < 50 else f"not exceeded in {part}"
        return f"{name}, {share}{NO_BREAK}% of futures"
    ends = {"min": "lowest", "max": "highest", "median": "median"}
    return f"{name} in the {ends[statistic]} future"


def name_of(name: str) -> str:
    """Return what a metric, the cost or a lever is called within a sentence."""
    if name == COST:
        return "public cost"
    if name.startswith("policy."):
        return words("_".join(name.split(".")[-2 if name.startswith(WEIGHTS) else -1 :]))
    return inside_sentence(metric_label(name).title)


def value_text(of: Quantity, value: float) -> str:
    """Return a value with its unit."""
    if of.name == COST:
        return with_unit(number(value), "million EUR")
    if of.name.startswith("policy."):
        return number(value, 0 if float(value).is_integer() else 2)
    return quantity(of.name, value, max(1, metric_label(of.name).decimals))


def named_value(quantity: Quantity, value: float) -> str:
    """Return a value with its unit and what it is called: ``9,300 million EUR (public cost)``."""
    return f"{value_text(quantity, value)} ({title(quantity)})"


def bound_text(constraint: Constraint) -> str:
    """Return what must hold in each future, in words: ``at least 40 links between partners``."""
    return f"{_bound(constraint)} {name_of(constraint.quantity.name)}"


def _bound(constraint: Constraint) -> str:
    """Return the number that is asked for, with its unit and no digits more than it has."""
    sign, name = "at least" if constraint.at_least else "at most", constraint.quantity.name
    if name == COST or name.startswith("policy."):
        return f"{sign} {value_text(constraint.quantity, constraint.bound)}"
    label = metric_label(name)
    text = number(constraint.bound * label.scale, 6).rstrip("0").rstrip(".")
    return f"{sign} {with_unit(text, label.unit)}"


def level_text(constraint: Constraint, level: float) -> str:
    """Say what is reached of a constraint: ``281 links between partners in 90 % of futures``."""
    quantity = constraint.quantity
    if constraint.share is None:
        return named_value(quantity, level)
    share = _share(constraint.share)
    return f"{value_text(quantity, level)} ({name_of(quantity.name)}) in {share} of futures"


def _share(share: float) -> str:
    """Return a share that is asked for, with no digits more than it has."""
    return f"{100 * share:g}{NO_BREAK}%"


def goal_text(goal: Objective | Constraint) -> str:
    """Return what is sought: ``lowest public cost``, ``at least 40 links in 90 % of futures``."""
    quantity = goal.quantity
    if isinstance(goal, Objective):
        return f"{'highest' if goal.more else 'lowest'} {title(quantity)}"
    if goal.share is not None:
        return f"{bound_text(goal)} in {_share(goal.share)} of futures"
    chosen = quantity.name.startswith("policy.")
    mean = "on average " if quantity.statistic == "mean" and not chosen else ""
    return f"{mean}{_bound(goal)} {title(quantity)}"


def plain(lever: LeverRange, value: float) -> str:
    """Return a value as it is written in settings."""
    return str(int(value)) if lever.whole else f"{value:g}"


def lever_text(lever: LeverRange, value: float, base: Policy) -> str:
    """Return a lever with its value and that of the policy that is changed."""
    was = value_of(base, lever.keys)
    decimals = max(lever.decimals, 0)
    return f"{words(lever.keys[-1])} {number(value, decimals)} (was {number(was, decimals)})"
