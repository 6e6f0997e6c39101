"""The help texts: written out of the configuration files and the declared settings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

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

_WHAT = """\
partnersim simulates, quarter by quarter, how the EU's network of international digital
partnerships grows from June 2025 on, under policies of the EU and geopolitical climates."""

_EXAMPLES = """\
  partnersim                                      six policies in four climates
  partnersim policy=deepen_first geopolitics=fragmentation replicates=500 seed=7
  partnersim policy.negotiators=800               that change beside the unchanged policy
  partnersim geopolitics=coercion                 the six policies in one climate
  partnersim experiment=four_directions horizon.end=2030Q4
  partnersim experiment=robustness                a sweep over sampled futures
  partnersim experiment=robustness design.points=512 replicates=5 --dry-run
  partnersim scenario=mine.yaml                   settings of your own, in a file
  partnersim -m policy=deepen_first seed=1,2,3    several runs, one after another"""

_ARMS = """\
Which arms run: without a policy or experiment named, those of experiment=main. A policy that is
named, or changed (policy.negotiators=800), runs beside the untouched reference in one climate.
A climate named alone runs with all policies of the experiment. With experiment=NAME, a policy or
climate named beside it replaces its list. A policy or climate with changed settings is listed as
NAME_changed, or by the name you give it (policy.name=mine)."""

_FILE = """\
A scenario file is plain YAML with the same settings, for instance
  policy:
    base: deepen_first        # the option it builds on
    name: digital_south
    regions: {sub_saharan_africa: 2}
    hubs: [KEN, NGA]
  geopolitics: rivalry
  climates: [calm, rivalry]
  world: {switched_off: [SIX_G]}
  geopolitics.schedule, new shock types under shocks: and coefficients work the same way."""


_SWEEPS = """\
An experiment with a design is a sweep: every policy runs in every sampled future, for instance
  policies: [balanced, connect_first]
  climates: [calm, rivalry]   # several climates: the climate is one of the factors
  design:
    kind: latin_hypercube     # or grid, sobol, sobol_indices
    points: 128
    factors:
      geopolitics.intensity: {low: 0.5, high: 2}
      behaviour.coefficients.need.value: {}   # its plausible range
A sweep survives being killed: start it again, or use: partnersim resume FOLDER"""


def program_help() -> str:
    """Return what ``partnersim --help`` prints."""
    known = {setting.path: setting for setting in listed_settings()}
    verbs = [f"  {verb.name:12s}{verb.summary}" for verb in VERBS]
    return "\n".join(
        [
            _WHAT,
            "",
            "Usage: partnersim [VERB] [KEY=VALUE ...] [-m]",
            "",
            "Verbs (partnersim VERB --help tells more)",
            *verbs,
            "",
            "Examples",
            _EXAMPLES,
            "",
            *_groups(),
            "Settings most often changed (partnersim run --help lists all)",
            *_table(known[path] for path in _FIRST if path in known),
            "",
            _ARMS,
            "",
            "Results go to results/NAME (of a sweep to results/NAME/HASH): tables (Parquet),",
            "manifest.json and figures.",
        ]
    )


def run_help() -> str:
    """Return what ``partnersim run --help`` prints: every setting."""
    return "\n".join(
        [
            "partnersim run [KEY=VALUE ...] [-m] simulates an experiment; 'run' may be left out.",
            "",
            "-m, --multirun runs every combination of values: seed=1,2  seed=range(1,5)",
            "               policy=glob(*_first)  horizon.end=2030Q4,2035Q4",
            "--dry-run      tells what a sweep would run, how long and how much room it needs",
            "",
            *_groups(),
            _ARMS,
            "",
            _FILE,
            "",
            _SWEEPS,
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
