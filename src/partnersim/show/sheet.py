"""The page that every figure is drawn on: one look, its finding as title, and its sources."""

from __future__ import annotations

import gc
import io
import re
import warnings
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from fontTools.subset import Options
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from numpy.typing import NDArray

from partnersim.compare.provenance import summary
from partnersim.compare.words import some
from partnersim.runs.folder import write_bytes
from partnersim.shipped_folder import rows_of

if TYPE_CHECKING:
    from partnersim.compare.comparison import Comparison

#: How something is drawn, as matplotlib names it.
Look = dict[str, Any]
#: How all figures look.
_FILE = Path(__file__).with_name("house.mplstyle")
_STYLE: Any = mpl.rc_params_from_file(_FILE, use_default_template=False)
INK, GREY = _STYLE["text.color"], _STYLE["axes.edgecolor"]

DOTS_PER_INCH = 100
#: PNG files have twice the pixels of the page, for sharp screens and print.
PNG_SCALE = 2
MARGIN = 0.35
TITLE_SIZE, SUBTITLE_SIZE, FOOTER_SIZE = 14.0, 9.5, 7.0
#: Height of a line of text of one point, in inches, leading included.
LINE_HEIGHT = 1.28 / 72
#: Share of a width that text may take: letters are up to 3 % wider at other resolutions.
SAFE = 0.97
#: What matplotlib says, once a letter, where a font lacks it; a figure tells of all in one line.
_NO_LETTER = re.compile(r"Glyph (\d+) .* missing from font")
_LETTERS = 12
warnings.filterwarnings("ignore", _NO_LETTER.pattern)
# Letters have their places in a PDF: cutting down how a font would place them took half of the time
# of making its fonts.
Options._drop_tables_default += ["GSUB", "GPOS", "GDEF", "kern"]
#: Whoever has not the font of the drawing gets one that is about as wide.
_FONTS = b"'DejaVu Sans', Verdana, sans-serif"
#: So many changes are named in a footer.
_MOST_CHANGES = 2
#: How to read a figure, and what its bands and intervals are.
_CAPTIONS = {row["figure"]: row for row in rows_of(Path(__file__).with_name("captions.csv"))}
STATUS_NOTE = "* Designations are without prejudice to positions on status."


