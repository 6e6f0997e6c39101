"""A folder that appears complete or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from partnersim.errors import InputError
from partnersim.runs.manifest import MANIFEST_NAME
from partnersim.runs.tables import TABLES

FIGURES_NAME = "figures"
EXPORT_NAME = "export"
REPORT_NAME = "report.html"
OUR_ENTRIES = frozenset(
    {MANIFEST_NAME, FIGURES_NAME, EXPORT_NAME, REPORT_NAME, *(f"{name}.parquet" for name in TABLES)}
)
#: Leftovers of killed runs are removed when nothing was written to them for this long.
LEFTOVER_SECONDS = 24 * 3600


class StagedFolder:
    """Everything is written into a hidden sibling, which then takes the target's name.

    Parameters
    ----------
    target : Path
        The folder to replace or create. It must be free, or hold results.
    entries : collection of str
        Names that belong to such results; other entries are a user's own and are kept.

    Raises
    ------
    InputError
        If the target cannot be written or holds something else.
    """

    def __init__(self, target: Path, entries: Collection[str] = OUR_ENTRIES) -> None:
        self._entries = entries
        self.target = Path(os.path.abspath(target))
        self._token = secrets.token_hex(4)
        self.path = self._sibling("unfinished")
        with told(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._restore_interrupted_exchange()
            self._check_target()
            self._remove_leftovers()
            self.path.mkdir()

    def publish(self) -> None:
        """Give the folder its name; an earlier experiment of that name is replaced.

        Entries of the earlier folder that are not ours (a user's notes) move into the new one.
        """
        with told(self.target):
            for entry in self.path.iterdir():
                _flush(entry)
            _flush(self.path)
            earlier = self._sibling("replaced")
            replaces = self.target.exists()
            if replaces:
                self.target.rename(earlier)
            self.path.rename(self.target)
            _flush(self.target.parent)
            if replaces:
                for entry in earlier.iterdir():
                    if entry.name not in self._entries:
                        entry.rename(self.target / entry.name)
                shutil.rmtree(earlier)

    def discard(self) -> None:
        """Remove what was written; the target stays as it was."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _sibling(self, purpose: str) -> Path:
        return self.target.with_name(f".{self.target.name}.{purpose}-{self._token}")

    def _siblings(self, purpose: str) -> list[Path]:
        start = f".{self.target.name}.{purpose}-"
        return [path for path in self.target.parent.iterdir() if path.name.startswith(start)]

    def _check_target(self) -> None:
        if not self.target.exists():
            return
        if not self.target.is_dir():
            raise InputError(f"{self.target}: is a file, but results need a folder")
        names = {entry.name for entry in self.target.iterdir()}
        visible = {name for name in names if not name.startswith(".")}
        foreign = sorted(visible - set(self._entries))
        if foreign and MANIFEST_NAME not in visible:
            raise InputError(
                f"{self.target}: holds files that are not results of partnersim "
                f"({foreign[0]} ...), choose another output or experiment"
            )

    def _restore_interrupted_exchange(self) -> None:
        """Bring back the earlier results if a run was killed between the two renames."""
        replaced = self._siblings("replaced")
        if replaced and not self.target.exists():
            max(replaced, key=lambda path: path.stat().st_mtime).rename(self.target)

    def _remove_leftovers(self) -> None:
        for path in self._siblings("unfinished"):
            with suppress(OSError):
                last = max([path, *path.iterdir()], key=lambda entry: entry.stat().st_mtime)
                if time.time() - last.stat().st_mtime > LEFTOVER_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Turn a failure of the disk or of permissions into one clear line."""
    try:
        yield
    except OSError as failure:
        reason = failure.strerror or str(failure)
        if failure.filename and Path(os.fsdecode(failure.filename)) != place:
            reason = f"{os.fsdecode(failure.filename)}: {reason}"
        raise InputError(f"{place}: results cannot be written: {reason}") from failure


def _flush(path: Path) -> None:
    """Force a file or folder to disk where the system can do so."""
    with suppress(PermissionError, IsADirectoryError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
