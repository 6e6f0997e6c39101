"""A real browser for the tests of the page, and a server for it to visit."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import uvicorn

from partnersim.page import facts, request, work
from partnersim.page.application import STATIC, application
from partnersim.page.exercise.exercise import Exercise
from partnersim.page.exercise.session import Session
from partnersim.page.guard import Door
from partnersim.page.server import Server
from partnersim.page.work import Workshop

CHROMIUM = Path("/usr/bin/chromium")
#: What Playwright leaves out of Chromium, which the list here takes the place of, and the two pages
#: behind every window's address bar, which nobody sees: half the work of opening a window.
LEFT_OUT = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "AimEnabled"),
    *("TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying"),
    *("PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    f"--disable-features={','.join(LEFT_OUT)}",
)
needs_page = pytest.mark.skipif(
    not (STATIC / "index.html").is_file(), reason="the workshop page is not built (make page)"
)
needs_browser = pytest.mark.skipif(
    not (CHROMIUM.exists() and find_spec("playwright")),
    reason="no browser to show the workshop page in (tools/make_browser)",
)
LAPTOP = {"width": 1280, "height": 720}
PROJECTOR = {"width": 1920, "height": 1080}


def not_tested(skipped: Iterable[Any]) -> str:
    """Return one line about tests of the workshop page that were skipped, or nothing."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    told = [f"{why} ({n} skipped)" for why, n in sorted(reasons.items()) if "workshop page" in why]
    return f"NOT TESTED: {'; '.join(told)}" if told else ""


def pages_of(pdf: bytes) -> int:
    """Return how many pages a printed document has."""
    return int(re.search(rb"/Count (\d+)", pdf)[1])  # type: ignore[index]


#: Opens the page: a link's part behind "#", the size of the window, settings of the browser.
Open = Callable[..., Any]


#: Futures of a first answer and of a whole one here: about the fewest that show all that is tested.
FIRST, FUTURES = 6, 12


@contextmanager
def few_futures() -> Iterator[None]:
    """Let the page ask for fewer futures than a room gets, which saves most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (request, work):
            patch.setattr(module, "MOST_FUTURES", FUTURES)
            patch.setattr(module, "FIRST_FUTURES", FIRST)
            patch.setattr(module, "SCOREBOARD_FUTURES", 5)
        patch.setattr(request.SimulationRequest.model_fields["first"], "default", FIRST)
        request.SimulationRequest.model_rebuild(force=True)
        facts.facts.cache_clear()
        yield
    request.SimulationRequest.model_rebuild(force=True)
    facts.facts.cache_clear()


@contextmanager
def served(
    door: Door | None = None, host: str = "127.0.0.1", port: int = 0, session: Path | None = None
) -> Iterator[str]:
    """Serve the built page from a thread; give its address.

    With a session, a team exercise is played; its file is there.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    workshop = Workshop()
    workshop.warm_up().result()
    exercise = None
    if session is not None:
        content = Session.read(session)
        join = f"http://{host}:{listening.getsockname()[1]}/?team"
        exercise = Exercise(content, session, join, workshop.at_desk)
        door = Door(host, content.token, room=True)
    config = uvicorn.Config(
        application(workshop, door or Door(host), exercise=exercise),
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=2,
    )
    server = Server(config, exercise)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://{host}:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a server of the page."""
    with few_futures(), served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Real Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Open]:
    """Open the page; every request elsewhere and every error on the page fails the test."""
    contexts = []
    wrong: list[str] = []

    def open_page(state: str = "", size: dict[str, int] = LAPTOP, **settings: Any) -> Any:
        context = browser.new_context(
            viewport=size, accept_downloads=True, locale="en-GB", **settings
        )
        contexts.append(context)
        page = context.new_page()
        context.on("request", lambda request: note(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: line.type == "error" and complain(line.text))
        page.goto(address + state)
        settle(page)
        return page

    def complain(text: str) -> None:
        # Chromium tells of a refusal that the page shows in its own words.
        if "status of 422" not in text:
            wrong.append(text)

    def note(url: str) -> None:
        if not url.startswith((address, "blob:", "data:")):
            wrong.append(url)

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def expect(found: Any) -> Any:
    """Return what Playwright can expect of what was found on a page."""
    from playwright.sync_api import expect

    return expect(found)


def settle(page: Any) -> None:
    """Wait until all futures are shown."""
    page.wait_for_selector('main[aria-busy="false"]')


def state_of(page: Any) -> dict[str, list[str]]:
    """Return the parts of the link in the address bar."""
    pairs = [pair.split("=", 1) for pair in page.url.partition("#")[2].split("&")]
    words: dict[str, list[str]] = {}
    for key, value in pairs:
        words.setdefault(unquote_plus(key), []).append(unquote_plus(value))
    return words
