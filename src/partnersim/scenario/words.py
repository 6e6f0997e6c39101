"""The words of a command line: which of them can be settings at all."""

from __future__ import annotations

import re

from partnersim.errors import nearest
from partnersim.scenario.assembly import TOP_LEVEL
from partnersim.scenario.config_files import GROUPS, options
from partnersim.scenario.request import PATH_KEYS

_KEY_VALUE = re.compile(r"(\+{0,2})([^=]*)=(.*)", re.DOTALL)


def refusal(token: str) -> str | None:
    """Say why a word cannot be an override, None if it may be one."""
    if token.startswith("-"):
        return f"{token}: unknown option (known: -m, --multirun, --dry-run, --help, --version)"
    if "${" in token:
        return f"{token}: '${{' is not allowed, settings are plain values"
    if token.startswith("~"):
        return f"{token}: settings cannot be removed, set them to another value"
    match = _KEY_VALUE.fullmatch(token)
    if match is None:
        meant = [f"{group}={token}" for group in GROUPS if token in options(group)]
        hint = f", did you mean '{meant[0]}'?" if meant else nearest(token, TOP_LEVEL)
        return f"{token}: not a setting, write KEY=VALUE{hint}"
    plus, key = match[1], match[2]
    if "@" in key:
        return f"{token}: '@' is not allowed, options cannot be moved elsewhere"
    if re.match(r"hydra(\W|$)", key):
        return f"{token}: Hydra itself cannot be configured here"
    if any(part.startswith("_") or part.endswith("_") for part in key.split(".")):
        return f"{token}: no setting begins or ends with an underscore"
    if plus and key in (*GROUPS, *PATH_KEYS):
        return f"{token}: write {key}={match[3]} without '{plus}'"
    return None


def several(token: str, key: str) -> str:
    """Say that a word has several values where one is wanted."""
    plural = {"policy": "policies", "geopolitics": "climates"}.get(key)
    beside = f"; to compare them write {plural}=[...]" if plural else ""
    return f"{token}: several values; add -m to run one after another{beside}"


def unquoted(value: str) -> str:
    """Return a value without the quotes around it."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
