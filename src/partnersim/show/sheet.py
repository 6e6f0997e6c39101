"""The page that every figure is drawn on: one look, its finding as title, and its sources."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import offset_copy

from partnersim.runs.folder import write_whole

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color/
ORANGE, SKY, GREEN = "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
INK, GREY, PALE, FAINT, SHADE = "#1F1F1F", "#6B6B6B", "#C9C9C9", "#EFEFEF", "#F5F5F5"

#: Colour and marker per policy, in the order of the design; the reference comes first.
POLICY_COLOURS = (INK, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p")

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

SETTINGS: dict[str, Any] = {
    "axes.edgecolor": GREY,
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "text.color": INK,
    "text.parse_math": False,  # names are drawn as their users typed them, dollar signs included
    "xtick.color": GREY,
    "xtick.labelsize": 8,
    "xtick.major.size": 0,
    "ytick.color": GREY,
    "ytick.labelsize": 8,
    "ytick.major.size": 0,
}


class ShownResults(Protocol):
    """What a page needs to know of the results that it shows."""

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run."""

    @property
    def extent(self) -> str:
        """How many runs there are, in words."""


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
        settings.update(SETTINGS, **{"svg.hashsalt": f"partnersim {name}"})
        yield


class Sheet:
    """A page: title and subtitle on top, a drawing, and a footer that says where it comes from.

    Parameters
    ----------
    results : ShownResults or None
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

    Attributes
    ----------
    figure : Figure
        Its axes are laid out between subtitle and footer, their labels included.
    """

    def __init__(
        self,
        results: ShownResults | None,
        width: float,
        body: float,
        *,
        title: str,
        subtitle: str,
        bands: str = "",
        names: Iterable[str] = (),
        note: str = "",
    ) -> None:
        notes = [provenance(results, bands) if results else bands, note]
        notes += [STATUS_NOTE] if any(name.endswith("*") for name in names) else []
        room = width - 2 * MARGIN
        blocks = [
            (wrapped(title, room, TITLE_SIZE, "bold"), TITLE_SIZE, "bold", "black"),
            (wrapped(subtitle, room, SUBTITLE_SIZE), SUBTITLE_SIZE, "normal", GREY),
            (
                wrapped("\n".join(filter(None, notes)), room, FOOTER_SIZE),
                FOOTER_SIZE,
                "normal",
                GREY,
            ),
        ]
        heights = [len(lines) * size * LINE_HEIGHT for lines, size, *_ in blocks]
        above, below = 0.28 + heights[0] + 0.05 + heights[1] + 0.12, heights[2] + 0.26
        self.title = title
        self.width, self.height = width, above + body + below
        self.figure = Figure(figsize=(width, self.height), dpi=DOTS_PER_INCH)
        self.canvas = FigureCanvasAgg(self.figure)
        side = 0.2 / width
        self.figure.set_layout_engine(
            ConstrainedLayoutEngine(
                rect=(side, below / self.height, 1 - 2 * side, body / self.height)
            )
        )
        tops = (self.height - 0.28, self.height - 0.33 - heights[0], 0.14 + heights[2])
        for (lines, size, weight, colour), top in zip(blocks, tops, strict=True):
            for place, line in enumerate(lines):
                self.figure.text(
                    MARGIN / width,
                    (top - (place + 1) * size * LINE_HEIGHT) / self.height,
                    line,
                    fontsize=size,
                    fontweight=weight,
                    color=colour,
                    va="bottom",
                )

    def with_key(self, key: float, body: float) -> tuple[Axes, SubplotSpec]:
        """Return empty axes on top for a key and the space below it; heights in inches."""
        grid = self.figure.add_gridspec(2, 1, height_ratios=[key, body])
        axes = self.figure.add_subplot(grid[0])
        axes.axis("off")
        return axes, grid[1]

    def save(self, folder: Path, name: str) -> list[Path]:
        """Write ``name.png`` and ``name.svg``; the same drawing gives the same bytes."""
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        for axes in self.figure.axes:
            # The layout's last digits differ from time to time.
            left, bottom, width, height = axes.get_position(original=True).bounds
            axes.set_position((round(left, 5), round(bottom, 5), round(width, 5), round(height, 5)))
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
        contents = (png.getvalue(), own_identifiers(svg.getvalue(), name))
        for path, content in zip(paths, contents, strict=True):
            write_whole(path, partial(Path.write_bytes, data=content))
        return paths


def provenance(results: ShownResults, bands: str) -> str:
    """Return the footer: runs, band, configuration hash, version, and what results rest on."""
    facts = results.manifest
    parts = [results.extent, bands]
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
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width_of(longer, size, weight) <= width:
                line = longer
                continue
            lines += [line] if line else []
            while width_of(word, size, weight) > width:
                fits = next(
                    n
                    for n in range(len(word), 0, -1)
                    if n == 1 or width_of(word[:n], size, weight) <= width
                )
                lines.append(word[:fits])
                word = word[fits:]
            line = word
        lines.append(line)
    return lines


