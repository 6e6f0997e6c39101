"""Writing the report: answer, evidence, assumptions, how to reproduce."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import metric_label
from partnersim.compare.provenance import derived, summary
from partnersim.compare.words import called, listed, some
from partnersim.errors import InputError
from partnersim.runs.folder import REPORT_NAME, check_folder, write_bytes, writing_results
from partnersim.runs.manifest import MANIFEST_NAME, other_maker
from partnersim.runs.reader import read_runs
from partnersim.show import tables
from partnersim.show.answer import answers, cautions, warning
from partnersim.show.figures import FIGURES, draw_all
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
    results: Comparison | Path | str, note: Callable[[str], object] = lambda line: None
) -> Path:
    """Draw the figures of a sweep or experiment and write its report.

    Parameters
    ----------
    results : Comparison, Path or str
        Results that are compared already, or their folder.
    note : callable
        Called with what the user should know, one line each: that runs are not there.

    Returns
    -------
    Path
        ``report.html`` in the folder: one file that needs nothing else.

    Raises
    ------
    InputError
        If the folder holds no results, no run succeeded, or the page cannot be written.
    """
    comparison = results if isinstance(results, Comparison) else Comparison(read_runs(results))
    runs = comparison.runs
    check_folder(runs.folder)
    if not comparison.measures:
        kept = ", ".join(runs.metrics)
        raise InputError(f"{runs.folder}: no report, neither more nor less of {kept} is better")
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
    kinds = [kind for kind in FIGURES if kind.name in shown]
    countries = comparison.runs.world.country.values()
    found = answers(comparison)
    said = [text for one in found for text in (one.question, one.sentence, *one.details)]
    measures = [metric_label(name).title for name in comparison.measures]
    return rendered(
        "page.html",
        comparison=comparison,
        experiment=comparison.manifest["experiment"].replace("_", " "),
        warning=warning(comparison),
        answers=found,
        glossary=glossary([*said, *measures, *(kind.reading for kind in kinds)]),
        cautions=list(cautions(comparison)),
        sections=[(kind, shown[kind.name]) for kind in kinds],
        tables=tables,
        origins=ORIGINS,
        conditions=conditions(comparison),
        commands=commands(comparison),
        starred=STATUS_NOTE if any(name.endswith("*") for name in countries) else "",
    )


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
