"""The figures: which there are, the question each answers, what it needs, how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from partnersim.compare.comparison import Comparison
from partnersim.compare.standing import RELUCTANCE
from partnersim.errors import InputError, nearest
from partnersim.runs.folder import FIGURES_NAME, writing_results
from partnersim.runs.reader import read_runs
from partnersim.show.backtest import draw_backtest
from partnersim.show.comparison import draw_comparison
from partnersim.show.failing import draw_failing
from partnersim.show.growth import (
    GROWTH_METRICS,
    draw_bands,
    draw_growth,
    draw_growth_by_policy,
)
from partnersim.show.hub_network import draw_hub_network
from partnersim.show.offer_design import draw_offer_design
from partnersim.show.parallel_coordinates import draw_parallel_coordinates
from partnersim.show.patterns import draw_patterns
from partnersim.show.regret import draw_regret
from partnersim.show.sheet import Sheet, house_style
from partnersim.show.shocks import RESPONDING, draw_shock_resilience, draw_shock_response
from partnersim.show.signing import chances_by, draw_signing_by_year, draw_who_signs
from partnersim.show.standing import draw_standing
from partnersim.show.tornado import draw_tornado
from partnersim.show.world_map import draw_depth_map, world_map

#: Figures of results that are no runs of policies: each is drawn from its own folder.
OF_FOLDERS: dict[str, Callable[[Path], Sheet]] = {
    "backtest": draw_backtest,
    "patterns": draw_patterns,
}


@dataclass(frozen=True)
class FigureKind:
    """A figure that can be drawn of results.

    Attributes
    ----------
    name : str
        Name of its files.
    question : str
        What it answers.
    reading : str
        How to read it.
    drawn : {"run", "report", "asked"}
        From when on: after every run of listed futures, in a report, or only by name.
    draw : function of a comparison
        Returns the page.
    has : function of a comparison
        Whether the results hold what the figure shows.
    """

    name: str
    question: str
    reading: str
    drawn: Literal["run", "report", "asked"]
    draw: Callable[[Comparison], Sheet]
    has: Callable[[Comparison], bool]


def _several(comparison: Comparison) -> bool:
    return len(comparison.policies) > 1


def _listed(comparison: Comparison) -> bool:
    return comparison.runs.kind == "listed"


def _over_time(comparison: Comparison) -> bool:
    return len(comparison.runs.quarters) > 1


def _grown(comparison: Comparison) -> bool:
    return _listed(comparison) and set(GROWTH_METRICS) <= set(comparison.runs.metrics)


def _at_year_ends(comparison: Comparison) -> bool:
    return _listed(comparison) and bool(comparison.runs.layout.years)


def _on_map(comparison: Comparison) -> bool:
    partners = set(comparison.runs.world.country)
    return _at_year_ends(comparison) and bool(partners & set(world_map().points))


def _signs(comparison: Comparison) -> bool:
    return _at_year_ends(comparison) and bool(chances_by(comparison.runs, 0)[1].size)


def _shocked(comparison: Comparison) -> bool:
    return bool(set(comparison.runs.shock_response()["metric"]) & set(RESPONDING))


def _driven(comparison: Comparison) -> bool:
    tables = [comparison.drivers(metric).indices for metric in comparison.headlines]
    return not any(table.empty for table in tables)


#: All figures, the one to look at first in front.
FIGURES = (
    FigureKind(
        "comparison",
        "What does each policy gain and lose?",
        "A row per policy (and climate), a column per measure. Right or left of the line: more or "
        "less than the reference in the same future and with the same luck.",
        "run",
        draw_comparison,
        lambda comparison: _several(comparison) and len(comparison.measures) > 0,
    ),
    FigureKind(
        "regret",
        "Which policy is robust?",
        "Regret is how far a policy stays behind the best one for that future. Pale is good.",
        "report",
        draw_regret,
        _several,
    ),
    FigureKind(
        "parallel_coordinates",
        "How do the policies do on each measure?",
        "One line per policy; on top the best policy on that measure, at the bottom the worst. "
        "The axes stretch differences: look at the numbers at their ends.",
        "report",
        draw_parallel_coordinates,
        lambda comparison: _several(comparison) and len(comparison.ranking.regret.columns) > 1,
    ),
    FigureKind(
        "failing",
        "Where does the most robust policy fail?",
        "A box is a set of conditions under which failures crowd.",
        "report",
        draw_failing,
        lambda comparison: _driven(comparison) and bool(comparison.failing.fails.any()),
    ),
    FigureKind(
        "tornado",
        "What drives the outcome?",
        "The longer the bar, the more the outcome depends on that factor.",
        "report",
        draw_tornado,
        _driven,
    ),
    FigureKind(
        "bands",
        "How do the policies unfold?",
        "Half of all runs lie in the dark band, nine of ten in the light one.",
        "report",
        draw_bands,
        lambda comparison: not _listed(comparison) and _over_time(comparison),
    ),
    FigureKind(
        "growth",
        "How does the network grow?",
        "Half of all runs lie in the dark band, nine of ten in the light one.",
        "run",
        draw_growth,
        _grown,
    ),
    FigureKind(
        "growth_by_policy",
        "What does each policy make grow?",
        "A line per policy, a column per direction. Outside of the grey band: more or less than "
        "nine of ten runs under the reference.",
        "run",
        draw_growth_by_policy,
        lambda comparison: _grown(comparison) and _several(comparison),
    ),
    FigureKind(
        "shock_response",
        "What does the network withstand?",
        "The network with a shock against the same network without it.",
        "run",
        draw_shock_response,
        _shocked,
    ),
    FigureKind(
        "depth_map",
        "Who is tied to the EU, and how deeply?",
        "Mean depth over runs: dark is deep.",
        "run",
        draw_depth_map,
        _on_map,
    ),
    FigureKind(
        "hub_network",
        "How much of the network runs through the EU, and how much between partners?",
        "Blue: ties of the EU with a region; green: links between partners.",
        "run",
        draw_hub_network,
        _at_year_ends,
    ),
    FigureKind(
        "who_signs",
        "Who signs what?",
        "A column per partner, a row per instrument; numbers are percent of runs.",
        "run",
        draw_who_signs,
        _signs,
    ),
    FigureKind(
        "signing_by_year",
        "Who signs what, and when?",
        "A row per partner and instrument; numbers are percent of runs.",
        "report",
        draw_signing_by_year,
        lambda comparison: len(comparison.signers.next) > 0,
    ),
    FigureKind(
        "shock_resilience",
        "Which shocks leave a mark?",
        "Pale: the loss at worst; dark: what of it is still lost at the end.",
        "asked",
        draw_shock_resilience,
        _shocked,
    ),
    FigureKind(
        "offer_design",
        "What should the Offer buy, and for whom?",
        "A row per mix, a column per targeting; blue is better, orange worse.",
        "asked",
        draw_offer_design,
        _several,
    ),
    FigureKind(
        "standing",
        "When does the network stand without its hub?",
        "A cell per attention to connecting and readiness to link; early is dark.",
        "asked",
        draw_standing,
        lambda comparison: _over_time(comparison) and RELUCTANCE in comparison.runs.futures,
    ),
)
NAMES = (*(kind.name for kind in FIGURES), *OF_FOLDERS)
#: What is drawn after a run of listed futures.
AFTER_RUN = tuple(kind.name for kind in FIGURES if kind.drawn == "run")


def draw_figures(folder: Path | str, names: Collection[str] | None = None) -> list[Path]:
    """Draw figures of results as PNG and SVG into their folder ``figures``.

    Parameters
    ----------
    folder : Path or str
        Folder of an experiment, of a sweep (finished or not) or of a backtest.
    names : collection of str, optional
        Which ones, see `NAMES`; those of which the results hold nothing are left out. Without
        names: all that a report shows.

    Returns
    -------
    list of Path
        What was written, the figure to look at first in front.

    Raises
    ------
    InputError
        If there is no such figure or there are no such results, if no run succeeded, or if the
        figures cannot be written.
    """
    unknown = [name for name in names or () if name not in NAMES]
    if unknown:
        raise InputError(
            [f"figure: no '{name}'{nearest(name, NAMES)} ({', '.join(NAMES)})" for name in unknown]
        )
    own = [name for name in names or () if name in OF_FOLDERS]
    if own:
        place = Path(folder)
        with writing_results(place), house_style(own[0]):
            return OF_FOLDERS[own[0]](place).save(place / FIGURES_NAME, own[0])
    written = draw_all(Comparison(read_runs(folder)), names)
    if names is not None and not written:
        raise InputError(f"{folder}: holds nothing that these figures show: {', '.join(names)}")
    return written


def draw_all(comparison: Comparison, names: Collection[str] | None = None) -> list[Path]:
    """Draw those of the named figures that the results allow; without names, of a report."""
    target = comparison.runs.folder / FIGURES_NAME
    written = []
    for kind in FIGURES:
        wanted = kind.name in names if names is not None else kind.drawn != "asked"
        if wanted and kind.has(comparison):
            with writing_results(target), house_style(kind.name):
                written += kind.draw(comparison).save(target, kind.name)
    return written
