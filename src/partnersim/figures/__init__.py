"""Figures of a stored experiment: they read the store and nothing else of the simulation."""

from partnersim.figures.all_figures import draw_all

__all__ = ["draw_all"]
