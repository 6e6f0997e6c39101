"""Names that settings may use: those that a world and the other settings know.

They are the context of validation (``model_validate(settings, context=names)``), so that an
unknown name is found beside every other problem. Without a context any name is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
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
#: Sources of a shock that are no named country: a neighbour by land, and accident, nature or
#: nobody known.
NEIGHBOUR, NOBODY = "neighbour", "nobody"


@dataclass(frozen=True)
class Names:
    """The names that may stand in settings; None where nothing is known about a kind of name.

    Attributes
    ----------
    countries : dict of str to str
        Name of each country by ISO3 code.
    regions, instruments, metrics : tuple of str
        Names of the world.
    buyers : tuple of str
        Regions in which somebody may buy packages of the Offer.
    openers : tuple of str
        Regions in which somebody may open an instrument.
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

    countries: dict[str, str]
    regions: tuple[str, ...]
    buyers: tuple[str, ...]
    openers: tuple[str, ...]
    instruments: tuple[str, ...]
    settled: tuple[str, ...]
    metrics: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shocks: tuple[str, ...] | None = None
    coefficients: Mapping[str, Any] | None = None
    weights: Mapping[str, ScoreWeight] | None = None

    @property
    def still_open(self) -> tuple[str, ...]:
        """Instruments that somebody may still open."""
        return tuple(name for name in self.instruments if name not in self.settled)

    @property
    def groups_and_countries(self) -> tuple[str, ...]:
        """Groups and countries, those included that a smaller world lacks."""
        return (*group_names(), *self.groups, *partner_names())

    @property
    def sources(self) -> tuple[str, ...]:
        """Who may be behind a strike: what a smaller world lacks may be so from outside."""
        return (NEIGHBOUR, NOBODY, *self.countries, *partner_names())


def names_of(world: World) -> Names:
    """Return the names that a world knows."""
    # Reading settings for --help must not wait for numpy.
    from partnersim.model.constants import PLANNED
    from partnersim.model.metrics import metric_names

    # As lists: going through a column of text one by one takes eight times as long.
    codes, countries = world.countries["iso3"].tolist(), world.countries["name"].tolist()
    region = world.arrays.region
    everywhere = set(range(len(world.regions)))
    buyers = set(region[world.arrays.developing == 1].tolist())
    instruments = world.instruments["instrument"].tolist()
    free = (world.arrays.eligible == 1) & (world.arrays.stage <= PLANNED)
    still_open = free.any(axis=0)
    openers = set(region[free.any(axis=1)].tolist())
    if len(set(region.tolist())) < len(world.regions) or not buyers:
        # A world of some regions, or without anybody who may buy: the usual policy must fit it.
        buyers = openers = everywhere
        still_open[:] = True
    return Names(
        countries=dict(zip(codes, countries, strict=True)),
        regions=tuple(world.regions),
        buyers=tuple(name for place, name in enumerate(world.regions) if place in buyers),
        openers=tuple(name for place, name in enumerate(world.regions) if place in openers),
        instruments=tuple(instruments),
        settled=tuple(compress(instruments, ~still_open)),
        metrics=metric_names(world.regions),
        groups=world.groups,
        weights=world.grounds.weights if world.grounds else None,
    )


def members_of(places: Iterable[str], world: World) -> list[bool]:
    """Tell of every country of a world whether places stand for it."""
    wanted = set(places)
    wanted |= {code for name in wanted for code in world.groups.get(name, ())}
    everywhere = EVERYWHERE in wanted
    return [everywhere or code in wanted or region in wanted for code, region in world.homes]


def refuse_name(message: Callable[[], str]) -> NoReturn:
    """Refuse a name, from within a validator; what is said is made only if it is shown."""
    raise PydanticCustomError(UNKNOWN_NAME, "unknown name", {"message": message})


def one_of(kind: str, message: Callable[[str, Collection[str]], str]) -> AfterValidator:
    """Return a validator of names of a kind, an attribute of `Names`.

    Parameters
    ----------
    kind : str
        Such as ``countries``.
    message : callable
        Says of a name, and of those that are known, that it is none of them.
    """

    def validate(name: str, info: ValidationInfo) -> str:
        known = getattr(info.context, kind, None)
        if known is not None and name not in known:
            refuse_name(lambda: message(name, known))
        return name

    return AfterValidator(validate)


