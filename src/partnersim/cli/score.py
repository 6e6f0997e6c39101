"""The verb ``score``: how good a forecast was, now that later events are known; its scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partnersim.errors import InputError
from partnersim.user_path import user_path

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.cli.screen import Screen

GROUPS = ("new ties", "new ties, pipeline", "new ties, novel", "all")
_NAMES = {
    "pooled": "forecast",
    "model": "bare model",
    "base_rate": "base rate",
    "pipeline_rate": "pipeline",
    "popularity": "popularity",
}
_CELL = 23
#: With fewer events scores and their intervals say nothing about a forecast.
FEWEST_EVENTS = 5

_HELP = """\
partnersim score FORECAST EVENTS [until=QUARTER] compares a forecast with what happened.

  FORECAST      the folder of a forecast, its forecast.csv or forecast.parquet, or any table with
                the columns iso3, instrument, stage, by, probability
  EVENTS        a CSV of dated events with at least the columns date, iso3, instrument, event;
                event is one of announced, negotiation_opened, concluded, signed, launched,
                in_force, suspended, ended, held
  until=QUARTER quarter up to which EVENTS is complete; that of its last event if left out

Shown are the logarithmic score and the Brier score (less is better), the share of what happened
that is among the 20, 50 and 100 most probable cases, and how often it happened by class of
probability; each with a 90 % interval over partners and common decisions. Beside the forecast
stand three references: the base rate of the years before, the same by whether the pair was
already under way, and popularity. Where fewer than 5 cases happened, only that is said.

Example
  partnersim score results/forecast EVENTS.csv until=2026Q2"""

_UNTIL = "until"


def help_text() -> str:
    """Return what ``partnersim score --help`` prints."""
    return _HELP


def main(words: Sequence[str]) -> int:
    """Score the forecast and show the result.

    Raises
    ------
    InputError
        If anything is wrong with the words or the files.
    """
    paths, until, problems = [], None, []
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name == _UNTIL:
            until = value
        elif sign and not user_path(word).exists():
            problems.append(f"{word}: unknown setting (allowed: {_UNTIL}=QUARTER)")
        else:
            paths.append(user_path(word))
    if len(paths) != 2:
        problems.append(
            f"score takes two files, FORECAST and EVENTS; {len(paths)} given"
            " (partnersim score --help)"
        )
    if paths and paths[0].is_dir():
        from partnersim.runs.reader import the_one_in

        paths[0] = the_one_in(paths[0]) / "forecast.csv"
    problems += [f"{path}: no such file" for path in paths if not path.is_file()]
    if problems:
        raise InputError(problems)
    from partnersim.cli.screen import Screen
    from partnersim.history.estimate import read_evidence
    from partnersim.history.evaluation import evaluate, read_forecast

    evidence = read_evidence()
    result = evaluate(read_forecast(paths[0], evidence), paths[1], evidence, until)
    screen = Screen()
    for note in result.notes:
        screen.note(f"note: {note}")
    screen.line(f"Scored at {result.until}")
    show_scores(screen, result.scores)
    if result.happened < FEWEST_EVENTS:
        return 0
    screen.line()
    screen.line("How often it happened, by class of probability of the forecast")
    own = result.calibration[result.calibration["forecast"] == "forecast"]
    for row in own.itertuples():
        low, high, mean, frequency, least, most = (
            100 * getattr(row, name)
            for name in ("class_low", "class_high", "probability", "frequency", "low", "high")
        )
        screen.line(
            f"  {low:5.1f} to {high:5.1f} %: mean {mean:5.1f} %, happened {frequency:5.1f} %"
            f" ({least:.1f} to {most:.1f}) of {row.cases}"
        )
    return 0


def show_scores(screen: Screen, scores: pd.DataFrame) -> None:
    """Show value and 90 % interval of every score of every forecast.

    Where hardly anything happened, that is said in place of scores that would mean nothing.
    """
    for group in GROUPS:
        part = scores[scores["group"] == group]
        if part.empty:
            continue
        names = list(dict.fromkeys(part["forecast"]))
        first = part.iloc[0]
        screen.line()
        screen.line(f"{group}: {first['happened']} of {first['cases']} cases happened")
        if first["happened"] < FEWEST_EVENTS:
            screen.line(f"  too few to score a forecast by: it takes {FEWEST_EVENTS}")
            continue
        heads = [f"{_NAMES.get(name, name):>{_CELL}s}" for name in names]
        screen.line(f"  {'':15s}" + "".join(heads))
        for score in dict.fromkeys(part["score"]):
            rows = part[part["score"] == score].set_index("forecast")
            cells = [
                f"{rows.at[name, 'value']:.3f}"
                f" ({rows.at[name, 'low']:.3f}..{rows.at[name, 'high']:.3f})"
                for name in names
            ]
            screen.line(f"  {score:15s}" + "".join(f"{cell:>{_CELL}s}" for cell in cells))
