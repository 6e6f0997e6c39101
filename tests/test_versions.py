"""Results tell what made them: the fingerprint covers what turns a scenario into a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import partnersim
from partnersim.compiler import source_text
from partnersim.compiler.source_text import source_digest
from partnersim.runs.versions import _RULES

PACKAGE = Path(partnersim.__file__).parent


def test_the_fingerprint_covers_every_file_that_fills_a_run() -> None:
    covered = {path for pattern in _RULES for path in PACKAGE.glob(pattern)}
    fills = re.compile(r"^from partnersim\.rules\.state import .*\bState\b", re.MULTILINE)
    for folder in ("rules", "scenario", "ensemble"):
        for path in (PACKAGE / folder).glob("*.py"):
            if fills.search(path.read_text("utf-8")):
                assert path in covered, path.name


def test_a_digest_tells_texts_names_and_salt_apart_but_not_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_text, "_PACKAGE", tmp_path)
    (tmp_path / "one.py").write_bytes(b"a\nb\n")
    first = source_digest(["*.py"], "1")
    assert source_digest(["*.py"], "2") != first
    (tmp_path / "one.py").write_bytes(b"a\r\nb\r\n")
    assert source_digest(["*.py"], "1") == first
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    assert source_digest(["*.py"], "1") != first
