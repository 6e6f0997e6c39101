"""The help texts: written out of the configuration files and the declared settings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from partnersim.cli.settings_list import ListedSetting, listed_settings
from partnersim.cli.verbs import VERBS
from partnersim.scenario.config_files import default_options, first_comment, options, read_option

_WIDTH = 96
_FIRST = (
    *("horizon.end", "replicates", "seed", "threads", "policies", "climates", "output"),
    *("policy.priorities.deepen", "policy.negotiators", "policy.openness", "policy.hubs"),
    *("policy.regions.REGION", "policy.offer.envelope", "policy.offer.mix.connectivity"),
    *("policy.offer.targeting.need", "geopolitics.intensity", "geopolitics.shocks.SHOCK"),
    *("world.switched_off", "shocks.SHOCK.half_life", "behaviour.coefficients.COEFFICIENT.value"),
)


def _texts() -> dict[str, str]:
    """Return the texts of ``help.txt`` by name."""
    content = Path(__file__).with_name("help.txt").read_text("utf-8")
    parts = (part.partition("\n") for part in content.removeprefix("== ").split("\n== "))
    return {name: text.strip("\n") for name, _, text in parts}


def program_help() -> str:
    """Return what ``partnersim --help`` prints."""
    texts = _texts()
    known = {setting.path: setting for setting in listed_settings()}
    verbs = [f"  {verb.name:12s}{verb.summary}" for verb in VERBS]
    return "\n".join(
        [
            texts["what"],
            "",
            "Usage: partnersim [VERB] [KEY=VALUE ...] [-m]",
            "",
            "Verbs (partnersim VERB --help tells more)",
            *verbs,
            "",
            "Examples",
            texts["examples"],
            "",
            *_groups(),
            "Settings most often changed (partnersim run --help lists all)",
            *_table(known[path] for path in _FIRST if path in known),
            "",
            texts["arms"],
            "",
            "Results go to results/NAME (of a sweep to results/NAME/HASH): tables (Parquet),",
            "manifest.json and figures.",
        ]
    )


def run_help() -> str:
    """Return what ``partnersim run --help`` prints: every setting."""
    texts = _texts()
    return "\n".join(
        [
            "partnersim run [KEY=VALUE ...] [-m] simulates an experiment; 'run' may be left out.",
            "",
            "-m, --multirun runs every combination of values: seed=1,2  seed=range(1,5)",
            "               policy=glob(*_first)  horizon.end=2030Q4,2035Q4",
            "--dry-run      tells what would be run, how long and how much room it needs",
            "--yes          starts what takes longer than a day, or more room than there is",
            "",
            *_groups(),
            texts["arms"],
            "",
            texts["file"],
            "",
            texts["sweeps"],
            "",
            "All settings: meaning; what is allowed; default",
            *_table(listed_settings()),
        ]
    )


def _groups() -> list[str]:
    """Return the groups with their options, the default marked by a star."""
    lines = ["Options (* is the default)"]
    defaults = default_options()
    groups = ("policy", "geopolitics", "experiment", "world", "engine")
    column = 2 + max(len(option) for group in groups for option in options(group))
    for group in groups:
        lines.append(f"  {group}=")
        for option in options(group):
            mark = "*" if defaults.get(group) == option else " "
            lines_of = textwrap.wrap(_summary(group, option), _WIDTH - column)
            lines.append(f"   {mark}{option:{column}s}{lines_of[0]}")
            lines += [f"    {'':{column}s}{rest}" for rest in lines_of[1:]]
    for group in ("shocks", "behaviour"):
        lines.append(f"  {group}= {', '.join(options(group))}")
    return [*lines, ""]


def _summary(group: str, option: str) -> str:
    if group in ("policy", "geopolitics"):
        return str(read_option(group, option).get("description", ""))
    return first_comment(group, option)


def _table(settings: Iterable[ListedSetting]) -> list[str]:
    lines = []
    for setting in settings:
        allowed = setting.allowed.removeprefix("a number from ").removeprefix("a ")
        parts = [setting.meaning, allowed]
        if setting.default:
            parts.append(f"default {setting.default}")
        lines.append(f"  {setting.path}")
        lines.extend(
            textwrap.wrap(
                "; ".join(part for part in parts if part),
                _WIDTH,
                initial_indent="      ",
                subsequent_indent="      ",
                break_on_hyphens=False,
            )
        )
    return lines
