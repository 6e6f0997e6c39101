"""Variants: policies of a scenario file that differ from an option in a few settings.

``variants`` is a list of groups, each a mapping of names to settings of a policy. Every
combination of one entry per group is a policy of its own; several groups are thus crossed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any

from partnersim.errors import nearest
from partnersim.scenario.problems import shown
from partnersim.scenario.request import VARIANTS, merged

#: More policies than this are a design, not variants.
MOST = 200
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,40}")


def policy_variants(
    given: Any,
    policies: Mapping[str, Mapping[str, Any]],
    base: str,
    check: Callable[[dict[str, Any], str], bool],
    tell: Callable[[str], None],
) -> dict[str, dict[str, Any]]:
    """Return the settings of the policies that variants stand for.

    Parameters
    ----------
    given : list of mappings
        The groups as written, valid or not: name of a variant to its settings. ``base`` among
        them names the policy it builds on.
    policies : mapping of str to mapping
        Settings of every option.
    base : str
        The policy that variants build on if they name none.
    check : callable
        Takes in settings of a policy and the key at which problems stand; says whether they
        are valid.
    tell : callable
        Takes in one line per problem.

    Returns
    -------
    dict of str to dict
        By name, the names of a combination joined by ``_``; a combination that changes nothing goes
        by the name of its base.
    """
    groups = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    valid = []
    for group in groups:
        if not isinstance(group, Mapping) or not group:
            tell(f"{VARIANTS} = {shown(given)}: must be a list of groups of named settings")
            return {}
        entries = {}
        for name, settings in group.items():
            if problem := _problem(str(name), settings, policies, base):
                tell(problem)
                continue
            changes = dict(settings)
            whole = merged(policies[changes.pop("base", base)], changes)
            if check(whole, f"{VARIANTS}.{name}"):
                entries[name] = dict(settings)
        valid.append(entries)
    count = math.prod(len(entries) for entries in valid)
    if count > MOST:
        tell(f"{VARIANTS}: {count} combinations, at most {MOST} are compared")
        return {}
    found: dict[str, dict[str, Any]] = {}
    for combination in product(*(entries.items() for entries in valid)):
        name = "_".join(part for part, _ in combination)
        changes = reduce(merged, (settings for _, settings in combination), {})
        own = changes.pop("base", base)
        if not changes:
            found.setdefault(own, dict(policies[own]))
            continue
        if name in policies or name in found:
            tell(f"{VARIANTS}: '{name}' is the name of another policy")
        found[name] = {**merged(policies[own], changes), "name": name}
        found[name].setdefault("description", "")
    return found


def _problem(name: str, settings: Any, policies: Mapping[str, Mapping[str, Any]], base: str) -> str:
    """Return why one entry cannot be laid over a policy; nothing if it can."""
    place = f"{VARIANTS}.{name}"
    if not _NAME.fullmatch(name):
        return f"{VARIANTS}: {shown(name)} must be 1 to 41 letters (a to z), digits and underscores"
    if not isinstance(settings, Mapping):
        return f"{place} = {shown(settings)}: must be settings of a policy, such as openness: 0.7"
    own = settings.get("base", base)
    if not isinstance(own, str) or own not in policies:
        known = ", ".join(policies)
        return f"{place}.base = {shown(own)}: unknown policy{nearest(own, policies)} ({known})"
    return f"{place}.name: a variant is named by its key" if "name" in settings else ""
