"""Writing the report: answer, evidence, assumptions, how to reproduce."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from partnersim.compare.comparison import Comparison
from partnersim.errors import InputError
from partnersim.runs.durable_file import write_whole
from partnersim.runs.experiment_reader import read_experiment
from partnersim.runs.reader import Runs, read_runs
from partnersim.runs.result_place import check_folder
from partnersim.runs.staged_folder import REPORT_NAME, told
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.show.all_figures import draw_experiment
from partnersim.show.answer import answers, cautions, warning
from partnersim.show.pictures import Picture, fitting, picture
from partnersim.show.reproduce import commands, facts_table, runs_of
from partnersim.show.sheet import STATUS_NOTE
from partnersim.show.study_figures import draw_study
from partnersim.show.tables import (
    Table,
    boxes_table,
    coefficients_table,
    differences_table,
    drivers_table,
    factors_table,
    failures_table,
    policies_table,
    regret_table,
    robustness_table,
    signing_table,
    winners_table,
)

#: The page stays below 2 MB, text included.
LARGEST_PAGE = 2_000_000
#: Room kept for text and tables.
TEXT = 250_000


@dataclass(frozen=True)
class Section:
    """A part of the evidence.

    Attributes
    ----------
    figure : str
        Name of its figure; empty for a table alone.
    heading : str
        The question that it answers.
    reading : str
        How to read it.
    tables : tuple of functions of the evidence
        The numbers behind it.
    """

    figure: str
    heading: str
    reading: str
    tables: tuple[Callable[[Comparison], Table], ...] = ()


SECTIONS = (
    Section(
        "comparison",
        "What does each policy gain and lose in each climate?",
        "A row per policy and climate, a column per measure. Right or left of the line: more or "
        "less than the reference in the same climate and with the same luck.",
    ),
    Section(
        "differences",
        "What does each policy gain and lose?",
        "A row per policy, a column per measure. Right or left of the line: more or less than the "
        "reference in the same future and with the same luck.",
        (differences_table,),
    ),
    Section(
        "regret",
        "Which policy is robust?",
        "Regret is how far a policy stays behind the best one for that future. Pale is good.",
        (regret_table, robustness_table, winners_table),
    ),
    Section(
        "trade_off",
        "What is gained and what is given up?",
        "Up and right is better where more is better. Where the bars reach a line, the difference "
        "to the reference may be luck.",
    ),
    Section(
        "parallel_coordinates",
        "How do the policies do on each measure?",
        "One line per policy; on top the best policy on that measure, at the bottom the worst. "
        "The axes stretch differences: look at the numbers at their ends.",
    ),
    Section(
        "failing",
        "Where does the most robust policy fail?",
        "A box is a set of conditions under which failures crowd.",
        (boxes_table,),
    ),
    Section(
        "tornado",
        "What drives the outcome?",
        "The longer the bar, the more the outcome depends on that factor.",
        (drivers_table,),
    ),
    Section(
        "bands",
        "How do the policies unfold?",
        "Half of all runs lie in the dark band, nine of ten in the light one.",
    ),
    Section(
        "growth",
        "How does the network grow?",
        "Half of all runs lie in the dark band, nine of ten in the light one.",
    ),
    Section(
        "shock_response",
        "What does the network withstand?",
        "The network with a shock against the same network without it.",
    ),
    Section(
        "depth_map",
        "Who is tied to the EU, and how deeply?",
        "Mean depth over runs: dark is deep.",
    ),
    Section(
        "signing_by_year",
        "Who signs what, and when?",
        "A row per partner and instrument; numbers are percent of runs.",
        (signing_table,),
    ),
)


def write_report(
    results: StoredSweep | Path | str, note: Callable[[str], object] = lambda told: None
) -> Path:
    """Draw the figures of a sweep or experiment and write its report.

    Parameters
    ----------
    results : StoredSweep, Path or str
        A sweep that is open, or the folder of results.
    note : callable
        Told what the user should know, one line each: that runs are not there.

    Returns
    -------
    Path
        ``report.html`` in the folder: one file that needs nothing else.

    Raises
    ------
    InputError
        If the folder holds no results, no run succeeded, or the page cannot be written.
    """
    runs = Runs(results) if isinstance(results, StoredSweep) else read_runs(results)
    check_folder(runs.folder)
    comparison = Comparison(runs)
    if runs.warning:
        note(runs.warning)
    if "design" in runs.manifest:
        drawn = draw_study(comparison, read_sweep(runs.folder))
    else:
        figures_of = {section.figure for section in SECTIONS}
        drawn = draw_study(comparison) + draw_experiment(read_experiment(runs.folder), figures_of)
    figures = {path.stem: path.parent for path in drawn if path.suffix == ".svg"}
    path = runs.folder / REPORT_NAME
    with told(path):
        pictures = [picture(parent, name) for name, parent in figures.items()]
        content = page(comparison, pictures).encode("utf-8")
        if len(content) >= LARGEST_PAGE:
            raise InputError(f"{path}: would be {len(content):,} bytes, more than 2 MB")
        write_whole(path, partial(Path.write_bytes, data=content))
    return path


def page(comparison: Comparison, pictures: list[Picture]) -> str:
    """Return the page.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    pictures : list of Picture
        The figures that were drawn.
    """
    shown = fitting(pictures, LARGEST_PAGE - TEXT)
    sections = [
        (section, shown[section.figure], numbers(section, comparison))
        for section in SECTIONS
        if section.figure in shown
    ]
    countries = comparison.runs.world.country.values()
    environment = Environment(
        loader=PackageLoader("partnersim.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        comparison=comparison,
        title=title(comparison),
        runs=runs_of(comparison),
        warning=warning(comparison),
        answers=answers(comparison),
        cautions=list(cautions(comparison)),
        sections=sections,
        failures=failures_table(comparison) if len(comparison.failures) else None,
        policies=policies_table(comparison),
        factors=factors_table(comparison.runs.factors, comparison.runs.futures),
        coefficients=[
            table
            for origin in ("assumed", "estimated", "literature")
            if (table := coefficients_table(comparison, origin)).rows
        ],
        facts=facts_table(comparison),
        commands=commands(comparison),
        starred=STATUS_NOTE if any(name.endswith("*") for name in countries) else "",
        configuration=comparison.manifest["configuration_hash"],
        style=Markup(environment.get_template("style.css").render()),
    )


def numbers(section: Section, comparison: Comparison) -> list[Table]:
    """Return the tables of a section that have rows."""
    return [table for make in section.tables if (table := make(comparison)).rows]


def title(comparison: Comparison) -> str:
    """Return the title of the page."""
    return f"Partnership policies compared: {comparison.manifest['experiment'].replace('_', ' ')}"
