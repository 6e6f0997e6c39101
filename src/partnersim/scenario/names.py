"""Names that settings may use: those that a world and the other settings know.

They are the context of validation (``model_validate(settings, context=names)``), so that an
unknown name is found beside every other problem. Without a context any name is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from partnersim.errors import nearest
from partnersim.scenario.problems import MOST_PROBLEMS, UNKNOWN_NAME, shown
from partnersim.world.places import group_names, nearest_place, partner_names, short_name

if TYPE_CHECKING:
    from partnersim.world.indicators import ScoreWeight
    from partnersim.world.world import World

#: Stands for all partners where a shock strikes.
EVERYWHERE = "world"


@dataclass(frozen=True)
class Names:
    """The names that may stand in settings; None where nothing is known about a kind of name.

    Attributes
    ----------
    world : str
        Name of the world.
    countries : dict of str to str
        Name of each country by ISO3 code.
    regions, instruments, metrics : tuple of str
        Names of the world.
    buyers : tuple of str
        Regions in which somebody may buy packages of the Offer.
    settled : tuple of str
        Instruments that all who may have them have or negotiate.
    groups : mapping of str to tuple of str
        Members of each group of countries, see `partnersim.world.places`.
    shocks : tuple of str or None
        Types of the shock catalogue.
    coefficients : mapping
        Settings of the coefficients by name, valid or not.
    weights : mapping
        Weights behind the scores of countries, by name.
    """

    world: str
    countries: dict[str, str]
    regions: tuple[str, ...]
    buyers: tuple[str, ...]
    instruments: tuple[str, ...]
    settled: tuple[str, ...]
    metrics: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shocks: tuple[str, ...] | None = None
    coefficients: Mapping[str, Any] | None = None
    weights: Mapping[str, ScoreWeight] | None = None


def names_of(world: World) -> Names:
    """Return the names that a world knows."""
    # Reading settings for --help must not wait for numpy.
    from partnersim.model.constants import PLANNED
    from partnersim.model.metrics import metric_names

    codes = [str(code) for code in world.countries["iso3"]]
    region = world.arrays.region
    buyers = set(region[world.arrays.developing == 1].tolist())
    instruments = [str(name) for name in world.instruments["instrument"]]
    free = (world.arrays.eligible == 1) & (world.arrays.stage <= PLANNED)
    still_open = free.any(axis=0)
    if len(set(region.tolist())) < len(world.regions) or not buyers:
        # A world of some regions, or without anybody who may buy: the usual policy must fit it.
        buyers = set(range(len(world.regions)))
        still_open[:] = True
    return Names(
        world=world.name,
        countries=dict(zip(codes, map(str, world.countries["name"]), strict=True)),
        regions=tuple(world.regions),
        buyers=tuple(name for place, name in enumerate(world.regions) if place in buyers),
        instruments=tuple(instruments),
        settled=tuple(compress(instruments, ~still_open)),
        metrics=metric_names(world.regions),
        groups=world.groups,
        weights=world.grounds.weights if world.grounds else None,
    )


def members_of(places: Iterable[str], world: World) -> list[str]:
    """Return the codes of the countries that places stand for, in the order of the world."""
    wanted = set(places)
    inside = {code for name in wanted for code in world.groups.get(name, ())}
    return [
        str(code)
        for code, region in zip(world.countries["iso3"], world.countries["region"], strict=True)
        if EVERYWHERE in wanted or code in wanted or region in wanted or code in inside
    ]


def refuse_name(message: Callable[[], str]) -> NoReturn:
    """Refuse a name, from within a validator; what is said is made only if it is shown."""
    raise PydanticCustomError(UNKNOWN_NAME, "unknown name", {"message": message})


def _known(kind: str, what: str) -> AfterValidator:
    """Return a validator of names of a kind, an attribute of `Names`."""

    def validate(name: str, info: ValidationInfo) -> str:
        allowed = getattr(info.context, kind, None)
        if allowed is not None and name not in allowed:
            refuse_name(lambda: f"unknown {what} {shown(name)}{nearest(name, allowed)}")
        return name

    return AfterValidator(validate)


def _region(name: str, info: ValidationInfo) -> str:
    """Return the full name of a region given by its full or short name."""
    if info.context is None:
        return name
    regions: tuple[str, ...] = info.context.regions
    found = _full_names(regions).get(name, name)
    if found not in regions:
        typed = _typed(regions)
        refuse_name(
            lambda: (
                f"unknown region {shown(name)}{nearest_place(name, typed)}"
                f" (regions: {', '.join(typed)})"
            )
        )
    return found


def _buyer(name: str, info: ValidationInfo) -> str:
    """Return a region in which somebody may buy packages."""
    if info.context is not None and name not in info.context.buyers:
        typed = ", ".join(_typed(info.context.buyers))
        refuse_name(lambda: f"nobody in {shown(name)} may buy packages (regions: {typed})")
    return name


def _open(name: str, info: ValidationInfo) -> str:
    """Return an instrument that somebody may still open."""
    if info.context is not None and name in info.context.settled:
        refuse_name(
            lambda: (
                f"whoever may have {shown(name)} has or negotiates it already:"
                " its priority would favour nobody"
            )
        )
    return name


def _typed(regions: tuple[str, ...]) -> list[str]:
    """Return regions as they can be typed."""
    return [region if region.isalpha() else short_name(region) for region in regions]


@lru_cache(maxsize=16)
def _full_names(regions: tuple[str, ...]) -> dict[str, str]:
    return {short_name(region): region for region in regions}


def _country(code: str, info: ValidationInfo) -> str:
    if info.context is not None and code not in info.context.countries:
        countries = info.context.countries
        refuse_name(lambda: f"unknown country {shown(code)}{_country_hint(code, countries)}")
    return code


def _country_hint(given: str, allowed: Iterable[str]) -> str:
    """Return the nearest country or place, or how a country is written."""
    return nearest_place(given, allowed) or "; write an ISO 3166 code of three letters such as KEN"


def _as_list(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and not value:
        raise ValueError("must name world, a region or a country")
    return (value,) if isinstance(value, str) else value


def _places(given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if info.context is None:
        return given
    regions, countries, groups = (
        getattr(info.context, kind) for kind in ("regions", "countries", "groups")
    )
    full = _full_names(regions)
    found = tuple(full.get(name, name) for name in given)
    wrong = [name for name in found if name not in (EVERYWHERE, *regions, *countries, *groups)]
    if wrong:
        known = (EVERYWHERE, *full, *groups)
        refuse_name(
            lambda: "; ".join(
                f"{shown(name)} is neither {EVERYWHERE}, nor a region, a group or a country"
                f"{_country_hint(name, (*known, *countries))}"
                for name in wrong[:MOST_PROBLEMS]
            )
        )
    return found


def _group(name: str, info: ValidationInfo) -> str:
    """Return a group or a country, which a smaller world may lack."""
    if info.context is not None:
        known = (*group_names(), *info.context.groups, *partner_names())
        if name not in known:
            near = nearest_place(name, known)
            refuse_name(lambda: f"{shown(name)} is neither a group nor a country{near}")
    return name


Country = Annotated[str, AfterValidator(_country)]
Region = Annotated[str, AfterValidator(_region)]
#: A country by code, or a group of them.
Group = Annotated[str, AfterValidator(_group)]
BuyerRegion = Annotated[Region, AfterValidator(_buyer)]
InstrumentName = Annotated[str, _known("instruments", "instrument")]
OpenInstrument = Annotated[InstrumentName, AfterValidator(_open)]
ShockName = Annotated[str, _known("shocks", "shock type")]
WeightName = Annotated[str, _known("weights", "weight of the scores")]
MetricName = Annotated[str, _known("metrics", "metric")]
#: Countries by code, region or group: whom a scheduled shock strikes, who may receive money.
Places = Annotated[
    tuple[str, ...], Field(strict=False), BeforeValidator(_as_list), AfterValidator(_places)
]
#: Places, or nobody named.
Recipients = Annotated[
    tuple[str, ...],
    Field(strict=False),
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    AfterValidator(_places),
]
