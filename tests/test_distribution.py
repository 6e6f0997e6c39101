"""Wheel and source archive: what is in them, and that they come out equal wherever made."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import build_page
import partnersim
from browser import needs_page

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "partnersim"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of this checkout, with the page as it was built when it was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        # A page that could not be built before is not tried again: that takes a minute.
        patch.setattr(build_page, "npm_at_hand", lambda: None)
        wheels = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
        return Path(next(wheels))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a source archive of this checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    return Path(next(SdistBuilder(str(ROOT)).build(directory=str(folder))))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@needs_page
def test_the_wheel_holds_the_whole_program(wheel: Path) -> None:
    inside = set(contents(wheel))
    assert wheel.name == f"partnersim-{partnersim.__version__}-py3-none-any.whl"
    sources = {
        f"partnersim/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    configs = {
        f"partnersim/configs/{path.relative_to(ROOT / 'configs').as_posix()}"
        for path in (ROOT / "configs").rglob("*.yaml")
    }
    experiments = {
        f"partnersim/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "experiments").glob("*/*")
    }
    about = {name for name in inside if name.startswith(f"partnersim-{partnersim.__version__}.")}
    assert inside - about == sources | configs | experiments
    assert sources >= {
        *("partnersim/py.typed", "partnersim/data/countries.csv", "partnersim/data/world_map.json"),
        *("partnersim/page/static/index.html", "partnersim/page/static/page.js"),
        *("partnersim/page/static/page.css", "partnersim/show/templates/page.html"),
    }
    assert {name.partition("/")[2] for name in about} == {
        *("METADATA", "WHEEL", "RECORD", "entry_points.txt"),
        *("licenses/LICENSE", "licenses/NOTICE"),
    }


def test_the_wheel_tells_what_it_is(wheel: Path) -> None:
    inside = contents(wheel)
    name = next(name for name in inside if name.endswith("/METADATA"))
    metadata = BytesParser().parsebytes(inside[name])
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.12"
    assert set(metadata.get_all("Provides-Extra")) >= {"dask", "slurm", "mpi", "netcdf", "xlsx"}
    points = next(inside[name] for name in inside if name.endswith("/entry_points.txt"))
    assert b"partnersim = partnersim.cli.program:main" in points


def test_nothing_of_this_machine_is_in_the_wheel(wheel: Path) -> None:
    here = {str(ROOT), str(Path.home()), sys.prefix, str(wheel.parent)}
    words = [word.encode() for word in here if len(word) > len("/root")]
    for name, content in contents(wheel).items():
        for word in [*words, b"sourceMappingURL", b"node_modules/"]:
            assert word not in content, f"{name}: {word!r}"


def test_files_of_the_wheel_carry_no_date_owner_or_mode_of_their_own(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = archive.infolist()
    assert len({entry.date_time for entry in entries}) == 1
    assert {entry.external_attr >> 16 & 0o777 for entry in entries} == {0o644}


def test_the_source_archive_holds_what_building_and_testing_need(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    names = {member.name.partition("/")[2] for member in members}
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (0, 0, "", "")
    }
    assert len({member.mtime for member in members}) == 1
    assert names >= {
        *("pyproject.toml", "hatch_build.py", "LICENSE", "NOTICE", "Makefile", "README.md"),
        *("page/package-lock.json", "page/.npmrc", "page/src/words.ts", "requirements/run.txt"),
        *("configs/config.yaml", "tests/conftest.py", "tools/lock", "src/partnersim/py.typed"),
        "experiments/baseline/expected.yaml",
    }
    # Built from `page` wherever the package is built.
    assert not any(name.startswith("src/partnersim/page/static") for name in names)
    assert {name for name in names if name.startswith("results/")} == {"results/.gitkeep"}


def build_in(folder: Path, mask: int, **settings: str) -> dict[str, str]:
    """Build both in a folder, under a mask of modes and some settings; return their digests."""
    words = ["-m", "hatchling", "build"]
    environment = {**os.environ, **settings}
    environment.pop("SOURCE_DATE_EPOCH", None)
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        umask=mask,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    files = sorted((folder / "dist").iterdir())
    assert len(files) == 2
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def unpack(archive: Path, folder: Path, *, private: bool, time: int) -> Path:
    """Unpack a source archive; files have this time, and modes for everybody or the owner only."""
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    root = next(folder.iterdir())
    for path in [root, *root.rglob("*")]:
        mode = path.stat().st_mode & 0o777
        path.chmod(mode & 0o700 if private else mode | 0o066)
        os.utime(path, (time, time))
    return root


@pytest.mark.slow
def test_builds_are_equal_byte_by_byte(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """From two folders, with other modes, times, languages, time zones and hash seeds.

    Both start from the source archive: so it builds to an equal wheel, and to an equal archive.
    """
    first = unpack(sdist, tmp_path / "here", private=False, time=1_000_000_000)
    second = unpack(sdist, tmp_path / "a longer way to there", private=True, time=1_750_000_000)
    one = build_in(first, 0o000, LC_ALL="C.UTF-8", TZ="UTC", PYTHONHASHSEED="1")
    two = build_in(second, 0o077, LC_ALL="C", TZ="Asia/Tokyo", PYTHONHASHSEED="2")
    assert one == two
    for file in (sdist, wheel):
        assert one[file.name] == hashlib.sha256(file.read_bytes()).hexdigest()


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel, with what is pinned, in an empty environment; return its programs."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    requirements = ROOT / "requirements"
    hashed = [*pip, "--require-hashes", "--requirement"]
    subprocess.run([*hashed, requirements / "build.txt"], check=True)
    subprocess.run([*hashed, requirements / "run.txt", "--no-build-isolation"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    return folder / "bin"


@pytest.mark.slow
def test_the_installed_wheel_runs_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    """Without a home that can be written, and without writing into the installation."""
    programs = installed(wheel, tmp_path / "environment")
    before = {path for path in programs.parent.rglob("*") if path.name != "__pycache__"}
    folder = tmp_path / "somewhere else"
    folder.mkdir()
    environment = {
        "PATH": f"{programs}{os.pathsep}/usr/bin:/bin",
        # Nobody can write there, not even root.
        "HOME": "/proc/self/nowhere",
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def said(*words: str) -> str:
        done = subprocess.run(
            words, cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    assert "experiment=" in said("partnersim", "--help")
    assert "complete" in said("partnersim", "completion", "bash")
    assert "127.0.0.1" in said("partnersim", "serve", "--help")
    small = ("replicates=2", "horizon.end=2026Q4")
    said("partnersim", "policy=balanced", *small, "output=results")
    run = next(folder.glob("results/balanced_calm/*/manifest.json")).parent
    assert list(run.glob("figures/*.png"))
    said("partnersim", "experiment=robustness", "design.points=4", *small, "output=sweeps")
    sweep = next(folder.glob("sweeps/**/manifest.json")).parent
    said("partnersim", "report", str(sweep))
    assert list(sweep.glob("**/*.html"))
    kept = [path.name.rpartition("-")[0] for path in folder.glob("partnersim-*/compiled/*")]
    assert 0 < len(kept) == len(set(kept)), "compiled once, and kept"
    after = {path for path in programs.parent.rglob("*") if path.name != "__pycache__"}
    assert after == before
    # The types that it ships hold for the strictest reader.
    shutil.copy(ROOT / "tests" / "typed_script.py", folder)
    strict = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    said(*strict, "--python-executable", str(programs / "python"), "typed_script.py")
