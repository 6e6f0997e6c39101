"""One figure of any results, by its name."""

from __future__ import annotations

from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.errors import InputError, nearest
from partnersim.runs.experiment_reader import read_experiment
from partnersim.runs.reader import read_runs
from partnersim.runs.staged_folder import FIGURES_NAME, told
from partnersim.runs.sweep_reader import read_sweep
from partnersim.show.all_figures import FIGURES
from partnersim.show.backtest import draw_backtest
from partnersim.show.offer_design import draw_offer_design
from partnersim.show.shock_resilience import draw_shock_resilience
from partnersim.show.standing import draw_standing
from partnersim.show.study_figures import STUDY_FIGURES
from partnersim.show.style import house_style

#: Figures that one question needs, beside those of every experiment and study.
OF_EXPERIMENTS = {**FIGURES, "shock_resilience": draw_shock_resilience}
OF_STUDIES = {**STUDY_FIGURES, "offer_design": draw_offer_design}
OF_SWEEPS = {"standing": draw_standing}
BACKTEST = "backtest"
NAMES = (*OF_EXPERIMENTS, *OF_STUDIES, *OF_SWEEPS, BACKTEST)


def figure_of(folder: Path, name: str) -> Path:
    """Draw one figure of results into their folder ``figures``.

    Parameters
    ----------
    folder : Path
        Folder of an experiment, a sweep or a backtest.
    name : str
        One of `NAMES`.

    Returns
    -------
    Path
        The PNG file.

    Raises
    ------
    InputError
        If there is no such figure, or no such results.
    """
    if name not in NAMES:
        raise InputError(f"figure: no '{name}'{nearest(name, NAMES)} ({', '.join(NAMES)})")
    if name == BACKTEST:
        return draw_backtest(folder)[0]
    if name in OF_EXPERIMENTS:
        experiment = read_experiment(folder)
        with told(folder), house_style(name):
            return OF_EXPERIMENTS[name](experiment, folder / FIGURES_NAME)[0]
    if name in OF_SWEEPS:
        sweep = read_sweep(folder)
        with told(folder), house_style(name):
            return OF_SWEEPS[name](sweep, sweep.folder / FIGURES_NAME)[0]
    comparison = Comparison(read_runs(folder))
    with told(folder), house_style(name):
        return OF_STUDIES[name](comparison, comparison.runs.folder / FIGURES_NAME)[0]
