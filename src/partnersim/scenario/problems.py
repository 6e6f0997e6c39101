"""Telling what is wrong with settings: one line per problem, with what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from partnersim.errors import nearest
from partnersim.scenario.settings import Declared, Settings, below, declared_at

_LONGEST_VALUE = 60
#: More problems than this are counted, not listed.
MOST_PROBLEMS = 200
#: Kind of error of a name that does not exist, see `partnersim.scenario.names`.
UNKNOWN_NAME = "unknown_name"


def _written(model: type[Settings], keys: Sequence[str | int]) -> list[str | int]:
    """Return keys as users write them: by their titles, if they have one."""
    return [declared_at(model, keys[: end + 1]).title or key for end, key in enumerate(keys)]


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


def _plain(bound: float) -> str:
    """Write a bound without needless decimals."""
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def allowed_range(kind: Any, notes: Mapping[str, Any]) -> str:
    """Say what numbers are allowed: ``a number from 0 to 1``."""
    noun = "a whole number" if kind is int else "a number"
    if "low" not in notes:
        return f"{noun}, neither infinite nor undefined"
    unit = f" {notes['unit']}" if notes.get("unit") else ""
    return f"{noun} from {_plain(notes['low'])} to {_plain(notes['high'])}{unit}"


def unknown_setting(path: str, allowed: Sequence[str]) -> str:
    """Say that a setting does not exist, with the nearest name and all names."""
    own = path.rsplit(".", 1)[-1]
    return f"{path}: unknown setting{nearest(own, allowed)} (allowed: {', '.join(allowed)})"


def _allowed(declared: Declared, given: Any) -> str:
    """Say what is allowed at a key, for a value of the wrong kind."""
    kind = declared.kind
    if kind in (int, float):
        return f"must be {allowed_range(kind, declared.notes)}"
    if kind is bool:
        return "must be true or false"
    if get_origin(kind) is Literal:
        names = get_args(kind)
        return f"must be one of {', '.join(names)}{nearest(given, names)}"
    if get_origin(kind) is tuple:
        return "must be a list, such as [first, second]"
    if get_origin(kind) is dict:
        return "must be a group of names with values, such as {name: value}"
    if inside := below(kind):
        return f"must be a group of settings ({', '.join(inside)})"
    if isinstance(given, bool):
        return "must be a text; YAML reads a bare NO, off or yes as true or false, so quote it"
    return "must be a text"


#: Kinds of errors, beside those that end in ``_type``, of a value of the wrong kind.
_WRONG_KIND = (
    *("greater_than_equal", "less_than_equal", "finite_number", "int_from_float", "literal_error"),
)


def _wrong_name(path: str, kind: Any, given: Any) -> str:
    """Say that a name does not belong into a group of names with values."""
    names = get_args(kind)[:1]
    if names and get_origin(names[0]) is Literal:
        return unknown_setting(f"{path}.{given}", get_args(names[0]))
    return f"{path}: the name {shown(given)} must be a text"


def _line(error: ErrorDetails, model: type[Settings], prefix: str) -> str:
    keys: tuple[str | int, ...] = error["loc"]
    if error["type"] == UNKNOWN_NAME:
        place = key_path(prefix, [key for key in _written(model, keys) if key != "[key]"])
        return f"{place}: {error['ctx']['message']()}"
    if keys and keys[-1] == "[key]":
        return _wrong_name(
            key_path(prefix, keys[:-2]), declared_at(model, keys[:-2]).kind, error["input"]
        )
    path = key_path(prefix, _written(model, keys))
    if error["type"] == "extra_forbidden":
        known = below(declared_at(model, keys[:-1]).kind)
        return unknown_setting(path, [declared.title or name for name, declared in known.items()])
    if error["type"] == "missing":
        return f"{path}: required, but missing"
    given = error["input"]
    beginning = path if isinstance(given, (dict, Settings)) else f"{path} = {shown(given)}"
    if error["type"] in _WRONG_KIND or error["type"].endswith("_type"):
        return f"{beginning}: {_allowed(declared_at(model, keys), given)}"
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
