"""Cells of a heat map, which several figures share."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap


def draw_cells(
    axes: Axes, values: np.ndarray, colours: Colormap, low: float = 0.0, high: float = 1.0
) -> None:
    """Draw a cell per value, the first row on top; masked ones stay empty.

    Parameters
    ----------
    axes : Axes
        Cell (down, across) is centred on (across, down).
    values : (rows, columns) array
    colours : Colormap
        From ``low`` to ``high``.
    """
    down, across = values.shape
    axes.pcolormesh(
        np.arange(across + 1) - 0.5,
        np.arange(down + 1) - 0.5,
        values,
        cmap=colours,
        vmin=low,
        vmax=high,
        edgecolors="white",
        linewidth=1.5,
    )
    axes.invert_yaxis()
