"""Hold names, docstrings and documents against the words that the glossary does not want.

``docs/glossary.md`` names, for each term, the words that must not stand for it. They may not be
part of a name in the source, of the name of a file, of a docstring or of a document. What users
type into configuration files stays as it is, so a word that is one of their keys is not looked for.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
FOLDERS = ("benchmarks", "configs", "docs", "examples", "page/src", "src", "tests", "tools")
#: Ordinary phrases that hold such a word.
PHRASES = re.compile(
    r"\b(told\s+apart|of course|in the course of|chang(e|es|ed|ing)\s+course)\b", re.IGNORECASE
)
#: Parts of documents that are no prose: what tools write, code, names in code, targets of links.
NO_PROSE = re.compile(
    r"<!-- begin: (\w+) -->\n.*?<!-- end: \1 -->|^ *```.*?^ *```$|`[^`\n]*`|\]\([^)\s]*\)",
    re.DOTALL | re.MULTILINE,
)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def unwanted(glossary: str) -> dict[str, str]:
    """Return the term that each unwanted word should give way to.

    Parameters
    ----------
    glossary : str
        With a table of three columns: term, meaning, unwanted words with commas between them.
    """
    rows = [line.strip("| ").split("|") for line in glossary.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) == 3]
    return {
        word.strip(): term
        for term, _, words in cells
        if words and words not in ("not these", "---")
        for word in words.split(",")
    }


def keys_of(tree: object) -> Iterator[str]:
    """Yield every key of nested settings."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from keys_of(value)


def words_of(text: str) -> set[str]:
    """Return the words of a text or a name, in small letters; ``oneWord`` holds two."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def names_of(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a source defines or uses."""
    for node in ast.walk(tree):
        for field in ("name", "id", "attr", "arg", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield value


def problems_of(path: Path, text: str, words: dict[str, str]) -> Iterator[str]:
    """Yield one line for each unwanted word in a file's name, and in what it says."""
    texts = [("the file's name", path.stem)]
    if path.suffix == ".py":
        tree = ast.parse(text)
        texts += [("the name", name) for name in dict.fromkeys(names_of(tree))]
        documented = [node for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)]
        texts += [("a docstring", ast.get_docstring(node) or "") for node in documented]
    elif path.suffix == ".md":
        texts += [("the text", line) for line in NO_PROSE.sub(" ", text).split("\n\n")]
    for place, said in texts:
        for word in sorted(words_of(PHRASES.sub(" ", said)) & set(words)):
            shown = f" {said}" if place == "the name" else f": {_around(said, word)}"
            yield f"{path}: '{word}' in {place}{shown} (the glossary says: {words[word]})"


def _around(text: str, word: str) -> str:
    """Return the line of a text that holds a word."""
    return next((line.strip() for line in text.splitlines() if word in words_of(line)), text)[:80]


def problems(folder: Path, names: Iterable[str]) -> list[str]:
    """Return one line for each unwanted word in files of a folder.

    Parameters
    ----------
    folder : Path
        The checkout.
    names : iterable of str
        Files by their path in it. Tests are looked at by their file names only, and so is
        whatever is no Python and no document.
    """
    typed = {
        key
        for path in (folder / "configs").rglob("*.yaml")
        for key in keys_of(yaml.safe_load(path.read_text("utf-8")))
    }
    words = unwanted(GLOSSARY.read_text("utf-8"))
    words = {word: term for word, term in words.items() if word not in typed}
    found = []
    for name in sorted(names):
        path = folder / name
        read = path.suffix in (".py", ".md") and path != GLOSSARY and not name.startswith("tests/")
        read = read and not name.endswith("licences.md")
        text = path.read_text("utf-8") if read else ""
        found += problems_of(Path(name), text, words)
    return found


def files() -> list[str]:
    """Return the files to look at, with or without git."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    found += ROOT.glob("*.md")
    names = [path.relative_to(ROOT).as_posix() for path in found]
    return [name for name in names if "__pycache__" not in name]


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    found = problems(ROOT, files())
    print("".join(f"{line}\n" for line in found), end="", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
