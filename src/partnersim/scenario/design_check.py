"""Completing and checking a design: factors with their ranges, or a table of own points.

A table has a column for every setting and a row for every future.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from partnersim.errors import InputError, nearest, refuse
from partnersim.scenario.design import Design, Factor
from partnersim.scenario.horizon import Horizon
from partnersim.scenario.numeric_settings import NumericSetting, varied
from partnersim.scenario.problems import problems_of, shown
from partnersim.scenario.request import merged
from partnersim.scenario.scenario import Scenario
from partnersim.user_path import is_file_or_nothing, user_path
from partnersim.world.places import short_name
from partnersim.world.tables import Reader

_PLACE = "design.factors"
#: The column of the climate, by name.
CLIMATE = "geopolitics"
TABLE = "table"
#: A file with more numbers was not made for this.
_MOST = 1_000_000


def merged_design(base: Any, change: Any, numbers: Mapping[str, NumericSetting]) -> Any:
    """Return the settings of a design with changes, its factors by dotted path.

    Parameters
    ----------
    base, change : mapping or None
        Settings of the experiment's design and of the request; factors may be written nested or
        with dotted keys. A factor changed to null is left out. Of a file of own points stands there
        its name.
    numbers : mapping of str to NumericSetting
        All numbers of the scenario; plausible ranges complete factors without a range.

    Returns
    -------
    dict
        Not yet validated.

    Raises
    ------
    InputError
        One line per problem of the file of own points: its name, row, column, reason.
    """
    if not isinstance(base or {}, Mapping) or not isinstance(change or {}, Mapping):
        return change if change is not None else base
    base, change = base or {}, change or {}
    if (table := change.get(TABLE)) is not None:
        table = _read(table, numbers) if isinstance(table, str) else table
        change = {"kind": TABLE, **change, TABLE: table, "points": None}
    if table:
        # Own points take the place of whatever the experiment samples.
        kept = {k: v for k, v in base.items() if k not in ("factors", "posterior")}
        return {**kept, **change}
    whole = dict(merged(base, change))
    factors: dict[str, Any] = {}
    for source in (base, change):
        given = source.get("factors", {})
        if not isinstance(given, Mapping):
            return {**whole, "factors": given}
        for path, factor in _flat(given):
            factors[path] = merged(factors.get(path, {}), factor)
    if whole.get("posterior") is True:
        for path, setting in numbers.items():
            if setting.origin == "estimated":
                factors.setdefault(path, {"distribution": "posterior"})
    # The order in which factors are written must not decide which values they get.
    whole["factors"] = {
        path: _complete(factors[path], numbers.get(path))
        for path in sorted(factors)
        if factors[path] is not None
    }
    return whole


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield factors with their paths; a mapping that says nothing of a factor leads to others."""
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and not _says_of_a_factor(value):
            yield from _flat(value, f"{path}.")
        else:
            head, dot, region = path.rpartition(".")
            yield (f"{head}{dot}{short_name(region)}" if head.endswith("regions") else path), value


def _says_of_a_factor(tree: Mapping[str, Any]) -> bool:
    return any(
        key in Factor.model_fields and not isinstance(value, Mapping) for key, value in tree.items()
    )


def _complete(factor: Any, setting: NumericSetting | None) -> Any:
    """Return a factor with the range that it implies: that of its values, or the plausible one."""
    if isinstance(factor, list):
        factor = {"values": factor}
    if not isinstance(factor, Mapping):
        return factor
    values = factor.get("values")
    if isinstance(values, (list, tuple)) and values and all(map(_is_number, values)):
        return {**factor, "low": min(values), "high": max(values)}
    low, high = (setting and setting.plausible) or (None, None)
    return {"low": low, "high": high, **factor} if low is not None else factor


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read(name: str, numbers: Mapping[str, NumericSetting]) -> dict[str, list[Any]]:
    path = user_path(name)
    if not is_file_or_nothing(path) or not path.exists():
        raise InputError(f"design.table = {shown(name)}: there is no such file")
    reader = Reader(Path())
    rows = reader.read(str(path), (), ())
    if not rows and not reader.problems:
        reader.problems.append(f"{path}: needs a row for every future")
    if sum(len(row.cells) for row in rows) > _MOST:
        reader.problems.append(f"{path}: more than {_MOST:,} numbers")
    reader.refuse()
    table = {
        key: [row[key] if key == CLIMATE else _number(row[key]) for row in rows]
        for key in rows[0].cells
        if key != "future"
    }
    refuse(point_problems(table, numbers, f"{path}, row {{row}}: ", 2))
    return table


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def point_problems(
    table: Mapping[str, Any],
    numbers: Mapping[str, NumericSetting],
    place: str = "design.table[{row}].",
    first: int = 0,
) -> Iterator[str]:
    """Yield what is wrong with own points, one line each.

    Parameters
    ----------
    table : mapping of str to sequence
        Values by setting.
    numbers : mapping of str to NumericSetting
        All numbers of the scenario.
    place : str
        How a row is called.
    first : int
        Number of the first row.
    """
    for path, column in table.items():
        if path == CLIMATE:
            continue
        if path not in numbers:
            yield f"design.table: {path}: no number of this name{nearest(path, numbers)}"
            continue
        for row, value in enumerate(column, start=first):
            if wrong := numbers[path].wrong(value):
                yield f"{place.format(row=row)}{path} = {shown(value)}: {wrong}"


