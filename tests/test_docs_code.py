"""The code in the documents runs: Python, commands of the program, files of the reader.

A block of `output` is what the block before it prints, to the letter; three dots stand for what
differs between machines. Commands that are followed by one are run as they stand, all others with
as few runs as possible. With `--write-outputs` a document is written anew where it shows something
else than is printed; then look at what changed.
"""

from __future__ import annotations

import ast
import html
import re
import shlex
import shutil
from collections.abc import Iterator
from doctest import ELLIPSIS, OutputChecker
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from partnersim import configuration
from partnersim.cli import reproduce, serve
from partnersim.cli.program import main
from partnersim.cli.verbs import verb_named
from partnersim.scenario import config_files
from partnersim.show import report

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: Simulate as much as a user would, or are long: run by `make slow`.
LONG = {
    *(f"docs/tutorials/{name}.md" for name in ("academic", "modeller", "six_questions")),
    *(f"docs/{name}.md" for name in ("analysis", "calibration", "events", "how_to", "search")),
    *(f"docs/{name}.md" for name in ("study", "sweeps")),
    "docs/tutorials/strategist.md",
}
#: Enough to go through everything once.
SMALL = {"replicates": "2", "figures": "false", "threads": "1"}
#: What may name quarters of its own.
TIMED = re.compile(r"20\d\dQ\d|scenario=|experiment=")
QUOTE = re.compile(r"^> (.*(?:\n> .*)*)", re.MULTILINE)
SMALL_SEARCH = {
    **{"population": "4", "futures": "2", "fresh": "2", "runs": "8"},
    **{"threads": "1", "horizon.end": "2026Q1"},
}
SMALL_FORECAST = {"draws": "2", "runs": "2", "threads": "1", "horizon.end": "2026Q4"}


def name_of(path: Path) -> str:
    """Return the name of a document within the project."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return language and content of the blocks of code of a document, in order."""
    return BLOCK.findall(path.read_text("utf-8"))


def commands(content: str) -> Iterator[list[str]]:
    """Return the commands of a block as lists of words, without comments."""
    for line in content.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


def run_program(words: list[str], settings: dict[str, str]) -> None:
    """Run the program with these settings instead of its own; help and verbs stay as they are."""
    if "--help" in words or words[:1] == ["completion"]:
        assert main(words) == 0, words
        return
    if words[:1] == ["serve"]:
        # It would serve until somebody ends it.
        serve.options(words[1:])
        return
    if words[:1] == ["reproduce"] and "--list" not in words:
        # It takes minutes: all that can be wrong is read before.
        assert reproduce.planned(words[1:])
        return
    if words[:1] == ["signposts"]:
        # It needs more runs than a document has time for; its own tests run it.
        return
    if words[:1] == ["study"]:
        words = [*words, "--dry-run"]
    if not settings or words[0] in (
        "study",
        "compare",
        "reproduce",
        "resume",
        "verify",
        "export",
        "report",
    ):
        assert main(words) == 0, words
        return
    if {"experiment=robustness", "experiment=sensitivity"} & set(words):
        settings = {**settings, "design.points": "4", "horizon.end": "2026Q4"}
    elif not TIMED.search(" ".join(words)) and not verb_named(words[0] if words else ""):
        settings = {**settings, "horizon.end": "2027Q4"}
    if words[:1] == ["forecast"]:
        settings = {**SMALL_FORECAST, "output": settings["output"]}
        if any(word.startswith("by=") for word in words):
            settings["by"] = "2026"
    if words[:1] == ["search"]:
        settings = {**SMALL_SEARCH, "output": settings["output"]}
    kept = [word for word in words if word.partition("=")[0] not in settings]
    assert main([*kept, *(f"{key}={value}" for key, value in settings.items())]) == 0, words


def obey(words: list[str], settings: dict[str, str]) -> None:
    """Run a command of a document, or see to it that what it names is there."""
    program, *rest = words
    if program == "partnersim":
        run_program(rest, settings)
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        for target in rest:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), words
    elif program.endswith("python") and rest[0] == "-m":
        assert rest[1:] in (
            ["pytest", "-m", "slow"],
            ["pytest", "tests/test_docs_code.py", "-m", "slow or not slow", "--write-outputs"],
        )
        assert '"slow:' in (ROOT / "pyproject.toml").read_text("utf-8")
    elif program.endswith("python"):
        assert (ROOT / rest[0]).is_file(), words
    else:
        raise AssertionError(f"a test does not know how to check: {' '.join(words)}")


