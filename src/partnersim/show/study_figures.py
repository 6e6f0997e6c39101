"""The figures of a study: policies compared over futures, in sweeps and experiments alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.runs.reader import Runs
from partnersim.runs.staged_folder import FIGURES_NAME, told
from partnersim.runs.sweep_reader import StoredSweep, read_sweep
from partnersim.show.bands import draw_bands
from partnersim.show.differences import draw_differences
from partnersim.show.failing import draw_failing
from partnersim.show.parallel_coordinates import draw_parallel_coordinates
from partnersim.show.regret import draw_regret
from partnersim.show.signing_by_year import draw_signing_by_year
from partnersim.show.style import house_style
from partnersim.show.tornado import draw_tornado
from partnersim.show.trade_off import draw_trade_off

#: The figures by name, the one to look at first in front; `bands` needs the sweep itself.
STUDY_FIGURES: dict[str, Callable[[Comparison, Path], list[Path]]] = {
    "differences": draw_differences,
    "regret": draw_regret,
    "trade_off": draw_trade_off,
    "parallel_coordinates": draw_parallel_coordinates,
    "failing": draw_failing,
    "tornado": draw_tornado,
    "signing_by_year": draw_signing_by_year,
}


def draw_sweep(folder: Path | str) -> list[Path]:
    """Draw the figures of a sweep as PNG and SVG into its ``figures`` folder.

    Parameters
    ----------
    folder : Path or str
        Folder of a sweep.

    Returns
    -------
    list of Path
        What was written, the figure to look at first in front.

    Raises
    ------
    InputError
        If there is no sweep, none of its runs succeeded or the figures cannot be written.
    """
    stored = read_sweep(Path(folder))
    return draw_study(Comparison(Runs(stored)), stored)


def draw_study(comparison: Comparison, stored: StoredSweep | None = None) -> list[Path]:
    """Draw the figures that a study allows.

    Parameters
    ----------
    comparison : Comparison
        The study, analysed.
    stored : StoredSweep, optional
        The sweep behind it. Without it the study is an experiment, whose own figures show bands
        and the differences by climate.

    Returns
    -------
    list of Path
    """
    target = comparison.runs.folder / FIGURES_NAME
    drawings = {name: STUDY_FIGURES[name] for name in possible(comparison)}
    if stored is None:
        drawings.pop("differences", None)
    elif len(stored.quarters(comparison.headlines[:1])["quarter"].unique()) > 1:
        drawings["bands"] = partial(_bands, stored)
    drawn = []
    for name, draw in drawings.items():
        with told(target), house_style(name):
            drawn += draw(comparison, target)
    return drawn


def possible(comparison: Comparison) -> list[str]:
    """Return the names of the figures that have something to show."""
    several = len(comparison.policies) > 1
    driven = all(not comparison.drivers(metric).indices.empty for metric in comparison.headlines)
    measures = len(comparison.ranking.regret.columns)
    allowed = {
        "differences": several,
        "regret": several,
        "trade_off": several and len(comparison.headlines) > 1,
        "parallel_coordinates": several and measures > 1,
        "failing": driven and bool(comparison.failing.fails.any()),
        "tornado": driven,
        "signing_by_year": len(comparison.signers.next) > 0,
    }
    return [name for name in STUDY_FIGURES if allowed[name]]


def _bands(stored: StoredSweep, comparison: Comparison, folder: Path) -> list[Path]:
    return draw_bands(comparison, stored, folder)
