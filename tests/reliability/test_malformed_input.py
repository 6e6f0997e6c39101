"""Malformed input.

Tried: scenario files, command lines, forecasts, lists of events and manifests that hypothesis
changed: keys, values, types, syntax, bytes, depth, size, tags, aliases, interpolations, paths;
what is still valid is not counted

Held: exit status 2, nothing but clear lines that begin with `error:`, no traceback, nothing written
(a damaged folder may also be told by `verify`, with status 1)
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mutants
from program import DIFFERENT, DONE, call, files, must_refuse
from small_results import EXPERIMENT, FORECAST, SWEEP, made

EVENTS = """\
date,iso3,instrument,event
2025-09-01,KEN,DIGITAL_DIALOGUE,announced
2025-11-12,JPN,DTA,concluded
2026-02,CAN,DIGITAL_PARTNERSHIP,signed
"""
#: Names that are no folder of results.
NAMES = (
    *("nowhere", "", ".", "/", "/dev/null", "/etc/passwd", "a" * 300, "a/" * 2000, "nul\x00l"),
    *("~nobody/x", "ünï", "\udcff", "*", "..", "empty", "-", "$HOME"),
)
#: Feeds what a strategy draws to the program, few times or many: kind, cases, words of a case.
Fed = Callable[[str, st.SearchStrategy[Any], Callable[[Any], list[str]], int, int], None]


@pytest.fixture
def fed(
    held: Counter[str], all_trials: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Fed:
    """Feed wrong input to the program, each in an empty folder, and hold that it is refused."""

    def feed(
        kind: str,
        cases: st.SearchStrategy[Any],
        words_of: Callable[[Any], list[str]],
        few: int,
        many: int,
    ) -> None:
        count = many if all_trials else few

        @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
        @given(cases)
        def refused(case: Any) -> None:
            room = tmp_path / "room"
            shutil.rmtree(room, ignore_errors=True)
            room.mkdir()
            monkeypatch.chdir(room)
            words = words_of(case)
            before = files(room)
            answer = call(*words)
            if answer.status == DONE:
                return
            if words[0] == "verify" and answer.status == DIFFERENT:
                assert "not as it should be: " in answer.out
            else:
                must_refuse(answer)
            assert files(room) == before, "something was written"
            held[kind] += 1

        refused()

    return feed


def scenario_file(content: bytes) -> list[str]:
    Path("mine.yaml").write_bytes(content)
    return ["--dry-run", "scenario=mine.yaml"]


def test_settings_of_scenario_files(fed: Fed) -> None:
    fed("scenario files: settings", mutants.wrong_settings, scenario_file, 10, 5000)


def test_texts_of_scenario_files(fed: Fed) -> None:
    fed("scenario files: text", mutants.wrong_texts, scenario_file, 10, 2500)


def test_command_lines(fed: Fed) -> None:
    def words(wrong: list[str]) -> list[str]:
        return [*wrong, "--dry-run"]

    fed("command lines of scenarios", mutants.wrong_words, words, 10, 2500)


def test_command_lines_of_other_verbs(fed: Fed) -> None:
    fed("command lines of other verbs", mutants.LINES.map(str.split), list, 8, 300)


@pytest.mark.usefixtures("one_record")
def test_forecasts_and_events(fed: Fed, tmp_path: Path) -> None:
    answer = call(*FORECAST, f"output={tmp_path}")
    assert answer.status == DONE, answer
    whole = next(tmp_path.glob("forecast/*/forecast.csv")).read_text("utf-8")
    forecast = "".join(whole.splitlines(keepends=True)[:400])

    def words(wrong: tuple[bytes, bytes]) -> list[str]:
        for name, content in zip(("forecast.csv", "events.csv"), wrong, strict=True):
            Path(name).write_bytes(content)
        return ["score", "forecast.csv", "events.csv", "until=2026Q2"]

    right = st.just(forecast.encode()), st.just(EVENTS.encode())
    wrong = mutants.wrong_tables(forecast), mutants.wrong_tables(EVENTS)
    fed(
        "forecasts and lists of events",
        st.tuples(wrong[0], right[1]) | st.tuples(right[0], wrong[1]),
        words,
        4,
        600,
    )


def test_folders_of_results(fed: Fed, tmp_path: Path) -> None:
    sources = [made(tmp_path / str(len(words)), words) for words in (SWEEP, EXPERIMENT)]
    verbs = st.sampled_from(["verify", "resume", "export", "report"])

    @st.composite
    def manifests(draw: st.DrawFn) -> tuple[str, Path, bytes]:
        source = draw(st.sampled_from(sources))
        facts = json.loads((source / "manifest.json").read_bytes())
        text = json.dumps(facts).encode()
        changed = mutants.mutated(st.just(facts)).map(lambda facts: json.dumps(facts).encode())
        return draw(verbs), source, draw(changed | mutants.damaged_bytes(st.just(text)))

    def damaged(case: tuple[str, Path, bytes]) -> list[str]:
        verb, source, manifest = case
        shutil.copytree(source, "folder")
        Path("folder/manifest.json").write_bytes(manifest)
        return [verb, "folder", *(["--to", "csv"] if verb == "export" else [])]

    def named(case: tuple[str, str]) -> list[str]:
        return [*case, *(["--to", "csv"] if case[0] == "export" else [])]

    fed("folders of results", manifests(), damaged, 4, 500)
    fed("folders of results", st.tuples(verbs, st.sampled_from(NAMES)), named, 4, 100)
