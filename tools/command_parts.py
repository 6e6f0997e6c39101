"""Generated parts about the program: what its verbs say of themselves, and all settings."""

from __future__ import annotations

from doc_tables import code, table
from partnersim.cli.help import program_help, verb_help
from partnersim.cli.settings_list import ListedSetting, listed_settings
from partnersim.cli.verbs import DEFAULT_VERB, VERBS

#: Settings of a run are at the top level; those of the scenario stand in groups.
_GROUPS = {
    "": "The run",
    "engine": "The engine",
    "design": "The design of a sweep",
    "policy": "Policy",
    "geopolitics": "Climate",
    "world": "World",
    "horizon": "Horizon",
    "shocks": "Types of shock",
    "behaviour": "Behaviour",
}


def commands() -> str:
    """Return the help texts of the program and of its verbs, as printed."""
    texts = [("partnersim", program_help())]
    texts += [
        (f"partnersim {verb.name}", verb_help(verb)) for verb in VERBS if verb.name != DEFAULT_VERB
    ]
    return "".join(f"## {name}\n\n```text\n{text.rstrip()}\n```\n\n" for name, text in texts)


def settings() -> str:
    """Return every setting, a section per group."""
    groups: dict[str, list[ListedSetting]] = {name: [] for name in _GROUPS}
    for setting in listed_settings():
        group, dot, _ = setting.path.partition(".")
        groups[group if dot else ""].append(setting)
    parts = []
    for name, title in _GROUPS.items():
        rows = [
            (
                code(item.path),
                item.meaning,
                item.allowed,
                code(item.default) if item.default else "",
            )
            for item in groups[name]
        ]
        parts.append(f"## {title}\n\n" + table(("setting", "meaning", "allowed", "default"), rows))
    return "\n".join(parts)
