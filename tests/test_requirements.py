"""What is pinned agrees with what is asked for, is hashed, and names no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirement_files import PURPOSES, ROOT, Pin, file_of, read_pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CORE = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
#: What each file must hold.
WANTED = {
    **GROUPS,
    "run": CORE,
    "test": [*CORE, *EXTRAS["dev"]],
    "extras": [*CORE, *(line for name in sorted(set(EXTRAS) - {"dev"}) for line in EXTRAS[name])],
}
#: The module of a package, where its name is another.
MODULES = {"hydra-core": "hydra", "pyyaml": "yaml", "salib": "SALib", "scikit-learn": "sklearn"}
HASH = "0" * 64


def pins_of(name: str) -> dict[str, Pin]:
    pins = read_pins(file_of(name))
    by_name = {pin.name: pin for pin in pins}
    assert len(by_name) == len(pins), f"{name}: a package stands twice"
    return by_name


def test_every_file_has_a_purpose() -> None:
    files = {path.stem for path in (ROOT / "requirements").glob("*.txt")}
    assert files == set(PURPOSES) == set(WANTED)


@pytest.mark.parametrize("name", PURPOSES)
def test_every_requirement_is_pinned_within_its_range(name: str) -> None:
    pins = pins_of(name)
    for line in WANTED[name]:
        requirement = Requirement(line)
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{line} is not in {name}.txt: make lock"
        assert requirement.specifier.contains(pin.version), f"{line}, but {pin.version}: make lock"
        assert not pin.marker, f"{line} is not pinned everywhere"


@pytest.mark.parametrize("name", PURPOSES)
def test_every_line_is_hashed_and_names_no_address(name: str) -> None:
    for pin in read_pins(file_of(name)):
        assert len(set(pin.hashes)) == len(pin.hashes) > 0
    text = file_of(name).read_text("utf-8")
    assert not re.search(r"https?:|file:|index|find-links|--(?!hash=)", text)


@pytest.mark.parametrize(
    "line",
    [
        "one",
        "one>=1",
        "one==1.0",
        f"one==1.0 --hash=md5:{HASH}",
        f"--index-url x --hash=sha256:{HASH}",
        f"one @ file:///x --hash=sha256:{HASH}",
        "-r other.txt",
    ],
)
def test_a_line_of_another_kind_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text(f"# a comment\n{line}\n")
    with pytest.raises(ValueError, match=r"run\.txt: not a pinned package"):
        read_pins(path)


def test_files_that_are_installed_together_agree() -> None:
    test = pins_of("test")
    assert set(pins_of("run")) <= set(test)
    for name in ("run", "build", "browser", "slow"):
        pins = pins_of(name)
        for shared in set(pins) & set(test):
            assert pins[shared].version == test[shared].version, f"{name}: {shared}"


def test_no_requirement_is_unused() -> None:
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        used |= set(re.findall(r"^\s*(?:import|from) (\w+)", path.read_text("utf-8"), re.MULTILINE))
    for line in CORE:
        name = Requirement(line).name
        assert MODULES.get(name, name) in used, f"nothing imports {name}"


def test_what_builds_the_package_is_pinned() -> None:
    asked = {Requirement(line).name for line in PROJECT["build-system"]["requires"]}
    # Editable installs ask for `editables` by themselves.
    assert asked | {"editables"} <= set(pins_of("build"))
