"""Thirty people at once on one machine, with a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from browser import (
    ARGUMENTS,
    CHROMIUM,
    LAPTOP,
    browser,
    expect,
    needs_browser,
    needs_page,
    served,
)
from partnersim.page.guard import Door
from test_page_browser import AXE, axe

__all__ = ["browser"]
PEOPLE = 30
TOKEN = "word-of-the-room"


@pytest.fixture(scope="module")
def room() -> Iterator[str]:
    with served(Door("0.0.0.0", TOKEN), "0.0.0.0") as address:
        yield address.replace("0.0.0.0", "127.0.0.1")


def question(person: int, futures: int) -> dict[str, Any]:
    changes = {"policy": {"negotiators": 400 + 10 * person}, "horizon": {"end": "2028Q4"}}
    base = {"changes": {"horizon": {"end": "2028Q4"}}}
    return {"a": base, "b": {"changes": changes}, "futures": futures, "first": futures}


@needs_page
def test_thirty_people_get_their_own_answers(room: str) -> None:
    def ask(person: int) -> str:
        with httpx2.Client(base_url=room, follow_redirects=True, timeout=120) as client:
            assert client.get("/", params={"token": TOKEN}).status_code == 200
            answer = client.post("/api/simulate", json=question(person, 5))
            assert answer.status_code == 200
            return answer.text.splitlines()[-1]

    with ThreadPoolExecutor(PEOPLE) as people:
        together = list(people.map(ask, range(PEOPLE)))
    assert len({json.loads(text)["difference"] for text in together}) > PEOPLE // 2
    # The same question, asked alone, has the same answer.
    assert ask(7) == together[7]


@needs_browser
@needs_page
@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en-GB", "Open the whole address"),
        ("de-AT", "Öffnen Sie die ganze Adresse"),
        ("fr", "Ouvrez toute l’adresse"),
    ],
)
def test_whoever_comes_without_the_token_is_told_what_to_do(
    room: str, browser: Any, locale: str, told: str
) -> None:
    context = browser.new_context(viewport=LAPTOP, locale=locale)
    page = context.new_page()
    page.goto(f"{room}#b.policy=no_offer")
    expect(page.get_by_role("alert")).to_contain_text(told)
    assert TOKEN not in page.content()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert not AXE.exists() or axe(page) == []
    # The language can be chosen; a link to a scenario stays whole.
    page.select_option("#language", "fr")
    expect(page.get_by_role("alert")).to_contain_text("Ouvrez toute l’adresse")
    assert page.url.endswith("?language=fr#b.policy=no_offer")
    context.close()


def test_who_hangs_up_does_not_disturb_the_others(room: str) -> None:
    cookies = {"partnersim_token": TOKEN}
    with httpx2.Client(base_url=room, cookies=cookies, timeout=60) as client:
        for person in range(8):
            # After the first answer, while the whole one is being worked out.
            asked = {**question(50 + person, 200), "first": 10}
            with client.stream("POST", "/api/simulate", json=asked) as answer:
                assert answer.status_code == 200
        last = client.post("/api/simulate", json=question(90, 10))
        assert last.status_code == 200
        assert json.loads(last.text)["futures"] == 10


@pytest.mark.slow
@needs_browser
@needs_page
def test_thirty_browsers_at_once(room: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        pages = []
        for person in range(PEOPLE):
            page = browser.new_context(viewport=LAPTOP).new_page()
            page.goto(f"{room}?token={TOKEN}#b.set.policy.openness={person / PEOPLE:.2f}")
            pages.append(page)
        for page in pages:
            page.wait_for_selector('main[aria-busy="false"]', timeout=120_000)
            assert "token" not in page.url
            assert page.locator(".notice").inner_text() == ""
        browser.close()
