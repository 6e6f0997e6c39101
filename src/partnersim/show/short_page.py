"""A short page: questions, each answered first, then figures and tables; a glossary of any page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from partnersim.compare.cost import PAY
from partnersim.compare.differences import NEGLIGIBLE
from partnersim.compare.labels import MAIN_METRICS
from partnersim.compare.words import percent
from partnersim.model.metrics import metrics
from partnersim.runs.folder import REPORT_NAME, write_bytes, writing_results
from partnersim.show.pictures import fitting, picture
from partnersim.show.tables import Table, table

#: A page with its figures stays below so many characters.
_ROOM = 1_700_000
#: Words that mean something exact; those of the document of the same name mean the same there.
TERMS = {
    "policy": "A named set of lever settings.",
    "reference": "The policy that the others are compared with.",
    "climate": "A named geopolitical setting: intensity, shocks, tensions.",
    "future": "One combination of uncertainties in which every policy is played.",
    "run": "One play of a policy in a future, up to the end; the first run has the same luck under"
    " every policy, and so have the others.",
    "interval": "Where the true mean lies with 95 % confidence, as far as luck goes; it says"
    " nothing of what the model gets wrong.",
    "clear": "Of a difference: its interval leaves out zero.",
    "negligible": f"Of a difference: its whole interval is within {percent(NEGLIGIBLE)} of what is"
    " compared with.",
    "not clear": "Of a difference: neither clear nor negligible; these runs cannot tell.",
    "regret": "How much worse a policy is than the best one in the same future.",
    "public cost": f"What the Offer spends, and {PAY:g} million EUR a year for each negotiator"
    " (assumed), up to the end.",
    "lapse": "Money of the Offer lapses if nobody may or can take it in time.",
    "shock": "An event that strikes countries or the EU, such as a trade war; its effects fade.",
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
    tables: Sequence[Table] = field(default_factory=tuple)

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
) -> Path:
    """Write a page into a folder: one file that needs nothing else; return its path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path = folder / name
    with writing_results(path):
        drawn = [picture(one.parent, one.stem) for part in parts for one in part.figures]
        shown = list(fitting(drawn, _ROOM).values())
        pieces = []
        for part in parts:
            own, shown = shown[: len(part.figures)], shown[len(part.figures) :]
            pieces.append({**vars(part), "figures": own})
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
