"""Checks of drawn pages: ink, and texts that neither leave the page nor cover another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.image import imread
from matplotlib.text import Text
from PIL import Image

from partnersim.show.sheet import DOTS_PER_INCH, Sheet


@contextmanager
def kept_pages(*, written: bool = True) -> Iterator[dict[str, Sheet]]:
    """Keep every page that is saved, by name; unless written, it is only laid out."""
    pages: dict[str, Sheet] = {}
    save = Sheet.save

    def kept(self: Sheet, folder: Path, name: str) -> list[Path]:
        pages[name] = self
        if written:
            return save(self, folder, name)
        self.figure.draw_without_rendering()
        return [folder / f"{name}.{kind}" for kind in ("png", "svg", "pdf")]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sheet, "save", kept)
        yield pages


@contextmanager
def drawings_only() -> Iterator[None]:
    """Draw pages for the SVG only, a quarter of the work; PNG and PDF are written blank.

    For tests of what is written beside figures: tests of figures draw all three.
    """

    def blank_png(self: FigureCanvasAgg, file: IO[bytes], **_: object) -> None:
        Image.new("RGB", self.get_width_height()).save(file, "PNG")

    def blank_pdf(self: FigureCanvasPdf, file: IO[bytes], **_: object) -> None:
        file.write(b"%PDF-1.4")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FigureCanvasAgg, "print_png", blank_png)
        patch.setattr(FigureCanvasPdf, "print_pdf", blank_pdf)
        yield


def holds_ink(page: Sheet, path: Path, colours: int = 20) -> None:
    """Assert that a picture has the size of its page, is drawn on all over, and has colours."""
    picture = imread(path)[:, :, :3]
    assert picture.shape[:2] == pytest.approx((200 * page.height, 200 * page.width), abs=1)
    ink = picture.min(axis=2) < 0.75
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert rows[0] < 0.15 * len(ink)
    assert rows[-1] > 0.93 * len(ink)
    assert columns[-1] - columns[0] > 0.8 * ink.shape[1]
    body = ink[len(ink) // 3 : -len(ink) // 8]
    assert body.mean() > 0.005
    assert len(np.unique((picture[::3, ::3] * 15).astype(int).reshape(-1, 3), axis=0)) > colours


def keeps_texts_apart(page: Sheet) -> None:
    """Assert that no text leaves the page or covers another."""
    page.figure.draw_without_rendering()  # SVG and PNG were drawn at other resolutions
    renderer = page.canvas.get_renderer()
    seen = []
    beyond = labels_beyond(page)
    for text in page.figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip() or text in beyond:
            continue
        text.get_window_extent(renderer)  # puts an annotation in its place
        box = Text.get_window_extent(text, renderer)  # without its arrow
        label = text.get_text()
        assert box.x0 >= 0, label
        assert box.y0 >= 0, label
        assert box.x1 <= page.width * DOTS_PER_INCH, label
        assert box.y1 <= page.height * DOTS_PER_INCH, label
        if text.get_rotation() % 90 == 0:  # boxes of slanted text overlap where letters do not
            seen.append((label, box.padded(-1)))
    for (one, first), (other, second) in combinations(seen, 2):
        assert not first.overlaps(second), f"{one!r} covers {other!r}"


def labels_beyond(page: Sheet) -> set[Text]:
    """Return the labels of ticks beyond the limits of their axes, which are not drawn."""
    found = set()
    for axes in page.figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-9 * (high - low)
            for tick in axis.get_major_ticks():
                if not low - room <= tick.get_loc() <= high + room:
                    found |= {tick.label1, tick.label2}
    return found
