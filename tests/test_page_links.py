"""What a link or a typed value holds that cannot be used: the page comes up and says so."""

from __future__ import annotations

import json
import re
from typing import Any
from unicodedata import normalize

import pytest

from browser import (
    Open,
    address,
    browser,
    expect,
    needs_browser,
    needs_page,
    settle,
    state_of,
    visit,
)

pytestmark = [needs_browser, needs_page]
__all__ = ["address", "browser", "visit"]


def lines(page: Any) -> list[str]:
    return page.locator(".notice li").all_inner_texts()


def test_a_link_with_wrong_parts_is_used_as_far_as_it_can_be(visit: Open) -> None:
    page = visit(
        "#b.policy=no_ofer&a.policy=toString&b.set.foo=1&b.set.policy.openess=0.9&b.polcy=x"
        "&b.set.policy.negotiators=999999&b.set.policy.openness=0.7&a.set.policy.negotiators=600.5"
        "&b.set.policy.hubs=KEN,KNE&shock=nonsense&shock=cable_kut~world~2028Q1~2~b"
        "&shock=trade_war~Gulf~2028Q1~0.5~ab&quarter=999&view=network&language=en"
    )
    # What can be used is used ...
    assert page.locator(".tile .value-b").first.inner_text() != ""
    words = state_of(page)
    assert words["b.set.policy.openness"] == ["0.7"]
    assert words["b.set.policy.hubs"] == ["KEN"]
    assert words["shock"] == ["trade_war~Gulf~2028Q1~0.5~ab"]
    assert words["view"] == ["network"]
    assert (words["a.policy"], words["b.policy"], words["quarter"]) == (["balanced"],) * 2 + (
        ["42"],
    )
    assert not any("foo" in key or "openess" in key or "negotiators" in key for key in words)
    # ... and everything else is told, with what is allowed and the nearest name.
    told = lines(page)
    assert len(told) == 12
    text = "\n".join(told)
    for part in (
        "b.policy = no_ofer: not possible. Did you mean no_offer? Allowed: adaptive, balanced,",
        "a.policy = toString: not possible. Allowed:",
        "b.set.foo: there is no such setting. Allowed:",
        "b.set.policy.openess: there is no such setting. Did you mean b.set.policy.openness?",
        "b.polcy: there is no such setting. Did you mean b.policy?",
        "b.set.policy.negotiators = 999999: must be a whole number from 0 to 2,000.",
        "a.set.policy.negotiators = 600.5: must be a whole number from 0 to 2,000.",
        "b.set.policy.hubs = KNE: not possible. Did you mean KNA?",
    ):
        assert part in text, text
    page.click("#close-notice")
    expect(page.locator(".notice")).to_be_hidden()


def test_messages_follow_the_language_and_a_new_link(visit: Open) -> None:
    page = visit("#shock=cable_cut~Moon~2028Q1~2~b&shock=a~b&language=de")
    (where, strength, form) = lines(page)
    assert where.startswith("shock (Wo) = Moon: nicht möglich. ")
    assert strength == "shock (Stärke) = 2: muss eine Zahl von 0 bis 1 sein."
    assert form.startswith("shock = a~b: Ein Schock hat fünf Teile")
    page.select_option("#language", "fr")
    assert "n’existe" not in lines(page)[0]
    assert lines(page)[0].startswith("shock (Où) = Moon\u00a0: impossible.")
    page.evaluate('location.hash = "b.set.policy.openess=1&language=en"')
    expect(page.locator(".notice")).to_contain_text("Did you mean b.set.policy.openness?")
    page.keyboard.press("Escape")
    expect(page.locator(".notice")).to_be_hidden()
    page.evaluate('location.hash = "b.policy=no_offer&language=en"')
    expect(page.locator("#policy-b")).to_have_value("no_offer")
    expect(page.locator(".notice")).to_be_hidden()


def test_what_only_the_program_can_refuse_is_left_out_too(visit: Open) -> None:
    """All weights at zero, more shocks than can be told of: each fits its own range."""
    zero = "&".join(
        f"b.set.policy.priorities.{name}=0"
        for name in ("deepen", "broaden", "connect", "strengthen")
    )
    page = visit(f"#{zero}&b.set.policy.openness=0.7")
    expect(page.locator(".notice")).to_contain_text("must be above 0")
    assert [key for key in state_of(page) if ".set." in key] == ["b.set.policy.openness"]
    page = visit("#a.set.geopolitics.intensity=5&a.set.geopolitics.intensification=0.5")
    expect(page.locator(".notice")).to_contain_text("shocks expected in a future")
    assert page.locator(".tile .value-b").first.inner_text() != ""


def test_what_only_the_program_can_refuse_is_told_in_the_language_chosen(visit: Open) -> None:
    wrong = "b.set.policy.openness=0.7&shock=eu_budget_cut~Gulf~2028Q1~0.5~b"
    page = visit(f"#{wrong}&language=de")
    (line,) = lines(page)
    assert line == (
        "B: geopolitics.schedule[0].on = Gulf: Dieser Schock (Kürzung des EU-Haushalts) trifft nur"
        " die EU; als Ort geht nur world."
    )
    page.select_option("#language", "fr")
    assert "ne frappe que l’UE" in lines(page)[0]
    hard = "a.set.geopolitics.intensity=5&a.set.geopolitics.intensification=0.5"
    page.evaluate(f"location.hash = '{hard}&language=fr'")
    expect(page.locator(".notice")).to_contain_text("chocs attendus dans un futur, 30")


