"""The verb ``forecast``: probabilities per partner, instrument, stage and quarter."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.cli.screen import Screen
from partnersim.cli.size import Work, check_size, show_size
from partnersim.cli.verbs import DRY_RUN, YES, is_path, lasting, own_numbers, own_texts, sorted_out
from partnersim.configuration import load_experiment, load_scenario
from partnersim.errors import nearest, refuse, with_problems_of
from partnersim.history.forecast import Ways, forecast, forecast_plan, pairs_of
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.runs.export import write_tables
from partnersim.runs.folder import check_place, remove, writing_results
from partnersim.runs.manifest import (
    HASH_DIGITS,
    MANIFEST_NAME,
    deciding,
    read_manifest,
    results_folder,
    rules_fingerprint,
)
from partnersim.runs.plan import Plan
from partnersim.runs.stored_forecast import FORECAST, PAIRS, QUARTERS_AHEAD, StoredForecast
from partnersim.scenario.experiment import Experiment, experiment_from
from partnersim.scenario.horizon import LAST_QUARTER
from partnersim.show.who_concludes import (
    SHOWN,
    Question,
    sentence,
    with_interval,
    write_who_concludes,
)
from partnersim.world.places import code_of, nearest_place, short_name, why_no_partner
from partnersim.world.world import World

_END = "horizon.end=2030Q4"
#: Default, lowest and highest value.
_NUMBERS = {"draws": (40, 2, 10_000), "runs": (4, 1, 10_000), "record": (50, 0, 100)}

#: What may be asked of it.
_ASKED = ("instrument", "partner", "region", "stage", "by")
#: The stage that makes a tie.
_TIE = "tie"
_STAGES = (_TIE, "announced", "negotiating", "concluded", "signed", "in_force")
#: What else it takes, and what to say in place of what it does not.
_SETTINGS = (
    *("policy", "geopolitics", "horizon", "world", "shocks", "behaviour"),
    *("scenario", "seed", "threads", "output"),
)
_INSTEAD = {
    "policies": "a forecast takes one policy, policy=NAME",
    "climates": "a forecast takes one climate, geopolitics=NAME",
    "replicates": "a forecast takes draws=... and runs=...",
    "experiment": "a forecast takes no experiment; name policy=NAME and geopolitics=NAME",
    "cuts": "a forecast takes no cuts; they belong to experiment=backtest",
    "until": "a forecast takes by=QUARTER; until=QUARTER belongs to partnersim score",
    "country": "a forecast takes partner=NAME",
}
#: Tested is the year after a cut; what is asked so many years after the start or later is noted.
_FAR = 10
#: A run that is watched takes as long as so many that are not, and leaves so many bytes.
_WATCHED, _BYTES = 3, 500_000.0


def main(words: Sequence[str]) -> int:
    """Make the table, or take it if it is there, and show what is asked of it.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the results cannot be written.
    """
    numbers, rest, problems = own_numbers(
        [word for word in words if word not in (DRY_RUN, YES)], _NUMBERS
    )
    asked, by, rest, wrong = _asked(rest)
    names = (*_NUMBERS, *_ASKED, *_SETTINGS)
    rest, foreign = sorted_out("forecast", rest, _SETTINGS, names, _INSTEAD)
    problems += [*wrong, *foreign]
    if not any(word.startswith("horizon.end=") for word in rest):
        # A forecast of up to its usual end is one, whatever is asked of it.
        rest = [max(_END, f"horizon.end={by}"), *rest]
    scenario, experiment = with_problems_of(
        lambda: (load_scenario(*rest), load_experiment(rest)), problems
    )
    settings = experiment.settings
    check_place(settings.output, FORECAST)
    began = time.monotonic()
    screen = Screen()
    plan = forecast_plan(scenario, settings)
    chosen = _chosen(asked, by, plan.horizon.labels[1:], plan.world)
    configuration = {**deciding(plan.experiment.configuration()), **numbers}
    folder = results_folder(settings.output, FORECAST, configuration)
    runs = numbers["draws"] * numbers["runs"]
    work = Work(plan, _WATCHED * runs, folder, bytes=_BYTES)
    if DRY_RUN in words:
        screen.line(f"Runs      {runs:,}")
        show_size(work, screen)
        screen.line("Nothing was written.")
        return 0
    check_size([work], screen, yes=YES in words)
    _make(plan, configuration, folder, screen)
    command = shlex.join(["partnersim", "forecast", *lasting(words)])
    _show(screen, StoredForecast.read(folder), plan.world, chosen, command)
    screen.results_in(folder, began)
    return 0


def report_again(folder: Path, words: Sequence[str]) -> int:
    """Show what is asked of a forecast that lies in a folder, as if it was just made.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the forecast cannot be read.
    """
    asked, by, rest, problems = _asked(words)
    problems += [
        f"{word}: a forecast may be asked for {', '.join(f'{key}=' for key in _ASKED)}"
        f"{nearest(word.partition('=')[0], _ASKED)}"
        for word in rest
        if not is_path(word)
    ]
    refuse(problems)
    stored = StoredForecast.read(folder)
    kept = {k: v for k, v in stored.configuration.items() if k not in _NUMBERS}
    world = experiment_from(kept).arms[0].scenario.world.load()
    chosen = _chosen(asked, by, stored.quarters, world)
    place = stored.folder.absolute().as_posix()
    own = [f"{key}={text}" for key, text in asked.items()]
    command = shlex.join(["partnersim", "report", place, *own])
    _show(Screen(), stored, world, chosen, command)
    return 0


def _asked(words: Sequence[str]) -> tuple[dict[str, str], str, list[str], list[str]]:
    """Return what is asked as typed, the quarter by which, all other words, and problems."""
    asked, rest = own_texts(words, _ASKED)
    problems = []
    by = asked.get("by", "")
    if "by" in asked and not re.fullmatch(r"20\d\d(Q[1-4])?", by, re.ASCII):
        problems.append(f"by={by}: must be a year or a quarter, such as 2030 or 2029Q2")
        by = ""
    by = f"{by}Q4" if len(by) == 4 else by
    if by > LAST_QUARTER:
        problems.append(f"by={asked['by']}: no run goes on after {LAST_QUARTER}")
        by = ""
    stage = asked.get("stage", _TIE)
    if stage not in _STAGES:
        hint = nearest(stage, _STAGES)
        problems.append(f"stage={stage}: must be one of {', '.join(_STAGES)}{hint}")
    return asked, by, rest, problems


def _chosen(
    asked: Mapping[str, str], by: str, labels: Sequence[str], world: World
) -> dict[str, str]:
    """Return what is asked for: stage and quarter; by code instrument, partner, region if named.

    Raises
    ------
    InputError
        One line per name that is unknown, or if the quarter is none of the forecast.
    """
    names, codes = tuple(world.instruments["instrument"]), tuple(world.countries["iso3"])
    problems = []
    if not by:
        by = labels[-1] if "instrument" in asked else labels[:QUARTERS_AHEAD][-1]
    elif by not in labels:
        problems.append(
            f"by={asked['by']}: must be a quarter of the runs, {labels[0]} to {labels[-1]}"
        )
    found = {"stage": asked.get("stage", _TIE), "by": by}
    if (name := asked.get("instrument")) is not None:
        found["instrument"] = name
        if name not in names:
            problems.append(f"instrument={name}: no such instrument{nearest(name, names)}")
    if (name := asked.get("partner")) is not None:
        found["partner"] = code_of(name)
        if found["partner"] not in codes:
            problems.append(f"partner={name}: no such partner{nearest_place(name, codes)}")
    if (name := asked.get("region")) is not None:
        short = {short_name(region): region for region in world.regions}
        # A part of a name is enough, unless it means more than one region.
        words = set(short_name(name).split("_"))
        same = [short[one] for one in short if words <= set(one.split("_"))]
        meant = same[0] if len(same) == 1 and not why_no_partner(name) else ""
        found["region"] = short.get(short_name(name), meant)
        if not found["region"]:
            problems.append(
                f"region={name}: no such region{nearest_place(name, world.regions)} (regions:"
                f" {', '.join(world.regions)})"
            )
    refuse(problems)
    return found


def _make(plan: Plan, asked: Mapping[str, Any], folder: Path, screen: Screen) -> None:
    """Make a forecast and write it, unless it is there already."""
    made_of = f"{rules_fingerprint()} {plan.world.digest}"
    there = read_manifest(folder) if (folder / MANIFEST_NAME).exists() else {}
    if there.get("made_of") != made_of or PAIRS not in there["tables"]:
        screen.compiling()
        kept = folder / f"draws {made_of[:HASH_DIGITS]}"
        with writing_results(kept):
            kept.mkdir(parents=True, exist_ok=True)
        done = count(asked["runs"], asked["runs"])
        with screen.progress("Forecast", asked["draws"] * asked["runs"]) as show:
            tables = _tables(plan.experiment, asked, kept, lambda: show("Forecast", next(done)))
        seed = plan.experiment.settings.seed
        write_tables(folder, tables, {"configuration": asked, "seed": seed, "made_of": made_of})
    # What a forecast that is there needs no longer.
    for path in folder.glob("draws *"):
        remove(path)


def forecast_again(
    kept: Mapping[str, Any], threads: int | None, screen: Screen
) -> dict[str, pd.DataFrame]:
    """Return the tables of a forecast from the configuration that its manifest tells."""
    experiment = experiment_from({k: v for k, v in kept.items() if k not in _NUMBERS})
    settings = experiment.settings.model_copy(update={"threads": threads})
    return _tables(experiment.model_copy(update={"settings": settings}), kept)


def _tables(
    experiment: Experiment,
    asked: Mapping[str, Any],
    kept: Path | None = None,
    note: Callable[[], object] = lambda: None,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a forecast; draws that are done are kept in a folder."""
    scenario, settings = experiment.arms[0].scenario, experiment.settings
    draws, runs, record = (int(asked[name]) for name in ("draws", "runs", "record"))
    ways = Ways(settings.seed, runs, settings.threads or os.cpu_count() or 1, kept)
    table = forecast(scenario, ways, draws=draws, share=record / 100, note=note)
    return {FORECAST: table, PAIRS: pairs_of(table, scenario.world.load())}


def _show(
    screen: Screen, stored: StoredForecast, world: World, chosen: Mapping[str, str], command: str
) -> None:
    """Show the likeliest rows that are asked for, and write list, figure and page of all."""
    if stored.quarters.index(chosen["by"]) >= _FAR * QUARTERS_PER_YEAR:
        screen.line(
            f"note: {chosen['by']} is more than {_FAR} years ahead; tested are forecasts of one"
            " year (docs/calibration.md), and nothing that the model does not hold is foreseen"
        )
    found = stored.asked_for(chosen)
    country = world.countries.set_index("iso3")["name"]
    name = world.instruments.set_index("instrument")["name"]
    question = Question.of(chosen, country, name, world.known_until)
    screen.answer(sentence(found, question))
    screen.line()
    for place, row in enumerate(found.head(SHOWN).itertuples(index=False), start=1):
        screen.line(
            f"  {place:2d}  {row.country} ({row.iso3}), {row.name} ({row.instrument}):"
            f" {with_interval(row)}"
        )
        screen.line(f"      {row.reason}")
    screen.line(f"\n{stored.assumptions}.")
    page = write_who_concludes(found, question, stored.folder, stored.assumptions, command)
    screen.line(f"Report in {page}")