@contextmanager
def house_style(name: str) -> Iterator[None]:
    """Draw with matplotlib's own defaults and ours, whatever the user has set.

    Parameters
    ----------
    name : str
        Name of the figure: salt of the identifiers in its SVG.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        settings: Any = mpl.rcParams  # typed by matplotlib for literal keys only
        settings.update(_STYLE, **{"svg.hashsalt": f"partnersim {name}"})
        # Nearly all of the many objects of a page stay until its end.
        looking = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if looking:
                gc.enable()


def caption(figure: str, **words: object) -> Look:
    """Return subtitle and bands of a figure as `Sheet` takes them, its words filled in."""
    return {part: _CAPTIONS[figure][part].format(**words) for part in ("subtitle", "bands")}


class Sheet:
    """A page: title and subtitle on top, a drawing, and a footer that says where it comes from.

    Parameters
    ----------
    results : Comparison or None
        What is shown, for the footer; without results the footer is `bands` alone.
    width, body : float
        Width of the page and height of the drawing in inches; title and footer come on top.
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
    forecast : bool
        Whether the numbers are those of a forecast, which says itself what it rests on.

    Attributes
    ----------
    figure : Figure
        Its axes are laid out between subtitle and footer, their labels included.
    """

    def __init__(
        self,
        results: Comparison | None,
        width: float,
        body: float,
        *,
        title: str,
        subtitle: str,
        bands: str = "",
        names: Iterable[str] = (),
        note: str = "",
        forecast: bool = False,
    ) -> None:
        notes = [provenance(results, bands, forecast=forecast) if results else bands, note]
        notes += [STATUS_NOTE] if any(name.endswith("*") for name in names) else []
        footer, room = "\n".join(filter(None, notes)), width - 2 * MARGIN
        blocks = [
            (wrapped(title, room, TITLE_SIZE, "bold"), TITLE_SIZE, "bold", "black"),
            (wrapped(subtitle, room, SUBTITLE_SIZE), SUBTITLE_SIZE, "normal", GREY),
            (wrapped(footer, room, FOOTER_SIZE), FOOTER_SIZE, "normal", GREY),
        ]
        heights = [len(lines) * size * LINE_HEIGHT for lines, size, *_ in blocks]
        above, below = 0.28 + heights[0] + 0.05 + heights[1] + 0.12, heights[2] + 0.26
        self.title = title
        self.width, self.height = width, above + body + below
        self.figure = Figure(figsize=(width, self.height), dpi=DOTS_PER_INCH)
        self.canvas = FigureCanvasAgg(self.figure)
        side = 0.2 / width
        rect = (side, below / self.height, 1 - 2 * side, body / self.height)
        self.layout = ConstrainedLayoutEngine(rect=rect)
        self.figure.set_layout_engine(self.layout)
        tops = (self.height - 0.28, self.height - 0.33 - heights[0], 0.14 + heights[2])
        for (lines, size, weight, colour), top in zip(blocks, tops, strict=True):
            look: Look = {"fontsize": size, "fontweight": weight, "color": colour, "va": "bottom"}
            for place, line in enumerate(lines, start=1):
                height = (top - place * size * LINE_HEIGHT) / self.height
                self.figure.text(MARGIN / width, height, line, **look)

    def panels(self, down: int, across: int, **shared: Any) -> NDArray[Any]:
        """Return axes in rows and columns; `shared` as for ``Figure.subplots``."""
        return np.asarray(self.figure.subplots(down, across, squeeze=False, **shared))

    def with_key(self, key: float, body: float) -> tuple[Axes, SubplotSpec]:
        """Return empty axes on top for a key and the space below it; heights in inches."""
        grid = self.figure.add_gridspec(2, 1, height_ratios=[key, body])
        axes = self.figure.add_subplot(grid[0])
        axes.axis("off")
        return axes, grid[1]

    def save(self, folder: Path, name: str) -> list[Path]:
        """Write ``name.png``, ``.svg`` and ``.pdf``; the same drawing gives the same bytes."""
        for writing in self.figure.findobj(Text):
            assert isinstance(writing, Text)
            # Letters joined to one would take a font of their own in a PDF.
            writing.set_fontfeatures(("-liga",))
        for axes in self.figure.axes:
            # They lie on the edges of their axes: to measure them changes nothing.
            for spine in axes.spines.values():
                spine.set_in_layout(False)
            for axis in (axes.xaxis, axes.yaxis):
                if not axis.get_label_text():
                    # Where nothing will stand, no place is looked for beyond the ticks.
                    axis.set_label_coords(0, 0)
        self.layout.execute(self.figure)
        self.figure.set_layout_engine("none")
        for axes in self.figure.axes:
            # The layout's last digits differ from time to time.
            left, bottom, width, height = axes.get_position(original=True).bounds
            axes.set_position((round(left, 5), round(bottom, 5), round(width, 5), round(height, 5)))
        # Each is drawn once: ``savefig`` would go through all of the page before.
        png, svg, pdf = io.BytesIO(), io.BytesIO(), io.BytesIO()
        undated = {"CreationDate": None, "Producer": None, "Creator": None, "Title": self.title}
        FigureCanvasPdf(self.figure).print_pdf(pdf, metadata=undated)
        FigureCanvasSVG(self.figure).print_svg(svg, metadata={"Date": None, "Title": self.title})
        self.figure.dpi = DOTS_PER_INCH * PNG_SCALE
        # This compression is twice as fast as the default, and files are as small.
        more: Look = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 2}}
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            FigureCanvasAgg(self.figure).print_png(png, **more)
        self.figure.dpi = DOTS_PER_INCH
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}.{kind}" for kind in ("png", "svg", "pdf")]
        text = svg.getvalue().replace(b"'DejaVu Sans'", _FONTS)
        contents = (png.getvalue(), own_identifiers(text, name), pdf.getvalue())
        for path, content in zip(paths, contents, strict=True):
            write_bytes(path, content)
        lacking = sorted(
            {chr(int(one[1])) for w in seen if (one := _NO_LETTER.match(str(w.message)))}
        )
        if lacking:
            letters = "".join(lacking[:_LETTERS]) + ("..." if lacking[_LETTERS:] else "")
            # The same words for all figures: they are told once.
            warnings.warn(
                f"figures show boxes for letters that no font has: {letters}", stacklevel=2
            )
        return paths


def provenance(results: Comparison, bands: str, *, forecast: bool = False) -> str:
    """Return the footer: runs, band, configuration hash, version, and what results rest on."""
    facts = results.manifest
    parts = [
        *(results.extent, bands, f"experiment {facts['experiment']}", f"seed {facts['seed']}"),
        f"configuration {facts['configuration_hash'][:12]}",
        f"partnersim {facts['versions']['partnersim']}",
    ]
    changed = summary(facts.get("configuration", {}))
    if changed:
        parts.append(f"not as shipped: {some(changed, _MOST_CHANGES)}")
    assumed = len(facts["assumed_coefficients"])
    if assumed:
        caution = "" if forecast else ": compare policies, do not read as a forecast"
        parts.append(f"rests on {assumed} assumed coefficients{caution}")
    return " · ".join(part for part in parts if part)


def own_identifiers(svg: bytes, name: str) -> bytes:
    """Prefix every identifier of an SVG, so that several can stand in one page."""
    prefix = f"{name}-".encode()
    svg = re.sub(rb'\bid="([^"]+)"', rb'id="' + prefix + rb'\1"', svg)
    svg = re.sub(rb'href="#([^"]+)"', rb'href="#' + prefix + rb'\1"', svg)
    return re.sub(rb"url\(#([^)]+)\)", rb"url(#" + prefix + rb"\1)", svg)


@lru_cache(maxsize=10_000)
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Return the width in inches of the widest line of a text."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    measure = _renderer().get_text_width_height_descent
    widths = [measure(line, font, False)[0] for line in text.split("\n")]
    return max(widths) / DOTS_PER_INCH / SAFE


@cache
def _renderer() -> RendererAgg:
    return FigureCanvasAgg(Figure(dpi=DOTS_PER_INCH)).get_renderer()


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines no wider than `width` inches; a word that is longer is broken too."""

    def fitting(parts: Sequence[str], between: str) -> int:
        """Return how many parts fit into one line."""
        return bisect(
            range(1, len(parts) + 1),
            width,
            key=lambda count: width_of(between.join(parts[:count]), size, weight),
        )

    lines: list[str] = []
    for paragraph in text.split("\n"):
        words = paragraph.split(" ")
        while words:
            if fits := fitting(words, " "):
                lines.append(" ".join(words[:fits]))
                del words[:fits]
            else:
                letters = max(1, fitting(words[0], ""))
                lines.append(words[0][:letters])
                words[0] = words[0][letters:]
    return lines
