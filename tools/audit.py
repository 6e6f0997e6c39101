"""Ask the advisory services about every pinned package, of Python and of the page.

Usage: ``make audit``. Exit status: 0 if nothing is known against any package, 1 if something is,
2 if a service could not be asked about all of them, so that nobody takes silence for a good answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from build_page import npm_at_hand
from requirement_files import PURPOSES, ROOT, file_of, read_pins

LOCKED_PAGE = ROOT / "page" / "package-lock.json"

#: Runs a command: gives back what it wrote to standard output and to standard error.
Runner = Callable[[Sequence[str]], tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What a service said about one file.

    Parameters
    ----------
    packages : int
        How many the file pins.
    holes : list of str
        One line per known hole.
    unanswered : str
        Why the service did not speak about all packages; empty if it did.
    """

    packages: int
    holes: list[str]
    unanswered: str = ""


def run(words: Sequence[str]) -> tuple[str, str]:
    """Run a command in the folder of the project."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    except OSError as failure:
        return "", str(failure)
    return done.stdout, done.stderr


def last_line(text: str) -> str:
    """Return the last line that says something, cut to the width of two lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "no answer"


def ask_python(path: Path, runner: Runner = run) -> Answer:
    """Ask about a file of pinned requirements, whatever system each is for."""
    pins = read_pins(path)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.txt"
        plain.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in pins), "utf-8")
        words = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
        said, complaints = runner(
            [*words, "--disable-pip", "--no-deps", "--requirement", str(plain)]
        )
    try:
        found = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return Answer(len(pins), [], last_line(complaints))
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}"
        + (f", mended in {', '.join(hole['fix_versions'])}" if hole["fix_versions"] else "")
        for package in found
        for hole in package.get("vulns", ())
    ]
    answered = sum("vulns" in package for package in found)
    silent = "" if answered == len(pins) else f"it knows {answered} of the {len(pins)} packages"
    return Answer(len(pins), holes, silent)


def ask_page(path: Path = LOCKED_PAGE, runner: Runner = run) -> Answer:
    """Ask about what the page is built with."""
    packages = len(json.loads(path.read_bytes())["packages"]) - 1
    npm = str(npm_at_hand() or "npm")
    said, complaints = runner(
        [npm, "--prefix", str(path.parent), "audit", "--json", "--package-lock-only"]
    )
    try:
        answer = json.loads(said)
        found = answer["vulnerabilities"]
    except ValueError:
        return Answer(packages, [], last_line(complaints))
    except KeyError:
        return Answer(packages, [], last_line(str(answer.get("message", ""))))
    holes = [
        f"{name}: {hole['severity']}"
        + (f", {cause['title']}" if isinstance(cause, dict) else f", through {cause}")
        for name, hole in sorted(found.items())
        for cause in hole["via"]
    ]
    return Answer(packages, holes)


def tell(file: str, answer: Answer) -> None:
    """Print what is known about one file."""
    if answer.unanswered:
        print(f"{file}: the advisory service could not be asked: {answer.unanswered}")
    for hole in answer.holes:
        print(f"{file}: {hole}")
    if not answer.holes and not answer.unanswered:
        print(f"{file}: nothing known against {answer.packages} packages")


def status_of(answers: Sequence[Answer]) -> int:
    """Return the exit status; a known hole counts more than a silent service."""
    if any(answer.holes for answer in answers):
        return 1
    return 2 if any(answer.unanswered for answer in answers) else 0


def main() -> int:
    """Ask about every file and tell what came back."""
    answers = []
    for path in [*map(file_of, PURPOSES), LOCKED_PAGE]:
        answer = ask_page(path) if path == LOCKED_PAGE else ask_python(path)
        tell(path.relative_to(ROOT).as_posix(), answer)
        answers.append(answer)
    return status_of(answers)


if __name__ == "__main__":
    sys.exit(main())
