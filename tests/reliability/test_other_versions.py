"""Results of another version.

Tried: `verify`, `resume`, `export` and `report` of sweeps and experiments of an older and a newer
version, of other rules under the same version, of an older and a newer format, and of real results
of version 0.1.0 from before it recorded its rules

Held: read, or refused in one line that names both versions and says what to do; `resume` never
mixes rules; refused results stay as they are
"""

from __future__ import annotations

import json
import random
import shutil
import tarfile
from itertools import product
from pathlib import Path
from typing import Any

from partnersim.runs.manifest import versions
from program import DIFFERENT, DONE, Trials, call, files, must_not_crash
from small_results import EXPERIMENT, SWEEP, change_manifest, made, manifests

#: A sweep and an experiment as version 0.1.0 wrote them before it recorded its rules.
OLDER = Path(__file__).parent / "results_of_0_1_0"
#: What another version may have written into a manifest, and which version that would be.
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "older version": ({"partnersim": "0.0.9"}, "0.0.9"),
    "newer version": ({"partnersim": "9.0.0"}, "9.0.0"),
    "other rules": ({"rules": "0123456789abcdef"}, "0123456789abcdef"),
    "older format": ({"partnersim": "0.0.9", "format": "0"}, "0.0.9"),
    "newer format": ({"partnersim": "9.0.0", "format": "99"}, "9.0.0"),
}


def test_results_of_other_versions_are_read_or_refused(trials: Trials, tmp_path: Path) -> None:
    own = [made(tmp_path / str(len(words)), words) for words in (SWEEP, EXPERIMENT)]
    for archive in sorted(OLDER.glob("*.tar.xz")):
        with tarfile.open(archive) as content:
            content.extractall(tmp_path / "older", filter="data")
    older = [manifest.parent for manifest in manifests(tmp_path / "older")]
    cases = [*product(own, CHANGES), *((folder, "") for folder in sorted(older))]
    verbs = ("verify", "resume", "export", "report")
    left = list(product(cases, verbs))
    place = tmp_path / "place"

    def trial(draw: random.Random) -> str:
        (folder, maker), verb = left.pop(draw.randrange(len(left)))
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(folder, place)
        manifest = json.loads((place / "manifest.json").read_bytes())
        theirs = manifest["versions"]["partnersim"]
        if maker:
            changes, theirs = CHANGES[maker]
            changes = dict(changes)
            kind = str(manifest["format"])
            if number := changes.pop("format", None):
                given = " ".join([*kind.split()[:-1], number])
                change_manifest(place, format=given if " " in kind else int(number))
            change_manifest(place, versions={**versions(), **changes})
        before = files(place)
        more = {"export": ["--to", "csv"], "report": []}.get(verb, ["threads=2"])
        answer = call(verb, place, *more)
        must_not_crash(answer)
        assert answer.err.count("error: ") <= 1, answer
        if answer.status == DONE:
            assert verb != "resume", "results of other rules were mixed"
            assert "format" not in maker, "another format was read"
            return f"{verb}: read"
        if answer.status == DIFFERENT:
            assert theirs in answer.out, answer
            return f"{verb}: told to differ, by which version"
        assert files(place) == before, "refused results were changed"
        if (verb, folder) != ("resume", own[1]) and folder not in older:
            assert theirs in answer.err, answer
            assert versions()["partnersim"] in answer.err, answer
        return f"{verb}: refused"

    trials(trial, 4, len(left))