def climate_problems(table: Mapping[str, Sequence[Any]], climates: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the climates of own points, one line each."""
    if CLIMATE not in table and len(climates) > 1:
        yield f"design.table: name the climate of every future in a column '{CLIMATE}'"
    for name in dict.fromkeys(table.get(CLIMATE, ())):
        if name not in climates:
            yield (
                f"design.table: {CLIMATE} = {shown(name)}: is none of climates="
                f"[{','.join(climates)}]{nearest(name, climates)}"
            )


def drop_wrong_factors(design: Any, settings: Mapping[str, NumericSetting]) -> Iterator[str]:
    """Take factors out of a design that do not exist, and tell that others leave their range.

    Parameters
    ----------
    design : mapping
        From `merged_design`, valid or not.
    settings : mapping of str to NumericSetting
        All numbers of the scenario.

    Yields
    ------
    str
        One line per problem.
    """
    if not isinstance(design, Mapping):
        return
    if isinstance(table := design.get(TABLE), Mapping):
        yield from point_problems(table, settings)
    factors = design.get("factors")
    if not isinstance(factors, dict):
        return
    for path, factor in list(factors.items()):
        if path in settings:
            yield from _range_problems(path, factor, settings[path])
            continue
        wrong = f"no number of this name{nearest(path, settings)}"
        if path == CLIMATE:
            wrong = "climates are a factor if several are listed, climates=[calm,...]"
        yield f"{_PLACE}.{path}: {wrong}"
        del factors[path]
    if design.get("posterior") is True and not any(
        setting.origin == "estimated" for setting in settings.values()
    ):
        yield "design.posterior = true: this behaviour has no estimated coefficient"


def _range_problems(path: str, factor: Any, setting: NumericSetting) -> Iterator[str]:
    if not isinstance(factor, Mapping):
        return
    if factor.get("distribution") == "posterior" and setting.origin != "estimated":
        yield f"{_PLACE}.{path}.distribution = posterior: only for estimated coefficients"
    for key, value in _ends(factor.get("low"), factor.get("high"), factor.get("values")).items():
        if _is_number(value) and (wrong := setting.wrong(value)):
            yield f"{_PLACE}.{path}.{key} = {shown(value)}: {wrong}"


def _ends(low: Any, high: Any, values: Any) -> dict[str, Any]:
    """Return the listed values of a factor, else the ends of its range, by their keys."""
    if values and isinstance(values, (list, tuple)):
        return {f"values[{place}]": value for place, value in enumerate(values)}
    return {"low": low, "high": high}


def quarter_problems(design: Design, horizon: Horizon) -> Iterator[str]:
    """Yield one line per quarter to keep that is not simulated."""
    listed = design.quarters if isinstance(design.quarters, tuple) else ()
    for place, label in enumerate(listed):
        if label not in horizon.labels[1:]:
            yield (
                f"design.quarters[{place}] = {shown(label)}: lies outside the horizon,"
                f" {horizon.start} to {horizon.end}"
            )


def extreme_problems(
    design: Design, scenario: Scenario, settings: Mapping[str, NumericSetting]
) -> Iterator[str]:
    """Yield one line per end of a range, or listed value, that makes no valid scenario alone."""
    for path, factor in design.factors.items():
        setting = settings[path]
        for key, value in _ends(factor.low, factor.high, factor.values).items():
            number = int(value) if setting.whole else value
            try:
                varied(scenario, {setting.keys: number})
            except ValidationError as error:
                group = setting.path.rpartition(".")[0]
                reasons = "; ".join(problems_of(error, Scenario, group))
                yield f"{_PLACE}.{path}.{key} = {shown(value)}: {reasons}"
