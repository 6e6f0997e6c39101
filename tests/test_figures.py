"""Figures are really drawn, the same every time, say what the data say, and nothing is cut off."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.path import Path as Shape
from matplotlib.text import Text

from examples import example, write_example
from pages import holds_ink, keeps_texts_apart, kept_pages
from partnersim import load_world
from partnersim.compare.comparison import Comparison
from partnersim.compare.resilience import LINK_RATE
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.model.constants import DIRECTIONS
from partnersim.runs.reader import Runs
from partnersim.show import sheet as sheets
from partnersim.show.comparison import round_mark
from partnersim.show.figures import AFTER_RUN, NEEDS, draw_figures
from partnersim.show.hub_network import placed_around
from partnersim.show.marks import spread
from partnersim.show.sheet import Sheet, wrapped
from partnersim.show.shocks import peak, percent, response_finding, when
from partnersim.show.signing import PARTNERS
from partnersim.show.world_map import shape, world_map
from studies import invented

__all__ = ["example"]

NAMES = [
    "comparison",
    "growth",
    "growth_by_policy",
    "shock_response",
    "depth_map",
    "hub_network",
    "who_signs",
]


@pytest.fixture(scope="module")
def drawn(example: Runs) -> dict[str, sheets.Sheet]:
    """Draw everything once, keeping the pages."""
    with kept_pages() as pages:
        written = draw_figures(example.folder, AFTER_RUN)
    assert [path.name for path in written] == [
        f"{name}.{kind}" for name in NAMES for kind in ("png", "svg", "pdf")
    ]
    return pages


def title_of(stored: Runs, name: str) -> str:
    svg = (stored.folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
    found = re.search(r"<dc:title>(.*?)</dc:title>", svg, re.DOTALL)
    assert found
    return found.group(1)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_hold_ink_all_over(
    example: Runs, drawn: dict[str, sheets.Sheet], name: str
) -> None:
    holds_ink(drawn[name], example.folder / "figures" / f"{name}.png")


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_the_page_or_covers_another(
    drawn: dict[str, sheets.Sheet], name: str
) -> None:
    keeps_texts_apart(drawn[name])


def test_the_same_experiment_gives_the_same_bytes(
    example: Runs, drawn: dict[str, sheets.Sheet]
) -> None:
    assert drawn
    folder = example.folder / "figures"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):  # a user's taste
        draw_figures(example.folder, AFTER_RUN)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_titles_say_what_the_tables_say(example: Runs, drawn: dict[str, sheets.Sheet]) -> None:
    assert drawn
    runs = example.outcomes(["instruments"], policy="balanced")
    by_climate = runs.groupby("future")["instruments"].mean()
    climates = ["calm", "fragmentation"]
    best, worst = climates[by_climate.idxmax()], climates[by_climate.idxmin()]
    assert best != worst
    growth = title_of(example, "growth")
    assert f"{by_climate.max():.0f} instruments are in force by the end of 2027" in growth
    assert f"if the climate is {best} (mean); {by_climate.min():.0f} under {worst}" in growth
    # Nine of ten of so few runs would mean nothing: a mean.
    of = [f"instruments_{direction}" for direction in DIRECTIONS]
    ends = example.outcomes(of).query("future == 0").groupby("policy", observed=True)[of].mean()
    apart = (ends - ends.loc["balanced"]).stack()
    policy, metric = apart.abs().idxmax()
    most, direction = apart[policy, metric], metric.removeprefix("instruments_")
    assert title_of(example, "growth_by_policy").startswith(
        f"In a calm climate, “{policy.replace('_', ' ')}” moves the network most: in “{direction}” "
        f"it has {abs(most):.0f} instruments {'more' if most > 0 else 'fewer'} than “balanced”"
    )
    links = example.links(policy="balanced", future=0)["probability"].sum()
    told = re.search(r"(\d+) links run directly", title_of(example, "hub_network"))
    assert int(told[1]) == pytest.approx(links, abs=0.500001)
    shocks = example.shock_response().query("metric == 'partner_value'")
    loss = (100 * shocks["difference"] / shocks["unstruck"]).to_numpy()
    # The mean response that is farthest below nothing, and when.
    worst = shocks.iloc[loss.argmin()]
    worst_name = str(worst["shock"]).replace("_", " ").capitalize()
    quarters = int(worst["quarters_since"])
    moment = f"after {quarters} quarter" if quarters else "at once"
    assert title_of(example, "shock_response").startswith(
        f"“{worst_name}” takes most from value to partners: −{-loss.min():.1f}\u00a0% {moment}"
    )


def test_title_and_margins_of_who_signs_count_the_same(
    example: Runs, drawn: dict[str, sheets.Sheet]
) -> None:
    rows = example.in_force(by_future=True)
    rows = rows[(rows["policy"] == "balanced") & (rows["future"] == 0) & (rows["year"] == 2027)]
    held = example.world.held
    new = [pair not in held for pair in zip(rows["iso3"], rows["instrument"], strict=True)]
    chances = (rows["in_force"] / rows["runs"])[new]
    expected = chances.groupby(rows["iso3"][new], observed=True).sum()
    page = drawn["who_signs"]
    most = expected.sort_values(ascending=False)
    assert f"{expected.sum():.1f} new instruments are expected" in page.title
    assert f"({most.iloc[0]:.1f})" in page.title
    (axes,) = page.figure.axes
    columns = 1 + min(PARTNERS, len(expected[expected > 0]))
    totals = [float(text.get_text()) for text in axes.texts[:columns]]
    assert totals[0] == pytest.approx(expected.sum(), abs=0.06)
    assert totals[1:] == pytest.approx(most[most > 0][:PARTNERS].tolist(), abs=0.06)


def test_every_figure_says_where_it_comes_from(
    example: Runs, drawn: dict[str, sheets.Sheet]
) -> None:
    coefficients = load_experiment([]).configuration()["behaviour"]
    origins = [each["origin"] for each in coefficients["coefficients"].values()]
    assumed = origins.count("assumed")
    assert 0 < assumed < len(origins)
    for name, page in drawn.items():
        written = " ".join(text.get_text() for text in page.figure.findobj(Text))
        assert "12 runs per policy and climate" in written, name
        assert example.manifest["configuration_hash"][:12] in written, name
        assert "partnersim 0." in written, name
        assert f"rests on {assumed} assumed coefficients" in written, name
    assert "Boundaries and names shown" in " ".join(
        text.get_text() for text in drawn["depth_map"].figure.findobj(Text)
    )


def test_identifiers_of_several_figures_do_not_clash(
    example: Runs, drawn: dict[str, sheets.Sheet]
) -> None:
    identifiers = []
    for name in drawn:
        svg = (example.folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        mine = set(re.findall(r'\bid="([^"]+)"', svg))
        used = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))
        assert used <= mine, name
        identifiers.append(mine)
    assert sum(map(len, identifiers)) == len(set().union(*identifiers))


def test_one_arm_without_shocks_gives_fewer_figures(tmp_path: Path) -> None:
    stored = write_example(
        tmp_path / "one", policies=("balanced",), climates=("calm",), shocks=(), replicates=1
    )
    with kept_pages(written=False) as pages:
        written = draw_figures(stored.folder, AFTER_RUN)
    names = [path.stem for path in written if path.suffix == ".png"]
    assert names == ["growth", "depth_map", "hub_network", "who_signs"]
    assert "Under “balanced”" in pages["growth"].title
    assert "(mean)" in pages["growth"].title
    for page in pages.values():
        shown = " ".join(text.get_text() for text in page.figure.findobj(Text))
        assert "90 %" not in shown
        keeps_texts_apart(page)


def test_names_are_drawn_as_they_were_typed_however_long(tmp_path: Path) -> None:
    policies = (
        "balanced",
        "cost $5 and $6",
        "x$\\frac$y",
        "w" * 41,
        "a_policy_with_" + "long_" * 5,
    )
    climates = ("calm", "$x^2$ and then a climate of forty-one letters")
    stored = write_example(tmp_path / "named", policies=policies, climates=climates, replicates=3)
    with kept_pages(written=False) as pages:
        draw_figures(stored.folder, [*AFTER_RUN, "regret", "parallel_coordinates"])
    assert set(pages) > set(NAMES)
    for name, page in pages.items():
        keeps_texts_apart(page)
        written = "".join(text.get_text() for text in page.figure.findobj(Text))
        if name in ("comparison", "growth_by_policy", "regret", "parallel_coordinates"):
            assert "Cost $5 and $6" in written, name
            assert "w" * 15 in written, name


def test_letters_that_no_font_has_are_told_in_one_line(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", "figures show")
        Sheet(None, 6.0, 1.0, title="关系 and 政策", subtitle="关").save(tmp_path, "boxes")
    told = "figures show boxes for letters that no font has: 关政策系"
    assert [str(one.message) for one in seen] == [told]


def test_the_horizon_may_be_one_quarter(tmp_path: Path) -> None:
    stored = write_example(tmp_path / "short", shocks=(), end="2025Q3")
    assert stored.quarters == ["2025Q2", "2025Q3"]
    with kept_pages(written=False) as pages:
        draw_figures(stored.folder)  # all that a report shows
    assert {"growth", "growth_by_policy"} <= set(pages)
    for page in pages.values():
        keeps_texts_apart(page)


@pytest.mark.parametrize(
    ("kind", "more", "drawn"), [("grid", [], True), ("grid", ["seed"], False), ("sobol", [], False)]
)
def test_cells_of_linking_need_a_grid_of_nothing_else(
    kind: str, more: list[str], drawn: bool
) -> None:
    runs = SimpleNamespace(kind=kind, futures=pd.DataFrame(columns=["future", LINK_RATE, *more]))
    assert NEEDS["linking"](SimpleNamespace(runs=runs)) == drawn  # type: ignore[arg-type]


def test_a_figure_of_what_is_not_there_is_refused(example: Runs) -> None:
    with pytest.raises(InputError, match="holds nothing that these figures show: standing"):
        draw_figures(example.folder, ["standing"])
    with pytest.raises(InputError, match="did you mean 'regret'"):
        draw_figures(example.folder, ["regrett"])


def test_figures_need_no_window_whatever_the_environment_says() -> None:
    lines = "import partnersim.show, os; print(os.environ['MPLBACKEND'])"
    told = subprocess.run(
        [sys.executable, "-c", lines],
        env=os.environ | {"MPLBACKEND": "module://no_such_backend"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "module://no_such_backend\n"


def test_policies_that_cannot_be_told_apart_do_not_beat_each_other() -> None:
    def beaten(**gains: float) -> list[str]:
        runs = invented({"balanced": 0.0, **gains}, futures=20, replicates=4)
        return Comparison(runs).beaten

    assert beaten(better=5.0) == ["balanced"]
    assert beaten(alike=0.001) == []


def test_an_unfinished_experiment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        draw_figures(tmp_path)


def test_marks_are_round_and_within_the_axis() -> None:
    assert [round_mark(reach) for reach in (1.0, 1.25, 340.0, 0.0127)] == [
        0.8,
        1.0,
        200.0,
        pytest.approx(0.01),
    ]


def test_peak_is_the_farthest_from_zero() -> None:
    curve = pd.DataFrame({"difference": [0.0, -2.0, 1.0]}, index=[-1, 0, 3])
    assert peak(curve) == (0, -2.0)
    assert [when(0), when(1), when(5)] == ["at once", "after 1 quarter", "after 5 quarters"]
    assert percent(-2.04) == "−2.0\u00a0%"


@pytest.mark.parametrize(
    ("differences", "highs", "told"),
    [
        (
            [-2.0, 1.0, 3.0],
            [-1.0, 2.0, 4.0],
            "−2.0\u00a0% at once, none of it seen after 8 quarters",
        ),
        (
            [-1.0, -3.0, -2.0],
            [0.5, -2.0, -1.0],
            "−3.0\u00a0% after 4 quarters, −2.0\u00a0% still after",
        ),
        ([-0.1, 1.0, 3.0], [0.5, 2.0, 4.0], "is seen to take anything"),
    ],
)
def test_what_shocks_take_is_not_told_of_a_gain(
    differences: list[float], highs: list[float], told: str
) -> None:
    """A dip before a larger gain is harm; what is back, or a gain, is not still lost."""
    curve = pd.DataFrame({"difference": differences, "high": highs}, index=[0, 4, 8])
    assert told in response_finding({"cable_cut": curve}, ["cable_cut"], "value")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([1.0, 5.0], [1.0, 5.0]),
        ([4.0, 4.0], [3.5, 4.5]),
        ([5.0, 4.0, 4.0], [5.5, 3.5, 4.5]),
        ([0.0, 0.0], [0.0, 1.0]),
        ([10.0, 10.0, 9.9], [9.0, 10.0, 8.0]),
    ],
)
def test_labels_are_spread_around_where_they_belong(
    wanted: list[float], expected: list[float]
) -> None:
    assert spread(wanted, 1.0, 0.0, 10.0) == pytest.approx(expected, abs=0.01)


def test_labels_never_stand_closer_than_the_gap() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        wanted = random.uniform(0, 10, random.integers(2, 9)).tolist()
        placed = np.array(spread(wanted, 1.0, 0.0, 10.0))
        assert np.diff(np.sort(placed)).min() > 1 - 1e-9
        assert placed.min() > -1e-9
        assert placed.max() < 10 + 1e-9
        assert np.array_equal(np.argsort(placed), np.argsort(wanted))


def test_partners_of_the_network_stand_apart() -> None:
    regions = np.repeat(["a", "b", "c"], [1, 40, 7])
    partners = pd.DataFrame({"region": regions, "longitude": range(48), "depth": 1.0})
    placed = placed_around(partners)
    points = placed[["x", "y"]].to_numpy()
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)[np.triu_indices(48, 1)]
    assert gaps.min() > 0.03
    inside = np.hypot(
        *(points - np.column_stack([np.cos(placed["angle"]), np.sin(placed["angle"])])).T
    )
    assert (inside < placed["radius"]).all()


def test_words_that_are_too_long_for_a_line_are_broken() -> None:
    lines = wrapped("some words, then " + "w" * 41, 1.2, 9.0)
    assert "".join(lines).replace(" ", "") == "somewords,then" + "w" * 41
    assert max(sheets.width_of(line, 9.0) for line in lines) <= 1.2


def test_svg_paths_become_closed_outlines() -> None:
    outline = shape("M1,2L3,2L3,5ZM10,10L11,10L11,11Z")
    assert outline.vertices.tolist()[:4] == [[1, 2], [3, 2], [3, 5], [1, 2]]
    assert outline.codes is not None
    assert outline.codes.tolist() == [1, 2, 2, 79] * 2
    with pytest.raises(ValueError, match="C1"):
        shape("M0,0C1,1Z")


def test_the_map_shows_every_partner() -> None:
    shapes = world_map()
    assert len(shapes.countries) == len(shapes.points) == 169
    assert len(shapes.eu) == 27
    for iso3, (x, y) in shapes.points.items():
        assert 0 <= x <= shapes.width, iso3
        assert 0 <= y <= shapes.height, iso3
    japan = shapes.countries["JPN"]
    assert isinstance(japan, Shape)
    assert japan.contains_point(shapes.points["JPN"])
    assert set(load_world().countries["iso3"]) <= set(shapes.points)
