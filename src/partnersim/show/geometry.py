"""The world map as shapes to draw: countries, small states as dots, and where labels stand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from matplotlib.path import Path as Shape

Point = tuple[float, float]
_TOKENS = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NUMBERS_PER_COMMAND = {"M": 2, "L": 2, "H": 1, "V": 1, "Z": 0}


@dataclass(frozen=True)
class WorldMap:
    """Shapes in map units: x to the right, y downwards.

    Attributes
    ----------
    width, height : float
        Size of the map.
    countries, eu, other : dict of str to Shape
        Outlines by ISO 3166 code: the partners, the members of the EU, and the rest.
    dots : dict of str to (x, y)
        Partners too small for an outline.
    points : dict of str to (x, y)
        Where a label of a partner stands.
    disclaimer : str
        On boundaries and names, to be printed with the map.
    """

    width: float
    height: float
    countries: dict[str, Shape]
    eu: dict[str, Shape]
    other: dict[str, Shape]
    dots: dict[str, Point]
    points: dict[str, Point]
    disclaimer: str


@cache
def world_map() -> WorldMap:
    """Return the map that comes with the package."""
    text = files("partnersim").joinpath("data", "world_map.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    return WorldMap(
        width=float(raw["width"]),
        height=float(raw["height"]),
        **{
            group: {iso3: shape(path) for iso3, path in raw[group].items()}
            for group in ("countries", "eu", "other")
        },
        dots={iso3: (x, y) for iso3, (x, y) in raw["dots"].items()},
        points={iso3: (x, y) for iso3, (x, y) in raw["points"].items()},
        disclaimer=raw["disclaimer"],
    )


def shape(path: str) -> Shape:
    """Read an SVG path made of straight lines.

    Parameters
    ----------
    path : str
        Commands M, L, H, V, Z and their relative forms.

    Returns
    -------
    Shape
        The same outline for matplotlib.

    Raises
    ------
    ValueError
        If the path holds another command or does not begin with M.
    """
    tokens = _TOKENS.findall(path)
    vertices: list[Point] = []
    codes: list[int] = []
    x = y = 0.0
    start = (x, y)
    command, place = "", 0
    while place < len(tokens):
        if tokens[place].isalpha():
            command = tokens[place]
            place += 1
        kind = command.upper()
        if kind not in _NUMBERS_PER_COMMAND or (not vertices and kind != "M"):
            raise ValueError(f"SVG path: command '{command}' is not read here")
        numbers = [float(item) for item in tokens[place : place + _NUMBERS_PER_COMMAND[kind]]]
        place += len(numbers)
        if kind == "Z":
            x, y = start
            vertices.append(start)
            codes.append(int(Shape.CLOSEPOLY))
            continue
        base_x, base_y = (x, y) if command.islower() else (0.0, 0.0)
        if kind in "ML":
            x, y = base_x + numbers[0], base_y + numbers[1]
        elif kind == "H":
            x = base_x + numbers[0]
        else:
            y = base_y + numbers[0]
        vertices.append((x, y))
        codes.append(int(Shape.MOVETO if kind == "M" else Shape.LINETO))
        if kind == "M":
            start = (x, y)
            command = "l" if command == "m" else "L"  # further pairs after a move are lines
    return Shape(np.array(vertices).reshape(-1, 2), codes)
