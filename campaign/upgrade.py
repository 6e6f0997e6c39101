"""Results of another version, format or state of the rules, and real ones of version 0.1.0."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from campaign import small_experiment, small_sweep
from campaign.program import call, files, must_not_crash
from campaign.trials import Part, Seen, Trial, must
from partnersim.runs.versions import versions

#: A sweep and an experiment as version 0.1.0 wrote them before it recorded its rules.
OLDER = Path(__file__).parent / "results_of_0_1_0"
VERBS = ("verify", "resume", "export", "report")
#: What another version may have written into a manifest.
CHANGES: dict[str, dict[str, Any]] = {
    "older version": {"partnersim": "0.0.9"},
    "newer version": {"partnersim": "9.0.0"},
    "other rules": {"rules": "0123456789abcdef"},
    "older format": {"format": 0},
    "newer format": {"format": 99},
}
_DONE, _DIFFERENT, _UNUSABLE = 0, 1, 2


class _Upgrade:
    """Does every verb on every kind of results of every other maker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = {
            "sweep": small_sweep.undisturbed(folder / "own").folder,
            "experiment": small_experiment.undisturbed(folder / "own").folder,
        }
        self._older = {}
        for archive in sorted(OLDER.glob("*.tar.xz")):
            with tarfile.open(archive) as content:
                content.extractall(folder / "older", filter="data")
        for manifest in (folder / "older").rglob("manifest.json"):
            kind = "sweep" if (manifest.parent / "parts").is_dir() else "experiment"
            self._older[kind] = manifest.parent
        own = product(self._own, CHANGES, VERBS)
        older = product(self._older, ("version 0.1.0 as it was",), VERBS)
        #: What was made, by whom, and what is done with it.
        self.cases = [*own, *older]

    def trial(self, number: int) -> Seen:
        kind, maker, verb = self.cases[number % len(self.cases)]
        place = self._folder / f"trial-{number}"
        sources = self._own if maker in CHANGES else self._older
        shutil.copytree(sources[kind], place)
        try:
            changes = CHANGES.get(maker, {})
            if "format" in changes:
                given = changes["format"]
                small_sweep.manifest_changed(
                    place,
                    format=f"sweep {given}" if kind == "sweep" else given,
                    versions={**versions(), "partnersim": "0.0.9"},
                )
            elif changes:
                small_sweep.manifest_changed(place, versions={**versions(), **changes})
            return Seen(self._done(kind, maker, verb, place))
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _done(self, kind: str, maker: str, verb: str, place: Path) -> str:
        before = files(place)
        words = [verb, str(place), *(["--to", "csv"] if verb == "export" else [])]
        answer = call([*words, *(["threads=2"] if verb in ("verify", "resume") else [])])
        told = f"{verb} of a {kind} of {maker}: {answer}"
        must_not_crash(answer, told)
        must(answer.err.count("error: ") <= 1, f"more than one line: {told}")
        if answer.status == _DONE:
            must(verb != "resume", f"results of other rules were mixed: {told}")
            must("format" not in maker, told)
            return f"{verb}: read"
        if answer.status == _DIFFERENT:
            self._must_name_both(answer.out, maker, told)
            return f"{verb}: told to differ, by which version"
        must(files(place) == before, f"changed: {told}")
        if not (verb == "resume" and kind == "experiment"):
            self._must_name_both(answer.err, maker, told)
        return f"{verb}: refused"

    def _must_name_both(self, said: str, maker: str, told: str) -> None:
        """Hold that a line names who made it, who this is, and what to do."""
        own = versions()
        theirs = CHANGES.get(maker, {}).get("partnersim") or CHANGES.get(maker, {}).get("rules")
        theirs = theirs or ("0.0.9" if maker in CHANGES else own["partnersim"])
        must(theirs in said and own["partnersim"] in said, told)
        advice = ("the version that made", "choose another output", "run the experiment again")
        must(any(map(said.__contains__, advice)), f"says not what to do: {told}")


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Trial]:
    """Make results of this version, and unpack those of an older one."""
    yield _Upgrade(folder).trial


PART = Part(
    name="upgrade",
    title="Results of another version",
    tried=(
        "`verify`, `resume`, `export` and `report` of sweeps and experiments of an older and a"
        " newer version, of other rules under the same version, of an older and a newer format, and"
        " of real results of version 0.1.0 from before it recorded its rules"
    ),
    held=(
        "read, or refused in one line that names both versions and says what to do; `resume` never"
        " mixes rules; refused results stay as they are"
    ),
    trials=48,
    opened=opened,
)
