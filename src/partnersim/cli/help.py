"""The help texts: written out of the configuration files and the declared settings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from string import Template

from partnersim.cli.settings_list import ListedSetting, listed_settings
from partnersim.cli.verbs import DEFAULT_VERB, VERBS, Verb
from partnersim.scenario.config_files import default_options, first_comment, options, read_option

_WIDTH = 96
_FIRST = (
    *("horizon.end", "replicates", "seed", "threads", "policies", "climates", "output"),
    *("policy.priorities.deepen", "policy.negotiators", "policy.openness", "policy.hubs"),
    *("policy.regions.REGION", "policy.offer.envelope", "policy.offer.mix.connectivity"),
    *("policy.offer.targeting.need", "geopolitics.intensity", "geopolitics.shocks.SHOCK"),
    *("world.switched_off", "shocks.SHOCK.half_life", "behaviour.coefficients.COEFFICIENT.value"),
)


def _text(name: str, **parts: object) -> str:
    """Return a text of ``help.txt`` with parts of it, such as ``$verbs``, filled in."""
    return _template(name).substitute(parts)


def _template(name: str) -> Template:
    """Return a text of ``help.txt`` as it stands there."""
    content = Path(__file__).with_name("help.txt").read_text("utf-8")
    texts = (text.partition("\n") for text in content.removeprefix("== ").split("\n== "))
    return Template({name: text.strip("\n") for name, _, text in texts}[name])


def program_help() -> str:
    """Return what ``partnersim --help`` prints."""
    known = {setting.path: setting for setting in listed_settings()}
    return _text(
        "program",
        verbs="\n".join(f"  {verb.name:12s}{verb.summary}" for verb in VERBS),
        groups=_groups(),
        first=_table(known[path] for path in _FIRST if path in known),
        arms=_text("arms"),
    )


def verb_help(verb: Verb) -> str:
    """Return what ``partnersim VERB --help`` prints; of ``run`` that is every setting.

    In the text of another verb stand constants of its module, such as ``$PORT``.
    """
    if verb.name != DEFAULT_VERB:
        text = _template(verb.name)
        # Most need no module, which takes a second to load.
        return text.substitute(vars(verb.load()) if text.get_identifiers() else {})
    return _text("run", groups=_groups(), arms=_text("arms"), settings=_table(listed_settings()))


def _groups() -> str:
    """Return the groups with their options, the default marked by a star."""
    lines = ["Options (* is the default)"]
    defaults = default_options()
    groups = ("policy", "geopolitics", "experiment", "world", "engine")
    column = 2 + max(len(option) for group in groups for option in options(group))
    for group in groups:
        lines.append(f"  {group}=")
        for option in options(group):
            mark = "*" if defaults.get(group) == option else " "
            first, *others = textwrap.wrap(_summary(group, option), _WIDTH - column)
            lines.append(f"   {mark}{option:{column}s}{first}")
            lines += [f"    {'':{column}s}{rest}" for rest in others]
    for group in ("shocks", "behaviour"):
        lines.append(f"  {group}= {', '.join(options(group))}")
    return "\n".join(lines)


def _summary(group: str, option: str) -> str:
    if group in ("policy", "geopolitics"):
        return str(read_option(group, option).get("description", ""))
    return first_comment(group, option)


def _table(settings: Iterable[ListedSetting]) -> str:
    """Return settings, each with what it means below it."""
    lines = []
    for setting in settings:
        allowed = setting.allowed.removeprefix("a number from ").removeprefix("a ")
        parts = [setting.meaning, allowed]
        if setting.default:
            parts.append(f"default {setting.default}")
        lines.append(f"  {setting.path}")
        wrapped = textwrap.wrap("; ".join(filter(None, parts)), _WIDTH - 6, break_on_hyphens=False)
        lines += [f"      {line}" for line in wrapped]
    return "\n".join(lines)
