"""The shipped configuration files: where they are and which options each group has.

Reads plain YAML only, without Hydra, so that ``--help`` and tab completion start at once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from partnersim.shipped_folder import shipped_folder

#: Groups of which one option is chosen: ``policy=deepen_first``.
GROUPS = ("world", "policy", "geopolitics", "shocks", "behaviour", "experiment", "engine")
#: Settings that list several options of a group.
PLURALS = {"policy": "policies", "geopolitics": "climates"}


@cache
def configs_folder() -> Path:
    """Return the folder of the configuration files: the checkout's if there is one."""
    return shipped_folder("configs", "config.yaml")


def options(group: str) -> tuple[str, ...]:
    """Return the options of a group in alphabetical order."""
    return tuple(sorted(path.stem for path in (configs_folder() / group).glob("*.yaml")))


def fingerprint() -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of every configuration file: changes when one is edited."""
    return tuple(
        (str(path), path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(configs_folder().rglob("*.yaml"))
    )


def read_option(group: str, option: str) -> dict[str, Any]:
    """Return the settings of one file as they stand there, without those it builds on.

    The main file is option ``config`` of no group.
    """
    content = yaml.safe_load((configs_folder() / group / f"{option}.yaml").read_bytes())
    return content if isinstance(content, dict) else {}


@cache
def default_options() -> dict[str, str]:
    """Return the option of each group that is used if none is named."""
    entries = read_option("", "config").get("defaults", [])
    return {
        group: str(entry[group]) for entry in entries if isinstance(entry, dict) for group in entry
    }


def first_comment(group: str, option: str) -> str:
    """Return the first comment of a file: what it is for, one line."""
    for line in (configs_folder() / group / f"{option}.yaml").read_text("utf-8").splitlines():
        if line.startswith("# ") and "@package" not in line:
            return line.removeprefix("# ")
        if line and not line.startswith("#"):
            break
    return ""
