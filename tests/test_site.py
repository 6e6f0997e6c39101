"""The documentation site: built strictly, whole, and without anything from another address."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("mkdocs.commands.build", reason="needs what makes the site (make site)")

from browser import ARGUMENTS, CHROMIUM, LAPTOP, needs_browser, served

ROOT = Path(__file__).parent.parent
#: What makes a browser load something at once; links that a reader follows are not among them.
LOADING = {
    *(("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")),
    *(("video", "src"), ("audio", "src"), ("embed", "src"), ("object", "data"), ("form", "action")),
}
FOREIGN = re.compile("(https?:)?//")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    return importlib.import_module("site_pages")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built as `make site` does; a warning is an error."""
    build = importlib.import_module("mkdocs.commands.build")
    config = importlib.import_module("mkdocs.config")
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_MKDOCS_2_WARNING", "1")
        patch.chdir(ROOT)
        loaded = config.load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True)
        build.build(loaded)
    return folder


class Loads(HTMLParser):
    """Collects the addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if (tag, name) in LOADING]


def test_every_document_is_a_page(site: Path) -> None:
    for document in (ROOT / "docs").rglob("*.md"):
        page = site / document.relative_to(ROOT / "docs").with_suffix(".html")
        assert page.is_file(), document
        assert "<!-- begin" not in page.read_text("utf-8")
    assert (site / "files" / "CONTRIBUTING.html").is_file()


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    foreign = []
    for page in site.rglob("*.html"):
        loads = Loads()
        loads.feed(page.read_text("utf-8"))
        foreign += [
            f"{page.name}: {url}" for url in loads.addresses if re.match("(https?:)?//", url)
        ]
    for sheet in site.rglob("*.css"):
        text = sheet.read_text("utf-8")
        found = re.findall(r"(?:url\(|@import\s*)[\"']?((?:https?:)?//[^\"')\s]+)", text)
        foreign += [f"{sheet.name}: {url}" for url in found]
    assert foreign == []


def test_reference_holds_the_docstrings(site: Path) -> None:
    import partnersim
    from partnersim import compare, events

    pages = {
        "python": [name for name in partnersim.__all__ if name[0] != "_"],
        "python_analysis": compare.__all__,
        "python_events": events.__all__,
    }
    for page, names in pages.items():
        text = (site / "reference" / f"{page}.html").read_text("utf-8")
        told = set(re.findall(r'id="partnersim\.(?:\w+\.)*(\w+)"', text))
        missing = set(names) - told - {"actor_oriented", "events"}
        assert not missing, page
    text = (site / "reference" / "python.html").read_text("utf-8")
    summary = str(partnersim.simulate_ensemble.__doc__).splitlines()[0]
    assert summary in text


LISTS = """\
1. *Fade.*

{3}```text
{3}x = 1
{3}  - y
{3}```

- a
{2}b
{2}- c
{2}{2}d

End

    code
"""


def test_lists_are_continued_by_four_spaces(hooks: ModuleType) -> None:
    narrow, wide = {"{2}": "  ", "{3}": "   "}, {"{2}": "    ", "{3}": "    "}
    assert hooks.with_wide_lists(spaced(narrow)) == spaced(wide)
    assert hooks.with_wide_lists(spaced(wide)) == spaced(wide)


def spaced(widths: dict[str, str]) -> str:
    text = LISTS
    for mark, spaces in widths.items():
        text = text.replace(mark, spaces)
    return text


def test_links_out_of_the_documents_lead_to_pages(hooks: ModuleType) -> None:
    source = ROOT / "docs" / "tutorials" / "academic.md"
    told = hooks.with_links("[a](../ODD.md#x) [b](../../NOTICE) [c](https://x.org/NOTICE)", source)
    assert told == "[a](../ODD.md#x) [b](../files/NOTICE.md) [c](https://x.org/NOTICE)"
    contributing = hooks.source_of("files/CONTRIBUTING.md")
    assert contributing == ROOT / "CONTRIBUTING.md"
    assert hooks.with_links("[m](docs/ODD.md)", contributing) == "[m](../ODD.md)"
    assert hooks.source_of("files/NOTICE.md") == ROOT / "NOTICE"
    # What is not there stays as it is, so that the build complains.
    assert hooks.with_links("[x](../nothing.md)", ROOT / "docs" / "ODD.md") == "[x](../nothing.md)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@needs_browser
def test_site_opens_from_disk_and_is_searched_there(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport=LAPTOP)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site / "ODD.html").as_uri())
    page.locator("input.md-search__input").click()
    page.keyboard.type("negotiators", delay=20)
    result = page.locator(".md-search-result__link").first
    result.wait_for()
    assert "negotiators" in page.locator(".md-search-result__list").inner_text()
    page.set_viewport_size(PHONE)
    page.goto((site / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert wrong == []


@pytest.mark.slow
@needs_browser
def test_workshop_page_says_what_the_rehearsal_promises(browser: Any) -> None:
    lesson = (ROOT / "docs" / "tutorials" / "facilitator.md").read_text("utf-8")
    moves = re.findall(r"\]\(http://127\.0\.0\.1:8765/(#\S+)\) \| .([\d.]+) ± ([\d.]+) \|", lesson)
    assert len(moves) == 5
    with served() as address:
        for state, mean, half in moves:
            page = browser.new_context(locale="en-GB").new_page()
            page.goto(address + state)
            page.wait_for_selector('main[aria-busy="false"]')
            page.wait_for_function("document.body.innerText.includes('200 futures')")
            tile = page.locator(".tile", has_text="Instruments in force").inner_text()
            shown = re.search(r"B has ([\d.]+) ± ([\d.]+)", tile)
            assert shown is not None, tile
            promised = [float(mean), float(half)]
            # The page rounds to whole instruments.
            assert [float(number) for number in shown.groups()] == pytest.approx(promised, abs=0.55)
