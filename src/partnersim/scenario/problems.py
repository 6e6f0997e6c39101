"""Telling what is wrong with settings: one line per problem, with what is allowed."""

from __future__ import annotations

import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from partnersim.errors import nearest
from partnersim.scenario.settings import Settings, notes_of

_LONGEST_VALUE = 60
#: More problems than this are counted, not listed.
MOST_PROBLEMS = 200
#: Kind of error of a name that does not exist, see `partnersim.scenario.names`.
UNKNOWN_NAME = "unknown_name"


@dataclass(frozen=True)
class _Place:
    """What the settings declare at a key."""

    annotation: Any
    notes: dict[str, Any] = field(default_factory=dict)


def bare(annotation: Any) -> Any:
    """Return a type without ``| None`` and ``Annotated``."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return bare(next(item for item in get_args(annotation) if item is not type(None)))
    return annotation


def notes_in(annotation: Any) -> dict[str, Any]:
    """Return the notes of a number declared inside ``Annotated``, whether or not it may be null."""
    if get_origin(annotation) in (Union, types.UnionType):
        return notes_in(next(item for item in get_args(annotation) if item is not type(None)))
    if get_origin(annotation) is Annotated:
        for item in get_args(annotation)[1:]:
            if isinstance(item, FieldInfo):
                return notes_of(item)
    return {}


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """Return the settings of a group by name, empty if this is not a group of settings."""
    kind = bare(annotation)
    if isinstance(kind, type) and issubclass(kind, Settings):
        return dict(kind.model_fields)
    return {}


def _step(place: _Place, key: str | int) -> _Place:
    kind = bare(place.annotation)
    fields = fields_of(kind)
    if key in fields:
        declared = fields[str(key)]
        return _Place(declared.annotation, notes_of(declared) or notes_in(declared.annotation))
    if get_origin(kind) in (dict, tuple):
        inner = get_args(kind)[1 if get_origin(kind) is dict else 0]
        return _Place(inner, notes_in(inner))
    return _Place(Any)


def _title(fields: dict[str, FieldInfo], key: str | int) -> str | int:
    """Return what a key is called where users write it: by its title, if it has one."""
    return (fields[str(key)].title if key in fields else None) or key


def _written(model: type[Settings], keys: Sequence[str | int]) -> list[str | int]:
    """Return keys as users write them."""
    return [
        _title(fields_of(_locate(model, keys[:end]).annotation), key)
        for end, key in enumerate(keys)
    ]


def _locate(model: type[Settings], keys: Sequence[str | int]) -> _Place:
    place = _Place(model)
    for key in keys:
        place = _step(place, key)
    return place


def declared_at(model: type[Settings], keys: Sequence[str | int]) -> Any:
    """Return the type that settings declare at a key, `Any` where they declare none."""
    return _locate(model, keys).annotation


def key_path(prefix: str, keys: Sequence[str | int]) -> str:
    """Write keys as users write them: ``policy.hubs[0]``."""
    path = prefix
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            path += f".{key}" if path else key
    return path


def shown(value: Any) -> str:
    """Write a value as in YAML, shortened if long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    written = f"'{value}'" if isinstance(value, str) else repr(value)
    written = "".join(character if character.isprintable() else "?" for character in written)
    if len(written) > _LONGEST_VALUE:
        written = written[: _LONGEST_VALUE - 3] + "..."
    return written


def plain_number(value: float) -> str:
    """Write a bound without needless decimals."""
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def allowed_range(kind: Any, notes: dict[str, Any]) -> str:
    """Say what numbers are allowed: ``a number from 0 to 1``."""
    noun = "a whole number" if bare(kind) is int else "a number"
    if "low" not in notes:
        return f"{noun}, neither infinite nor undefined"
    unit = f" {notes['unit']}" if notes.get("unit") else ""
    low = notes["low"] if isinstance(notes["low"], int) else plain_number(notes["low"])
    high = notes["high"] if isinstance(notes["high"], int) else plain_number(notes["high"])
    return f"{noun} from {low} to {high}{unit}"