def trimmed(text: str) -> str:
    """Return a text without spaces at the ends of its lines and empty lines around it."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


def as_told(printed: str, folder: Path) -> str:
    """Return what was printed as a document shows it: without folders, digests and seconds."""
    text = printed.replace(str(folder), "...")
    text = re.sub(r"\b[0-9a-f]{12,64}\b", "...", text)
    return re.sub(r" after \d.*$", " after ...", text, flags=re.MULTILINE)


def quotes(path: Path) -> list[str]:
    """Return what a tutorial quotes; what it quotes is the report that it has written."""
    if path.parent.name != "tutorials":
        return []
    found = QUOTE.findall(path.read_text("utf-8"))
    return [" ".join(quote.replace("\n> ", " ").split()) for quote in found]


def reported(folder: Path) -> str:
    """Return the text of all reports in a folder, without marks and line breaks."""
    pages = [page.read_text("utf-8") for page in sorted(folder.rglob("report.html"))]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", " ".join(pages))).split())


@pytest.fixture
def readers_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_figures: None
) -> Path:
    """Return a reader's folder: the current one, with a copy of the configuration if it is edited.

    What is not copied needs not be composed anew.
    """
    if re.search(r"^# configs/", path.read_text("utf-8"), re.MULTILINE):
        configs = tmp_path / "configs"
        shutil.copytree(ROOT / "configs", configs)
        for module in (config_files, configuration):
            monkeypatch.setattr(module, "configs_folder", lambda: configs)
    # Tests of figures and of the report draw them.
    monkeypatch.setattr(report, "draw_all", lambda *_: [])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path, marks=pytest.mark.slow if name_of(path) in LONG else (), id=name_of(path)
        )
        for path in DOCUMENTS
    ],
)
def test_code_in_documents_runs(
    path: Path,
    readers_folder: Path,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    small = {**SMALL, "output": str(readers_folder / "results")}
    names: dict[str, Any] = {"__name__": "document"}
    for (language, content), (following, shown) in pairwise([*blocks(path), ("", "")]):
        capsys.readouterr()
        if language == "python":
            exec(compile(content, f"{path.name}", "exec"), names)
        elif language == "yaml":
            # The first line of a file in a document is its name.
            first, _, rest = content.partition("\n")
            file = readers_folder / first.removeprefix("# ")
            assert file.suffix == ".yaml", f"{path.name}: {first}"
            file.write_text(rest, "utf-8")
        elif language == "sh":
            for words in commands(content):
                obey(words, {} if following == "output" else small)
        else:
            # What is to be edited: `test_recipes` does it.
            assert language in ("text", "output", "diff"), f"{path.name}: block of {language}"
        if following == "output":
            printed = trimmed(capsys.readouterr().out)
            as_shown = OutputChecker().check_output(trimmed(shown), printed, ELLIPSIS)
            if not as_shown and pytestconfig.getoption("--write-outputs"):
                text, told = path.read_text("utf-8"), as_told(printed, readers_folder)
                path.write_text(text.replace(f"output\n{shown}", f"output\n{told}", 1), "utf-8")
                continue
            assert as_shown, f"{path.name} shows\n{shown}\nbut this was printed:\n{printed}"
    for quote in quotes(path):
        assert quote in reported(readers_folder), f"{path.name}: no report says: {quote}"


@pytest.mark.parametrize("name", sorted(LONG))
def test_code_of_long_documents_can_be_read(name: str) -> None:
    """What it imports is there, and its commands have verbs; what it does, `make slow` runs."""
    read = 0
    for language, content in blocks(ROOT / name):
        if language == "python":
            lines = compile(content, name, "exec", ast.PyCF_ONLY_AST)
            imports = [line for line in lines.body if isinstance(line, ast.Import | ast.ImportFrom)]
            exec(compile(ast.Module(imports, []), name, "exec"), {})
            read += 1
        for program, *words in commands(content) if language == "sh" else ():
            if program == "partnersim":
                assert not words or "=" in words[0] or words[0][0] == "-" or verb_named(words[0])
                read += 1
    assert read


def test_only_known_commands_pass() -> None:
    with pytest.raises(AssertionError, match="does not know"):
        obey(["rm", "-r", "x"], {})
    with pytest.raises(AssertionError):
        obey(["make", "coffee"], {})
