"""Figures: of a stored experiment or of plain tables, never of the simulation itself."""

from partnersim.figures.all_figures import draw_all
from partnersim.figures.goodness_of_fit import draw_goodness_of_fit

__all__ = ["draw_all", "draw_goodness_of_fit"]
