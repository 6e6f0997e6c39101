"""The verb ``forecast``: probabilities per partner, instrument, stage and quarter."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from partnersim.cli.size import DRY_RUN, YES, Work, check_size, show_size
from partnersim.cli.words import own_numbers, with_problems_of
from partnersim.configuration import load_experiment, load_scenario
from partnersim.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.cli.screen import Screen
    from partnersim.runs.reader import Runs

_END = "horizon.end=2030Q4"
#: Default, lowest and highest value: with 640 runs a probability of 1 % is known to 0.4 points.
_NUMBERS = {"draws": (40, 2, 10_000), "runs": (16, 2, 10_000), "popularity": (20, 0, 100)}

#: What may be asked of it.
_ASKED = ("instrument", "by")
#: What else it takes, and what to say in place of what it does not.
_SETTINGS = (
    *("policy", "geopolitics", "horizon", "world", "shocks", "behaviour"),
    *("scenario", "seed", "threads", "output"),
)
_INSTEAD = {
    "policies": "one policy, policy=NAME",
    "climates": "one climate, geopolitics=NAME",
    "replicates": "draws=... and runs=...",
    "experiment": "no experiment; name policy=NAME and geopolitics=NAME",
}

#: The screen shows so many openings, within so many quarters.
_SHOWN_ROWS, _SHOWN_QUARTERS = 10, 8

_HELP = """\
partnersim forecast [KEY=VALUE ...] says how likely each partner reaches each stage of each
instrument by each quarter, from June 2025 to the end of 2030.

The coefficients are drawn from their posterior (docs/calibration.md); each draw is simulated
several times. The result is a table with the columns
  iso3, instrument, stage, by, probability, low, high
where low and high hold 90 % of the posterior. A stage counts as reached if a later one is.

  draws=40            draws of the coefficients
  runs=16             runs of each draw
  popularity=20       share in % of a simple rule mixed in: who has much gets more; it made the
                      forecasts of years before 2023 better. 0 for the bare model
  instrument=NAME     who concludes it: a ranked list with intervals, a figure and a page
  by=2030             ... by the end of that year, or by a quarter; the last one as if nothing is
                      said
  policy=NAME, geopolitics=NAME, horizon.end=QUARTER, world=NAME, scenario=FILE.yaml, seed,
  threads, output
                      as with partnersim run; also single settings (policy.openness=0.7)
  --dry-run, --yes    say how long it takes; start what takes longer than a day

Examples
  partnersim forecast
  partnersim forecast instrument=DIGITAL_PARTNERSHIP by=2030
  partnersim forecast geopolitics=rivalry horizon.end=2027Q4 draws=100

