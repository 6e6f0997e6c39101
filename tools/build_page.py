"""Build the workshop page into `src/partnersim/page/static`: npm's lock file, then Vite.

Usage: ``make page``, or ``python tools/build_page.py``. A page that was built from the same sources
is kept. Exit status: 0 if the page is there, 1 if it could not be built; one line says why.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: An environment with the Node that a Python package brings, for machines that have none.
NODE = ROOT / ".venv" / "node"
#: Vite asks for this version of Node or a later one.
_OLDEST_NODE = (20, 19)
#: Holds the digest of the sources that the page was built from.
_STAMP = "sources.sha256"


class PageNotBuiltError(Exception):
    """The page could not be built; the message is one line."""


def sources_digest(page: Path) -> str:
    """Return the digest of everything that the page is built from."""
    digest = hashlib.sha256()
    files = [path for path in page.iterdir() if path.is_file()]
    files += [path for path in (page / "src").rglob("*") if path.is_file()]
    for path in sorted(files):
        digest.update(path.relative_to(page).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Return whether the page in a checkout was built from the sources that lie there."""
    stamp = root / "src/partnersim/page/static" / _STAMP
    return stamp.is_file() and stamp.read_text("utf-8").strip() == sources_digest(root / "page")


def npm_at_hand() -> Path | None:
    """Return npm of this machine or of `NODE`, if its Node is new enough."""
    for folder in (None, str(NODE / "bin")):
        npm, node = shutil.which("npm", path=folder), shutil.which("node", path=folder)
        if npm and node:
            said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
            version = re.match(r"v(\d+)\.(\d+)", said.stdout)
            if version and (int(version[1]), int(version[2])) >= _OLDEST_NODE:
                return Path(npm)
    return None


def npm_fetched() -> Path:
    """Return npm, if need be from the Python package that brings Node, checked by its hash.

    Raises
    ------
    PageNotBuiltError
        If Node is not there and cannot be fetched.
    """
    if npm := npm_at_hand():
        return npm
    pip = [str(NODE / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile"]
    pinned = str(ROOT / "requirements" / "node.txt")
    _run([sys.executable, "-m", "venv", str(NODE)])
    _run([*pip, "--require-hashes", "--requirement", pinned])
    if npm := npm_at_hand():
        return npm
    raise PageNotBuiltError("there is no Node 20.19 or later here")


def build(root: Path, npm: Path) -> None:
    """Build the page of a checkout.

    Raises
    ------
    PageNotBuiltError
        If npm, the TypeScript compiler or Vite fails.
    """
    page = root / "page"
    path = f"{npm.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # No package may run a script of its own while it is installed.
    for words in (["ci", "--ignore-scripts", "--no-progress"], ["run", "check"], ["run", "build"]):
        _run([str(npm), "--prefix", str(page), *words], page, {**os.environ, "PATH": path})
    stamp = root / "src/partnersim/page/static" / _STAMP
    stamp.write_text(sources_digest(page) + "\n", "utf-8")


def _run(words: list[str], folder: Path = ROOT, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        reason = next((line for line in said if "error" in line.lower()), "it does not say why")
        raise PageNotBuiltError(f"{Path(words[0]).name} {words[-1]} failed: {reason[:300]}")


def main() -> int:
    """Build the page if its sources changed."""
    if is_built(ROOT):
        return 0
    try:
        build(ROOT, npm_fetched())
    except PageNotBuiltError as reason:
        print(f"The workshop page is not built: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
