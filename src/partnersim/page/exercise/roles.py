"""The roles of the exercise, and what each may decide: two tables beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from partnersim.shipped_folder import rows_of


class Lever(NamedTuple):
    """A lever of a role: its range in the exercise, and the points of moving it all the way."""

    path: str
    low: float
    high: float
    price: float


class Role(NamedTuple):
    """A role: its points for each round, and what it decides.

    Attributes
    ----------
    name : str
    budget : float
        Points for each round; what is left lapses.
    levers : mapping of str to Lever
        By path such as ``policy.openness``.
    countries : tuple of str
        ISO 3166 codes of the countries whose turns it decides.
    country_price : float
        Points of proposing or declining one instrument.
    shocks : mapping of str to float
        Points of a strike of full severity on one country, by shock type.
    """

    name: str
    budget: float
    levers: Mapping[str, Lever]
    countries: tuple[str, ...]
    country_price: float
    shocks: Mapping[str, float]


def group_of(path: str) -> str:
    """Return the group of weights that a lever belongs to; nothing for one that is no weight."""
    group = path.rpartition(".")[0]
    return "" if group in ("policy", "policy.offer") else group


def _rows(table: str) -> list[dict[str, str]]:
    return rows_of(Path(__file__).with_name(f"{table}.csv"))


@cache
def roles() -> dict[str, Role]:
    """Return the roles by name, in the order of their table."""
    means = _rows("means")

    def of(role: str, kind: str) -> list[dict[str, str]]:
        return [row for row in means if (row["role"], row["kind"]) == (role, kind)]

    return {
        name: Role(
            name,
            float(row["budget"]),
            {
                lever["name"]: Lever(
                    lever["name"], float(lever["low"]), float(lever["high"]), float(lever["price"])
                )
                for lever in of(name, "lever")
            },
            tuple(country["name"] for country in of(name, "country")),
            max((float(country["price"]) for country in of(name, "country")), default=0.0),
            {shock["name"]: float(shock["price"]) for shock in of(name, "shock")},
        )
        for row in _rows("roles")
        for name in (row["role"],)
    }


def role_facts() -> list[dict[str, Any]]:
    """Return what the page has to know of every role, as plain data."""
    texts = {row["role"]: row for row in _rows("roles")}
    return [
        {
            "role": role.name,
            "budget": role.budget,
            "label": [texts[role.name][code] for code in ("en", "de", "fr")],
            "task": [texts[role.name][f"task_{code}"] for code in ("en", "de", "fr")],
            "levers": {path: lever._asdict() for path, lever in role.levers.items()},
            "countries": role.countries,
            "country_price": role.country_price,
            "shocks": role.shocks,
        }
        for role in roles().values()
    ]
