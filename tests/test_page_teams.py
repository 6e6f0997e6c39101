"""Teams in real browsers: eight phones, a facilitator's screen, an outage, a debrief."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from browser import LAPTOP, browser, expect, needs_browser, needs_page, pages_of, served
from partnersim.page.exercise import debrief
from partnersim.page.exercise.roles import roles
from partnersim.page.exercise.session import Session
from test_page_browser import AXE, axe

pytestmark = [needs_browser, needs_page]

PHONE = {"width": 390, "height": 844}
__all__ = ["browser"]


class Play:
    """A server that can be ended and started anew, and browsers in its room."""

    def __init__(self, chromium: Any, file: Path) -> None:
        self.chromium, self.file = chromium, file
        self.session = Session.new("calm", "instruments")
        self.session.write(file)
        self.wrong: list[str] = []
        self.contexts: list[Any] = []
        self._served = ExitStack()
        self.address = self._served.enter_context(served(session=file))

    def end(self) -> None:
        """End the server."""
        self._served.close()

    def start(self) -> None:
        """Start it anew from its file, at the same address."""
        port = int(self.address.rstrip("/").rpartition(":")[2])
        self._served.enter_context(served(port=port, session=self.file))

    def open(self, address: str, size: dict[str, int], **settings: Any) -> Any:
        context = self.chromium.new_context(viewport=size, locale="en-GB", **settings)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        context.on("request", lambda request: self.note(request.url))
        page.goto(self.address + address)
        return page

    def note(self, url: str) -> None:
        if not url.startswith((self.address, "blob:", "data:")):
            self.wrong.append(url)

    def screen(self) -> Any:
        """Open the facilitator's screen."""
        page = self.open(f"?token={self.session.token}", LAPTOP)
        expect(page.locator("#room-code")).to_have_text(self.session.code)
        return page

    def phone(self, role: str) -> Any:
        """Join as if the QR code had been scanned, and take a role."""
        page = self.open(f"?team#{self.session.code}", PHONE, is_mobile=True, has_touch=True)
        page.click(f'[data-role="{role}"]')
        expect(page.locator(".decision")).to_be_visible()
        assert self.session.code not in page.url
        return page


