"""Taking network and history on to a later day, from a list of events, in a folder of one's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from partnersim.errors import InputError, nearest, refuse
from partnersim.history.evaluation import BLOC_FATE, REQUIRED, LaterEvent, later_events
from partnersim.history.history import COLUMNS, quarter_name, read_history
from partnersim.model.constants import STAGES
from partnersim.runs.digest import combined
from partnersim.scenario.horizon import LAST_QUARTER
from partnersim.world.layouts import CONFIDENCE, LAYOUTS
from partnersim.world.tables import PACKAGE_DATA, Reader, Row
from partnersim.world.world import UPDATE, World, load_world

#: Columns that an event needs besides those of a score.
SOURCED = (*REQUIRED, "source")

#: What a row that names no confidence counts as: so it is of a date that nobody checked.
_UNSAID = "recalled"


def update(events: Path, place: Path, until: str | None = None, base: Path = PACKAGE_DATA) -> World:
    """Write a folder of data in which a list of events has happened; return its world.

    Parameters
    ----------
    events : Path
        CSV with ``date`` (a month or a day), ``iso3`` (or a bloc), ``instrument``, ``event``,
        ``source``, and ``confidence`` if it is known.
    place : Path
        Folder to make; it appears whole or not at all.
    until : str, optional
        Quarter up to which the events are complete; that of the last one if left out.
    base : Path
        Data to begin with: the shipped ones, or an earlier folder.

    Raises
    ------
    InputError
        One line per problem of an event, of the quarter, or of the network that would come out.
    """
    if place.exists():
        raise InputError(f"{place}: is there already; name another folder")
    before = load_world(data_dir=base)
    reader = Reader(events.parent)
    given = reader.read(events.name, SOURCED, REQUIRED)
    _check_sources(reader, given)
    later = later_events(reader, given, before)
    sources = {row.line: {name: row[name] for name in ("source", "confidence")} for row in given}
    pairs, rows, idle = _moved(later, base, sources)
    wrong = [(event, _reason(event, before)) for event in later] + idle
    problems = [f"{events.name}, row {event.row}: {reason}" for event, reason in wrong if reason]
    last = max((event.record.last for event in later if event.record), default=0)
    if not later and until is None:
        problems.append(f"{events.name}: holds no event; say until=QUARTER to go on to")
    earliest = max(quarter_name(last), before.first_quarter)
    end = until or earliest
    if end >= LAST_QUARTER:
        problems.append(f"until={end}: no run goes on after {LAST_QUARTER}")
    if end < earliest:
        problems.append(
            f"until={end}: the events go on to {quarter_name(last)}, and the network is known up to"
            f" {before.known_until}"
        )
    refuse(problems)
    history = pd.read_csv(base / "history.csv", dtype=str, keep_default_na=False)
    history = pd.concat([history, pd.DataFrame(rows, columns=list(COLUMNS))])
    digest = combined({str(line): "\t".join(own.values()) for line, own in sources.items()})
    day = pd.Period(end, "Q").end_time.date()
    facts = {"known_until": day.isoformat(), "events": len(rows), "from": digest}
    place.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as folder:
        made = Path(folder) / "data"
        shutil.copytree(base, made, ignore=shutil.ignore_patterns("__pycache__"))
        for name, table in (("network.csv", pairs), ("history.csv", history)):
            table.to_csv(made / name, index=False, lineterminator="\n")
        (made / UPDATE).write_text(json.dumps(facts, indent=1), "utf-8")
        # What does not make a network is refused as a table of one's own would be.
        try:
            load_world(data_dir=made)
            read_history(made)
        except InputError as error:
            raise InputError(
                f"{events.name}: what comes out is no network: {problem}"
                for problem in error.problems
            ) from None
        made.rename(place)
    return load_world(data_dir=place)


def _check_sources(reader: Reader, rows: Sequence[Row]) -> None:
    """Note unknown columns, and rows without a source or with a confidence that nobody knows."""
    known = (*SOURCED, "confidence")
    for name in rows[0].cells if rows else ():
        if name not in known:
            allowed = f"{nearest(name, known)} (columns: {', '.join(known)})"
            reader.problems.append(f"{rows[0].file}, row 1: unknown column '{name}'{allowed}")
    for row in rows:
        row.cells["confidence"] = row.cells.get("confidence") or _UNSAID
        reader.choice(row, "confidence", CONFIDENCE)
        if not row["source"]:
            reader.problem(row, "source is empty: say where it is written")
        if len(row["date"]) < len("2026-01"):
            reader.problem(row, f"date '{row['date']}' must be a month or a day, as 2026-03")


def _reason(event: LaterEvent, world: World) -> str:
    """Return why an event cannot happen to a network; empty if it can."""
    if event.record is None:
        harmless = event.fate.startswith((BLOC_FATE, "a meeting"))
        return "" if harmless else event.fate
    i, k = event.record.country, event.record.instrument
    if not world.arrays.eligible[i, k] and world.arrays.stage[i, k] == 0:
        return f"{event.iso3} is not eligible for {event.instrument}"
    return ""


def _moved(
    later: list[LaterEvent], base: Path, sources: dict[int, dict[str, str]]
) -> tuple[pd.DataFrame, list[dict[str, str]], list[tuple[LaterEvent, str]]]:
    """Return the network after the events, their rows of the history, and who moved nothing.

    What a bloc decides may be there already with some of its members.
    """
    table = pd.read_csv(base / "network.csv", dtype=str, keep_default_na=False)
    pairs = {(row["iso3"], row["instrument"]): row for row in table.to_dict("records")}
    new = {**dict.fromkeys(LAYOUTS["network.csv"].columns, ""), "expansion": "none"}
    rows, idle = [], []
    of_blocs = {event.row for event in later if event.fate.startswith(BLOC_FATE)}
    for event in sorted(later, key=lambda event: event.date):
        if event.record is None:
            continue
        pair, stage = (event.iso3, event.instrument), event.record.stage
        own = sources[event.row]
        present = pairs.get(pair)
        if stage == "none":
            if pairs.pop(pair, None) is None:
                idle.append((event, "ends what is not there"))
        elif present is None or STAGES.index(stage) > STAGES.index(present["stage"]):
            moved = {"iso3": pair[0], "instrument": pair[1], "stage": stage, "origin": "history"}
            pairs[pair] = {**(present or new), **moved, **own}
        elif event.row not in of_blocs:
            idle.append((event, f"held already: {present['stage']} by {event.date}"))
        quarter = quarter_name(event.record.last)
        rows.append(
            {
                **dict.fromkeys(COLUMNS, ""),
                **{"date": event.date, "quarter": quarter, "year": quarter[:4]},
                **{"iso3": pair[0], "instrument": pair[1], "event": event.event},
                **{"stage": stage, "decision": event.record.decision, "renewal": "no"},
                **{"activity": "no", "date_support": "full", **own},
            }
        )
    return pd.DataFrame(pairs.values(), columns=list(table.columns)), rows, idle
