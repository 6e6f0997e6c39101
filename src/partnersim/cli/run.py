"""The verb ``run``: simulate an experiment, keep its results, show them as they come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnersim.cli import sweep
from partnersim.configuration import load_experiment, load_experiments
from partnersim.errors import InputError
from partnersim.scenario.experiment import Arm, Experiment
from partnersim.scenario.geopolitics import ScheduledShock
from partnersim.scenario.horizon import quarter_label
from partnersim.scenario.names import EVERYWHERE
from partnersim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.cli.screen import ArmTable, Screen
    from partnersim.runs.experiment_writer import ExperimentWriter
    from partnersim.world.world import World

MULTIRUN = ("-m", "--multirun")
DRY_RUN = "--dry-run"

#: So many runs are shown at once if an arm has many more.
_FIRST_RUNS = 8
_MANY_RUNS = 30

#: A shock test strikes two years after the start and is followed for at least a year.
_TEST_QUARTER = 8
_FOLLOWED = 4


def help_text() -> str:
    """Return what ``partnersim run --help`` prints."""
    from partnersim.cli.help import run_help

    return run_help()


def main(words: Sequence[str]) -> int:
    """Run the experiment, or experiments, that the words describe.

    Parameters
    ----------
    words : sequence of str
        Overrides, ``-m`` for several jobs, ``--dry-run`` to see what a sweep would do.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the results cannot be written.
    """
    overrides = [word for word in words if word not in (*MULTIRUN, DRY_RUN)]
    if any(word in MULTIRUN for word in words):
        experiments = load_experiments(overrides)
    else:
        experiments = [load_experiment(overrides)]
    from partnersim.cli.screen import Screen
    from partnersim.runs.result_place import check_place

    for experiment in experiments:
        check_place(experiment.settings.output, experiment.settings.experiment)
    screen = Screen()
    dry = DRY_RUN in words
    if dry and any(experiment.settings.design is None for experiment in experiments):
        raise InputError(
            f"{DRY_RUN}: this experiment holds no design; name a sweep such as"
            " experiment=robustness"
        )
    for number, experiment in enumerate(experiments, start=1):
        if len(experiments) > 1:
            screen.line()
            screen.line(f"{number} of {len(experiments)}: {experiment.settings.experiment}")
        if experiment.settings.kind == "backtest":
            from partnersim.cli.backtest import run_backtest

            run_backtest(experiment, screen)
        elif experiment.settings.design is None:
            run_experiment(experiment, screen)
        elif dry:
            sweep.describe(experiment, screen)
        else:
            sweep.run(experiment, screen)
    return 0


def run_experiment(experiment: Experiment, screen: Screen) -> Path:
    """Simulate all arms, write the store, draw the figures; return the folder.

    Raises
    ------
    InputError
        If the results cannot be written.
    """
    from partnersim.cli.screen import ArmTable
    from partnersim.runs.experiment_writer import ExperimentWriter
    from partnersim.runs.manifest import ExperimentFacts

    began = time.monotonic()
    settings = experiment.settings
    first = experiment.arms[0].scenario
    world = first.world.load()
    facts = ExperimentFacts(
        experiment=settings.experiment,
        configuration=experiment.configuration(),
        seed=settings.seed,
        replicates=settings.replicates,
        reference=settings.reference,
        world_digest=world.digest,
        assumed_coefficients=list(first.behaviour.named_by_origin("assumed")),
    )
    folder = Path(settings.output).expanduser() / settings.experiment
    for note in experiment.notes:
        screen.note(f"note: {note}")
    with ExperimentWriter(
        folder,
        facts,
        countries=world.countries,
        instruments=world.instruments,
        network=world.network,
    ) as writer:
        _compile(world, first, screen)
        table = ArmTable(screen, experiment.policies, settings.reference)
        _Simulation(experiment, world, writer, screen).run(table)
        writer.finish()
    if settings.figures:
        _draw(folder, screen)
    screen.line()
    screen.results_in(folder, began)
    return folder


def _compile(world: World, scenario: Scenario, screen: Screen) -> None:
    """Compile the rules if this machine has not done so, and say so."""
    from partnersim.compiler.compiled import compiled_before
    from partnersim.runs.ensemble import simulate_ensemble

    if not compiled_before():
        screen.note("Compiling the rules for this machine, once; this may take a minute or two ...")
        # In the main thread, where Ctrl-C ends it at once.
        simulate_ensemble(world, scenario, replicates=1, threads=1)


def _draw(folder: Path, screen: Screen) -> None:
    screen.note("Drawing the figures ...")
    from partnersim.show.figures import AFTER_RUN, draw_figures

    draw_figures(folder, AFTER_RUN)


class _Simulation:
    """Plays the arms and the shock tests of one experiment."""

    def __init__(
        self, experiment: Experiment, world: World, writer: ExperimentWriter, screen: Screen
    ) -> None:
        self._experiment = experiment
        self._world = world
        self._writer = writer
        self._screen = screen
        self._tests = _shock_tests(experiment)
        if experiment.settings.shock_tests and not self._tests:
            screen.note("note: the horizon is too short for the shock tests")
        self._done = 0

    def run(self, table: ArmTable) -> None:
        """Play everything; rows appear as arms finish."""
        experiment = self._experiment
        jobs = len(experiment.arms) + len(self._tests)
        total = jobs * experiment.settings.replicates
        unstruck: pd.DataFrame | None = None
        endings: dict[str, pd.DataFrame] = {}
        if experiment.settings.replicates >= _MANY_RUNS:
            self._first_look(experiment.arms[0], table)
        with self._screen.progress("Simulating", total) as show:
            for arm in experiment.arms:
                ensemble = self._play(f"{arm.policy}, {arm.climate}", arm.scenario, show)
                self._writer.add_arm(arm.policy, arm.climate, ensemble)
                table.add(arm.policy, arm.climate, self._summary(arm, ensemble.metrics, endings))
                if arm is experiment.arms[0] and self._tests:
                    unstruck = ensemble.metrics
            for shock, (quarter, scenario) in self._tests.items():
                struck = self._play(f"shock test: {shock}", scenario, show)
                assert unstruck is not None
                self._writer.add_response(
                    shock,
                    experiment.arms[0].policy,
                    experiment.arms[0].climate,
                    struck_at=quarter,
                    struck=struck.metrics,
                    unstruck=unstruck,
                )

    def _first_look(self, arm: Arm, table: ArmTable) -> None:
        """Show the first runs of the first arm, so that an answer is there at once."""
        from partnersim.runs.ensemble import simulate_ensemble

        settings = self._experiment.settings
        ensemble = simulate_ensemble(
            self._world,
            arm.scenario,
            seed=settings.seed,
            replicates=_FIRST_RUNS,
            threads=settings.threads,
        )
        table.first_look(arm.policy, arm.climate, self._summary(arm, ensemble.metrics, {}))

    def _play(self, told: str, scenario: Scenario, show: Any) -> Any:
        from partnersim.runs.ensemble import simulate_ensemble

        before = self._done
        show(told, before)
        settings = self._experiment.settings
        ensemble = simulate_ensemble(
            self._world,
            scenario,
            seed=settings.seed,
            replicates=settings.replicates,
            threads=settings.threads,
            progress=lambda done: show(told, before + done),
        )
        self._done = before + settings.replicates
        return ensemble

    def _summary(
        self, arm: Arm, metrics: pd.DataFrame, endings: dict[str, pd.DataFrame]
    ) -> dict[str, dict[str, Any]]:
        """Return the summary of an arm by metric, beside the reference of its climate."""
        import pandas as pd

        from partnersim.cli.screen import COLUMNS
        from partnersim.compare.summary import summary
        from partnersim.runs.summary import last_quarter

        reference = self._experiment.settings.reference
        quarter, values = last_quarter(metrics)
        if arm.policy == reference:
            endings[arm.climate] = values
        base = {reference: endings[arm.climate]} if arm.climate in endings else {}
        runs = pd.concat({**base, arm.policy: values}, names=["policy"]).reset_index()
        names = [name for name, _ in COLUMNS]
        others = len(self._experiment.policies) - 1
        compared = max(others, 1) * len(self._experiment.climates) * len(names)
        rows = summary(runs, names, reference, comparisons=compared)
        rows = rows[rows["policy"] == arm.policy].set_index("metric").assign(quarter=quarter)
        return {str(metric): row.to_dict() for metric, row in rows.iterrows()}


def _shock_tests(experiment: Experiment) -> dict[str, tuple[str, Scenario]]:
    """Return quarter and scenario of every shock test: the first arm, struck everywhere."""
    base = experiment.arms[0].scenario
    quarter = min(_TEST_QUARTER, base.horizon.quarters - _FOLLOWED)
    if quarter < 1:
        return {}
    label = quarter_label(quarter, base.horizon.start)
    tests = {}
    for shock in experiment.settings.shock_tests:
        strike = ScheduledShock(shock=shock, quarter=label, where=(EVERYWHERE,), severity=1.0)
        schedule = (*base.geopolitics.schedule, strike)
        climate = base.geopolitics.model_copy(update={"schedule": schedule})
        tests[shock] = (label, base.model_copy(update={"geopolitics": climate}))
    return tests
