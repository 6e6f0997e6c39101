"""Figures: of stored experiments and sweeps or of plain tables, never of the simulation itself."""

from partnersim.figures.all_figures import draw_all, draw_experiment
from partnersim.figures.goodness_of_fit import draw_goodness_of_fit
from partnersim.figures.study_figures import draw_study, draw_sweep

__all__ = ["draw_all", "draw_experiment", "draw_goodness_of_fit", "draw_study", "draw_sweep"]
