"""What a search found: figure of trade-offs, table and a short report."""

from __future__ import annotations

import shlex
from pathlib import Path

from partnersim.compare.cost import COST
from partnersim.compare.labels import NO_BREAK, capitalised, metric_label, number
from partnersim.compare.words import listed
from partnersim.runs.folder import FIGURES_NAME, writing_results
from partnersim.search.found import (
    Found,
    Row,
    bound_text,
    goal_text,
    named_value,
    title,
    value_text,
)
from partnersim.search.goals import Constraint, Objective, Quantity
from partnersim.show import marks
from partnersim.show.sheet import GREY, Look, Sheet, caption, house_style
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.tables import Table, table

TABLE_NAME, FIGURE = "pareto.csv", "trade_offs"
#: At most so many panels, each two goals against each other.
_PANELS, _NAMES = 3, 1.4


def write_search(found: Found) -> Path:
    """Write the table, the figure and the report of a search; return the report.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    folder = found.folder
    if found.mixes:
        with writing_results(folder), house_style(FIGURE):
            draw_trade_offs(found).save(folder / FIGURES_NAME, FIGURE)
    settings, run = found.problem.settings, found.problem.experiment.settings
    where = " and ".join(found.problem.experiment.climates)
    lead = (
        f"{number(found.mixes_tried)} mixes of {len(found.problem.levers)} levers, each in"
        f" {number(settings.futures)} sampled futures ({where}; coefficients and shocks vary),"
        f" up to the end of {found.problem.experiment.horizon.end}. All numbers below are those of"
        f" {number(settings.fresh)} fresh futures that the search has not seen. Seed {run.seed}."
    )
    knee = found.knee
    commands = [shlex.join(["partnersim", "search", *found.words])]
    if knee is not None:
        commands.append(shlex.join(["partnersim", *found.settings_of(knee)]))
    title, beside = "Which mix of levers?", {TABLE_NAME: found.table()}
    return write_short_page(folder, title, lead, [search_part(found)], commands, beside=beside)


def search_part(found: Found, question: str = "") -> Part:
    """Return what a search found as a part of a page; its figure was drawn before."""
    drawing = found.folder / FIGURES_NAME / f"{FIGURE}.svg"
    return Part(
        found.sentence,
        question=question,
        details=found.details,
        figures=[drawing] if found.mixes else [],
        tables=[_goals_table(found), _levers_table(found)],
    )


def draw_trade_offs(found: Found) -> Sheet:
    """Draw the goals of the mixes against each other, policies as they are beside them."""
    goals = found.problem.goals
    pairs = [(0, place) for place in range(1, len(goals))][:_PANELS] or [(0, 0)]
    sheet = Sheet(
        None,
        max(7.0, 4.2 * len(pairs) + _NAMES),
        4.2,
        title=_headline(found),
        **caption("trade_offs", found=found, futures=number(found.problem.settings.fresh)),
    )
    blue, orange = marks.BLUE, marks.VERMILION
    dot: Look = {"marker": "o", "ms": 6, "mec": blue, "zorder": 3}
    square: Look = {"marker": "s", "ms": 5, "mec": orange}
    ring: Look = {"marker": "o", "ms": 13, "mfc": "none", "mec": blue, "mew": 1.8}
    drawn = [(row, {**dot, "mfc": blue if row.holds else "white"}) for row in found.mixes]
    drawn += [(row, {**square, "mfc": orange if row.holds else "white"}) for row in found.policies]
    drawn += [(found.knee, ring)] if found.knee else []
    for axes, (across, up) in zip(sheet.panels(1, len(pairs))[0], pairs, strict=True):
        for row, look in drawn:
            axes.plot(*_at(row, goals, across, up), linestyle="none", **look)
        for goal, line in ((goals[across], axes.axvline), (goals[up], axes.axhline)):
            if isinstance(goal, Constraint):
                required = goal.bound if goal.share is None else goal.share
                line(_scaled(goal, required), color=GREY, linestyle=(0, (4, 3)), lw=1.0)
        axes.set_xlabel(marks.fold(_axis(goals[across]), 4.0))
        axes.set_ylabel(marks.fold(_axis(goals[up]), 3.6))
        axes.margins(0.12)
        axes.grid(visible=True)
        axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.set_ylim(axes.get_ylim())
    names = [marks.named(row.name, _NAMES) for row in found.policies]
    points = [_at(row, goals, across, up) for row in found.policies]
    marks.name_points(axes, names, points, [orange] * len(names), 3.2)
    return sheet


def _headline(found: Found) -> str:
    if found.knee is None:
        return "No mix of these levers was found that does what is required"
    goal = found.problem.objectives[0]
    reached = named_value(goal.quantity, float(found.knee.goals[0]))
    if len(found.problem.objectives) == 1 and found.problem.constraints:
        wanted = listed([goal_text(one) for one in found.problem.constraints])
        return f"{capitalised(wanted)}: at best with {reached}"
    if len(found.front) == 1:
        return f"One mix is best: {reached}"
    mixes = f"{number(len(found.front))} mixes that no other beats in everything"
    return f"{mixes}; the best compromise: {reached}"


def _is_share(goal: Objective | Constraint) -> bool:
    """Tell whether what is required is a share of the futures."""
    return isinstance(goal, Constraint) and goal.share is not None


def _scaled(goal: Objective | Constraint, value: float) -> float:
    return value * (100 if _is_share(goal) else metric_label(goal.quantity.name).scale)


def _at(row: Row, goals: list[Objective | Constraint], across: int, up: int) -> tuple[float, float]:
    return _scaled(goals[across], row.goals[across]), _scaled(goals[up], row.goals[up])


def _axis(goal: Objective | Constraint) -> str:
    if isinstance(goal, Constraint) and goal.share is not None:
        return f"Futures with {bound_text(goal)}, %"
    unit = value_text(goal.quantity, 0.0).partition(NO_BREAK)[2]
    name = capitalised(title(goal.quantity)) + (f", {unit}" if unit else "")
    if isinstance(goal, Objective):
        return f"{name} ({'more' if goal.more else 'less'} is better)"
    return name


def _goals_table(found: Found) -> Table:
    goals, front = found.problem.goals, {row.name for row in found.front}
    # The mean cost stands beside the goals, unless it is one.
    beside = {"public cost": -3, "lapses": -1}
    if any(goal.quantity == Quantity(COST) for goal in goals):
        del beside["public cost"]

    def cell(goal: Objective | Constraint, value: float) -> str:
        if _is_share(goal):
            return f"{number(100 * value)}{NO_BREAK}%"
        return value_text(goal.quantity, float(value))

    rows = [
        (
            row.name.replace("_", " "),
            *map(cell, goals, row.goals),
            *(f"{number(row.goals[place])}{NO_BREAK}million EUR" for place in beside.values()),
            "yes" if row.holds else "no",
            "yes" if row.name in front else "",
        )
        for row in found.rows
    ]
    heads = ["", *map(goal_text, goals), *beside, "as required", "Pareto set"]
    return Table("What each comes to in fresh futures", heads, rows)


def _levers_table(found: Found) -> Table:
    levers = found.problem.levers if found.mixes else []
    mixes = {
        row.name: [
            number(float(value), max(lever.decimals, 0))
            for lever, value in zip(levers, row.levers, strict=True)
        ]
        for row in found.mixes
    }
    ranges = [f"{lever.low:g} to {lever.high:g}" for lever in levers]
    paths = [lever.path for lever in levers]
    return table("The levers of every mix", {"lever": paths, "moved between": ranges, **mixes})