def known_as(
    kind: str, what: str, hint: Callable[[str, Collection[str]], str] = nearest
) -> AfterValidator:
    """Return a validator as `one_of` does: a name that is none is unknown, and a hint follows."""
    return one_of(kind, lambda name, known: f"unknown {what} {shown(name)}{hint(name, known)}")


def _typed(regions: Iterable[str]) -> list[str]:
    """Return regions as they can be typed."""
    return [region if region.isalpha() else short_name(region) for region in regions]


@lru_cache(maxsize=16)
def _full_names(regions: tuple[str, ...]) -> dict[str, str]:
    return {short_name(region): region for region in regions}


def _country_hint(given: str, allowed: Iterable[str]) -> str:
    """Return the nearest country or place, or how a country is written."""
    return nearest_place(given, allowed) or "; write an ISO 3166 code of three letters such as KEN"


def _not_empty(places: tuple[str, ...]) -> tuple[str, ...]:
    if not places:
        raise ValueError("must name world, a region or a country")
    return places


def _places(given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    names: Names | None = info.context
    if names is None:
        return given
    full = _full_names(names.regions)
    found = tuple(full.get(name, name) for name in given)
    inside = (EVERYWHERE, *names.regions, *names.countries, *names.groups)
    if wrong := [name for name in found if name not in inside]:
        known = (EVERYWHERE, *full, *names.groups, *names.countries)
        refuse_name(
            lambda: "; ".join(
                f"{shown(name)} is neither {EVERYWHERE}, nor a region, a group or a country"
                f"{_country_hint(name, known)}"
                for name in wrong[:MOST_PROBLEMS]
            )
        )
    return found


def _full_name(region: str, info: ValidationInfo) -> str:
    return _full_names(info.context.regions).get(region, region) if info.context else region


def _region_hint(name: str, regions: Collection[str]) -> str:
    typed = _typed(regions)
    return f"{nearest_place(name, typed)} (regions: {', '.join(typed)})"


def _no_group(name: str, known: Collection[str]) -> str:
    return f"{shown(name)} is neither a group nor a country{nearest_place(name, known)}"


def _no_buyer(name: str, regions: Collection[str]) -> str:
    return f"nobody in {shown(name)} may buy packages (regions: {', '.join(_typed(regions))})"


def _no_opener(name: str, regions: Collection[str]) -> str:
    return (
        f"nobody in {shown(name)} may open anything: its priority would favour nobody"
        f" (regions: {', '.join(_typed(regions))})"
    )


def _settled(name: str, _: Collection[str]) -> str:
    return (
        f"whoever may have {shown(name)} has or negotiates it already:"
        " its priority would favour nobody"
    )


Country = Annotated[str, known_as("countries", "country", _country_hint)]
#: A region by its full or short name.
Region = Annotated[str, AfterValidator(_full_name), known_as("regions", "region", _region_hint)]
#: A region in which somebody may open an instrument.
OpenRegion = Annotated[Region, one_of("openers", _no_opener)]
#: A region in which somebody may buy packages.
BuyerRegion = Annotated[Region, one_of("buyers", _no_buyer)]
#: A country by code, or a group of them.
Group = Annotated[str, one_of("groups_and_countries", _no_group)]
InstrumentName = Annotated[str, known_as("instruments", "instrument")]
OpenInstrument = Annotated[InstrumentName, one_of("still_open", _settled)]
ShockName = Annotated[str, known_as("shocks", "shock type")]
WeightName = Annotated[str, known_as("weights", "weight of the scores")]
MetricName = Annotated[str, known_as("metrics", "metric")]
#: Countries by code, region or group, or nobody named: who may receive money.
Recipients = Annotated[
    tuple[str, ...],
    Field(strict=False),
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
    AfterValidator(_places),
]
#: At least one: whom a scheduled shock strikes.
Places = Annotated[Recipients, AfterValidator(_not_empty)]
