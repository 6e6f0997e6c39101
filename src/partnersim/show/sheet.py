"""A page: a title that says the finding, a space to draw in, and where it all comes from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from partnersim.runs.durable_file import write_whole
from partnersim.show.style import GREY

DOTS_PER_INCH = 100
#: PNG files have twice the pixels of the page, for sharp screens and print.
PNG_SCALE = 2
MARGIN = 0.35
TITLE_SIZE, SUBTITLE_SIZE, FOOTER_SIZE = 14.0, 9.5, 7.0
#: Height of a line of text of one point, in inches, leading included.
LINE_HEIGHT = 1.28 / 72
#: Share of a width that text may take: letters are up to 3 % wider at other resolutions.
SAFE = 0.97
STATUS_NOTE = "* Designations are without prejudice to positions on status."


class Results(Protocol):
    """What a page needs to know of the results that it shows."""

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run."""

    @property
    def extent(self) -> str:
        """How many runs there are, in words."""


class Sheet:
    """A figure page measured in inches, with the drawing space between title and footer.

    Parameters
    ----------
    stored : Results or None
        An experiment, a sweep or a study, for the footer; without one the footer is `bands` alone.
    width, body : float
        Width of the page and height of the drawing space, in inches; title and footer come on top.
    title : str
        The finding in words.
    subtitle : str
        What is drawn and how to read it.
    bands : str
        What bands and intervals mean, for the footer; may be empty.
    names : iterable of str
        Country names that are shown; a star in one calls for its footnote.
    note : str
        A further line of the footer.
    """

    def __init__(
        self,
        stored: Results | None,
        width: float,
        body: float,
        *,
        title: str,
        subtitle: str,
        bands: str = "",
        names: Iterable[str] = (),
        note: str = "",
    ) -> None:
        notes = (provenance(stored, bands) if stored else bands) + (f"\n{note}" if note else "")
        if any(name.endswith("*") for name in names):
            notes += f"\n{STATUS_NOTE}"
        room = width - 2 * MARGIN
        titles = wrapped(title, room, TITLE_SIZE, "bold")
        subtitles = wrapped(subtitle, room, SUBTITLE_SIZE)
        footers = wrapped(notes, room, FOOTER_SIZE)
        self.title = title
        self.width = width
        #: Lower and upper end of the drawing space, in inches from the bottom of the page.
        self.bottom = 0.26 + FOOTER_SIZE * LINE_HEIGHT * len(footers)
        self.top = self.bottom + body
        above = self.top + 0.1 + SUBTITLE_SIZE * LINE_HEIGHT * len(subtitles)
        self.height = above + 0.05 + TITLE_SIZE * LINE_HEIGHT * len(titles) + 0.8 * MARGIN
        self.figure = Figure(figsize=(width, self.height), dpi=DOTS_PER_INCH)
        self.canvas = FigureCanvasAgg(self.figure)
        self._block(titles, above + 0.05, TITLE_SIZE, "bold", "black")
        self._block(subtitles, self.top + 0.1, SUBTITLE_SIZE, "normal", GREY)
        self._block(footers, 0.14, FOOTER_SIZE, "normal", GREY)

    def axes(self, left: float, bottom: float, right: float, top: float) -> Axes:
        """Return axes between positions in inches from the left and the bottom of the page."""
        return self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                (right - left) / self.width,
                (top - bottom) / self.height,
            )
        )

    def text(self, x: float, y: float, text: str, **look: object) -> None:
        """Write at a position in inches from the left and the bottom of the page."""
        self.figure.text(x / self.width, y / self.height, text, **look)  # type: ignore[arg-type]

    def save(self, folder: Path, name: str) -> list[Path]:
        """Write ``name.png`` and ``name.svg``; the same drawing gives the same bytes."""
        png, svg = io.BytesIO(), io.BytesIO()
        self.figure.savefig(
            png,
            format="png",
            dpi=DOTS_PER_INCH * PNG_SCALE,
            metadata={"Software": None},
            pil_kwargs={"compress_level": 4},  # twice as fast as the default, hardly larger
        )
        self.figure.savefig(svg, format="svg", metadata={"Date": None, "Title": self.title})
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}.png", folder / f"{name}.svg"]
        for path, content in zip(
            paths, (png.getvalue(), own_identifiers(svg.getvalue(), name)), strict=True
        ):
            write_whole(path, partial(Path.write_bytes, data=content))
        return paths

    def _block(
        self, lines: list[str], bottom: float, size: float, weight: str, colour: str
    ) -> None:
        """Write lines of which the last stands on `bottom`."""
        for below, line in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
            self.text(
                MARGIN,
                bottom + below * size * LINE_HEIGHT,
                line,
                fontsize=size,
                fontweight=weight,
                color=colour,
                va="bottom",
                parse_math=False,
            )


def widest(texts: Iterable[str], size: float, weight: str = "normal") -> float:
    """Return the width in inches that the widest of some texts needs, all on one line."""
    renderer = FigureCanvasAgg(Figure(dpi=DOTS_PER_INCH)).get_renderer()
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    widths = [renderer.get_text_width_height_descent(text, font, False)[0] for text in texts]
    return max(widths, default=0.0) / DOTS_PER_INCH / SAFE


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines no wider than `width` inches at a font size in points."""
    renderer = FigureCanvasAgg(Figure(dpi=DOTS_PER_INCH)).get_renderer()
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    room = width * DOTS_PER_INCH * SAFE
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and renderer.get_text_width_height_descent(longer, font, False)[0] > room:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def provenance(stored: Results, bands: str) -> str:
    """Return the footer: runs, band, configuration hash, version, and what results rest on."""
    facts = stored.manifest
    parts = [stored.extent, bands]
    parts += [f"experiment {facts['experiment']}", f"seed {facts['seed']}"]
    parts += [f"configuration {facts['configuration_hash'][:12]}"]
    parts += [f"partnersim {facts['versions']['partnersim']}"]
    assumed = len(facts["assumed_coefficients"])
    if assumed:
        parts.append(
            f"rests on {assumed} assumed coefficients: compare policies, do not read as a forecast"
        )
    return " · ".join(part for part in parts if part)


def own_identifiers(svg: bytes, name: str) -> bytes:
    """Prefix every identifier of an SVG, so that several can stand in one page."""
    prefix = f"{name}-".encode()
    svg = re.sub(rb'\bid="([^"]+)"', rb'id="' + prefix + rb'\1"', svg)
    svg = re.sub(rb'href="#([^"]+)"', rb'href="#' + prefix + rb'\1"', svg)
    return re.sub(rb"url\(#([^)]+)\)", rb"url(#" + prefix + rb"\1)", svg)