def unknown_setting(path: str, allowed: Sequence[str]) -> str:
    """Say that a setting does not exist, with the nearest name and all names."""
    own = path.rsplit(".", 1)[-1]
    return f"{path}: unknown setting{nearest(own, allowed)} (allowed: {', '.join(allowed)})"


def _allowed(place: _Place, given: Any) -> str:
    """Say what is allowed at a key, for a value of the wrong kind."""
    kind = bare(place.annotation)
    if kind in (int, float):
        return f"must be {allowed_range(kind, place.notes)}"
    if kind is bool:
        return "must be true or false"
    if get_origin(kind) is Literal:
        names = get_args(kind)
        return f"must be one of {', '.join(names)}{nearest(given, names)}"
    if fields_of(kind):
        return f"must be a group of settings ({', '.join(fields_of(kind))})"
    if get_origin(kind) is tuple:
        return "must be a list, such as [first, second]"
    if get_origin(kind) is dict:
        return "must be a group of names with values, such as {name: value}"
    if isinstance(given, bool):
        return "must be a text; YAML reads a bare NO, off or yes as true or false, so quote it"
    return "must be a text"


_WRONG_KIND = {
    "greater_than_equal",
    "less_than_equal",
    "finite_number",
    "float_type",
    "int_type",
    "int_from_float",
    "bool_type",
    "string_type",
    "literal_error",
    "model_type",
    "model_attributes_type",
    "dict_type",
    "tuple_type",
}


def _wrong_name(path: str, place: _Place, given: Any) -> str:
    """Say that a name does not belong into a group of names with values."""
    names = get_args(bare(place.annotation))[:1]
    if names and get_origin(names[0]) is Literal:
        allowed = get_args(names[0])
        return unknown_setting(f"{path}.{given}", allowed)
    return f"{path}: the name {shown(given)} must be a text"


def _line(error: ErrorDetails, model: type[Settings], prefix: str) -> str:
    keys: tuple[str | int, ...] = error["loc"]
    if error["type"] == UNKNOWN_NAME:
        place = key_path(prefix, [key for key in _written(model, keys) if key != "[key]"])
        return f"{place}: {error['ctx']['message']()}"
    if keys and keys[-1] == "[key]":
        return _wrong_name(key_path(prefix, keys[:-2]), _locate(model, keys[:-2]), error["input"])
    path = key_path(prefix, _written(model, keys))
    if error["type"] == "extra_forbidden":
        known = fields_of(_locate(model, keys[:-1]).annotation)
        return unknown_setting(path, [str(_title(known, name)) for name in known])
    if error["type"] == "missing":
        return f"{path}: required, but missing"
    given = error["input"]
    beginning = path if isinstance(given, (dict, Settings)) else f"{path} = {shown(given)}"
    if error["type"] in _WRONG_KIND:
        return f"{beginning}: {_allowed(_locate(model, keys), given)}"
    if error["type"] == "value_error":
        return f"{beginning}: {error['ctx']['error']}"
    if error["type"] in ("string_too_short", "too_short"):
        return f"{path}: must not be empty"
    return f"{beginning}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def problems_of(error: ValidationError, model: type[Settings], prefix: str) -> list[str]:
    """Turn a validation error into lines that a user can act on.

    Parameters
    ----------
    error : pydantic.ValidationError
        What pydantic found.
    model : type of Settings
        What was validated.
    prefix : str
        Key path of the validated settings, such as ``policy``; empty for the whole tree.

    Returns
    -------
    list of str
        One line per problem: key path, given value, what is allowed.
    """
    found = error.errors(include_url=False)
    # What stands below a name that does not exist is not told as well.
    unknown = {detail["loc"][:-1] for detail in found if detail["loc"][-1:] == ("[key]",)}
    listed = [
        detail
        for detail in found
        if detail["loc"][-1:] == ("[key]",)
        or not any(detail["loc"][:end] in unknown for end in range(len(detail["loc"]) + 1))
    ]
    lines = [_line(detail, model, prefix) for detail in listed[:MOST_PROBLEMS]]
    if len(listed) > MOST_PROBLEMS:
        lines.append(f"{prefix or 'settings'}: {len(listed) - MOST_PROBLEMS:,} more problems")
    return lines
