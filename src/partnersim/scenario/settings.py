"""What all settings share: frozen, no unknown keys, no silent conversion, ranges that can be shown.

The meaning, unit and range of a setting stand once, in its field; error messages, ``--help`` and
the documents read them from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_serializer, model_validator
from pydantic.fields import FieldInfo

from partnersim.model.constants import AREAS

#: The areas of cooperation as a type.
if TYPE_CHECKING:
    Area = str
else:
    Area = Literal[AREAS]

Item = TypeVar("Item")
#: A list where users write it, a tuple here.
Several = Annotated[tuple[Item, ...], Field(strict=False)]

_ROUNDING = 1e-9


class Settings(BaseModel):
    """Base of all settings: frozen, strict about types, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def _misfits(self) -> Iterator[str]:
        """Yield why values that are allowed one by one do not fit together; the first is raised."""
        yield from ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for reason in self._misfits():
            raise ValueError(reason)
        return self


def number(meaning: str, low: float, high: float, *, unit: str = "", default: Any = ...) -> Any:
    """Declare a number with its meaning, unit and closed range.

    Parameters
    ----------
    meaning : str
        One line for ``--help`` and the documents.
    low, high : float
        Smallest and largest value allowed.
    unit : str
        Unit of the value; empty for a share or a factor.
    default : float or None, optional
        Value when left out; without it the setting is required.
    """
    notes: dict[str, Any] = {"meaning": meaning, "unit": unit, "low": low, "high": high}
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra=notes)


def setting(meaning: str, default: Any = ..., **limits: Any) -> Any:
    """Declare a setting of any other kind with its meaning; without a default it is required."""
    return Field(default, description=meaning, **limits)


def text(meaning: str, *, default: str | None = None) -> Any:
    """Declare a text with its meaning; without a default it is required and not empty."""
    needed: dict[str, Any] = {"default": default} if default is not None else {"min_length": 1}
    return Field(max_length=2000, description=meaning, **needed)


def notes_of(field: FieldInfo) -> dict[str, Any]:
    """Return what `number` noted about a field: meaning, unit, low, high; else nothing."""
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


class Declared(NamedTuple):
    """What settings declare at a key: a type without ``| None``, and what is noted about it."""

    kind: Any = Any
    notes: Mapping[str, Any] = {}
    meaning: str = ""
    title: str = ""


#: Stands for any name or number at which something may stand.
ANY = "*"


def _declared(annotation: Any, *fields: FieldInfo) -> Declared:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return _declared(inner, *fields, *(one for one in metadata if isinstance(one, FieldInfo)))
    if get_origin(annotation) in (Union, UnionType):
        return _declared(next(one for one in get_args(annotation) if one is not NoneType), *fields)
    notes: dict[str, Any] = next(filter(None, map(notes_of, fields)), {})
    meaning, title = (
        next((text for one in fields if (text := getattr(one, name))), "")
        for name in ("description", "title")
    )
    return Declared(annotation, notes, meaning, title)


@cache
def below(kind: Any) -> Mapping[str, Declared]:
    """Return what may stand below a key of some type, by name; in groups of any names at `ANY`."""
    if isinstance(kind, type) and issubclass(kind, Settings):
        return {name: _declared(one.annotation, one) for name, one in kind.model_fields.items()}
    if get_origin(kind) in (dict, tuple):
        return {ANY: _declared(get_args(kind)[get_origin(kind) is dict])}
    return {}


def declared_at(model: type[Settings], keys: Sequence[str | int]) -> Declared:
    """Return what settings declare at a key, nothing of any kind where they declare nothing."""
    found = Declared(model)
    for key in keys:
        inside = below(found.kind)
        found = inside.get(str(key)) or inside.get(ANY) or Declared()
    return found


class Shares(Settings):
    """Weights of which only the proportions count: read as shares that sum to 1.

    The weights as they were written are kept: they are what is stored, and what a change of one
    of them stands beside, on a command line as in a sweep.
    """

    _written: dict[str, float] = PrivateAttr(default_factory=dict)

    @model_serializer
    def written(self) -> dict[str, float]:
        """Return the weights as they were written, which are what is stored."""
        return dict(self._written)

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        names = tuple(type(self).model_fields)
        if self._written:
            # Settings that are part of others are validated once more with them.
            return self
        self._written = {name: getattr(self, name) for name in names}
        total = sum(self._written.values())
        if total <= 0:
            raise ValueError(f"one of {', '.join(names)} must be above 0")
        # What sums to 1 already must keep its bits.
        if abs(total - 1) > _ROUNDING:
            for name in names:
                object.__setattr__(self, name, getattr(self, name) / total)
        return self


def weight(meaning: str, default: Any = ...) -> Any:
    """Declare one of the weights of `Shares`; without a default it is required."""
    return number(f"{meaning}: a weight, only proportions count", 0, 1000, default=default)
