"""The map has every country, inside its frame, in paths that are easy to draw."""

import json
import re

import pytest

from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import load_world

PATH = re.compile(r"(M-?[\d.]+,-?[\d.]+(L-?[\d.]+,-?[\d.]+)+Z)+")


@pytest.fixture(scope="module")
def world_map():
    return json.loads((PACKAGE_DATA / "world_map.json").read_text(encoding="utf-8"))


def test_every_country_is_drawn(world_map):
    codes = set(load_world().countries["iso3"])
    assert set(world_map["countries"]) == codes
    assert set(world_map["points"]) == codes
    assert len(world_map["eu"]) == 27
    assert not set(world_map["eu"]) & codes
    assert {"SGP", "NRU", "AND", "FRO"} <= set(world_map["dots"]) <= codes


def test_paths_are_plain(world_map):
    for group in ("countries", "eu", "other"):
        for code, path in world_map[group].items():
            assert PATH.fullmatch(path), code


def test_points_are_inside(world_map):
    for x, y in (*world_map["points"].values(), *world_map["dots"].values()):
        assert 0 <= x <= world_map["width"]
        assert 0 <= y <= world_map["height"]


def test_size_and_credits(world_map):
    assert (PACKAGE_DATA / "world_map.json").stat().st_size < 220_000
    assert "Natural Earth" in world_map["attribution"]
    assert "legal status" in world_map["disclaimer"]
