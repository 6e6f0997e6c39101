"""The verb ``score``: how good a forecast was, now that later events are known; its scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partnersim.cli.verbs import paths_and_own
from partnersim.errors import InputError, refuse
from partnersim.user_path import user_path

if TYPE_CHECKING:
    import pandas as pd

    from partnersim.cli.screen import Screen

_NAMES = {
    "pooled": "forecast",
    "model": "bare model",
    "record": "record alone",
    "base_rate": "base rate",
    "pipeline_rate": "pipeline",
    "instrument_rate": "instrument",
}
#: A score that has a line of its own on the screen, and one that the table alone holds.
_BY_DECISION, _IN_TABLE_ONLY = "log score by decision", "recall at 50"
_CELL = 25
#: With fewer independent decisions scores and their intervals say nothing about a forecast.
FEWEST_DECISIONS = 5

#: What it takes beside files, and what is said of a value.
_OWN = {"until": "QUARTER", "output": "FOLDER", "data": "FOLDER"}
#: So many new ties, and events that are not scored, are shown.
_SHOWN = 30


def main(words: Sequence[str]) -> int:
    """Score the forecast and show the result.

    Raises
    ------
    InputError
        If anything is wrong with the words or the files.
    """
    paths, given, problems = paths_and_own(words, _OWN)
    if len(paths) != 2:
        problems.append(
            f"score takes two files, FORECAST and EVENTS; {len(paths)} given"
            " (partnersim score --help)"
        )
    if paths and paths[0].is_dir():
        from partnersim.runs.reader import the_one_in

        paths[0] = the_one_in(paths[0]) / "forecast.csv"
    problems += [f"{path}: no such file" for path in paths if not path.is_file()]
    refuse(problems)
    from partnersim.cli.screen import Screen
    from partnersim.history.evaluation import evaluate, read_forecast
    from partnersim.history.evidence import read_evidence
    from partnersim.runs.export import write_tables
    from partnersim.runs.folder import check_place
    from partnersim.runs.manifest import MANIFEST_NAME, read_manifest
    from partnersim.runs.stored_forecast import FORECAST, holds_forecast
    from partnersim.show.validation import draw_reliability

    place = check_place(given["output"]) if "output" in given else None
    if (
        place is not None
        and (place / MANIFEST_NAME).exists()
        and "happened" not in read_manifest(place).get("tables", ())
    ):
        raise InputError(f"output={given['output']}: holds other results; name another folder")
    start = ""
    if paths[0].stem == FORECAST and holds_forecast(paths[0].parent):
        kept = read_manifest(paths[0].parent)["configuration"]
        start, data = kept["horizon"]["start"], kept["world"].get("data")
        given = {"data": data, **given} if data else given
    evidence = read_evidence(user_path(given["data"])) if "data" in given else read_evidence()
    first = evidence.world.first_quarter
    if start and start != first:
        data = f"data={given['data']}" if "data" in given else "the shipped data"
        raise InputError(f"{paths[0]}: begins in {start}, and {data} in {first}")
    forecast = read_forecast(paths[0], evidence)
    result = evaluate(forecast, paths[1], evidence, given.get("until"))
    screen = Screen()
    _show_events(screen, result.events)
    screen.line(f"Scored at {result.until}")
    _show_happened(screen, result.happened)
    show_scores(screen, result.scores)
    enough = result.decisions >= FEWEST_DECISIONS
    if enough:
        show_calibration(screen, result.calibration, "forecast")
    if place is not None:
        names = ("scores", "calibration", "happened", "events")
        tables = {name: getattr(result, name) for name in names}
        folder = write_tables(place, tables, {"until": result.until})
        if enough:
            draw_reliability(folder, result.until, result.decisions)
        screen.line(f"Tables{' and figure' if enough else ''} in {folder}")
    return 0


def _show_events(screen: Screen, events: pd.DataFrame) -> None:
    """Show how many events are scored, and why the others are not."""
    from partnersim.history.evaluation import SCORED

    others = events[events["fate"] != SCORED]
    screen.line(f"{len(events) - len(others)} of {len(events)} events are scored")
    for row in others.head(_SHOWN).itertuples():
        screen.line(f"  row {row.row}: {row.date} {row.iso3} {row.instrument}: {row.fate}")
    if len(others) > _SHOWN:
        screen.line(f"  and {len(others) - _SHOWN} more (output=FOLDER writes them all)")


def _show_happened(screen: Screen, happened: pd.DataFrame) -> None:
    """Show the new ties that came, with the probability and rank that they were given."""
    if happened.empty:
        return
    screen.line("\nNew ties that came, with the chance that the forecast gave them, and its rank")
    for row in happened.head(_SHOWN).itertuples():
        screen.line(
            f"  {row.iso3}  {row.instrument:28s}{100 * row.probability:7.2f} %"
            f"  {row.rank:5,d} of {row.of:,}"
        )


def show_scores(screen: Screen, scores: pd.DataFrame) -> None:
    """Show every score of every forecast, and how far the first one is ahead of the others.

    Where hardly anything happened, that is said in place of scores that would mean nothing.
    """
    for group in dict.fromkeys(scores["group"]):
        part = scores[scores["group"] == group]
        first = part.iloc[0]
        screen.line(
            f"\n{group}: {first['happened']} of {first['cases']} cases happened, by"
            f" {first['decisions']} independent decisions"
        )
        if first["decisions"] < FEWEST_DECISIONS:
            screen.line(f"  too few to score a forecast by: it takes {FEWEST_DECISIONS} decisions")
            continue
        heads = [
            name
            for name in dict.fromkeys(part["score"])
            if name not in (_BY_DECISION, _IN_TABLE_ONLY)
        ]
        screen.line(f"  {'':12s}" + "".join(f"{head:>{_CELL}s}" for head in heads))
        for name in dict.fromkeys(part["forecast"]):
            rows = part[part["forecast"] == name].set_index("score")
            cells = [
                f"{rows.at[head, 'value']:.4f}"
                f" ({rows.at[head, 'low']:.4f}..{rows.at[head, 'high']:.4f})"
                for head in heads
            ]
            values = "".join(f"{cell:>{_CELL}s}" for cell in cells)
            screen.line(f"  {_NAMES.get(name, name):12s}{values}")
        weighed = part[part["score"] == _BY_DECISION]
        each = [
            f"{_NAMES.get(row.forecast, row.forecast)} {row.value:.4f}"
            for row in weighed.itertuples()
        ]
        screen.line(f"  {_BY_DECISION} (pairs of one decision weigh one): {', '.join(each)}")
        log = part[part["score"] == "log score"]
        for row in log[log["forecast"] != first["forecast"]].itertuples():
            of_cuts = f"; the forecast wins {row.won} of {row.cuts} cuts" if row.cuts > 1 else ""
            screen.line(
                f"  against {_NAMES.get(row.forecast, row.forecast)}: log score of the forecast"
                f" {-100 * row.difference / row.value:+.1f} %, {-row.difference:+.4f}"
                f" ({-row.difference_high:+.4f}..{-row.difference_low:+.4f}){of_cuts}"
            )
    screen.line(
        "\nIntervals hold 90 %, over partners and common decisions; less than zero is ahead."
    )
    screen.line("The record is thin: differences below about 6 % cannot be told from chance.")


def show_coverage(screen: Screen, coverage: pd.DataFrame) -> None:
    """Show in how many groups of cases as much happened as the intervals allow."""
    screen.line("\nGroups of 20 cases or more in which as much came as their 90 % intervals allow")
    for row in coverage[coverage["groups"] > 0].itertuples():
        screen.line(
            f"  by {row.kind}: {100 * row.covered:.0f} % of {row.groups} groups; expected"
            f" {100 * row.nominal:.0f} %; with luck alone {100 * row.by_luck:.0f} %"
        )


def show_calibration(screen: Screen, calibration: pd.DataFrame, forecast: str) -> None:
    """Show how often it happened, by class of probability of a forecast."""
    screen.line("\nHow often it happened, by class of probability of the forecast")
    for row in calibration[calibration["forecast"] == forecast].itertuples():
        low, high, mean, frequency, least, most = (
            100 * getattr(row, name)
            for name in ("class_low", "class_high", "probability", "frequency", "low", "high")
        )
        screen.line(
            f"  {low:5.1f} to {high:5.1f} %: mean {mean:5.2f} %, happened {frequency:5.2f} %"
            f" ({least:.2f} to {most:.2f}) of {row.cases}, {row.decisions} decisions"
        )
