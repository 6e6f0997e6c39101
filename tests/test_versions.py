"""Results tell what made them: the fingerprint covers what turns a scenario into a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from partnersim.compiler import source_digest as module
from partnersim.compiler.source_digest import PACKAGE, source_digest, with_imports
from partnersim.runs.manifest import RULES


def test_the_fingerprint_covers_every_file_that_fills_a_run() -> None:
    covered = {path for pattern in RULES for path in PACKAGE.glob(pattern)}
    fills = re.compile(r"^from partnersim\.model\.state import .*\bState\b", re.MULTILINE)
    for folder in ("model", "scenario"):
        for path in (PACKAGE / folder).glob("*.py"):
            if fills.search(path.read_text("utf-8")):
                assert path in covered, path.name


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one rule that calls another and reads a table."""
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    package = tmp_path.name
    (tmp_path / "rule.py").write_text(
        f"from {package}.other import double\n\n\ndef rule(x):\n    return double(x) + 1\n"
    )
    (tmp_path / "other.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "other.csv").write_text("name,en,definition\nlinks,Links,Pairs that are linked.\n")
    return tmp_path


def digest_of(package: Path, *salt: str) -> str:
    module._meaning.cache_clear()
    module._imports.cache_clear()
    return source_digest(with_imports(package / "rule.py"), *salt)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rule.py", "return double(x) + 2"),
        ("other.py", "return 3 * x"),
        ("other.csv", "nodes,Links"),
    ],
)
def test_a_digest_tells_what_is_done_apart(package: Path, file: str, text: str) -> None:
    first = digest_of(package)
    old = (package / file).read_text()
    for part in ("return double(x) + 1", "return 2 * x", "links,Links"):
        old = old.replace(part, text)
    (package / file).write_text(old)
    assert digest_of(package) != first
    assert digest_of(package, "2") != digest_of(package, "1")


def test_comments_docstrings_line_ends_and_labels_change_no_digest(package: Path) -> None:
    first = digest_of(package)
    text = (package / "other.py").read_text().replace(":\n", ':\n    """Double."""\n    # Twice.\n')
    (package / "other.py").write_bytes(text.replace("\n", "\r\n").encode())
    (package / "other.csv").write_text("name,en,definition,value\nlinks,Ties,Pairs.,2\n")
    assert digest_of(package) == first


def test_every_rule_of_a_run_decides_what_a_run_is_compiled_to() -> None:
    needed = {path.name for path in with_imports(PACKAGE / "runs" / "replicate.py")}
    assert {"quarter.py", "offer.py", "numbers.py", "metrics.csv", "tie.py"} <= needed
