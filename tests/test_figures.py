"""Figures are really drawn, the same every time, say what the data say, and nothing is cut off."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.path import Path as Shape
from matplotlib.text import Text

from pages import holds_ink, keeps_texts_apart, kept_pages
from partnersim.errors import InputError
from partnersim.runs.experiment_reader import StoredExperiment
from partnersim.show import sheet as sheets
from partnersim.show.all_figures import draw_all
from partnersim.show.comparison import round_mark
from partnersim.show.geometry import shape, world_map
from partnersim.show.hub_network import free_angle
from partnersim.show.shock_response import peak, percent, when
from partnersim.show.style import spread
from partnersim.show.verdicts import Tally, compared_metrics, finding, judged, tallied
from test_store_example import example, small_world, write_example

__all__ = ["example"]

NAMES = [
    "comparison",
    "growth",
    "growth_by_policy",
    "depth_map",
    "hub_network",
    "who_signs",
    "shock_response",
]


@pytest.fixture(scope="module")
def drawn(example: StoredExperiment) -> dict[str, sheets.Sheet]:
    """Draw everything once, keeping the pages."""
    with kept_pages() as pages:
        written = draw_all(example.folder)
    assert [path.name for path in written] == [
        f"{name}.{kind}" for name in NAMES for kind in ("png", "svg")
    ]
    return pages


def title_of(stored: StoredExperiment, name: str) -> str:
    svg = (stored.folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
    found = re.search(r"<dc:title>(.*?)</dc:title>", svg, re.DOTALL)
    assert found
    return found.group(1)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_hold_ink_all_over(
    example: StoredExperiment, drawn: dict[str, sheets.Sheet], name: str
) -> None:
    holds_ink(drawn[name], example.folder / "figures" / f"{name}.png")


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_the_page_or_covers_another(
    drawn: dict[str, sheets.Sheet], name: str
) -> None:
    keeps_texts_apart(drawn[name])


def test_the_same_experiment_gives_the_same_bytes(
    example: StoredExperiment, drawn: dict[str, sheets.Sheet]
) -> None:
    assert drawn
    folder = example.folder / "figures"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):  # a user's taste
        draw_all(example.folder, processes=2)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_titles_say_what_the_tables_say(
    example: StoredExperiment, drawn: dict[str, sheets.Sheet]
) -> None:
    assert drawn
    summary = example.table("summary").set_index(["policy", "climate", "metric"])
    row = summary.loc[("balanced", "calm", "instruments")]
    growth = title_of(example, "growth")
    assert f"{row['median']:.0f} instruments are in force by the end of 2027" in growth
    assert f"{row['low']:.0f} to {row['high']:.0f}" in growth
    assert "under fragmentation" in growth
    by_policy = title_of(example, "growth_by_policy")
    assert "instruments (“no offer”) to" in by_policy
    assert "the largest shift from “balanced”: “no offer” has" in by_policy
    signing = example.table("signing", arm=("balanced", "calm"))
    expected = signing[signing["by"] == 2027]["probability"].sum()
    assert f"{expected:.0f} new instruments are expected" in title_of(example, "who_signs")
    links = summary.loc[("balanced", "calm", "links"), "median"]
    assert f"{links:.0f} links run directly" in title_of(example, "hub_network")
    assert title_of(example, "shock_response").startswith("“Cable cut” takes most from value")


def test_every_figure_says_where_it_comes_from(
    example: StoredExperiment, drawn: dict[str, sheets.Sheet]
) -> None:
    for name, page in drawn.items():
        written = " ".join(text.get_text() for text in page.figure.findobj(Text))
        assert "12 runs per policy and climate" in written, name
        assert example.manifest["configuration_hash"][:12] in written, name
        assert "partnersim 0." in written, name
        assert "rests on 2 assumed coefficients" in written, name
    assert "Boundaries and names shown" in " ".join(
        text.get_text() for text in drawn["depth_map"].figure.findobj(Text)
    )


def test_identifiers_of_several_figures_do_not_clash(
    example: StoredExperiment, drawn: dict[str, sheets.Sheet]
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
        tmp_path / "one", policies=("balanced",), climates=("calm",), shocks=(), replicates=2
    )
    names = [path.stem for path in draw_all(stored.folder) if path.suffix == ".png"]
    assert names == ["growth", "depth_map", "hub_network", "who_signs"]
    assert "Under “balanced”" in title_of(stored, "growth")


def test_an_unfinished_experiment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no finished experiment"):
        draw_all(tmp_path)


def test_judged_knows_which_side_is_better() -> None:
    assert judged(2.0, 1.0, 3.0, "more") == 1
    assert judged(2.0, 1.0, 3.0, "less") == -1
    assert judged(-2.0, -3.0, -1.0, "less") == 1
    assert judged(2.0, -1.0, 5.0, "more") == 0
    assert judged(2.0, 1.0, 3.0, "") == 0
    assert judged(2.0, np.nan, np.nan, "more") == 0


def test_tally_counts_what_holds_in_every_climate() -> None:
    rows = [
        ("a", "calm", "links", 2.0, 1.0, 3.0),
        ("a", "rivalry", "links", 2.0, 1.0, 3.0),
        ("a", "calm", "rival_share", 0.2, 0.1, 0.3),
        ("a", "rivalry", "rival_share", 0.2, 0.1, 0.3),
        ("a", "calm", "eu_value", 2.0, 1.0, 3.0),
        ("a", "rivalry", "eu_value", 2.0, -1.0, 3.0),
    ]
    columns = ["policy", "climate", "metric", "difference", "difference_low", "difference_high"]
    summary = pd.DataFrame(rows, columns=columns)
    metrics = ["links", "rival_share", "eu_value"]
    assert tallied(summary, "a", metrics) == Tally(("links",), ("rival_share",))
    assert compared_metrics(summary, "balanced", 2) == ["links", "eu_value"]
    assert compared_metrics(summary, "a", 9) == []


def test_the_finding_names_gain_and_price() -> None:
    both = Tally(("links", "partner_value", "eu_value"), ("rival_share",))
    trade = finding({"a_first": both, "b": Tally((), ("links",))}, "balanced")
    assert trade == (
        "No policy beats “balanced” without losing elsewhere: “a first” is better on links "
        "between partners, value to partners and 1 more, but worse on share of rival suppliers"
    )
    flawless = finding({"a": Tally(("links",), ()), "b": both}, "balanced")
    assert flawless.startswith("“A” is clearly better than “balanced” on links between partners")
    assert finding({"a": Tally((), ())}, "balanced").startswith("No policy differs clearly")
    # A policy that changes nothing clearly is never the one that is told.
    silent = finding({"a": Tally((), ()), "b": Tally((), ("links", "depth_mean"))}, "balanced")
    assert "“b” is worse on" in silent


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
    ("wanted", "expected"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([1.0, 5.0], [1.0, 5.0]),
        ([4.0, 4.0], [3.5, 4.5]),
        ([5.0, 4.0, 4.0], [5.33, 3.33, 4.33]),
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


def test_rings_are_named_where_no_partner_is() -> None:
    angles = np.radians([0, 30, 60, 130, 160, 190, 220, 250, 280, 310])
    assert np.degrees(free_angle(angles)) == pytest.approx(95)


def test_svg_paths_are_read_in_both_forms() -> None:
    absolute = shape("M1,2L3,2L3,5H1V2ZM10,10L11,10L11,11Z")
    relative = shape("m1 2 2 0 0 3h-2v-3zm9 8l1,0l0,1z")
    assert np.array_equal(absolute.vertices, relative.vertices)
    assert absolute.codes is not None
    assert absolute.codes.tolist() == [1, 2, 2, 2, 2, 79, 1, 2, 2, 79]
    assert absolute.vertices[5].tolist() == [1, 2]
    with pytest.raises(ValueError, match="command 'C'"):
        shape("M0,0C1,1,2,2,3,3")
    with pytest.raises(ValueError, match="command 'L'"):
        shape("L1,1")


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
    assert set(small_world().countries["iso3"]) <= set(shapes.points)
