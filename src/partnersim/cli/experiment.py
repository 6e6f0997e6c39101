"""An experiment on the screen: what it would take, how far it is, what comes out."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from partnersim.cli.screen import COLUMNS, PolicyTable, Screen, value_text
from partnersim.cli.size import Work, show_size
from partnersim.compare.comparison import SAMPLED, Comparison
from partnersim.compare.summary import summary
from partnersim.compare.words import family
from partnersim.runs.folder import PARTS_NAME
from partnersim.runs.manifest import LISTED, MANIFEST_NAME
from partnersim.runs.parts import completeness
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.play import simulate_ensemble
from partnersim.runs.reader import Runs, read_runs
from partnersim.runs.running import Progress, start
from partnersim.runs.sampling import CLIMATE
from partnersim.scenario.experiment import Experiment

_METRICS = [name for name, _ in COLUMNS]
#: So many runs are shown at once if an arm has many more.
_FIRST_RUNS = 8
_MANY_RUNS = 30
#: What is shown of them, in words.
_FIRST_LOOK = {"instruments": "instruments in force", "partners": "partners", "links": "links"}


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


def follow(
    screen: Screen, folder: Path, planned: int, work: Callable[[Progress], Runs], *, figures: bool
) -> Path:
    """Show the progress of runs and what came out; draw and report it; return their folder.

    Raises
    ------
    KeyboardInterrupt
        With a line that says how to go on.
    """
    began = time.monotonic()
    rows = _ListedRows(screen, folder)
    screen.note(f"{planned:,} runs; results in {folder}")
    with screen.resumable("Simulating", planned, folder) as show:

        def progress(done: int, _: int) -> None:
            show(done, planned)
            rows.catch_up(done)

        stored = work(progress)
    failed = stored.completeness.failed
    if failed:
        screen.note(
            f"{failed:,} of {planned:,} runs failed; partnersim export --to csv tells which, and"
            f" why: {stored.failures()['error'].iloc[0]}"
        )
    if stored.kind != LISTED:
        show_sampled(stored, screen)
    if figures and failed < planned:
        _draw(stored, screen)
    old = stored.outdated()
    if old:
        screen.note(
            f"note: {' and '.join(old)} in {stored.folder} {'are' if len(old) > 1 else 'is'} of"
            " before, when fewer runs were there: write anew with partnersim report, partnersim"
            " export"
        )
    screen.results_in(stored.folder, began)
    screen.line(f"Digest {stored.manifest['digest']}")
    return stored.folder


def _draw(stored: Runs, screen: Screen) -> None:
    if stored.kind == LISTED:
        screen.note("Drawing the figures ...")
        from partnersim.show.figures import AFTER_RUN, draw_figures

        draw_figures(stored.folder, AFTER_RUN)
        return
    comparison = Comparison(stored)
    if not comparison.measures:
        kept = ", ".join(stored.metrics)
        screen.note(f"note: no figures and no report, neither more nor less of {kept} is better")
        return
    screen.note("Drawing the figures and writing the report ...")
    from partnersim.cli.report import make_report

    screen.line()
    make_report(comparison, screen)


class _ListedRows:
    """Rows of policies in listed futures, which appear as all their replicates are there."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self._screen = screen
        self._folder = folder
        self._next = 0
        self._base: pd.DataFrame | None = None

    @cached_property
    def _begun(self) -> Runs:
        return read_runs(self._folder)

    @cached_property
    def _table(self) -> PolicyTable:
        runs = self._begun
        compared = family(len(runs.policies), runs.metrics, len(runs.futures))
        return PolicyTable(self._screen, runs, compared)

    def catch_up(self, done: int) -> None:
        """Show what has been finished since; never more than so many runs are looked at."""
        layout, of = self._begun.layout, str(self._begun.manifest["configuration_hash"])
        while self._begun.kind == LISTED and self._next < layout.compared:
            first, last = (place * layout.replicates for place in (self._next, self._next + 1))
            if done < last:
                return
            held = completeness(self._folder / PARTS_NAME, of, layout.runs, opened=False)
            if any(start < last and stop > first for start, stop in held.gaps):
                return
            self._show(Runs(self._folder, self._begun.manifest, held))
            self._next += 1

    def _show(self, runs: Runs) -> None:
        policy, future, _ = runs.layout.place(self._next * runs.layout.replicates)
        own = runs.outcomes(_METRICS, policy=policy, future=future)
        if policy == runs.reference:
            self._base = own
        rows = own if policy == runs.reference else pd.concat([self._base, own])
        found = summary(rows, _METRICS, runs.reference, comparisons=self._table.compared)
        self._table.add(found, policy, str(self._begun.futures[CLIMATE].iloc[future]))


def show_sampled(stored: Runs, screen: Screen) -> None:
    """Write the table of the policies over all futures, with the numbers of the report."""
    if not set(_METRICS) <= set(stored.metrics):
        return
    runs = stored.outcomes(_METRICS)
    if runs.empty:
        return
    futures = "sampled" if stored.kind in SAMPLED else "listed"
    compared = family(len(stored.policies), stored.metrics)
    found = summary(runs, _METRICS, stored.reference, futures=futures, comparisons=compared)
    over = "one future" if len(stored.futures) == 1 else f"over {len(stored.futures)} futures"
    table = PolicyTable(screen, stored, compared)
    for policy in dict.fromkeys(found["policy"]):
        table.add(found, policy, over)
