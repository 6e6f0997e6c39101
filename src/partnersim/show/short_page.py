"""A short page: questions, each answered first, then figures and tables; a glossary of any page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from string import Template
from types import MappingProxyType

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from partnersim.compare.cost import PAY
from partnersim.compare.differences import NEGLIGIBLE
from partnersim.compare.labels import MAIN_METRICS
from partnersim.compare.words import percent
from partnersim.model.metrics import metrics
from partnersim.runs.folder import REPORT_NAME, write_bytes, writing_results
from partnersim.runs.for_people import csv_for_people
from partnersim.shipped_folder import rows_of
from partnersim.show.pictures import fitting, picture
from partnersim.show.tables import Table, table

#: A page with its figures stays below so many characters.
_ROOM = 1_700_000
#: Words that mean something exact; those of the document of the same name mean the same there.
TERMS = {
    row["word"]: Template(row["meaning"]).substitute(NEGLIGIBLE=percent(NEGLIGIBLE), PAY=f"{PAY:g}")
    for row in rows_of(Path(__file__).with_name("glossary.csv"))
}


@dataclass(frozen=True)
class Part:
    """An answer and what it rests on.

    Attributes
    ----------
    sentence : str
        The answer, without its full stop.
    question : str
        Empty if the title asks it.
    details : sequence of str
        What belongs to the answer.
    figures : sequence of Path
        SVG files, each with a PNG of the same name beside it.
    tables : sequence of Table
    """

    sentence: str
    question: str = ""
    details: Sequence[str] = ()
    figures: Sequence[Path] = ()
    tables: Sequence[Table] = ()

    @property
    def texts(self) -> Iterator[str]:
        """All that it says."""
        yield from (self.sentence, self.question, *self.details)
        for one in self.tables:
            yield from (one.caption, *one.heads)
            yield from (cell for row in one.rows for cell in row)


def rendered(template: str, **values: object) -> str:
    """Return a page made of a template, in the style of all pages."""
    environment = Environment(
        loader=PackageLoader("partnersim.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup(environment.get_template("style.css").render())
    return environment.get_template(template).render(style=style, **values)


def write_short_page(
    folder: Path,
    title: str,
    lead: str,
    parts: Sequence[Part],
    commands: Sequence[str],
    name: str = REPORT_NAME,
    beside: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> Path:
    """Write a page into a folder: one file that needs nothing else; return its path.

    Parameters
    ----------
    beside : mapping of str to DataFrame
        By file name: tables that are written beside it, as people read them.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path = folder / name
    with writing_results(path):
        folder.mkdir(parents=True, exist_ok=True)
        for file, frame in beside.items():
            write_bytes(folder / file, csv_for_people(frame))
        drawn = [picture(one.parent, one.stem) for part in parts for one in part.figures]
        shown = iter(fitting(drawn, _ROOM))
        pieces = [{**vars(part), "figures": [next(shown) for _ in part.figures]} for part in parts]
        content = rendered(
            "short.html",
            title=title,
            lead=lead,
            parts=pieces,
            glossary=glossary(text for part in parts for text in part.texts),
            commands=commands,
            version=version("partnersim"),
        )
        write_bytes(path, content.encode())
    return path


def glossary(texts: Iterable[str]) -> list[Table]:
    """Return a table of the measures that texts name, and one of the words.

    Parameters
    ----------
    texts : iterable of str
        All that a page says.
    """
    said = " ".join(texts).casefold()
    known = [metrics()[name] for name in MAIN_METRICS]
    named = [one for one in known if one.label.en.casefold() in said]
    terms = {word: meaning for word, meaning in TERMS.items() if word in said}
    found = [
        table(
            "Measures",
            {
                "Measure": [one.label.en for one in named],
                "Unit": [one.unit or "number" for one in named],
                "Better": [one.better or "neither" for one in named],
                "What it is": [one.definition for one in named],
            },
        ),
        table("Words", {"Word": terms, "Meaning": terms.values()}),
    ]
    return [one for one in found if one.rows]
