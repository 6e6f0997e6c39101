"""The roles of the exercise, what each may decide (two tables beside this file), and decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from partnersim.errors import nearest
from partnersim.page.futures import world_of
from partnersim.page.request import Line, usual_scenario
from partnersim.scenario.settings import Settings, Several, number, setting
from partnersim.shipped_folder import rows_of
from partnersim.world.places import nearest_place


class Lever(NamedTuple):
    """A lever of a role: its range in the exercise, and the points of moving it all the way."""

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
                lever["name"]: Lever(*(float(lever[part]) for part in Lever._fields))
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


#: Quarters of a round.
QUARTERS = 8
#: A strike on a whole region costs so many times one on a country.
REGION_PRICE = 3
_MOST_STRIKES, _MOST_NAMES = 6, 30
_ROUNDING = 1e-6
#: What a strike may reach besides countries and regions.
WORLD = "world"

_Name = Annotated[str, Field(min_length=1, max_length=80)]


class Strike(Settings):
    """A shock that a team lets strike."""

    shock: _Name = setting("Shock type")
    where: _Name = setting("world, a region or an ISO3 code")
    quarter: int = number("Quarter of the round", 1, QUARTERS)
    severity: float = number("How hard it strikes", 0, 1)


class Decision(Settings):
    """What a team decides in one round; an empty one leaves everything as it is."""

    levers: dict[_Name, float] = setting(
        "New values of levers, by path", {}, max_length=_MOST_NAMES
    )
    shocks: Several[Strike] = setting(
        "Shocks that strike for certain", (), max_length=_MOST_STRIKES
    )
    proposes: Several[_Name] = setting(
        "Instruments that its countries ask for at their turns, the first one first",
        (),
        max_length=_MOST_NAMES,
    )
    declines: Several[_Name] = setting(
        "Instruments that they do not ask for", (), max_length=_MOST_NAMES
    )
    guess: float | None = setting("What the metric of the room will be", None, ge=-1e12, le=1e12)
    note: Line = setting("Why, in one line", "", max_length=200)

    def price(self, role: Role, levers: Mapping[str, float]) -> float:
        """Return the points that it costs.

        Parameters
        ----------
        role : Role
            Whose decision it is; it may decide all of it, see `problems`.
        levers : mapping of str to float
            Where the levers stand.
        """
        on_world = _shocks_on_world()
        moves = sum(
            role.levers[path].price
            * abs(value - levers[path])
            / (role.levers[path].high - role.levers[path].low)
            for path, value in self.levers.items()
        )
        strikes = sum(
            role.shocks[strike.shock]
            * strike.severity
            * (1 if len(strike.where) == 3 or strike.shock in on_world else REGION_PRICE)
            for strike in self.shocks
        )
        stances = role.country_price * (len(self.proposes) + len(self.declines))
        return float(round(moves + strikes + stances, 6))

    def problems(self, role: Role, levers: Mapping[str, float]) -> list[str]:
        """Return what of it the role may not decide, one line each; see `price`."""
        world, on_world = world_of(usual_scenario().world), _shocks_on_world()
        instruments = list(world.instruments["instrument"])
        places = [*world.regions, *world.countries["iso3"]]
        lines = []
        for path, value in self.levers.items():
            lever = role.levers.get(path)
            if lever is None:
                lines.append(
                    f"levers.{path}: not a lever of {role.name}{nearest(path, role.levers)}"
                )
            elif not lever.low <= value <= lever.high:
                lines.append(
                    f"levers.{path} = {value:g}: must be from {lever.low:g} to {lever.high:g}"
                )
        after = {**levers, **self.levers}
        weights = {group_of(path) for path in self.levers if path in role.levers} - {""}
        for group in sorted(weights):
            if not any(after[path] for path in levers if group_of(path) == group):
                lines.append(f"levers.{group}: one must be above 0")
        for strike in self.shocks:
            if strike.shock not in role.shocks:
                near = nearest(strike.shock, role.shocks)
                lines.append(f"shocks.{strike.shock}: not a shock of {role.name}{near}")
            elif strike.shock in on_world and strike.where != WORLD:
                lines.append(f"shocks.{strike.shock}: strikes the {WORLD} only")
            elif strike.shock not in on_world and strike.where not in places:
                near = nearest_place(strike.where, places)
                lines.append(f"shocks.{strike.shock}: unknown place '{strike.where}'{near}")
            elif strike.where in role.countries:
                lines.append(f"shocks.{strike.shock}: {role.name} does not strike itself")
        asked = [*self.proposes, *self.declines]
        if asked and not role.countries:
            lines.append(f"proposes: {role.name} decides no country's turns")
        lines += [
            f"proposes: unknown instrument '{name}'{nearest(name, instruments)}"
            for name in asked
            if name not in instruments
        ]
        if len(set(asked)) < len(asked):
            lines.append("proposes: an instrument stands twice")
        if not lines:
            price = self.price(role, levers)
            if price > role.budget + _ROUNDING:
                lines.append(f"costs {price:.1f} points, more than a round has")
        return lines


def _shocks_on_world() -> list[str]:
    """Return the shock types that strike the whole world, at the price of one country."""
    return [name for name, each in usual_scenario().shocks.items() if each.scope == WORLD]
