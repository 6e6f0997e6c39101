"""Every figure that the tables of an experiment allow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from partnersim.figures.comparison import draw_comparison
from partnersim.figures.depth_map import draw_depth_map
from partnersim.figures.growth import METRICS as GROWTH_METRICS
from partnersim.figures.growth import draw_growth
from partnersim.figures.growth_by_policy import draw_growth_by_policy
from partnersim.figures.hub_network import draw_hub_network
from partnersim.figures.shock_response import draw_shock_response
from partnersim.figures.style import house_style
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
    figures: dict[str, Draw] = {}
    reference = stored.manifest["reference"]
    grows = set(GROWTH_METRICS) <= set(stored.manifest["metrics"])
    if reference in stored.policies and len(stored.policies) > 1:
        figures["comparison"] = draw_comparison
    if grows:
        figures["growth"] = draw_growth
    if grows and len(stored.policies) > 1:
        figures["growth_by_policy"] = draw_growth_by_policy
    figures["depth_map"] = draw_depth_map
    figures["hub_network"] = draw_hub_network
    figures["who_signs"] = draw_who_signs
    if stored.has("response"):
        figures["shock_response"] = draw_shock_response
    return figures
