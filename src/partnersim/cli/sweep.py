"""A sweep on the screen: what it will do, how far it is, what came out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from partnersim.scenario.experiment import Experiment

if TYPE_CHECKING:
    from partnersim.cli.screen import Screen
    from partnersim.runs.coordinator import Progress
    from partnersim.runs.plan import Plan
    from partnersim.runs.sweep_reader import StoredSweep

_MEGABYTE = 1e6


def run(experiment: Experiment, screen: Screen) -> Path:
    """Run a sweep, or what is missing of it; return its folder.

    Raises
    ------
    InputError
        If results cannot be written.
    KeyboardInterrupt
        With a line that says how to go on.
    """
    from partnersim.runs.plan import plan_of
    from partnersim.runs.running import folder_of, start

    plan = plan_of(experiment)
    _show_notes(experiment, plan, screen)
    return follow(
        screen,
        folder_of(plan),
        plan.layout.runs,
        lambda progress: start(plan, experiment.settings.engine, progress, screen.note),
        report=experiment.settings.figures,
    )


def follow(
    screen: Screen,
    folder: Path,
    runs: int,
    work: Callable[[Progress], StoredSweep],
    *,
    report: bool,
) -> Path:
    """Show the progress of a sweep and, at its end, what came out; draw and report it."""
    from partnersim.compiler.compiled import compiled_before

    began = time.monotonic()
    screen.note(f"{runs:,} runs; results in {folder}")
    if not compiled_before():
        screen.note("Compiling the rules for this machine, once; this may take a minute or two ...")
    try:
        with screen.progress("Simulating", runs) as show:
            stored = work(lambda done, _: show("Simulating", done))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"what is done is kept; go on with: partnersim resume {folder}"
        ) from None
    failed = stored.held.failed
    if failed:
        screen.note(
            f"{failed:,} of {runs:,} runs failed; failures.parquet tells which, and why:"
            f" {stored.failures()['error'].iloc[0]}"
        )
    show_outcome(stored, screen)
    if report and failed < runs:
        screen.note("Drawing the figures and writing the report ...")
        from partnersim.show.report import write_report

        written = write_report(stored)
        screen.line()
        screen.line(f"Report in {written}")
    old = stored.outdated()
    if old:
        screen.note(
            f"note: {' and '.join(old)} in {stored.folder} {'are' if len(old) > 1 else 'is'} of"
            " before, when fewer runs were there: write anew with partnersim report, partnersim"
            " export"
        )
    screen.line()
    screen.results_in(stored.folder, began)
    screen.line(f"Digest {stored.manifest['digest']}")
    return stored.folder


def show_outcome(stored: StoredSweep, screen: Screen) -> None:
    """Write the table of the policies, with the numbers of the report."""
    from partnersim.cli.screen import COLUMNS, ArmTable
    from partnersim.compare.comparison import SAMPLED
    from partnersim.compare.summary import summary
    from partnersim.runs.reader import Runs

    results = Runs(stored)
    metrics = [name for name, _ in COLUMNS]
    if not set(metrics) <= set(results.metrics):
        return
    runs = results.outcomes(metrics)
    if runs.empty:
        return
    futures = "sampled" if results.kind in SAMPLED else "listed"
    rows = summary(runs, metrics, results.reference, futures=futures)
    over = "one future" if len(results.futures) == 1 else f"over {len(results.futures)} futures"
    table = ArmTable(screen, stored.layout.policies, results.reference)
    for policy in results.policies:
        own = (
            rows[rows["policy"] == policy].set_index("metric").assign(quarter=results.quarters[-1])
        )
        if len(own):
            table.add(policy, over, {str(name): row.to_dict() for name, row in own.iterrows()})


def describe(experiment: Experiment, screen: Screen) -> None:
    """Tell what a sweep would run, how long and how much room it needs; write nothing."""
    import os

    from partnersim.cli.screen import duration
    from partnersim.runs.plan import plan_of
    from partnersim.runs.running import folder_of
    from partnersim.runs.trial import trial

    plan = plan_of(experiment)
    layout = plan.layout
    settings = experiment.settings
    found = trial(plan)
    workers = settings.engine.workers or settings.threads or os.cpu_count() or 1
    configuration = {
        **experiment.configuration(),
        "engine": settings.engine.model_dump(mode="json"),
    }
    screen.line(yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True).rstrip())
    screen.line()
    _show_notes(experiment, plan, screen)
    parts = (
        f"{number:,} {one if number == 1 else many}"
        for number, one, many in (
            (len(layout.policies), "policy", "policies"),
            (layout.points, "future", "futures"),
            (layout.replicates, "replicate", "replicates"),
        )
    )
    screen.line(f"Runs      {layout.runs:,} = {' x '.join(parts)}")
    seconds = layout.runs * found.seconds / workers
    screen.line(
        f"Time      about {duration(seconds)} with {workers} workers"
        f" ({1000 * found.seconds:.1f} ms a run here)"
    )
    screen.line(
        f"Disk      about {_size(layout.runs * found.bytes)} ({len(layout.metrics)} metrics at"
        f" {len(layout.quarters)} quarters)"
    )
    screen.line(f"Folder    {folder_of(plan)}")
    screen.line("Nothing was written.")


def _show_notes(experiment: Experiment, plan: Plan, screen: Screen) -> None:
    """Tell what a user may not expect of a sweep."""
    for told in experiment.notes:
        screen.note(f"note: {told}")
    policies = plan.layout.policies
    if len(policies) == 1 and not any("compare" in told for told in experiment.notes):
        screen.note(
            f"note: only {policies[0]} runs: this tells what its outcome depends on, and compares"
            " it with nothing; name others with policies=[...]"
        )


def _size(number: float) -> str:
    if number < 1000 * _MEGABYTE:
        return f"{number / _MEGABYTE:,.1f} MB"
    return f"{number / _MEGABYTE / 1000:,.1f} GB"
