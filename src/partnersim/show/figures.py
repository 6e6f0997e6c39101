"""The figures, one row each in ``figures.csv``: what each answers, needs and is drawn by."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.compare.factors import CLIMATE
from partnersim.compare.resilience import LINK_RATE
from partnersim.errors import InputError, nearest, refuse
from partnersim.runs.folder import FIGURES_NAME, writing_results
from partnersim.runs.reader import read_runs
from partnersim.shipped_folder import rows_of
from partnersim.show.sheet import Sheet, house_style
from partnersim.show.shocks import RESPONDING
from partnersim.show.signing import chances_by
from partnersim.show.world_map import world_map


def _everywhere(found: Comparison) -> bool:
    """Tell whether every policy has a run in every listed future; sampled ones may still lack."""
    runs = found.runs
    there = found.outcomes[["policy", "future"]].drop_duplicates()
    return runs.kind != "listed" or len(there) == len(runs.policies) * len(runs.futures)


def _crosses_linking(found: Comparison) -> bool:
    """Tell whether rates of linking are crossed with nothing but climates."""
    runs = found.runs
    factors = set(runs.futures) - {"future", CLIMATE}
    return runs.kind in ("grid", "listed") and factors == {LINK_RATE}


#: What a figure may need, and whether results hold it.
NEEDS: dict[str, Callable[[Comparison], bool]] = {
    "policies": lambda found: len(found.policies) > 1,
    "ranking": lambda found: not found.ranking.unranked,
    "measures": lambda found: len(found.measures) > 0,
    "trade_offs": lambda found: len(found.ranking.regret.columns) > 1,
    "failures": lambda found: bool(found.failing.fails.any()),
    "drivers": lambda found: all(len(found.drivers(name).indices) for name in found.headlines),
    "everywhere": _everywhere,
    "listed": lambda found: found.runs.kind == "listed" and _everywhere(found),
    "ranges": lambda found: found.runs.kind != "listed",
    "quarters": lambda found: len(found.runs.quarters) > 1,
    "year_ends": lambda found: bool(found.runs.layout.years),
    "places": lambda found: not set(world_map().points).isdisjoint(found.runs.world.country),
    "new_pairs": lambda found: bool(chances_by(found, 0)[1].size),
    "signers": lambda found: len(found.signers.next) > 0,
    # Runs with a tested shock, and something that it may take.
    "shocks": lambda found: bool(found.runs.shock_response([RESPONDING])["unstruck"].any()),
    "linking": _crosses_linking,
}


@dataclass(frozen=True)
class FigureKind:
    """A figure that can be drawn of results.

    Attributes
    ----------
    name : str
        Name of its files; ``draw_<name>`` draws it.
    module : str
        Where that function is.
    drawn : {"run", "report", "asked", "folder"}
        From when on: after every run of listed futures, in a report, or only by name; the last is
        drawn of a folder that holds no runs of policies.
    needs : str
        What the results must hold: names of `NEEDS`, the cheapest to look up in front.
    tables : str
        Those of `partnersim.show.tables` that give its numbers in a report, without ``_table``.
    question : str
        What it answers.
    reading : str
        How to read it.
    """

    name: str
    module: str
    drawn: str
    needs: str
    tables: str
    question: str
    reading: str

    def draw(self, results: Comparison | Path) -> Sheet:
        """Return the page."""
        module = import_module(f"partnersim.show.{self.module}")
        page: Sheet = getattr(module, f"draw_{self.name}")(results)
        return page

    def has(self, comparison: Comparison) -> bool:
        """Tell whether the results hold what the figure shows."""
        return all(NEEDS[need](comparison) for need in self.needs.split())


_KINDS = [FigureKind(**row) for row in rows_of(Path(__file__).with_name("figures.csv"))]
#: Figures of runs of policies, the one to look at first in front.
FIGURES = tuple(kind for kind in _KINDS if kind.drawn != "folder")
#: Figures of other results: each is drawn from its own folder.
OF_FOLDERS = {kind.name: kind for kind in _KINDS if kind.drawn == "folder"}
NAMES = (*(kind.name for kind in FIGURES), *OF_FOLDERS)
#: What is drawn after a run of listed futures.
AFTER_RUN = tuple(kind.name for kind in FIGURES if kind.drawn == "run")


def draw_figures(folder: Path | str, names: Collection[str] | None = None) -> list[Path]:
    """Draw figures of results as PNG, SVG and PDF into their folder ``figures``.

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
    refuse(
        f"figure: no '{name}'{nearest(name, NAMES)} ({', '.join(NAMES)})"
        for name in names or ()
        if name not in NAMES
    )
    for name in names or ():
        if name in OF_FOLDERS:
            return _write(OF_FOLDERS[name], Path(folder), Path(folder))
    written = draw_all(Comparison(read_runs(folder)), names)
    if names is not None and not written:
        raise InputError(f"{folder}: holds nothing that these figures show: {', '.join(names)}")
    return written


def draw_all(comparison: Comparison, names: Collection[str] | None = None) -> list[Path]:
    """Draw those of the named figures that the results allow; without names, of a report."""
    written = []
    for kind in FIGURES:
        wanted = kind.name in names if names is not None else kind.drawn != "asked"
        if wanted and kind.has(comparison):
            written += _write(kind, comparison, comparison.runs.folder)
    return written


def _write(kind: FigureKind, results: Comparison | Path, folder: Path) -> list[Path]:
    target = folder / FIGURES_NAME
    with writing_results(target), house_style(kind.name):
        return kind.draw(results).save(target, kind.name)
