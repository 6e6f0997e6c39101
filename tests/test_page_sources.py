"""The sources of the page: texts in all languages, a clean lock file, a build that notices."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from partnersim.page.application import STATIC
from partnersim.page.facts import facts

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "page"
SOURCES = sorted((PAGE / "src").glob("*.ts"))
#: A key of the table of texts and its three languages.
ROW = re.compile(r'^  (?:"([^"]+)"|(\w+)): \[(.*?)\],$', re.MULTILINE | re.DOTALL)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.fixture(scope="module")
def words() -> dict[str, list[str]]:
    text = (PAGE / "src" / "words.ts").read_text("utf-8")
    return {quoted or bare: TEXT.findall(row) for quoted, bare, row in ROW.findall(text)}


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_stands_in_three_languages(words: dict[str, list[str]]) -> None:
    assert len(words) > 200
    for key, texts in words.items():
        assert len(texts) == 3, key
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in texts]
        assert places[0] == places[1] == places[2], key


def test_every_text_asked_for_exists(words: dict[str, list[str]]) -> None:
    for source in SOURCES:
        for key in re.findall(r'\bt\("([^"]+)"', source.read_text("utf-8")):
            assert key in words, f"{source.name}: {key}"


def test_everything_that_the_program_names_has_a_text(words: dict[str, list[str]]) -> None:
    known = facts()
    names = [*known["policies"], *known["climates"], *known["behaviours"], *known["areas"]]
    names += [shock["name"] for shock in known["shocks"]]
    names += [f"metric.{name}" for name in known["metrics"]]
    names += [f"term.{name}" for name in known["terms"]]
    names += [f"policy.offer.mix.{name}" for name in known["modules"]]
    names += [f"policy.offer.targeting.{name}" for name in known["targeting"]]
    names += [f"policy.priorities.{name}" for name in known["directions"]]
    names += list(known["worlds"]["all"]["regions"])
    regions_without_quotes = {"Gulf", "LAC", "Russia"}
    missing = [name for name in names if name not in words and name not in regions_without_quotes]
    assert missing == []


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


def test_an_edited_source_is_noticed(build: ModuleType, tmp_path: Path) -> None:
    copy = tmp_path / "page"
    shutil.copytree(PAGE, copy, ignore=shutil.ignore_patterns("node_modules"))
    digest = build.sources_digest(copy)
    assert digest == build.sources_digest(PAGE)
    with (copy / "src" / "main.ts").open("a", encoding="utf-8") as source:
        source.write("\n")
    assert build.sources_digest(copy) != digest


def test_the_built_page_is_that_of_these_sources(build: ModuleType) -> None:
    stamp = STATIC / build.STAMP
    if not stamp.is_file():
        pytest.skip("the page was built by hand")
    assert stamp.read_text("utf-8").strip() == build.sources_digest(PAGE), (
        "install the package anew"
    )
