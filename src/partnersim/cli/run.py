"""The verb ``run``: simulate an experiment, keep its results, show them as they come."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.verbs import DRY_RUN, YES
from partnersim.configuration import load_experiment, load_experiments
from partnersim.errors import InputError

MULTIRUN = ("-m", "--multirun")


def main(words: Sequence[str]) -> int:
    """Run the experiment, or experiments, that the words describe.

    Parameters
    ----------
    words : sequence of str
        Overrides, ``-m`` for several jobs, ``--dry-run`` to see what would be done, ``--yes`` to
        start what takes days.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the results cannot be written.
    """
    overrides = [word for word in words if word not in (*MULTIRUN, DRY_RUN, YES)]
    several = any(word in MULTIRUN for word in words)
    experiments = load_experiments(overrides) if several else [load_experiment(overrides)]
    # Only here: what is refused need not wait for all that runs take.
    from partnersim.cli.experiment import describe, run_experiment, work_of
    from partnersim.cli.screen import Screen
    from partnersim.cli.size import check_size
    from partnersim.runs.folder import check_place

    for experiment in experiments:
        check_place(experiment.settings.output, experiment.settings.experiment)
    screen = Screen()
    dry = DRY_RUN in words
    if dry and any(experiment.settings.kind == "backtest" for experiment in experiments):
        raise InputError(f"{DRY_RUN}: a backtest runs as it is; leave {DRY_RUN} out")
    if not dry:
        simulated = [one for one in experiments if one.settings.kind == "simulation"]
        check_size([work_of(experiment) for experiment in simulated], screen, yes=YES in words)
    for number, experiment in enumerate(experiments, start=1):
        if len(experiments) > 1:
            screen.line(f"\n{number} of {len(experiments)}: {experiment.settings.experiment}")
        if experiment.settings.kind == "backtest":
            # Only here: what estimates from the history takes a second to load.
            from partnersim.cli.backtest import run_backtest

            run_backtest(experiment.settings, screen)
        elif dry:
            describe(experiment, screen)
        else:
            run_experiment(experiment, screen)
    return 0
