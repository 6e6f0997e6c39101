"""Where compiled rules are kept, also where the user's cache cannot be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from partnersim.compiler import cache_root as module
from partnersim.compiler.cache_root import cache_root

#: Nobody can make a folder there, not even root.
NOWHERE = "/proc/self/nowhere"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files of a user whose cache cannot be written."""
    monkeypatch.delenv("PARTNERSIM_CACHE", raising=False)
    monkeypatch.setattr(module.platformdirs, "user_cache_dir", lambda name: f"{NOWHERE}/{name}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    module._temporary_root.cache_clear()
    return tmp_path


def test_the_folder_that_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARTNERSIM_CACHE", str(tmp_path / "mine"))
    assert cache_root() == tmp_path / "mine"


def test_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PARTNERSIM_CACHE", raising=False)
    monkeypatch.setattr(module.platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert cache_root() == tmp_path / "partnersim"
    assert cache_root().is_dir()


def test_without_a_home_the_same_folder_every_time(temporary: Path) -> None:
    first = cache_root()
    module._temporary_root.cache_clear()
    assert cache_root() == first == temporary / f"partnersim-{os.getuid()}"
    assert first.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_others_could_fill_is_not_used(temporary: Path, kind: str) -> None:
    usual = temporary / f"partnersim-{os.getuid()}"
    if kind == "open to others":
        usual.mkdir()
        usual.chmod(0o777)
    elif kind == "a link":
        (temporary / "elsewhere").mkdir(mode=0o700)
        usual.symlink_to(temporary / "elsewhere")
    else:
        usual.touch()
    chosen = cache_root()
    assert chosen != usual
    assert chosen.stat().st_mode & 0o777 == 0o700
    assert cache_root() == chosen
