"""How to get the same numbers again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from partnersim.compare.study import Study
from partnersim.runs.wording import number
from partnersim.show.tables import Table


def commands(study: Study) -> list[str]:
    """Return the commands that run the study again and check it."""
    facts = study.manifest
    settings: Mapping[str, Any] = facts["configuration"]
    if "design" in facts:
        folder = shlex.quote(study.folder.as_posix())
        missing = [f"partnersim resume {folder}"] if study.lacking else []
        return [*missing, f"partnersim verify {folder}", f"partnersim report {folder}"]
    names = ",".join(study.policies)
    climates = ",".join(str(name) for name in study.futures["geopolitics"])
    words = [
        f"experiment={settings['experiment']}",
        f"policies=[{names}]",
        f"climates=[{climates}]",
        f"world={settings['world']['which']}",
        f"horizon.end={settings['horizon']['end']}",
        f"replicates={facts['replicates']}",
        f"seed={facts['seed']}",
    ]
    return ["partnersim " + " ".join(shlex.quote(word) for word in words)]


def facts_table(study: Study) -> Table:
    """Return what identifies the results."""
    facts = study.manifest
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    rows = [
        ["Experiment", str(facts["experiment"])],
        ["Seed", str(facts["seed"])],
        ["Runs", runs_of(study)],
        ["Configuration hash", str(facts["configuration_hash"])],
        ["Digest of the results", digest_of(study)],
        ["Versions", versions],
    ]
    if "design" in facts:
        design = ", ".join(f"{key} {value}" for key, value in facts["design"].items() if value)
        rows.insert(3, ["Design", design.replace("_", " ")])
    return Table("What was run", ["Fact", "Value"], rows)


def digest_of(study: Study) -> str:
    """Return the digest of the results, and what it is of if some are not there."""
    digest = study.manifest["digest"]
    if not digest:
        return "none yet: the sweep is not finished"
    return f"{digest} (of the whole sweep, not of what is there now)" if study.lacking else digest


def runs_of(study: Study) -> str:
    """Return the number of runs and what they are made of."""
    futures = len(study.futures)
    counts = (
        (len(study.policies), "policy", "policies"),
        (
            futures,
            *(("future", "futures") if "design" in study.manifest else ("climate", "climates")),
        ),
        (study.manifest["replicates"], "replicate", "replicates"),
    )
    parts = [f"{number(count)} {one if count == 1 else many}" for count, one, many in counts]
    made_of = " × ".join(parts)
    done = number(len(study.runs))
    if study.lacking:
        return f"Only {done} of {number(study.planned)} runs ({made_of} were planned)"
    return f"{done} runs ({made_of})"
