"""The behavioural coefficients: value, unit, plausible range and origin of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from partnersim.errors import nearest
from partnersim.model.coefficients import COEFFICIENTS, NAMES
from partnersim.scenario.names import refuse_name
from partnersim.scenario.settings import Settings, number, setting, text

#: Coefficients that the rules divide by.
DIVISORS = ("investment_scale", "offer_memory")

Origin = Literal["assumed", "literature", "estimated"]


#: No coefficient is meant to be larger, in whatever unit.
LARGEST_COEFFICIENT = 1_000_000


def _known(name: str) -> str:
    if name not in COEFFICIENTS:
        refuse_name(lambda: f"unknown coefficient{nearest(name, NAMES)}")
    return name


CoefficientName = Annotated[str, AfterValidator(_known)]


def _coefficient(meaning: str) -> Any:
    return number(meaning, -LARGEST_COEFFICIENT, LARGEST_COEFFICIENT)


class Coefficient(Settings):
    """One coefficient of the rules."""

    value: float = _coefficient("Value in use")
    unit: str = text("Unit of the value")
    low: float = _coefficient("Low end of the plausible range")
    high: float = _coefficient("High end of the plausible range")
    origin: Origin = setting("Where it comes from: assumed, literature or estimated")
    meaning: str = text("What it does, one line")
    source: str = text("Reference or reason", default="")

    def _misfits(self) -> Iterator[str]:
        if self.low > self.high:
            yield f"low {self.low:g} lies above high {self.high:g}"

    @property
    def plausible(self) -> bool:
        """Tell whether the value lies within its plausible range."""
        return self.low <= self.value <= self.high


#: What a set of coefficients leaves out.
_TABLE = {
    name: {
        key: float(row[key]) if key in ("value", "low", "high") else row[key]
        for key in Coefficient.model_fields
    }
    for name, row in COEFFICIENTS.items()
}


def with_table(given: Any) -> Any:
    """Return settings of coefficients by name, filled up from the table of the model."""
    if not isinstance(given, Mapping):
        return given
    return {
        name: {**_TABLE.get(name, {}), **own} if isinstance(own, Mapping) else own
        for name, own in {**_TABLE, **given}.items()
    }


class Behaviour(Settings):
    """How partners and the EU decide (an exogenous uncertainty).

    What a set of coefficients leaves out is that of the table, `partnersim.model.coefficients`.
    """

    name: str = text("Name of the set of coefficients")
    description: str = text("Where the set comes from, one line", default="")
    coefficients: Annotated[dict[CoefficientName, Coefficient], BeforeValidator(with_table)] = (
        setting("Every coefficient of the rules", {}, validate_default=True)
    )

    def _misfits(self) -> Iterator[str]:
        problems = [
            f"{name}.value {self.coefficients[name].value:g} must be above 0"
            for name in DIVISORS
            if self.coefficients[name].value <= 0
        ]
        if problems:
            yield "; ".join(problems)

    def implausible(self) -> list[str]:
        """Return one line for every coefficient outside its plausible range."""
        return [
            f"behaviour.coefficients.{name}.value = {item.value:g} lies outside its plausible"
            f" range {item.low:g} to {item.high:g}"
            for name, item in self.coefficients.items()
            if not item.plausible
        ]

    def values(self) -> dict[str, float]:
        """Return the value of every coefficient by name."""
        return {name: self.coefficients[name].value for name in NAMES}

    def named_by_origin(self, origin: Origin) -> tuple[str, ...]:
        """Return the names of the coefficients of one origin, in the order of the table."""
        return tuple(name for name in NAMES if self.coefficients[name].origin == origin)