def test_a_refused_lever_keeps_what_was_shown(visit: Open) -> None:
    page = visit("#b.set.policy.priorities.deepen=0&b.set.policy.priorities.broaden=0")
    shown = page.locator(".tile").all_inner_texts()
    for name in ("connect", "strengthen"):
        typed = page.locator(f'[data-typed="policy.priorities.{name}"]')
        typed.fill("0")
        typed.press("Enter")
        page.wait_for_timeout(50)
        settle(page)
    expect(page.locator(".notice")).to_contain_text("must be above 0")
    expect(page.locator(".status")).to_have_text("not computed")
    page.keyboard.press("Escape")
    page.click("#undo")
    settle(page)
    page.click("#undo")
    settle(page)
    expect(page.locator(".notice")).to_be_hidden()
    assert page.locator(".tile").all_inner_texts() == shown


@pytest.mark.parametrize(
    ("path", "typed", "used", "told"),
    [
        ("policy.negotiators", "-5", "0", "−5 is outside 0 to 2,000: 0 is used."),
        ("policy.negotiators", "700.4", "700", "Whole numbers only: 700 is used."),
        ("policy.offer.envelope", "1e9", "20000", "outside 0 to 20,000: 20,000 is used."),
        ("policy.openness", "0.75", "0.75", ""),
        ("policy.openness", "", "0.5", ""),
        ("policy.openness", "e", "0.5", "That is no number: the default, 0.5, is used."),
    ],
)
def test_a_field_shows_what_is_used(
    visited: Any, path: str, typed: str, used: str, told: str
) -> None:
    field = visited.locator(f'[data-typed="{path}"]')
    field.click()
    field.press("Control+a")
    field.press("Delete")
    visited.keyboard.type(typed)
    # Nothing changes below the fingers of somebody who types.
    assert field.evaluate("field => field.validity.badInput || field.value") in (typed, True)
    field.press("Enter")
    settle(visited)
    expect(field).to_have_value(used)
    expect(visited.locator(f'[data-lever="{path}"] .lever-told')).to_contain_text(told)
    if told == "":
        expect(visited.locator(f'[data-lever="{path}"] .lever-told')).to_be_hidden()
    kept = state_of(visited).get(f"b.set.{path}")
    assert kept is None or float(kept[0]) == float(used)
    visited.click("#start-over")
    settle(visited)


@pytest.fixture(scope="module")
def visited(browser: Any, address: str) -> Any:
    """One page for all typed values."""
    page = browser.new_page(locale="en-GB")
    page.goto(address)
    settle(page)
    yield page
    page.close()


def test_who_is_shown_changes_nothing_that_is_simulated(visit: Open) -> None:
    shocks = ["trade_war~LAC~2028Q1~0.5~b", "trade_war~TCD~2028Q1~0.5~b"]
    page = visit("#" + "&".join(f"shock={shock}" for shock in shocks))
    drawn = page.locator(".pictures .partner").count()
    numbers = page.locator("section.numbers").inner_text()
    page.get_by_role("button", name="in the strategy").click()
    settle(page)
    assert state_of(page)["partners"] == ["named"]
    assert state_of(page)["shock"] == shocks
    assert page.locator(".pictures .partner").count() < drawn
    assert page.locator("section.numbers").inner_text() == numbers


def test_countries_have_names_in_the_language_chosen(visit: Open) -> None:
    page = visit("#language=de&country=KEN")
    assert page.locator("aside.country h2").inner_text() == "Kenia"
    names = page.locator("#country-list option").all_inner_texts()
    assert {"Kanada", "Südkorea", "Ägypten", "Vereinigte Staaten"} & set(names) >= {
        "Kanada",
        "Ägypten",
    }
    assert names == sorted(
        names, key=lambda name: normalize("NFKD", name).encode("ascii", "ignore").lower()
    )
    facts = page.evaluate("async () => (await fetch('api/facts')).json()")
    for language in ("de", "fr"):
        page.select_option("#language", language)
        page.click("#tab-hubs")
        shown = page.locator(".hub label").all_inner_texts()
        english = {name for _, name, *_ in facts["countries"]}
        assert len(set(shown) - english) > 12
    # All 169 have a name in every language: none falls back to English for want of a code.
    page.evaluate('location.hash = "language=fr"')
    expect(page.locator("#hub-XKX + label")).to_have_text("Kosovo")
    expect(page.locator("#hub-DEU + label")).to_have_count(0)
    expect(page.locator("#hub-CIV + label")).to_have_text("Côte d’Ivoire")
    json.dumps(state_of(page))
    assert not re.search(r"\b(undefined|NaN|null)\b", page.locator("body").inner_text())
