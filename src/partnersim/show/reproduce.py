"""How to get the same numbers again."""

from __future__ import annotations

import shlex

from partnersim.compare.comparison import Comparison
from partnersim.compare.labels import number
from partnersim.compare.words import counted
from partnersim.runs.manifest import LISTED, MANIFEST_NAME
from partnersim.show.tables import Table


def commands(comparison: Comparison) -> list[str]:
    """Return the commands that run everything again and check it.

    They name the manifest, which holds the whole configuration: whatever was changed is in it.
    """
    folder = shlex.quote(comparison.runs.folder.as_posix())
    manifest = shlex.quote((comparison.runs.folder / MANIFEST_NAME).as_posix())
    if comparison.lacking:
        return [f"partnersim resume {folder}", f"partnersim report {folder}"]
    return [f"partnersim reproduce {manifest}", f"partnersim verify {folder}"]


def facts_table(comparison: Comparison) -> Table:
    """Return what identifies the results."""
    facts = comparison.manifest
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    rows = [
        ["Experiment", str(facts["experiment"])],
        ["Seed", str(facts["seed"])],
        ["Runs", runs_of(comparison)],
        ["Configuration hash", str(facts["configuration_hash"])],
        ["Digest of the results", digest_of(comparison)],
        ["Versions", versions],
    ]
    if comparison.runs.kind != LISTED:
        design = ", ".join(f"{key} {value}" for key, value in facts["design"].items() if value)
        rows.insert(3, ["Design", design.replace("_", " ")])
    return Table("What was run", ["Fact", "Value"], rows)


def digest_of(comparison: Comparison) -> str:
    """Return the digest of the results, and what it is of if some are not there."""
    digest = comparison.manifest["digest"]
    if not digest:
        return "none yet: the sweep is not finished"
    partly = comparison.lacking > 0
    return f"{digest} (of the whole sweep, not of what is there now)" if partly else str(digest)


def runs_of(comparison: Comparison) -> str:
    """Return the number of runs and what they are made of."""
    runs = comparison.runs
    made_of = " × ".join(
        (
            counted(len(runs.policies), "policy", "policies"),
            counted(len(runs.futures), comparison.noun),
            counted(runs.replicates, "replicate"),
        )
    )
    if comparison.lacking:
        done, planned = number(len(comparison.outcomes)), number(runs.planned)
        return f"Only {done} of {planned} runs ({made_of} were planned)"
    return f"{counted(len(comparison.outcomes), 'run')} ({made_of})"
