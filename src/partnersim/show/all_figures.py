"""Every figure that the tables of an experiment allow."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.staged_folder import FIGURES_NAME, told
from partnersim.show.comparison import MOST_COLUMNS, draw_comparison
from partnersim.show.depth_map import draw_depth_map
from partnersim.show.geometry import world_map
from partnersim.show.growth import METRICS as GROWTH_METRICS
from partnersim.show.growth import draw_growth
from partnersim.show.growth_by_policy import draw_growth_by_policy
from partnersim.show.hub_network import draw_hub_network
from partnersim.show.series import reference_arm
from partnersim.show.shock_response import METRICS as RESPONSE_METRICS
from partnersim.show.shock_response import draw_shock_response
from partnersim.show.style import house_style
from partnersim.show.verdicts import compared_metrics
from partnersim.show.who_signs import draw_who_signs

#: The figures by name, the one to look at first in front.
FIGURES: dict[str, Callable[[StoredExperiment, Path], list[Path]]] = {
    "comparison": draw_comparison,
    "growth": draw_growth,
    "growth_by_policy": draw_growth_by_policy,
    "depth_map": draw_depth_map,
    "hub_network": draw_hub_network,
    "who_signs": draw_who_signs,
    "shock_response": draw_shock_response,
}


def draw_all(folder: Path | str, *, processes: int = 1) -> list[Path]:
    """Draw the figures of an experiment as PNG and SVG into its ``figures`` folder.

    Parameters
    ----------
    folder : Path or str
        Folder of a finished experiment.
    processes : int
        How many figures are drawn at the same time, each in a process of its own. A script that
        asks for more than one needs the usual ``if __name__ == "__main__"``.

    Returns
    -------
    list of Path
        What was written, the figure to look at first in front.

    Raises
    ------
    InputError
        If there is no finished experiment or the figures cannot be written.
    """
    stored = read_experiment(folder)
    names = possible(stored)
    if processes == 1:
        drawn = [draw_one(stored, name) for name in names]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            drawn = list(pool.map(partial(draw_one, stored), names))
    return [path for paths in drawn for path in paths]


def draw_experiment(stored: StoredExperiment, names: Collection[str]) -> list[Path]:
    """Draw those of the named `FIGURES` that the tables of an experiment allow."""
    return [path for name in possible(stored) if name in names for path in draw_one(stored, name)]


def draw_one(stored: StoredExperiment, name: str) -> list[Path]:
    """Draw one of the `FIGURES`."""
    target = stored.folder / FIGURES_NAME
    with told(target), house_style(name):
        return FIGURES[name](stored, target)


def possible(stored: StoredExperiment) -> list[str]:
    """Return the names of the figures whose tables, columns and arms are there."""
    arm = reference_arm(stored)
    metrics = set(stored.manifest["metrics"])
    grows = set(GROWTH_METRICS) <= metrics
    countries = stored.table("countries", ["iso3"], arm=arm)["iso3"]
    differing = compared_metrics(
        stored.table("summary"), stored.manifest["reference"], MOST_COLUMNS
    )
    allowed = {
        "comparison": len(differing) > 0,
        "growth": grows,
        "growth_by_policy": grows and len(stored.policies) > 1,
        "depth_map": bool(countries.isin(list(world_map().points)).any()),
        "hub_network": len(countries) > 0,
        "who_signs": len(stored.table("signing", ["by"], arm=arm)) > 0,
        "shock_response": stored.has("response") and bool(metrics & set(RESPONSE_METRICS)),
    }
    return [name for name in FIGURES if allowed[name]]
