"""Which world is simulated, and with which instruments added to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from partnersim.model.constants import DIRECTIONS
from partnersim.scenario.names import InstrumentName, WeightName
from partnersim.scenario.settings import Area, Settings, Several, number, setting, text
from partnersim.user_path import user_path

if TYPE_CHECKING:
    from partnersim.world.world import World

#: Direction under which instruments of a role are entered; a bilateral one deepens or broadens.
_DIRECTIONS_OF = {
    "bilateral": ("deepen", "broaden"),
    "network": ("connect",),
    "security": ("strengthen",),
}


class Instrument(Settings):
    """What can be signed: areas, role, path, how binding it is, who may take it."""

    name: str = text("Name of the instrument")
    areas: Annotated[tuple[Area, ...], Field(strict=False, min_length=1)] = setting(
        "Areas of cooperation that it covers"
    )
    binding: int = number("How binding it is: 0 a meeting, 2 a signed text, 4 a treaty", 0, 4)
    role: Literal["bilateral", "network", "security"] = setting(
        "Whether it ties partners to each other, or serves defence", "bilateral"
    )
    path: Literal["political", "treaty", "programme", "project"] = setting(
        "By which stages it comes about", "political"
    )
    effort: int = number(
        "EU negotiators that one negotiation occupies", 1, 1000, unit="officials", default=4
    )
    funded: bool = setting("Whether the Offer pays for it", False)
    cost: float | None = setting(
        "Million EUR that it takes from the Offer for one partner; if null, the median"
        " of the catalogue",
        None,
        ge=0,
        le=100_000,
    )
    announced: Several[str] = setting(
        "With whom it is announced at the start, so that both sides are readier:"
        " regions, groups, ISO3 codes; a group decides as one",
        (),
    )
    regions: Several[str] = setting("Regions that may take it; all if nobody named", ())
    groups: Several[str] = setting(
        "Groups whose members may take it: organisations, candidate, ldc", ()
    )
    countries: Several[str] = setting("ISO3 codes of partners that may take it", ())
    excluded: Several[str] = setting("Countries and organisations that may not", ())
    prerequisites: Several[Several[str]] = setting(
        "What must be in force before: one of each list, as in [[TTC, SDP], [HPC]]", ()
    )

    def _misfits(self) -> Iterator[str]:
        if self.cost is not None and not self.funded:
            yield "cost: the Offer pays only for what is funded: true"

    def cells(self) -> dict[str, str]:
        """Return it as a row of ``instruments.csv``."""
        directions = [name for name in DIRECTIONS if name in _DIRECTIONS_OF[self.role]]
        empty = ("description", "eligible_enlargement", "seed_ref")
        same = ("name", "role", "path", "binding", "effort")
        lists = {
            **{"directions": directions, "areas": self.areas, "eligible_regions": self.regions},
            **{"eligible_groups": self.groups, "eligible_countries": self.countries},
            "open_with": self.announced,
            **{"excluded": self.excluded, "prerequisites": map("|".join, self.prerequisites)},
        }
        return {
            **dict.fromkeys(empty, ""),
            **{column: ";".join(values) for column, values in lists.items()},
            **{name: str(getattr(self, name)) for name in same},
            "funded": "yes" if self.funded else "no",
            "cost_meur": "" if self.cost is None else str(self.cost),
            **{"offer_role": "none", "developing_only": "no", "trust": "no"},
            **{"source": "added in a configuration", "confidence": "assumed"},
        }


ScoreWeight = Annotated[float, number("Weight, only proportions count", 0, 100_000)]


class WorldChoice(Settings):
    """What counts as a tie or a link, and which instruments are added or switched off."""

    bloc_expansions: bool = setting("Count ties with a bloc as ties with each of its members")
    history: bool = setting(
        "Count ties that dated events show but the strategy does not mention", True
    )
    links: Literal["wide", "strict"] = setting(
        "Which agreements link two partners; strict: none that only has a trade "
        "chapter, and not the Digital Cooperation Organization",
        "wide",
    )
    added: dict[str, Instrument] = setting("Instruments added to the catalogue, by id", {})
    weights: dict[WeightName, ScoreWeight] = setting(
        "Weights behind the scores of countries, by name", {}
    )
    data: str = text(
        "Folder of data taken on to a later day by partnersim update, after which runs begin;"
        " empty for the shipped data",
        default="",
    )
    switched_off: Several[InstrumentName] = setting(
        "Instruments left out, held or not, by catalogue id", ()
    )

    def load(self) -> World:
        """Return this world, with the instruments added to it; the usual one is read once.

        Raises
        ------
        InputError
            If an added instrument does not fit the world, one line per problem.
        """
        # Reading settings must not wait for the tables of the world.
        from partnersim.world.world import load_world, shipped_world

        chosen, usual = self.arguments(), load_world.__kwdefaults__ or {}
        return shipped_world() if {**usual, **chosen} == usual else load_world(**chosen)

    def arguments(self) -> dict[str, Any]:
        """Return with what `load_world` loads this world; the weights come when it is compiled."""
        added = {name: instrument.cells() for name, instrument in self.added.items()}
        return {
            **{name: getattr(self, name) for name in ("bloc_expansions", "history", "links")},
            "added": added,
            **({"data_dir": user_path(self.data)} if self.data else {}),
        }

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, tree: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Return it as plain data; the shipped data go without saying."""
        plain: dict[str, object] = tree(self)
        if not self.data:
            plain.pop("data", None)
        return plain
