"""A geopolitical climate: how often which shocks strike, how it develops, what is scheduled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import model_validator

from partnersim.errors import nearest
from partnersim.scenario.horizon import Quarter
from partnersim.scenario.names import EVERYWHERE, NEIGHBOUR, NOBODY, Country, Places, ShockName
from partnersim.scenario.settings import Settings, Several, number, setting, text
from partnersim.scenario.shock import ShockType

RateMultiplier = Annotated[float, number("How much more often a shock strikes", 0, 20)]


class ScheduledShock(Settings):
    """A shock that strikes for certain."""

    shock: ShockName = text("Shock type, a name of the catalogue")
    quarter: Quarter = setting("When it strikes, such as 2027Q2")
    where: Places = setting(
        "Whom it strikes, written on: world, a region, a group such as asean, an"
        " ISO3 code, or a list of these",
        title="on",
    )
    severity: float = number("How hard it strikes", 0, 1)
    by: Country | None = setting("Code of the country behind it; nobody if not named", None)

    @model_validator(mode="before")
    @classmethod
    def _on_is_where(cls, given: Any) -> Any:
        """Take ``on`` for ``where``: who is behind it stands under ``by``.

        To YAML 1.1, in which configurations are written, the word ``on`` is true.
        """
        if isinstance(given, dict) and ("on" in given or True in given):
            if "where" in given:
                raise ValueError("on and where: name whom it strikes once")
            return {"where" if key in ("on", True) else key: part for key, part in given.items()}
        return given


class Phase(Settings):
    """How often which shocks strike while a phase of a climate lasts."""

    intensity: float = number("Multiplies the rates of all shocks", 0, 5)
    shocks: dict[ShockName, RateMultiplier] = setting(
        "Multiplies the rate of one shock type; 1 where not named", {}
    )
    rival_drift: float = number("Change of the pull of rival suppliers", -0.05, 0.05, unit="a year")


class Turn(Settings):
    """A turn of the climate that is certain."""

    quarter: Quarter = setting("When it turns, such as 2028Q1")
    to: str = text("Phase that it enters, or the name of the climate for its first one")


class Geopolitics(Phase):
    """The climate in which a policy has to work (an exogenous uncertainty)."""

    name: str = text("Name of the climate")
    description: str = text("What it stands for, one line", default="")
    intensification: float = number(
        "How the rates of all shocks grow", -0.5, 0.5, unit="share a year"
    )
    phases: dict[str, Phase] = setting("Other phases that the climate may enter, by name", {})
    persistence: float = number(
        "How long a phase lasts before it gives way to another by chance, on average; 0: for ever",
        *(0, 100),
        unit="years",
        default=0.0,
    )
    turns: Several[Turn] = setting("Turns of the climate that are certain", ())
    schedule: Several[ScheduledShock] = setting(
        "Shocks that strike for certain; those outside the horizon do not happen", ()
    )

    @property
    def by_phase(self) -> dict[str, Phase]:
        """The phases by name: the one of the start, which bears the climate's name, then others."""
        return {self.name: self, **self.phases}

    def _misfits(self) -> Iterator[str]:
        if self.name in self.phases:
            yield f"phases.{self.name}: is the name of the climate, its first phase"
        for turn in self.turns:
            if turn.to not in self.by_phase:
                known = tuple(self.by_phase)
                yield f"turns: unknown phase {turn.to!r}{nearest(turn.to, known)}"
        quarters = [turn.quarter for turn in self.turns]
        if len(set(quarters)) < len(quarters):
            yield "turns: two turns in one quarter"
        if self.persistence and not self.phases:
            yield "persistence: there is no other phase to give way to"


def schedule_problems(
    climate: Geopolitics, shocks: Mapping[str, ShockType | None]
) -> Iterator[str]:
    """Yield what makes no sense in the schedule of a climate, one line each.

    Parameters
    ----------
    climate : Geopolitics
    shocks : mapping of str to ShockType or None
        The catalogue; None where a type is not valid.
    """
    for place, strike in enumerate(climate.schedule):
        if kind := shocks.get(strike.shock):
            for line in _senseless(strike, kind):
                yield f"geopolitics.schedule[{place}].{line}"


def _senseless(strike: ScheduledShock, kind: ShockType) -> Iterator[str]:
    known = [name for name, weight in kind.sources.items() if weight > 0]
    countries = [name for name in known if name not in (NEIGHBOUR, NOBODY)]
    struck = list(strike.where)
    if kind.scope == "eu" and struck != [EVERYWHERE]:
        yield f"on = {', '.join(struck)}: {strike.shock} strikes the EU alone; write on: world"
    if strike.by is not None and not known:
        yield f"by = {strike.by}: nobody stands behind {strike.shock}; leave by out"
    if strike.by is not None and struck == [strike.by]:
        yield f"on = {strike.by}: is behind it itself; write whom it strikes, such as on: world"
    if strike.by is None and struck and set(struck) <= set(countries):
        yield (
            f"on = {', '.join(struck)}: would strike who wages a {strike.shock.replace('_', ' ')};"
            f" write by: {struck[0]} and on: world, or by: with who strikes it"
        )
