"""The list of licences is complete and up to date, and holds nothing that would not fit."""

from __future__ import annotations

import ast
import json
import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from browser import needs_page
from licence_tables import licences, page_rows, python_rows
from partnersim.page.application import STATIC
from requirement_files import PURPOSES, ROOT, file_of, read_pins
from write_licences import canonical, licence_of

PAGE = ROOT / "page"

#: Words that a licence may consist of, if it is to go with a program under Apache-2.0.
FITTING = re.compile(
    r"(MIT(-0|-CMU)?|(\d-clause )?BSD([ -]\d-clause)?|0BSD|ISC( License)?( \(ISCL\))?|Zlib|CC0-1\.0"
    r"|Apache[ -]2\.0|Apache Software|LLVM-exception|PSF-2\.0|PSFL|Python Software Foundation"
    r"|MPL-2\.0|\(by its text\)|license|and|or|with|[() ])+",
    re.IGNORECASE,
)


def test_every_pinned_package_has_one_row() -> None:
    pinned = {(pin.name, pin.version) for name in PURPOSES for pin in read_pins(file_of(name))}
    assert set(licences()) == pinned, "make lock"
    assert all(licences().values())


def test_installed_packages_say_the_same() -> None:
    """The table tells what the packages themselves tell."""
    compared = 0
    for (name, pinned), licence in licences().items():
        try:
            found = metadata(name)
        except PackageNotFoundError:
            continue
        if found["Version"] != pinned:
            continue
        fields = found.json
        fields["license_expression"] = found.get("License-Expression")
        fields["classifier"] = found.get_all("Classifier") or []
        assert canonical(fields["name"]) == name
        assert licence_of(fields) == licence
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("name", ["run", "extras"])
def test_nothing_that_users_install_is_under_a_licence_that_does_not_fit(name: str) -> None:
    strange = [row for row in python_rows(name) if not FITTING.fullmatch(row[2])]
    assert strange == []


def test_a_licence_that_does_not_fit_is_seen() -> None:
    for licence in ("GPL-3.0 (by its text)", "AGPL-3.0-only", "LGPL-2.1", "Proprietary", ""):
        assert not FITTING.fullmatch(licence)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"license_expression": "MIT", "license": "BSD"}, "MIT"),
        ({"license": "BSD", "classifier": ["License :: OSI Approved :: MIT License"]}, "BSD"),
        (
            {
                "license": "Copyright of somebody\nwith a long text",
                "classifier": ["Topic :: Games", "License :: OSI Approved :: MIT License"],
            },
            "MIT License",
        ),
        ({"license": "UNKNOWN", "classifier": ["License :: OSI Approved :: X"]}, "X"),
        ({"license": "x" * 50 + " Redistribution and use in source and binary forms"}, "BSD"),
    ],
)
def test_what_a_package_says_first_counts(said: dict[str, object], name: str) -> None:
    assert licence_of(said).removesuffix(" (by its text)") == name


def test_a_package_without_a_licence_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one 1\.0 names no licence"):
        licence_of({"name": "one", "version": "1.0", "license": "UNKNOWN"})


def test_the_program_imports_no_package_of_the_tests_only() -> None:
    allowed = {row[0].replace("-", "_") for row in python_rows("run", "extras")}
    forbidden = {row[0].replace("-", "_") for row in python_rows("test", "slow", "site")} - allowed
    assert "pytest" in forbidden
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            tops = {name.partition(".")[0] for name in names}
            assert not tops & forbidden, f"{path}: {tops & forbidden}"


def test_the_licences_of_what_the_page_holds_are_told() -> None:
    package = json.loads((PAGE / "package.json").read_bytes())
    parts = {row[0]: row for row in page_rows(bundled=True)}
    assert set(parts) == set(package["dependencies"])
    imported = set()
    for path in (PAGE / "src").rglob("*.ts"):
        found = re.findall(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""", path.read_text("utf-8"))
        imported |= {name for name in found if not name.startswith(".")}
    assert {re.match(r"(@[^/]+/)?[^/]+", name)[0] for name in imported} == set(parts)
    notice = (ROOT / "NOTICE").read_text("utf-8")
    for name, _, licence in parts.values():
        assert FITTING.fullmatch(licence)
        assert name in notice


@needs_page
def test_the_built_page_carries_the_licences_of_its_parts() -> None:
    script = (STATIC / "page.js").read_text("utf-8")
    head = script[: script.index("*/")]
    assert head.startswith("/*!")
    parts = page_rows(bundled=True)
    assert all(f"{name} {version}\n" in head for name, version, _ in parts)
    assert head.count("Copyright (c)") >= len(parts)


def test_what_builds_the_page_is_listed() -> None:
    package = json.loads((PAGE / "package.json").read_bytes())
    rows = page_rows(bundled=False)
    assert {name for name, _, _ in rows} >= set(package["devDependencies"])
    assert all(licence for _, _, licence in rows)