Runs and table (forecast.csv, forecast.parquet) go to results/forecast/HASH, a folder for each
configuration; what is there is not run again. The forecast can be scored later:
  partnersim score results/forecast EVENTS.csv"""


def help_text() -> str:
    """Return what ``partnersim forecast --help`` prints."""
    return _HELP


def main(words: Sequence[str]) -> int:
    """Simulate the draws, write the table, show what is most likely.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the results cannot be written.
    """
    numbers, rest, problems = own_numbers(
        [word for word in words if word not in (DRY_RUN, YES)], _NUMBERS
    )
    asked = {key: word.partition("=")[2] for word in rest for key in _ASKED if _is(word, key)}
    rest = [word for word in rest if not any(_is(word, key) for key in _ASKED)]
    by = asked.get("by", "")
    if by and not re.fullmatch(r"20\d\d(Q[1-4])?", by):
        problems.append(f"by={by}: must be a year or a quarter, such as 2030 or 2029Q2")
        by = ""
    by = f"{by}Q4" if len(by) == 4 else by
    if by and "instrument" not in asked:
        problems.append(f"by={asked['by']}: name the instrument, too: instrument=NAME")
    foreign = {word: problem for word in rest if (problem := _refusal(word))}
    problems += foreign.values()
    rest = [word for word in rest if word not in foreign]
    if not any(word.startswith("horizon.end=") for word in rest):
        # A forecast of up to its usual end is one, whatever is asked of it.
        rest = [max(_END, f"horizon.end={by}"), *rest]
    scenario, experiment = with_problems_of(
        lambda: (load_scenario(*rest), load_experiment(rest)), problems
    )
    settings = experiment.settings
    from partnersim.cli.follow import watched
    from partnersim.cli.screen import Screen
    from partnersim.history.forecast import FORECAST, forecast_plan
    from partnersim.runs.folder import check_place
    from partnersim.runs.running import start

    check_place(settings.output, FORECAST)
    began = time.monotonic()
    screen = Screen()
    plan = forecast_plan(scenario, settings, **numbers)
    names = plan.layout.instruments
    instrument = asked.get("instrument", "")
    if instrument and instrument not in names:
        raise InputError(f"instrument={instrument}: no such instrument{nearest(instrument, names)}")
    if by and by not in plan.horizon.labels[1:]:
        raise InputError(f"by={by}: lies outside the horizon, up to {plan.horizon.end}")
    folder, planned = plan.folder(), plan.layout.runs
    work = Work(plan, planned, folder)
    if DRY_RUN in words:
        screen.line(f"Runs      {planned:,}")
        show_size(work, screen)
        screen.line("Nothing was written.")
        return 0
    check_size([work], screen, yes=YES in words)
    stored = watched(
        screen, folder, planned, lambda p: start(plan, settings.engine, p, screen.note)
    )
    finish_forecast(stored, screen, began, instrument, by or plan.horizon.end)
    return 0


def _is(word: str, key: str) -> bool:
    return word.startswith(f"{key}=")


def finish_forecast(
    stored: Runs, screen: Screen, began: float, instrument: str = "", by: str = ""
) -> None:
    """Write the table of finished runs and show what is most likely, or who concludes one.

    Raises
    ------
    InputError
        If the results cannot be written.
    """
    from partnersim.history.forecast import FORECAST, forecast_tables
    from partnersim.runs.export import write_tables

    tables = forecast_tables(stored)
    write_tables(stored.folder, tables, stored.manifest)
    if instrument:
        _show_who(screen, tables[FORECAST], stored, instrument, by)
    else:
        _show(screen, tables[FORECAST])
    screen.line()
    screen.results_in(stored.folder, began)


def _refusal(word: str) -> str:
    """Return why a word means nothing to a forecast; empty if it does."""
    key = word.partition("=")[0]
    group = key.partition(".")[0]
    if word.startswith("-"):
        return f"{word}: unknown option (forecast knows --help; settings are written KEY=VALUE)"
    if group in _INSTEAD:
        return f"{word}: a forecast takes {_INSTEAD[group]}"
    if group not in _SETTINGS:
        names = (*_NUMBERS, *_ASKED, *_SETTINGS)
        return (
            f"{word}: forecast takes no such setting{nearest(key, names)} (settings:"
            f" {', '.join(names)})"
        )
    return ""


def _show_who(screen: Screen, table: pd.DataFrame, stored: Runs, instrument: str, by: str) -> None:
    """Show who may have an instrument in force by a quarter; write list, figure and page."""
    from partnersim.show.who_concludes import SHOWN, ranked, sentence, write_who_concludes

    found = ranked(table, stored, instrument, by)
    screen.line(f"{sentence(found, stored, instrument, by)}.")
    screen.line()
    for place, row in enumerate(found.head(SHOWN).itertuples(), start=1):
        screen.line(
            f"  {place:2d}  {row.country} ({row.iso3}): {100 * row.probability:.0f} %"
            f"  ({100 * row.low:.0f} to {100 * row.high:.0f})"
        )
    screen.line()
    screen.line(f"Report in {write_who_concludes(found, stored, instrument, by)}")


def _show(screen: Screen, table: pd.DataFrame) -> None:
    """Show the ties most likely to be opened soon."""
    by = list(dict.fromkeys(table["by"]))[:_SHOWN_QUARTERS][-1]
    openings = table[(table["stage"] == "announced") & (table["by"] == by)]
    screen.line(f"Most likely to be opened by {by} (90 % interval):")
    for row in openings.nlargest(_SHOWN_ROWS, "probability").itertuples():
        screen.line(
            f"  {row.iso3}  {row.instrument:28s}{100 * row.probability:5.1f} %"
            f"  ({100 * row.low:.1f} to {100 * row.high:.1f})"
        )
