"""The figure of goodness of fit: drawn from plain tables, readable, the same every time."""

from __future__ import annotations

import html
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from matplotlib.text import Text

from pages import keeps_texts_apart, kept_pages
from partnersim import InputError
from partnersim.show.validation import draw_goodness_of_fit

WORDS = {
    "what": "how treaties spread over countries",
    "horizontal": "treaties of a country",
    "vertical": "countries",
}


def compared(names: list[str], p_value: float, shift: float = 0.0) -> SimpleNamespace:
    draw = np.random.default_rng(4)
    simulated = pd.DataFrame(draw.poisson(6, size=(200, len(names))), columns=names)
    simulated[names[-1]] = 0  # never varies
    observed = simulated.median() + shift
    return SimpleNamespace(observed=observed, simulated=simulated, p_value=p_value)


@pytest.mark.parametrize(
    "names",
    [list("0123456"), ["alone"], [f"a long name {number}" for number in range(24)]],
    ids=["seven", "one", "many"],
)
def test_the_figure_is_drawn_and_can_be_read(names: list[str], tmp_path: Path) -> None:
    with kept_pages() as pages:
        written = draw_goodness_of_fit(compared(names, 0.43), folder=tmp_path / "new", **WORDS)
    stem = "goodness_of_fit_how_treaties_spread_over_countries"
    assert [path.name for path in written] == [f"{stem}.{kind}" for kind in ("png", "svg", "pdf")]
    (page,) = pages.values()
    picture = imread(written[0])[:, :, :3]
    assert picture.shape[:2] == pytest.approx((200 * page.height, 200 * page.width), abs=1)
    red = (picture[:, :, 0] > 0.7) & (picture[:, :, 2] < 0.2)
    assert red.sum() > 100 * len(names)
    keeps_texts_apart(page)
    words = [text.get_text() for text in page.figure.findobj(Text)]
    assert "treaties of a country" in words
    assert "countries" in words
    again = {path.name: path.read_bytes() for path in written}
    draw_goodness_of_fit(compared(names, 0.43), folder=tmp_path / "new", **WORDS)
    assert {path.name: path.read_bytes() for path in written} == again


@pytest.mark.parametrize(
    ("shift", "p_value", "title"),
    [
        (
            0.0,
            0.43,
            "reproduces how treaties spread over countries: all 3 observed values lie within the "
            "90 % band (p = 0.43)",
        ),
        (
            30.0,
            0.0,
            "misses how treaties spread over countries: 0 of 3 observed values lie within the "
            "90 % band (p < 0.01)",
        ),
    ],
)
def test_the_title_says_whether_the_model_fits(
    shift: float, p_value: float, title: str, tmp_path: Path
) -> None:
    drawn = draw_goodness_of_fit(compared(list("abc"), p_value, shift), folder=tmp_path, **WORDS)
    svg = next(path for path in drawn if path.suffix == ".svg")
    found = re.search(r"<dc:title>(.*?)</dc:title>", svg.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert title in html.unescape(found.group(1)).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"observed": pd.Series(dtype=float)}, "observed: 0 values, allowed are 1 to 24"),
        ({"observed": pd.Series({"b": 1.0, "a": 1.0})}, "simulated: its columns must be the index"),
        ({"observed": pd.Series({"a": math.nan, "b": 1.0})}, "must be finite numbers"),
        ({"p_value": 7}, "p_value: 7 given, must be from 0 to 1"),
        ({"simulated": pd.DataFrame({"a": [1], "b": [1]})}, "1 histories, must be 2 or more"),
    ],
)
def test_wrong_tables(change: dict[str, Any], problem: str, tmp_path: Path) -> None:
    given = compared(["a", "b"], 0.5)
    vars(given).update(change)
    with pytest.raises(InputError, match=problem):
        draw_goodness_of_fit(given, folder=tmp_path, **WORDS)
    assert list(tmp_path.iterdir()) == []