def fold(text: str, width: float, size: float = 8.5, weight: str = "normal") -> str:
    """Return a label broken into lines no wider than `width` inches."""
    return "\n".join(wrapped(text, width, size, weight))


def policy_looks(policies: Sequence[str], reference: str) -> dict[str, tuple[str, str]]:
    """Return colour and marker of every policy; the marker tells them apart without colour."""
    ordered = [reference, *(policy for policy in policies if policy != reference)]
    return {
        policy: (POLICY_COLOURS[place % len(POLICY_COLOURS)], MARKERS[place % len(MARKERS)])
        for place, policy in enumerate(ordered)
    }


def pale_to_dark() -> Colormap:
    """Return cividis from light to dark, its light end faded so that much stands out."""
    share = np.linspace(0.0, 1.0, 256)[:, None]
    colours = mpl.colormaps["cividis_r"](share[:, 0])[:, :3]
    fading = 0.8 * (1 - share) ** 2
    return ListedColormap(colours * (1 - fading) + fading, name="pale_to_dark")


def name_points(
    axes: Axes,
    texts: Sequence[str],
    points: Sequence[tuple[float, float]],
    colours: Sequence[str],
    height: float,
) -> None:
    """Write a text right of the axes for every point and tie it to the point by a thin line.

    Parameters
    ----------
    axes : Axes
        Their limits must be set already.
    texts, points, colours : sequences of equal length
    height : float
        About how high the axes are, in inches: texts stand a line apart.
    """
    low, high = axes.get_ylim()
    lines = max(text.count("\n") + 1 for text in texts)
    places = spread([y for _, y in points], 0.165 * lines * (high - low) / height, low, high)
    beside = offset_copy(axes.transData, axes.get_figure(root=True), x=10, units="points")
    for text, point, place, colour in zip(texts, points, places, colours, strict=True):
        axes.annotate(
            text,
            point,
            xytext=(axes.get_xlim()[1], place),
            textcoords=beside,
            color=colour,
            fontweight="bold",
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.5,
                "shrinkA": 2,
                "shrinkB": 4,
                "relpos": (0, 0.5),
            },
        )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart until neighbours are `gap` apart, staying near what is wanted.

    Parameters
    ----------
    wanted : sequence of float
        Positions in any order.
    gap : float
        Smallest distance between neighbours.
    low, high : float
        Bounds; the upper one gives way if the labels do not fit between them.

    Returns
    -------
    list of float
        Positions in the order of `wanted`.
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    apart = np.asarray(wanted, dtype=np.float64)[order] - steps
    # Pushed up only, and pushed down only: the middle of both keeps the gaps.
    up, down = np.maximum.accumulate(apart), np.minimum.accumulate(apart[::-1])[::-1]
    middle = np.minimum((up + down) / 2, high - steps[-1:])
    placed = np.empty(len(order))
    placed[order] = np.maximum(middle, low) + steps
    return [float(place) for place in placed]


def quiet_axes(axes: Axes, grid: str = "") -> None:
    """Show grid lines along one axis (``x`` or ``y``) only; without any, no frame either."""
    if grid:
        axes.grid(visible=True, axis="x" if grid == "x" else "y")
    else:
        axes.spines[:].set_visible(False)


def draw_cells(
    axes: Axes,
    values: np.ndarray,
    texts: Sequence[Sequence[str]],
    colours: Colormap,
    low: float = 0.0,
    high: float = 1.0,
    size: float = 8.5,
) -> None:
    """Draw a heat map: a cell per value with its text, the first row on top.

    Parameters
    ----------
    axes : Axes
        Cell (down, across) is centred on (across, down).
    values : (rows, columns) array
        From ``low`` to ``high``; masked ones stay white.
    texts : rows of texts
        What is written into the cells, dark on pale and white on dark.
    colours : Colormap
    size : float
        Of the texts, in points.
    """
    down, across = values.shape
    edges = np.arange(across + 1) - 0.5, np.arange(down + 1) - 0.5
    axes.pcolormesh(
        *edges, values, cmap=colours, vmin=low, vmax=high, edgecolors="white", linewidth=1.5
    )
    axes.invert_yaxis()
    shades = colours((np.ma.filled(values, low) - low) / (high - low))
    dark = (shades[..., :3] @ [0.299, 0.587, 0.114] < 0.53) & ~np.ma.getmaskarray(values)
    for (row, column), is_dark in np.ndenumerate(dark):
        axes.text(
            column,
            row,
            texts[row][column],
            fontsize=size,
            color="white" if is_dark else INK,
            ha="center",
            va="center",
        )
    axes.tick_params(labelcolor=INK)
    quiet_axes(axes)
