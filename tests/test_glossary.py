"""The words of the glossary: names, docstrings and documents keep to them."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_words
from check_words import GLOSSARY, main, problems, unwanted
from partnersim.show.short_page import TERMS


def test_the_house_keeps_to_its_glossary() -> None:
    assert main() == 0


def test_the_glossary_is_read() -> None:
    words = unwanted(GLOSSARY.read_text("utf-8"))
    assert words["wording"] == "label"
    assert {"told", "felt", "keyed", "holdings", "course", "courses"} <= set(words)


def test_the_glossary_of_a_report_says_the_same() -> None:
    rows = [row.split(" | ") for row in GLOSSARY.read_text("utf-8").splitlines()]
    meanings = {row[0].strip("| "): row[1] for row in rows if len(row) > 2}
    for term in ("policy", "climate", "future", "regret"):
        assert TERMS[term] == meanings[term]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.py", "holdings = 1", "a.py: 'holdings' in the name holdings"),
        ("a.py", "class KeyedNoise: ...", "a.py: 'keyed' in the name KeyedNoise"),
        ("a.py", "def f(felt_by): ...", "a.py: 'felt' in the name felt_by"),
        ("a.py", "from x import y as wording", "a.py: 'wording' in the name wording"),
        ("a.py", 'def f():\n    """Is told so."""', "a.py: 'told' in a docstring: Is told so."),
        ("a.py", "# It is told so.\nfoal, withheld = 1, 2", ""),
        ("a.py", 'x = "It is told so."', ""),
        ("wording.yaml", "", "wording.yaml: 'wording' in the file's name"),
        ("a.md", "The effect is felt.", "a.md: 'felt' in the text: The effect is felt."),
        ("a.md", "`felt` [so](felt.md), of course: told\napart.\n```text\nfelt\n```\n", ""),
        ("a.md", "<!-- begin: part -->\nfelt\n<!-- end: part -->\n", ""),
        ("tests/a.py", "told = 1", ""),
    ],
)
def test_an_unwanted_word_is_found(name: str, text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    lines = problems(tmp_path, [name])
    assert len(lines) == bool(found)
    assert all(line.startswith(found) for line in lines)


def test_what_users_type_stays(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("told = 1", "utf-8")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "one.yaml").write_text("shock: {told: 0.1}", "utf-8")
    assert problems(tmp_path, ["a.py"]) == []


def test_a_check_that_fails_ends_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_words, "problems", lambda folder, names: [sorted(names)[0]])
    assert main() == 1
    assert capsys.readouterr().err == "CHANGELOG.md\n"