@pytest.fixture
def play(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    from playwright.sync_api import expect as expected

    # Nine browsers on a machine that may be busy.
    expected.set_options(timeout=20_000)
    monkeypatch.setattr(debrief, "FUTURES", 3)
    play = Play(browser, tmp_path / "room.json")
    yield play
    for context in play.contexts:
        context.close()
    play.end()
    expected.set_options(timeout=5_000)
    assert play.wrong == []


def move(phone: Any, path: str, value: float) -> None:
    phone.locator(f'[data-path="{path}"]').evaluate(
        "(slider, value) => { slider.value = value;"
        ' slider.dispatchEvent(new Event("input", { bubbles: true })); }',
        value,
    )


def lock(phone: Any) -> None:
    phone.click("#lock")
    expect(phone.locator(".state")).to_contain_text("Locked in")


def clean(page: Any) -> None:
    """See to it that axe finds nothing, where it is there."""
    assert not AXE.exists() or axe(page) == []


def test_eight_teams_play_from_start_to_debrief(play: Play) -> None:
    screen = play.screen()
    expect(screen.locator("svg.qr")).to_be_visible()
    phones = {role: play.phone(role) for role in roles()}
    expect(screen.locator('.team-list [data-state="deciding"]')).to_have_count(8)
    move(phones["commission"], "policy.openness", 0.9)
    expect(phones["commission"].locator(".points")).to_have_text("4 of 10 points")
    phones["commission"].fill("#guess", "400")
    phones["commission"].fill("#note", "<b>open</b>")
    # Too much is refused before it is locked.
    move(phones["member_states"], "policy.negotiators", 1200)
    expect(phones["member_states"].locator(".team-bar .lever-told")).to_contain_text("12.0 points")
    move(phones["member_states"], "policy.negotiators", 400)
    expect(phones["member_states"].locator(".points")).to_have_text("4 of 10 points")
    phones["china"].click("#add-strike")
    expect(phones["china"].locator(".strikes li")).to_have_count(1)
    for role in ("candidate", "indo_pacific_hub", "global_south"):
        instrument = phones[role].locator("[data-instrument]").first
        instrument.locator('[data-key="propose"]').click()
        expect(phones[role].locator(".points")).to_have_text("1 of 6 points")
    for role in ("commission", "member_states", "china", "candidate", "global_south"):
        lock(phones[role])
    expect(screen.locator('.team-list [data-state="locked"]')).to_have_count(5)
    # The facilitator plays for an absent team.
    screen.select_option("#stand-in", "industry")
    move(screen, "policy.offer.mix.green", 30)
    clean(screen)
    screen.click("#stand-in-lock")
    expect(screen.locator('[data-state="locked_by_facilitator"]')).to_have_count(1)
    # The room agrees on goals, of those that the agents alone might reach.
    screen.click("#open-story")
    screen.click('[data-goals="independent"]')
    expect(screen.locator(".tally .goals li")).to_have_count(2)
    screen.fill("#annotation", "All begin")
    screen.click("#add-annotation")
    expect(screen.locator(".chapters li")).to_have_text(re.compile("2025 Q2: All begin"))
    clean(screen)
    screen.keyboard.press("Escape")
    expect(screen.locator("#open-story")).to_be_focused()
    expect(phones["china"].locator(".goals li").first).to_contain_text("Links between partners ≥")
    screen.click("#play-round")
    expect(screen.locator(".now")).to_have_text("2027 Q2")
    expect(screen.locator(".log")).to_contain_text("“<b>open</b>”")
    expect(screen.locator(".log")).to_contain_text("Left to the agents: An Indo-Pacific hub")
    expect(screen.locator(".guesses li").first).to_contain_text("nearest")
    # The room sees how it grew, and the facilitator what is chosen.
    assert screen.locator("svg.growth").bounding_box()["height"] > 150
    assert screen.locator("#room-metric").evaluate("item => item.offsetWidth") > 150
    for phone in phones.values():
        expect(phone.locator(".values caption")).to_have_text("The world in 2027 Q2")
    # Undone, and played again: the teams find what they had decided.
    screen.click("#undo-round")
    expect(phones["commission"].locator("#note")).to_have_value("<b>open</b>")
    expect(screen.locator(".round")).to_have_count(0)
    screen.click("#play-round")
    expect(phones["china"].locator("h1")).to_contain_text("China")
    expect(screen.locator(".round")).to_have_count(1)
    for number in range(2, 6):
        screen.click("#play-round")
        expect(screen.locator(".round")).to_have_count(number)
    expect(phones["candidate"].locator(".state")).to_contain_text("All rounds have been played")
    screen.click("#finish")
    expect(screen.locator(".debrief tbody tr").first).to_contain_text("Agents alone")
    expect(screen.locator(".debrief [role=status]")).to_have_count(0, timeout=60_000)
    for page in (screen, phones["united_states"]):
        expect(page.locator(".debrief")).to_contain_text("Room minus agents")
        expect(page.locator(".debrief")).to_contain_text("All goals together")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        clean(page)
    # What came of it on one page, and who did what on another.
    assert pages_of(screen.pdf(prefer_css_page_size=True)) == 2


def test_nothing_typed_is_lost_while_others_decide(play: Play) -> None:
    play.screen()
    one, other = play.phone("commission"), play.phone("china")
    one.locator("#note").press_sequentially("because we said so in", delay=60)
    other.click("#add-strike")
    one.locator("#note").press_sequentially(" every round", delay=60)
    expect(one.locator("#note")).to_have_value("because we said so in every round")
    expect(one.locator("#note")).to_be_focused()
    # A second phone of the team sees it, and what it adds reaches the first.
    third = play.phone("commission")
    expect(third.locator("#note")).to_have_value("because we said so in every round")
    move(third, "policy.openness", 0.8)
    # Soon, though it comes while the first has only just been typed into.
    expect(one.locator('[data-path="policy.openness"]')).to_have_value("0.8", timeout=8_000)
    expect(one.locator("#note")).to_have_value("because we said so in every round")


def test_nothing_typed_is_lost_while_the_facilitator_acts(play: Play) -> None:
    screen, phone = play.screen(), play.phone("commission")
    phone.locator("#note").press_sequentially("because", delay=60)
    screen.click("#open-story")
    screen.click('[data-goals="independent"]')
    phone.locator("#note").press_sequentially(" we said so", delay=60)
    expect(phone.locator(".goals li")).to_have_count(2)
    phone.locator("#note").press_sequentially(" in every round", delay=60)
    expect(phone.locator("#note")).to_have_value("because we said so in every round")
    # What was typed as the exercise was paused is sent when it goes on.
    screen.keyboard.press("Escape")
    screen.click("#pause")
    expect(phone.locator("#note")).to_be_disabled()
    screen.click("#pause")
    expect(phone.locator("#note")).to_be_enabled()
    expect(play.phone("commission").locator("#note")).to_have_value(
        "because we said so in every round"
    )


def test_a_drawer_speaks_the_language_chosen_and_closes_wherever_one_is(play: Play) -> None:
    screen = play.screen()
    screen.click("#open-story")
    screen.select_option("#language", "de")
    expect(screen.locator(".drawer h2")).to_have_text("Ziele, Anmerkungen")
    expect(screen.locator(".drawer > .quiet")).to_have_text(
        "A: die Agenten allein. B: dieser Raum."
    )
    screen.locator("#language").press("Escape")
    expect(screen.locator("#open-story")).to_be_focused()


def test_what_costs_too_much_stays_in_the_form_until_it_is_mended(play: Play) -> None:
    screen = play.screen()
    phone, other = play.phone("member_states"), play.phone("china")
    phone.select_option("#language", "fr")
    expect(phone.locator("#lock")).to_have_text("Valider")
    move(phone, "policy.negotiators", 1200)
    told = phone.locator(".team-bar .lever-told")
    expect(told).to_have_text("Cela coûte 12,0 points, plus que vous n’en avez dans un tour.")
    phone.wait_for_timeout(2000)  # nobody types any more
    lock(other)
    expect(screen.locator('[data-role="china"]')).to_have_attribute("data-state", "locked")
    phone.click("#lock")
    expect(told).to_contain_text("12,0 points")
    expect(phone.locator('[data-path="policy.negotiators"]')).to_have_value("1200")
    expect(screen.locator('[data-role="member_states"]')).to_have_attribute(
        "data-state", "deciding"
    )


def test_a_phone_heals_by_itself_after_a_restart(play: Play) -> None:
    screen, phone = play.screen(), play.phone("commission")
    move(phone, "policy.openness", 0.7)
    expect(phone.locator(".points")).to_have_text("2 of 10 points")
    play.end()
    for page in (screen, phone):
        expect(page.locator(".line")).to_contain_text("Trying again by itself")
    play.start()
    for page in (screen, phone):
        expect(page.locator(".line")).to_have_text("")
    expect(phone.locator('[data-path="policy.openness"]')).to_have_value("0.7")
    lock(phone)
    expect(screen.locator('[data-role="commission"]')).to_have_attribute("data-state", "locked")


def test_a_code_typed_by_hand_a_wrong_one_and_a_role_set_free(play: Play) -> None:
    screen = play.screen()
    phone = play.open("?team", PHONE)
    phone.fill("#code", "WRONG")
    phone.keyboard.press("Enter")
    expect(phone.locator(".line")).to_have_text("This is not the code on the screen.")
    # What is asked for is asked in the language chosen, and still is when the page is loaded again.
    phone.select_option("#language", "fr")
    expect(phone.locator(".join button")).to_have_text("Rejoindre")
    phone.reload()
    expect(phone.locator(".join button")).to_have_text("Rejoindre")
    phone.fill("#code", "WRONG")
    phone.keyboard.press("Enter")
    expect(phone.locator(".line")).to_have_text("Ce n’est pas le code à l’écran.")
    phone.select_option("#language", "en")
    phone.fill("#code", f"{play.session.code[:3]} {play.session.code[3:].lower()}")
    phone.keyboard.press("Enter")
    phone.click('[data-role="china"]')
    phone.select_option("#language", "de")
    expect(phone.locator("#lock")).to_have_text("Festlegen")
    screen.click("#pause")
    expect(phone.locator(".state")).to_contain_text("angehalten")
    expect(phone.locator("#lock")).to_be_disabled()
    screen.click("#pause")
    screen.select_option("#release", "china")
    expect(phone.locator("main > h2")).to_have_text("Wählen Sie Ihre Rolle")


def test_whoever_opens_the_bare_address_types_the_code(play: Play) -> None:
    phone = play.open("#language=de&a.policy=no_offer", PHONE)
    expect(phone.locator(".join label")).to_have_text(
        re.compile("Code ein, der auf dem Bildschirm")
    )
    expect(phone.locator(".join .quiet")).to_contain_text("Adresse, die das Programm gezeigt hat")
    expect(phone.locator(".line")).to_have_text("")
    clean(phone)
    phone.fill("#code", play.session.code)
    phone.keyboard.press("Enter")
    expect(phone.locator("main > h2")).to_have_text("Wählen Sie Ihre Rolle")


def test_axe_finds_nothing_on_phones_and_the_screen(play: Play) -> None:
    screen = play.screen()
    phones = [play.phone(role) for role in ("commission", "global_south", "china")]
    for page in (screen, *phones):
        clean(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert re.search(r"\d", phones[1].locator(".turns").inner_text())
    joining = play.open("?team", PHONE)
    expect(joining.locator("#code")).to_be_visible()
    clean(joining)
