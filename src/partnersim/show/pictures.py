"""Figures inside the page: drawings as they are, or compact pictures where they are too big."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import unescape
from pathlib import Path
from xml.sax.saxutils import quoteattr

from markupsafe import Markup
from PIL import Image

from partnersim.show.sheet import PNG_SCALE

#: Larger drawings are shown as pictures.
LARGEST_DRAWING = 200_000
COLOURS = 128
#: Points of a drawing per pixel of a page.
POINT = 0.72


#: A figure in several forms, usually each smaller than the one before; a form, an HTML element, is
#: made when it is needed.
Picture = Sequence[Callable[[], str]]


def picture(folder: Path, name: str) -> Picture:
    """Return a figure of a folder, of which PNG and SVG are there."""
    svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
    found = re.search(r"<dc:title>(.*?)</dc:title>", svg, re.DOTALL)
    title = unescape(found[1]) if found else ""
    element = drawing(svg, title)
    pixels = [partial(embedded, folder / f"{name}.png", title, share) for share in (1, 2)]
    return pixels if len(element) > LARGEST_DRAWING else [lambda: element, *pixels]


def fitting(pictures: Iterable[Picture], room: int) -> list[Markup]:
    """Choose the form of every picture so that all together fit into `room` characters.

    The largest picture is made smaller first; if nothing can be made smaller any more, the last
    forms are returned.
    """
    left = [list(forms) for forms in pictures]
    shown = [forms.pop(0)() for forms in left]
    while sum(map(len, shown)) > room and any(left):
        largest = max((n for n, forms in enumerate(left) if forms), key=lambda n: len(shown[n]))
        shown[largest] = min(shown[largest], left[largest].pop(0)(), key=len)
    return list(map(Markup, shown))


def drawing(svg: str, title: str) -> str:
    """Return a drawing as an element of a page: no addresses, no comments, shorter numbers."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    head, _, rest = body.partition(">")
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)
    assert box, "matplotlib writes a view box"
    width, height = (round(float(side) / POINT) for side in box.groups())
    rest = re.sub(r' (?:d|x|y|points)="[^"]*"', lambda found: shortened(found.group()), rest)
    rest = re.sub(r">\s+<", "><", rest).strip()
    return (
        f'<svg class="drawing" role="img" aria-label={quoteattr(title)} '
        f'width="{width}" height="{height}" {box.group()}>{rest}'
    )


def shortened(attribute: str) -> str:
    """Return coordinates with two digits after the point: a hundredth of a point is enough."""
    return re.sub(r"\s+", " ", re.sub(r"(\.\d\d)\d+", r"\1", attribute))


def embedded(path: Path, title: str, share: int) -> str:
    """Return a PNG as an element of a page: few colours, its sides divided by `share`."""
    with Image.open(path) as image:
        full = image.convert("RGB")
    width, height = full.width // PNG_SCALE, full.height // PNG_SCALE
    size = (full.width // share, full.height // share)
    shrunk = full if share == 1 else full.resize(size, Image.Resampling.LANCZOS)
    few = shrunk.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, format="PNG", optimize=True)
    text = base64.b64encode(content.getvalue()).decode("ascii")
    return (
        f'<img width="{width}" height="{height}" alt={quoteattr(title)} '
        f'src="data:image/png;base64,{text}">'
    )
