"""The verb ``run``: simulate an experiment, keep its results, show them as they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from partnersim.cli.follow import follow
from partnersim.cli.screen import Screen, value_text
from partnersim.cli.size import DRY_RUN, YES, Work, check_size, show_size
from partnersim.configuration import load_experiment, load_experiments
from partnersim.errors import InputError
from partnersim.runs.folder import check_place
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.play import simulate_ensemble
from partnersim.runs.running import start
from partnersim.scenario.experiment import Experiment

MULTIRUN = ("-m", "--multirun")

#: So many runs are shown at once if an arm has many more.
_FIRST_RUNS = 8
_MANY_RUNS = 30
#: What is shown of them, in words.
_FIRST_LOOK = {"instruments": "instruments in force", "partners": "partners", "links": "links"}


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


def work_of(experiment: Experiment) -> Work:
    """Return the runs that an experiment needs."""
    plan = plan_of(experiment)
    return Work(plan, plan.layout.runs, plan.folder())


def run_experiment(experiment: Experiment, screen: Screen) -> Path:
    """Run an experiment or a sweep, or what is missing of it; return its folder.

    Raises
    ------
    InputError
        If results cannot be written.
    KeyboardInterrupt
        With a line that says how to go on.
    """
    plan = plan_of(experiment)
    settings = experiment.settings
    _show_notes(plan, screen)
    begun = (plan.folder() / MANIFEST_NAME).exists()
    if settings.design is None and settings.replicates >= _MANY_RUNS and not begun:
        _first_look(plan, screen)
    return follow(
        screen,
        plan.folder(),
        plan.layout.runs,
        lambda progress: start(plan, settings.engine, progress, screen.note),
        figures=settings.figures,
    )


def _first_look(plan: Plan, screen: Screen) -> None:
    """Show the first runs of the first policy, so that an answer is there at once."""
    screen.compiling()
    arm, settings, quarter = plan.experiment.arms[0], plan.experiment.settings, plan.horizon.end
    # In the main thread, where Ctrl-C ends compiling at once.
    for runs, threads in ((1, 1), (_FIRST_RUNS, settings.threads)):
        ensemble = simulate_ensemble(
            plan.world, arm.scenario, seed=settings.seed, replicates=runs, threads=threads
        )
    ends = ensemble.metrics[ensemble.metrics["quarter"] == quarter]
    found = [f"{value_text(name, ends[name].mean())} {what}" for name, what in _FIRST_LOOK.items()]
    first = f"First look ({arm.policy}, {arm.climate}, {runs} runs): by {quarter}"
    screen.line(f"{first} {', '.join(found)}")


def describe(experiment: Experiment, screen: Screen) -> None:
    """Tell what would be run, how long it takes and how much room it needs; write nothing."""
    work = work_of(experiment)
    plan, layout = work.plan, work.plan.layout
    _show_notes(plan, screen)
    parts = (
        f"{number:,} {one if number == 1 else many}"
        for number, one, many in (
            (len(layout.policies), "policy", "policies"),
            (layout.futures, "future", "futures"),
            (layout.replicates, "replicate", "replicates"),
        )
    )
    tests = len(layout.shock_tests) * layout.replicates
    more = f" + {tests:,} of shock tests" if tests else ""
    screen.line(f"Runs      {layout.runs:,} = {' x '.join(parts)}{more}")
    show_size(work, screen)
    screen.line("Nothing was written.")
    screen.line()
    engine = experiment.settings.engine.model_dump(mode="json")
    configuration = {**experiment.configuration(), "engine": engine}
    screen.line(yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True).rstrip())


def _show_notes(plan: Plan, screen: Screen) -> None:
    """Say what a user may not expect of the results."""
    experiment = plan.experiment
    for note in experiment.notes:
        screen.note(f"note: {note}")
    settings, policies = experiment.settings, plan.layout.policies
    if settings.design is None and settings.shock_tests and not plan.layout.shock_tests:
        screen.note("note: the horizon is too short for the shock tests")
    alone = settings.design is not None and len(policies) == 1
    if alone and not any("compare" in note for note in experiment.notes):
        screen.note(
            f"note: only {policies[0]} runs: this tells what its outcome depends on, and compares"
            " it with nothing; name others with policies=[...]"
        )
