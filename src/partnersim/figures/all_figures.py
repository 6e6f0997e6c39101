"""Every figure that the tables of an experiment allow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from partnersim.figures.comparison import MOST_COLUMNS, draw_comparison
from partnersim.figures.depth_map import draw_depth_map
from partnersim.figures.geometry import world_map
from partnersim.figures.growth import METRICS as GROWTH_METRICS
from partnersim.figures.growth import draw_growth
from partnersim.figures.growth_by_policy import draw_growth_by_policy
from partnersim.figures.hub_network import draw_hub_network
from partnersim.figures.series import reference_arm
from partnersim.figures.shock_response import METRICS as RESPONSE_METRICS
from partnersim.figures.shock_response import draw_shock_response
from partnersim.figures.style import house_style
from partnersim.figures.verdicts import compared_metrics
from partnersim.figures.who_signs import draw_who_signs
from partnersim.store import StoredExperiment, read_experiment
from partnersim.store.staged_folder import FIGURES_NAME, told

Draw = Callable[[StoredExperiment, Path], list[Path]]


def draw_all(folder: Path | str) -> list[Path]:
    """Draw the figures of an experiment as PNG and SVG into its ``figures`` folder.

    Parameters
    ----------
    folder : Path or str
        Folder of a finished experiment.

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
    target = stored.folder / FIGURES_NAME
    written: list[Path] = []
    for name, draw in possible(stored).items():
        with told(target), house_style(name):
            written += draw(stored, target)
    return written


def possible(stored: StoredExperiment) -> dict[str, Draw]:
    """Return the figures whose tables, columns and arms are there, in the order to look at."""
    arm = reference_arm(stored)
    metrics = set(stored.manifest["metrics"])
    grows = set(GROWTH_METRICS) <= metrics
    countries = stored.table("countries", ["iso3"], arm=arm)["iso3"]
    allowed: dict[str, tuple[Draw, bool]] = {
        "comparison": (draw_comparison, len(compared(stored)) > 0),
        "growth": (draw_growth, grows),
        "growth_by_policy": (draw_growth_by_policy, grows and len(stored.policies) > 1),
        "depth_map": (draw_depth_map, bool(countries.isin(list(world_map().points)).any())),
        "hub_network": (draw_hub_network, len(countries) > 0),
        "who_signs": (draw_who_signs, len(stored.table("signing", ["by"], arm=arm)) > 0),
        "shock_response": (
            draw_shock_response,
            stored.has("response") and bool(metrics & set(RESPONSE_METRICS)),
        ),
    }
    return {name: draw for name, (draw, possible_here) in allowed.items() if possible_here}


def compared(stored: StoredExperiment) -> list[str]:
    """Return the metrics in which any policy differs from the reference."""
    return compared_metrics(stored.table("summary"), stored.manifest["reference"], MOST_COLUMNS)
