"""Where compiled rules are kept, also where the user's cache cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from partnersim.compiler import cache_root as module
from partnersim.compiler.cache_root import cache_root
from partnersim.errors import InputError

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


# What lies in the cache is run, so it must be whole and nobody else's

ONE_RULE = """
from partnersim.compiler.compiled import compiled_before
from partnersim.random.noise import blocks_to_fill
print(compiled_before("random/noise.py", "blocks_to_fill"), end=" ")
print(blocks_to_fill(12345), sum(blocks_to_fill.stats.cache_hits.values()))
"""


def one_rule(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ONE_RULE],
        env={**os.environ, "PARTNERSIM_CACHE": str(folder), "NUMBA_DISABLE_JIT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_compiled_is_found_again_and_repaired_if_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    new = one_rule(folder)
    assert new.stderr == ""
    before, number, hits = new.stdout.split()
    assert (before, hits) == ("False", "0")
    assert one_rule(folder).stdout == f"True {number} 1\n"
    (code,) = folder.glob("compiled/noise-*/noise.blocks_to_fill-*.nbc")
    (index,) = folder.glob("compiled/noise-*/noise.blocks_to_fill-*.nbi")
    whole = code.read_bytes()
    turned = bytes([*whole[:-9], whole[-9] ^ 1, *whole[-8:]])
    for path, content in ((code, whole[:100]), (code, turned), (index, b""), (index, b"\x80x")):
        path.write_bytes(content)
        again = one_rule(folder)
        assert again.stdout.split()[1:] == [number, "0"]
        assert again.stderr.startswith("note: compiled rules were damaged and are compiled again")
        assert len(again.stderr.splitlines()) == 1
        assert one_rule(folder).stdout == f"True {number} 1\n"


_DEEP = """
import sys
from partnersim.random import numbers
value = numbers.uniform(1, 2, 3, 4, 5, 6)
compiled = [numbers.philox.for_rules.stats, numbers.words.for_rules.stats, numbers.uniform.stats]
print(value, *(sum(each.cache_misses.values()) for each in compiled))
"""


def deep(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PARTNERSIM_CACHE": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", _DEEP], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_programs_that_compile_at_once_compile_nothing_twice(tmp_path: Path) -> None:
    programs = [deep(tmp_path / "cache") for _ in range(3)]
    (value, *first), *others = (each.communicate()[0].split() for each in programs)
    assert [other[0] for other in others] == [value, value]
    misses = [first, *(other[1:] for other in others)]
    assert [sum(map(int, each)) for each in zip(*misses, strict=True)] == [1, 1, 1]


def test_a_rule_is_compiled_anew_with_what_it_calls(tmp_path: Path) -> None:
    """A caller holds the address of a rule, which another machine code would not have."""

    def drawn() -> list[str]:
        return deep(tmp_path / "cache").communicate()[0].split()

    value, *_ = drawn()
    for rule in ("philox", "words", "uniform"):
        for path in tmp_path.glob(f"cache/compiled/numbers-*/numbers.{rule}-*.nbc"):
            path.unlink()
        assert drawn()[0] == value
        assert drawn() == [value, "0", "0", "0"]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_what_others_may_have_written_is_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    number = one_rule(folder).stdout.split()[1]
    (code,) = folder.glob("compiled/noise-*/noise.blocks_to_fill-*.nbc")
    code.chmod(0o666)
    assert one_rule(folder).stdout == f"True {number} 0\n"
    assert code.stat().st_mode & 0o022 == 0
    folder.chmod(0o777)
    refused = one_rule(folder)
    assert refused.returncode != 0
    assert f"PARTNERSIM_CACHE={folder}: belongs to another user, or others may" in refused.stderr


def test_a_cache_that_cannot_be_written_is_told_once() -> None:
    done = one_rule(Path(NOWHERE))
    assert done.returncode == 0
    assert done.stderr.startswith("note: compiled rules cannot be kept in /proc/self/nowhere")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_is_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PARTNERSIM_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="is not a folder"):
        cache_root()
