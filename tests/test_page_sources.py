"""The sources of the page: texts in all languages, a clean lock file, a build that notices."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

import build_page
from browser import needs_page, not_tested
from build_page import is_built, npm_at_hand, sources_digest
from partnersim.page.country import NUDGES
from partnersim.page.facts import facts

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "page"
SOURCES = sorted((PAGE / "src").glob("*.ts"))
LANGUAGES = ("en", "de", "fr")
#: What the data know in English: other languages have texts of their own for it.
FROM_DATA = re.compile(r"instrument\.|\?(shock|preset)\.|attribution$")


@pytest.fixture(scope="module")
def words() -> dict[str, list[str]]:
    files = [json.loads(read_language(code)) for code in LANGUAGES]
    return {key: [texts.get(key, "") for texts in files] for key in files[0]}


def read_language(code: str) -> str:
    return (PAGE / "src" / "languages" / f"{code}.json").read_text("utf-8")


def test_every_text_stands_in_three_languages(words: dict[str, list[str]]) -> None:
    assert len(words) > 200
    for code in LANGUAGES:
        pairs: list[tuple[str, str]] = json.loads(read_language(code), object_pairs_hook=list)
        own = [key for key, _ in pairs if not (code != "en" and FROM_DATA.match(key))]
        assert sorted(own) == sorted(words), code
    for key, texts in words.items():
        assert all(texts), key
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in texts]
        assert places[0] == places[1] == places[2], key


def test_every_text_asked_for_exists(words: dict[str, list[str]]) -> None:
    for source in SOURCES:
        for key in re.findall(r'\bt\("([^"]+)"', source.read_text("utf-8")):
            assert key in words, f"{source.name}: {key}"


def test_what_an_exercise_refuses_is_told_in_every_language(words: dict[str, list[str]]) -> None:
    source = (ROOT / "src/partnersim/page/exercise/exercise.py").read_text("utf-8")
    told = re.findall(r'NotNowError\("([^"]+)"\)', source)
    assert len(told) > 8
    told += ["costs {n} points, more than a round has", "one must be above {n}"]
    assert [line for line in told if f"refused.{line}" not in words] == []


@pytest.mark.parametrize("file", ["guard", "application"])
def test_what_visitors_may_be_refused_is_told_in_every_language(
    file: str, words: dict[str, list[str]]
) -> None:
    source = (ROOT / f"src/partnersim/page/{file}.py").read_text("utf-8")
    told = re.findall(r'(?:problems|RefusedError)\(\d+, \[?"([^"]+)"', source)
    # A page elsewhere and another name of this machine are no visitors.
    told = [line for line in told if not line.startswith(("requests from", "this server"))]
    assert len(told) >= 2
    assert [line for line in told if f"refused.{line}" not in words] == []


def test_everything_that_the_program_names_has_a_text(words: dict[str, list[str]]) -> None:
    known = facts()
    names = [*known["policies"], *known["climates"], *known["behaviours"], *known["areas"]]
    names += [shock["name"] for shock in known["shocks"]]
    names += [f"term.{name}" for name in known["terms"]]
    coefficients = known["behaviours"]["assumed"]["coefficients"]
    names += [f"{mark}coefficient.{name}" for mark in ("", "?") for name in coefficients]
    names += [f"policy.offer.mix.{name}" for name in known["modules"]]
    names += [f"policy.offer.targeting.{name}" for name in known["targeting"]]
    names += [f"?policy.offer.targeting.{name}" for name in known["targeting"]]
    names += [f"metric.{name}" for name in known["metrics"]]
    names += [f"policy.priorities.{name}" for name in known["directions"]]
    names += [f"region.{name}" for name in known["regions"]]
    assert set(known["headlines"]) <= set(known["metrics"])
    # What stands in a table of the model stands nowhere else.
    assert not set(known["labels"]) & set(words)
    assert all(len(label) == 3 and all(label) for label in known["labels"].values())
    there = {*words, *known["labels"]}
    assert [name for name in names if name not in there] == []


@pytest.mark.parametrize("code", ["de", "fr"])
def test_every_language_is_complete(code: str, words: dict[str, list[str]]) -> None:
    texts, known = json.loads(read_language(code)), facts()
    assumed = known["behaviours"]["assumed"]["coefficients"]
    wanted = ["attribution", *(f"instrument.{name}" for name, *_ in known["instruments"])]
    wanted += [f"?shock.{shock['name']}" for shock in known["shocks"]]
    wanted += [f"?preset.{name}" for name in known["policies"]]
    wanted += [fact["unit"] for fact in (*assumed.values(), *known["levers"].values())]
    wanted += [fact["unit"] for fact in known["metrics"].values() if fact["unit"] != "%"]
    assert [key for key in wanted if key and key not in texts] == []
    # Nothing is left of what the data no longer have.
    assert {key for key in texts if FROM_DATA.match(key)} <= set(wanted)


@pytest.mark.skipif(
    not (PAGE / "node_modules").exists() or npm_at_hand() is None,
    reason="the workshop page was built elsewhere (make page)",
)
def test_the_tests_of_the_typescript_pass() -> None:
    npm = npm_at_hand()
    assert npm is not None
    path = f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [str(npm), "--prefix", str(PAGE), "test"],
        cwd=PAGE,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]\d*$", done.stdout, re.MULTILINE)


def test_what_could_change_a_mind_has_a_name(words: dict[str, list[str]]) -> None:
    labels = facts()["labels"]
    for name in NUDGES:
        assert f"mind.{name}" in words or f"effect.{name}" in labels or f"metric.{name}" in labels


def test_nothing_is_ever_taken_for_code_or_fetched_elsewhere() -> None:
    for source in SOURCES:
        text = source.read_text("utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function"):
            assert word not in text, f"{source.name}: {word}"
        addresses = set(re.findall(r"https?://[^\s\"'`]+", text))
        # The name of SVG is no address that anything is fetched from.
        assert addresses <= {"http://www.w3.org/2000/svg"}, source.name


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((PAGE / "package-lock.json").read_text("utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"], name
    assert "omit-lockfile-registry-resolved=true" in (PAGE / ".npmrc").read_text("utf-8")


def test_an_edited_source_is_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "page"
    shutil.copytree(PAGE, copy, ignore=shutil.ignore_patterns("node_modules"))
    digest = sources_digest(copy)
    assert digest == sources_digest(PAGE)
    with (copy / "src" / "main.ts").open("a", encoding="utf-8") as source:
        source.write("\n")
    assert sources_digest(copy) != digest


@needs_page
def test_the_built_page_is_that_of_these_sources() -> None:
    assert is_built(ROOT), "make page"


@pytest.mark.parametrize("version", ["v18.20.1", "v20.18.3", "", "not a version"])
def test_a_node_that_is_too_old_is_no_node(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, said in (("node", version), ("npm", "")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build_page, "NODE", tmp_path / "none")
    assert build_page.npm_at_hand() is None
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.12.0\n")
    assert build_page.npm_at_hand() == tmp_path / "npm"


def test_a_registry_that_cannot_be_reached_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho npm error self-signed certificate >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(build_page, "is_built", lambda root: False)
    monkeypatch.setattr(build_page, "npm_at_hand", lambda: npm)
    assert build_page.main() == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "not built" in lines[0]
    assert "self-signed certificate" in lines[0]


def test_what_is_not_tested_of_the_page_is_told_in_one_line() -> None:
    texts = ("the workshop page is not built", "the workshop page is not built", "needs MPI")
    reports = [SimpleNamespace(longrepr=("file", 1, f"Skipped: {text}")) for text in texts]
    assert not_tested(reports) == "NOT TESTED: the workshop page is not built (2 skipped)"
    assert not_tested(reports[2:]) == ""
