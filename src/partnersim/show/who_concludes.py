"""Who concludes what by when: the ranked list of a forecast, as figure, table and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.compare.labels import NO_BREAK, number
from partnersim.compare.words import listed, small_percent
from partnersim.runs.folder import FIGURES_NAME, writing_results
from partnersim.show import marks, tables
from partnersim.show.sheet import Sheet, caption, house_style
from partnersim.show.short_page import Part, write_short_page

#: So many rows are drawn, and named in a list; so many stand on the page, and all in the table.
SHOWN, ON_PAGE = 15, 300
#: From this chance on a row is counted upon.
_LIKELY = 0.5
#: What is said of a stage.
_VERBS = {
    "tie": "signed or in force",
    "announced": "announced",
    "negotiating": "under negotiation",
    "concluded": "concluded",
    "signed": "signed",
    "in_force": "in force",
}


@dataclass(frozen=True)
class Question:
    """What is asked of a forecast.

    Attributes
    ----------
    what : str
        In words, such as ``“Digital Partnership” with Brazil``.
    stage, by : str
    since : str
        Day of the network that the forecast begins from.
    slug : str
        Name of the files that answer it.
    of_partner, of_instrument : bool
        Whether one partner, or one instrument, is asked for: the other tells the rows apart.
    """

    what: str
    stage: str
    by: str
    since: str
    slug: str
    of_partner: bool
    of_instrument: bool

    @classmethod
    def of(
        cls, chosen: Mapping[str, str], country: pd.Series, name: pd.Series, since: str
    ) -> Question:
        """Return the question behind a choice; names are those of countries and instruments."""
        what = f"“{name[chosen['instrument']]}”" if "instrument" in chosen else "something new"
        if "partner" in chosen:
            what += f" with {country[chosen['partner']]}"
        if "region" in chosen:
            what += f" in {chosen['region']}"
        keys = [chosen[key] for key in ("instrument", "partner", "region") if key in chosen]
        stage = [] if chosen["stage"] == "tie" else [chosen["stage"]]
        slug = "_".join(word.lower().replace(" ", "_") for word in ("who", *keys, *stage))
        asked = "partner" in chosen, "instrument" in chosen
        said, by = _VERBS[chosen["stage"]], chosen["by"]
        return cls(what, said, by, since, f"{slug}_{by}", *asked)

    def label(self, country: str, name: str) -> str:
        """Return what tells a row from the others."""
        if self.of_instrument:
            return country
        return name if self.of_partner else f"{country}: {name}"


def sentence(table: pd.DataFrame, question: Question) -> str:
    """Return the answer in one sentence.

    Parameters
    ----------
    table : DataFrame
        See `partnersim.runs.stored_forecast.StoredForecast.asked_for`.
    question : Question
    """
    what, stage, by = question.what, question.stage, question.by
    if table.empty:
        return f"Nothing is left to be {stage} of {what}: it is there, or open to nobody"
    likely = table[table["probability"] >= _LIKELY]
    first = table.iloc[0]
    if len(table) == 1:
        pair = f"{first['country']}: {first['name']}"
        return f"{pair}, {stage} by {by}, has a chance of {with_interval(first)}"
    chance = f"{small_percent(first.probability)}{NO_BREAK}%"
    total = float(table["probability"].sum())
    expected = f"{number(total, 1 if total >= 1 else 2)} are to be expected in all"
    if likely.empty:
        return (
            f"None is more likely than not to be {stage} by {by} ({what}): the likeliest is"
            f" {question.label(first['country'], first['name'])} with {chance}; {expected}"
        )
    rows = likely.head(5)
    names = listed(list(map(question.label, rows["country"], rows["name"])))
    more = len(likely) - len(rows)
    return (
        f"More likely than not {stage} by {by}: {names}"
        + (f" and {more} more" if more else "")
        + f" ({what}); {expected}"
    )


def with_interval(row: Any) -> str:
    """Return the chance of a row and its interval: ``24 % (6 to 45)``."""
    ends = f"{small_percent(row.low)} to {small_percent(row.high)}"
    return f"{small_percent(row.probability)}{NO_BREAK}% ({ends})"


def write_who_concludes(
    table: pd.DataFrame, question: Question, folder: Path, assumptions: str, command: str
) -> Path:
    """Write table, figure and page beside the forecast; return the page.

    Parameters
    ----------
    assumptions : str
        See `partnersim.runs.stored_forecast.StoredForecast.assumptions`.
    command : str
        What was typed.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    answer, name = sentence(table, question), question.slug
    drawings = []
    if len(table):
        with writing_results(folder), house_style(name):
            sheet = _draw(table.head(SHOWN), answer, question, assumptions)
            drawings = [sheet.save(folder / FIGURES_NAME, name)[1]]
    first = table.head(ON_PAGE)
    rest = f"; the first {ON_PAGE} of {number(len(table))}" if len(table) > ON_PAGE else ""
    columns = {
        "partner": first["country"] + " (" + first["iso3"] + ")",
        "instrument": first["name"] + " (" + first["instrument"] + ")",
        "chance and 90 % interval": map(with_interval, first.itertuples()),
        "why": first["reason"],
    }
    part = Part(
        answer,
        details=[
            f"Chance to be {question.stage} by {question.by}, with 90 % intervals of what is"
            " believed; what is there already is left out",
            assumptions,
            "How good such forecasts were stands in docs/calibration.md",
        ],
        figures=drawings,
        tables=[tables.table(f"Who, most likely first{rest}", columns)],
    )
    title = f"Who concludes {question.what}?"
    lead = f"Forecast from {question.since} to {question.by}"
    beside = {f"{name}.csv": table}
    return write_short_page(folder, title, lead, [part], [command], f"{name}.html", beside)


def _draw(table: pd.DataFrame, title: str, question: Question, assumptions: str) -> Sheet:
    names = list(map(question.label, table["country"], table["name"]))
    sheet = Sheet(
        None,
        8.0,
        0.5 + 0.27 * len(table),
        title=title,
        **caption("who_concludes", stage=question.stage, rows=len(table), assumptions=assumptions),
        names=names,
    )
    axes = sheet.figure.subplots()
    rows = range(len(table))
    axes.hlines(rows, 100 * table["low"], 100 * table["high"], color=marks.PALE, linewidth=4)
    axes.plot(100 * table["probability"], rows, "o", color=marks.BLUE, ms=6)
    marks.label_rows(axes, names)
    axes.set_xlim(0, min(100.0, 115 * float(table["high"].max())))
    axes.set_xlabel("Chance, %")
    marks.quiet_axes(axes, "x")
    return sheet
