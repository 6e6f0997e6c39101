"""Writing the report: answer, evidence, assumptions, how to reproduce."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import metric_label
from partnersim.compare.provenance import derived, some, summary
from partnersim.compare.words import called, listed
from partnersim.errors import InputError
from partnersim.runs.folder import REPORT_NAME, check_folder, write_bytes, writing_results
from partnersim.runs.manifest import MANIFEST_NAME, other_maker
from partnersim.runs.reader import Runs, read_runs
from partnersim.show import tables
from partnersim.show.answer import answers, cautions, warning
from partnersim.show.figures import FIGURES, FigureKind, draw_all
from partnersim.show.pictures import Picture, fitting, picture
from partnersim.show.sheet import STATUS_NOTE
from partnersim.show.short_page import glossary, rendered

#: The page stays below 2 MB, text included.
LARGEST_PAGE = 2_000_000
#: Where coefficients come from, those to be doubted most in front.
ORIGINS = ("assumed", "estimated", "literature")
#: So many changes are named above the answer; all stand in a table.
MOST_CHANGES = 5
#: Room kept for text and tables.
TEXT = 250_000


def write_report(
    results: Runs | Path | str,
    note: Callable[[str], object] = lambda line: None,
    fails: tuple[str, float] | None = None,
    method: str | None = None,
) -> Path:
    """Draw the figures of a sweep or experiment and write its report.

    Parameters
    ----------
    results : Runs, Path or str
        Results that are open, or their folder.
    note : callable
        Called with what the user should know, one line each: that runs are not there.
    fails : (metric, float), optional
        What counts as failing, see `Comparison`.
    method : str, optional
        How drivers are looked for, see `Comparison`.

    Returns
    -------
    Path
        ``report.html`` in the folder: one file that needs nothing else.

    Raises
    ------
    InputError
        If the folder holds no results, no run succeeded, or the page cannot be written.
    """
    runs = results if isinstance(results, Runs) else read_runs(results)
    return write_page(Comparison(runs, fails, method), note)


def write_page(comparison: Comparison, note: Callable[[str], object]) -> Path:
    """Draw the figures of a comparison and write its page; see `write_report`."""
    runs = comparison.runs
    check_folder(runs.folder)
    if runs.warning:
        note(runs.warning)
    drawn = draw_all(comparison)
    path = runs.folder / REPORT_NAME
    with writing_results(path):
        figures = [figure for figure in drawn if figure.suffix == ".svg"]
        pictures = {figure.stem: picture(figure.parent, figure.stem) for figure in figures}
        content = page(comparison, pictures).encode("utf-8")
        if len(content) >= LARGEST_PAGE:
            raise InputError(f"{path}: would be {len(content):,} bytes, more than 2 MB")
        write_bytes(path, content)
    return path


def page(comparison: Comparison, pictures: Mapping[str, Picture]) -> str:
    """Return the page.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    pictures : mapping of str to Picture
        The figures that were drawn, by name.
    """
    shown = dict(zip(pictures, fitting(pictures.values(), LARGEST_PAGE - TEXT), strict=True))
    sections = [
        (kind, shown[kind.name], numbers(kind, comparison))
        for kind in FIGURES
        if kind.name in shown
    ]
    countries = comparison.runs.world.country.values()
    found = answers(comparison)
    said = [text for one in found for text in (one.question, one.sentence, *one.details)]
    measures = [metric_label(name).title for name in comparison.measures]
    return rendered(
        "page.html",
        comparison=comparison,
        title=title(comparison),
        runs=comparison.made_of,
        warning=warning(comparison),
        answers=found,
        glossary=glossary([*said, *measures, *(kind.reading for kind, *_ in sections)]),
        cautions=list(cautions(comparison)),
        sections=sections,
        failures=tables.failures_table(comparison) if len(comparison.failures) else None,
        policies=tables.policies_table(comparison),
        changes=tables.changes_table(comparison),
        conditions=conditions(comparison),
        factors=tables.factors_table(comparison),
        coefficients=[tables.coefficients_table(comparison, origin) for origin in ORIGINS],
        facts=tables.facts_table(comparison),
        commands=commands(comparison),
        starred=STATUS_NOTE if any(name.endswith("*") for name in countries) else "",
        configuration=comparison.manifest["configuration_hash"],
    )


def numbers(kind: FigureKind, comparison: Comparison) -> list[tables.Table]:
    """Return the tables under a figure that have rows."""
    made = [getattr(tables, f"{name}_table")(comparison) for name in kind.tables.split()]
    return [table for table in made if table.rows]


def commands(comparison: Comparison) -> list[str]:
    """Return the commands that run everything again and check it.

    They name the manifest, which holds the whole configuration: whatever was changed is in it.
    """
    path = comparison.runs.folder.absolute()
    folder, manifest = (shlex.quote(one.as_posix()) for one in (path, path / MANIFEST_NAME))
    if comparison.lacking:
        return [f"partnersim resume {folder}", f"partnersim report {folder}"]
    return [f"partnersim reproduce {manifest}", f"partnersim verify {folder}"]


def conditions(comparison: Comparison) -> str:
    """Return climates, added instruments and what else is not as shipped, in one sentence each."""
    configuration = comparison.manifest["configuration"]
    climates = listed([called(one.name) for one in derived(configuration, "geopolitics")])
    changed = summary(configuration)
    other = other_maker(comparison.manifest)
    since = f" The runs were {other}: what is shipped may have changed since." if other else ""
    rest = f"Not as shipped: {some(changed, MOST_CHANGES)}" if changed else "All else is as shipped"
    return f"Climates: {climates}. {rest}.{since}"


def title(comparison: Comparison) -> str:
    """Return the title of the page."""
    return f"Partnership policies compared: {comparison.manifest['experiment'].replace('_', ' ')}"
