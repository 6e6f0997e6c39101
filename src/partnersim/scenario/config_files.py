"""The shipped configuration files: where they are and which options each group has.

Reads plain YAML only, without Hydra, so that ``--help`` and tab completion start at once.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from partnersim.shipped_folder import shipped_folder

#: Groups of which one option is chosen: ``policy=deepen_first``.
GROUPS = ("world", "policy", "geopolitics", "shocks", "behaviour", "experiment", "engine")
#: Settings that list several options of a group.
PLURALS = {"policy": "policies", "geopolitics": "climates"}
_ENDING = ".yaml"


@cache
def configs_folder() -> Path:
    """Return the folder of the configuration files: the checkout's if there is one."""
    return shipped_folder("configs", "config.yaml")


def options(group: str) -> tuple[str, ...]:
    """Return the options of a group in alphabetical order."""
    names = os.listdir(configs_folder() / group)
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def fingerprint() -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of every configuration file: changes when one is edited."""
    found = []
    for folder in ("", *GROUPS):
        # Asked for by every scenario of a page: several times faster than paths.
        with os.scandir(configs_folder() / folder) as files:
            for file in files:
                if file.name.endswith(_ENDING):
                    known = file.stat()
                    found.append((file.path, known.st_mtime_ns, known.st_size))
    return tuple(sorted(found))


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
