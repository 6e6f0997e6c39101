"""What all settings share: frozen, no unknown keys, no silent conversion, ranges that can be told.

The meaning, unit and range of a setting stand once, in its field; error messages, ``--help`` and
the documents read them from there.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

#: The areas of cooperation as a type, see `constants.AREAS`.
Area = Literal[
    "infrastructure",
    "technology",
    "cybersecurity",
    "information",
    "identity",
    "platforms",
    "trade",
    "governance",
]

_ROUNDING = 1e-9


class Settings(BaseModel):
    """Base of all settings: frozen, strict about types, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def number(
    meaning: str, low: float, high: float, *, unit: str = "", default: float | None = None
) -> Any:
    """Declare a number with its meaning, unit and closed range.

    Parameters
    ----------
    meaning : str
        One line for ``--help`` and the documents.
    low, high : float
        Smallest and largest value allowed.
    unit : str
        Unit of the value; empty for a share or a factor.
    default : float, optional
        Value when left out; without it the setting is required.
    """
    notes: dict[str, Any] = {"meaning": meaning, "unit": unit, "low": low, "high": high}
    return Field(
        ... if default is None else default,
        ge=low,
        le=high,
        description=meaning,
        json_schema_extra=notes,
    )


def text(meaning: str, *, default: str | None = None) -> Any:
    """Declare a text with its meaning; without a default it is required and not empty."""
    if default is None:
        return Field(..., min_length=1, max_length=2000, description=meaning)
    return Field(default, max_length=2000, description=meaning)


def notes_of(field: FieldInfo) -> dict[str, Any]:
    """Return what `number` noted about a field: meaning, unit, low, high; else nothing."""
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


class Shares(Settings):
    """Weights of which only the proportions count: scaled to sum to 1 when they are given."""

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        names = tuple(type(self).model_fields)
        total = sum(getattr(self, name) for name in names)
        if total <= 0:
            raise ValueError(f"one of {', '.join(names)} must be above 0")
        # Shares read back from a file must keep their bits.
        if abs(total - 1) > _ROUNDING:
            for name in names:
                object.__setattr__(self, name, getattr(self, name) / total)
        return self


def weight(meaning: str) -> Any:
    """Declare one of the weights of `Shares`."""
    return number(f"{meaning}: a weight, only proportions count", 0, 1000)


def _priority(area: str) -> Any:
    return number(f"EU priority of {area}; 1 is neutral, 0 none", 0, 3, default=1.0)


class AreaPriorities(Settings):
    """How much the EU cares about each area: 1 is neutral, 0 not at all, 3 three times as much."""

    infrastructure: float = _priority("infrastructure")
    technology: float = _priority("technology")
    cybersecurity: float = _priority("cybersecurity")
    information: float = _priority("information")
    identity: float = _priority("identity")
    platforms: float = _priority("platforms")
    trade: float = _priority("trade")
    governance: float = _priority("governance")


class DirectionPriorities(Shares):
    """Weights of the four directions; only their proportions count."""

    deepen: float = weight("Deepen existing partnerships")
    broaden: float = weight("Begin new partnerships or enter new areas")
    connect: float = weight("Tie partners to each other")
    strengthen: float = weight("Strengthen security and defence partnerships")
