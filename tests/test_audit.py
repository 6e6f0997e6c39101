"""What the audit makes of the answers of the advisory services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from audit import Answer, Runner, ask_page, ask_python, status_of, tell

HASH = "--hash=sha256:" + "0" * 64


def saying(said: Any, complaints: str = "") -> Runner:
    """Return a runner of commands that answers this, whatever is asked."""

    def runner(words: Sequence[str]) -> tuple[str, str]:
        assert all(isinstance(word, str) for word in words)
        return said if isinstance(said, str) else json.dumps(said), complaints

    return runner


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    path = tmp_path / "run.txt"
    path.write_text(f"one==1.0 ; sys_platform == 'win32' \\\n    {HASH}\ntwo==2.0 \\\n    {HASH}\n")
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "package-lock.json"
    path.write_text(json.dumps({"packages": {"": {}, "node_modules/one": {}}}))
    return path


def package(name: str, *holes: str) -> dict[str, Any]:
    vulns = [{"id": hole, "fix_versions": ["9.9"]} for hole in holes]
    return {"name": name, "version": "1.0", "vulns": vulns}


def test_packages_of_every_system_are_asked_about(pinned: Path) -> None:
    asked: list[str] = []

    def runner(words: Sequence[str]) -> tuple[str, str]:
        asked.append(Path(words[-1]).read_text("utf-8"))
        return json.dumps({"dependencies": [package("one"), package("two")]}), ""

    assert ask_python(pinned, runner) == Answer(2, [])
    assert asked == ["one==1.0\ntwo==2.0\n"]


def test_a_hole_is_named(pinned: Path) -> None:
    answer = ask_python(
        pinned, saying({"dependencies": [package("one", "PYSEC-1"), package("two")]})
    )
    assert answer == Answer(2, ["one 1.0: PYSEC-1, mended in 9.9"])


def test_a_package_that_the_service_does_not_know_is_no_good_news(pinned: Path) -> None:
    skipped = {"name": "two", "skip_reason": "Dependency not found"}
    answer = ask_python(pinned, saying({"dependencies": [package("one"), skipped]}))
    assert answer == Answer(2, [], "it knows 1 of the 2 packages")
    assert status_of([answer]) == 2


def test_a_service_that_cannot_be_reached_is_told_in_one_line(
    pinned: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer in (
        ask_python(pinned, saying("", "Traceback\n  File x\nConnectionError: no route\n")),
        ask_page(page, saying({"message": "405 Method Not Allowed", "statusCode": 405})),
        ask_page(page, saying("", "npm error network\n")),
        ask_page(page, saying("")),
    ):
        assert answer.unanswered
        tell("file", answer)
        assert status_of([Answer(3, []), answer]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all("could not be asked" in line for line in lines)
    assert "ConnectionError: no route" in lines[0]
    assert "405" in lines[1]


def test_holes_of_the_page_are_named(page: Path) -> None:
    cause = {"title": "reads any file"}
    found = {
        "vite": {"severity": "high", "via": [cause]},
        "other": {"severity": "low", "via": ["vite"]},
    }
    answer = ask_page(page, saying({"vulnerabilities": found}))
    assert answer == Answer(1, ["other: low, through vite", "vite: high, reads any file"])
    assert ask_page(page, saying({"vulnerabilities": {}})) == Answer(1, [])


def test_the_exit_status_counts_the_worst() -> None:
    clean, hole, silent = Answer(1, []), Answer(1, ["x"]), Answer(1, [], "no answer")
    assert status_of([clean, clean]) == 0
    assert status_of([clean, silent]) == 2
    assert status_of([silent, hole, clean]) == 1
