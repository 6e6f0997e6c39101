"""What helps a room to follow: what differs, both climates, what is flat, outages that heal."""

from __future__ import annotations

import csv
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from browser import (
    LAPTOP,
    Open,
    address,
    browser,
    expect,
    few_futures,
    needs_browser,
    needs_page,
    pages_of,
    served,
    settle,
    state_of,
    visit,
)
from test_page_browser import axe, overlap

pytestmark = [needs_browser, needs_page]

__all__ = ["address", "browser", "visit"]


def test_all_that_differs_is_in_sight_and_can_be_taken_back(visit: Open) -> None:
    page = visit(
        "#b.policy=deepen_first&b.geopolitics=coercion&a.set.policy.openness=0.4"
        "&b.set.policy.openness=0.4&b.set.policy.negotiators=300"
        "&shock=trade_war~world~2027Q1~0.7~b&shock=cable_cut~Gulf~2027Q1~0.7~ab"
    )
    chips = page.locator(".differences li:not(.differ-in)")
    assert [text.split("\n")[0] for text in chips.all_inner_texts()] == [
        "Policy: Balanced → Deepen first",
        "Climate: Calm → Coercion",
        "Negotiators: 600 → 300",
        "⚡ Trade war, The whole world, 2027 Q1, 0.7",
    ]
    for left in (3, 2, 1, 0):
        chips.first.get_by_role("button").click()
        settle(page)
        expect(chips).to_have_count(left)
    assert len(state_of(page)["shock"]) == 1
    expect(page.locator(".differ-in")).to_have_text("A and B are the same.")
    assert "B equals A" in page.locator(".tile").first.inner_text()


def test_a_climate_can_be_set_for_both(visit: Open) -> None:
    page = visit("#b.geopolitics=rivalry&b.policy=no_offer")
    both = page.locator("#climate-both")
    expect(both.locator("option:checked")).to_have_text("A: Calm, B: Rivalry")
    both.select_option("coercion")
    settle(page)
    state = state_of(page)
    assert state["a.geopolitics"] == state["b.geopolitics"] == ["coercion"]
    expect(page.locator(".differences li")).to_have_count(2)


def test_what_does_not_move_says_so(visit: Open) -> None:
    # After one quarter next to nothing of a strategy shows.
    page = visit("#b.policy=no_offer&metric=links&quarter=1")
    expect(page.locator("#why-flat")).to_be_visible()
    page.click("#why-flat")
    expect(page.locator(".flat")).to_contain_text("does not move “Links between partners”")
    look = page.locator(".flat li button").first
    name = look.inner_text().split(":")[0]
    look.click()
    expect(page.locator("#metric option:checked")).to_have_text(name)
    expect(page.locator("#why-flat")).to_be_hidden()
    page.click("#start-over")
    settle(page)
    expect(page.locator("#why-flat")).to_be_hidden()


def test_tables_and_pictures_say_what_was_played(visit: Open, tmp_path: Path) -> None:
    page = visit(
        "#b.geopolitics=coercion&b.set.policy.negotiators=300&shock=trade_war~world~2027Q1~0.7~b"
    )
    files = {}
    for button, count in (("#share_csv", 1), ("#share_svg", 2)):
        if not page.locator("details.menu[open]").count():
            page.click("#share")
        downloads: list[Any] = []
        note = lambda download, into=downloads: into.append(download)  # noqa: E731
        page.on("download", note)
        page.click(button)
        while len(downloads) < count:
            page.wait_for_timeout(20)
        page.remove_listener("download", note)
        for download in downloads:
            path = tmp_path / download.suggested_filename
            download.save_as(path)
            files[path.suffix] = path
    row = next(csv.DictReader(files[".csv"].open(encoding="utf-8")))
    assert row["a_scenario"] == "Balanced; Climate: Calm; Estimated"
    words = ("Climate: Coercion", "Negotiators 300", "Trade war, The whole world, 2027 Q1, 0.7")
    for word in words:
        assert word in row["b_scenario"]
        assert word.split(":")[0].split(",")[0] in files[".svg"].read_text("utf-8")


def test_an_outage_heals_by_itself(browser: Any) -> None:
    with few_futures(), ExitStack() as server:
        address = server.enter_context(served())
        context = browser.new_context(viewport=LAPTOP)
        page = context.new_page()
        page.goto(address)
        settle(page)
        server.close()
        page.select_option("#policy-b", "no_offer")
        expect(page.locator(".line")).to_contain_text("Trying again by itself")
        expect(page.locator(".status")).to_have_text("not computed")
        port = int(address.rstrip("/").rpartition(":")[2])
        server.enter_context(served(port=port))
        settle(page)
        expect(page.locator(".line")).to_have_text("")
        assert "fewer than A" in page.locator(".tiles, .headlines").inner_text()
        context.close()


def test_goals_are_set_counted_kept_in_the_link_and_taken_back(visit: Open) -> None:
    page = visit("#b.policy=no_offer")
    page.click("#tab-goals")
    page.select_option("#goal-metric", "hub_dependence")
    expect(page.locator("#goal-sense")).to_have_value("less")
    page.fill("#goal-value", "50")
    page.click("#add-goal")
    settle(page)
    assert state_of(page)["goal"] == ["hub_dependence~less~0.5"]
    goal = page.locator(".goals li")
    expect(goal).to_contain_text("Dependence on the EU as hub ≤ 50.0 %")
    assert all(0 <= int(n) <= 100 for n in re.findall(r"[AB] (\d+) %", goal.inner_text()))
    page.click('[data-goals="grow"]')
    settle(page)
    expect(page.locator(".goals li")).to_have_count(3)
    expect(page.locator(".goal-line")).to_have_count(1)
    again = visit(page.url[page.url.index("#") :])
    assert again.locator(".goals").inner_text() == page.locator(".goals").inner_text()
    for _ in range(2):
        page.locator(".goals li button").first.click()
        settle(page)
    expect(page.locator(".goals li")).to_have_count(1)


def test_the_room_predicts_before_it_sees(visit: Open) -> None:
    page = visit()
    page.click("#predict-first")
    page.select_option("#policy-b", "no_offer")
    settle(page)
    tile = page.locator(".tile").first
    expect(tile.locator(".value-b")).to_be_hidden()
    assert "B" not in page.locator("svg.growth .end-label").first.text_content()
    graph = page.locator("svg.growth").bounding_box()
    page.mouse.move(graph["x"] + 80, graph["y"] + 80)
    page.mouse.down()
    page.mouse.move(graph["x"] + 250, graph["y"] + 60, steps=5)
    page.mouse.up()
    expect(page.locator(".sketch")).to_have_count(1)
    expect(page.locator(".now")).to_have_text("2035 Q4")
    page.fill("#prediction", "400")
    page.click("#reveal")
    expect(page.locator(".prediction-result")).to_contain_text("You expected 400; B is")
    expect(tile.locator(".value-b")).to_be_visible()
    assert page.locator("svg.growth .end-label").count() == 2
    page.click("#predict-first")
    page.select_option("#policy-b", "balanced")
    settle(page)
    expect(tile.locator(".value-b")).to_be_visible()
    # What was expected of one B is not told of another.
    expect(page.locator(".prediction-result")).to_have_text("")
    expect(page.locator(".sketch")).to_have_count(0)
    page.click("#undo")
    expect(page.locator(".prediction-result")).to_have_text("")


def test_the_guess_is_told_where_it_was_asked(visit: Open) -> None:
    page = visit()
    page.click("#predict-first")
    page.select_option("#policy-b", "no_offer")
    settle(page)
    page.fill("#prediction", "400")
    page.click("#reveal")
    result = page.locator(".prediction-result")
    expect(result).to_contain_text("You expected 400; B is")
    page.locator("main").press("ArrowLeft")
    expect(result).to_have_text("")
    page.locator("main").press("ArrowRight")
    expect(result).to_contain_text("You expected 400; B is")
    page.click("#undo")
    settle(page)
    expect(result).to_have_text("")
    page.click("#redo")
    settle(page)
    expect(result).to_contain_text("You expected 400; B is")


def test_strategies_are_kept_and_compared_in_all_climates(visit: Open) -> None:
    page = visit("#b.policy=no_offer&metric=instruments&quarter=30")
    page.click("#open-scoreboard")
    page.fill("#save-name", "Nothing ~ & offered")
    page.click("#save-strategy")
    page.select_option("#policy-b", "balanced")
    settle(page)
    page.click("#save-strategy")
    board = page.locator("aside.scoreboard")
    expect(board.locator("tbody tr")).to_have_count(2)
    expect(board.locator("tbody")).not_to_contain_text("…", timeout=30_000)
    expect(board.locator("td.clear")).to_have_count(1)
    regrets = [text.strip() for text in board.locator("td .quiet").all_inner_texts()]
    assert "(0)" in regrets
    assert all(re.fullmatch(r"\((0|−[1-9]\d*)\)", text) for text in regrets), regrets
    again = visit(page.url[page.url.index("#") :])
    again.click("#open-scoreboard")
    first = again.locator("aside.scoreboard tbody th").first
    expect(first).to_have_text("Nothing ~ & offered")
    first.locator("button").click()
    settle(again)
    assert state_of(again)["b.policy"] == ["no_offer"]
    again.keyboard.press("Escape")
    expect(again.locator("aside.scoreboard")).to_be_hidden()
    assert axe(page) == []


#: Pixels of the smallest type in sight; notes at the foot and on the map are no labels.
_SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")].filter((item) => {
  const box = item.getBoundingClientRect();
  const text = [...item.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const shown = box.width > 1 && getComputedStyle(item).visibility === "visible";
  return text && shown && !item.closest("footer, svg.map, option");
}).map((item) => parseFloat(getComputedStyle(item).fontSize)))"""


#: Words of units in sight that are broken over lines.
_BROKEN = """() => [...document.querySelectorAll(".unit")].flatMap(
  (item) => !item.offsetParent ? [] : [...item.textContent.matchAll(/\\S+/g)].filter((word) => {
    const range = document.createRange();
    range.setStart(item.firstChild, word.index);
    range.setEnd(item.firstChild, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word))"""


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_no_word_of_a_unit_is_broken(visit: Open, language: str) -> None:
    moved = "b.set.policy.negotiators=100&b.set.policy.offer.envelope=20000"
    moved += "&b.set.policy.offer.development_finance=1"
    page = visit(f"#{moved}&language={language}")
    assert page.evaluate(_BROKEN) == []
    page.locator("[role=tab]").nth(1).click()
    expect(page.locator('[data-lever="policy.offer.export_credit"] .unit')).to_be_visible()
    assert page.evaluate(_BROKEN) == []


def test_french_is_set_as_french_is(visit: Open) -> None:
    page = visit("#language=fr&b.set.policy.negotiators=100")
    expect(page.locator("svg.map > text", has_text="UE")).to_be_visible()
    chip = page.locator(".differences li").nth(1)
    assert chip.text_content().startswith("Négociateurs\u00a0: 600")
    assert page.locator("h1").text_content() == "Partenariats numériques\u00a0: et si\u00a0?"


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_room_can_read_all_of_it(visit: Open, language: str) -> None:
    """With goals, a story and a difference, on a small laptop."""
    goals = "goal=links~more~462&goal=hub_dependence~less~0.35"
    note = "note=2035Q4~The room agrees on two goals, and on who reads them"
    page = visit(f"#b.set.policy.negotiators=100&{goals}&{note}&language={language}")
    assert page.evaluate(_SMALLEST) >= 12
    card, graph = (page.locator(name).bounding_box() for name in (".graph", "svg.growth"))
    assert graph["height"] >= 60
    assert graph["y"] + graph["height"] <= card["y"] + card["height"]
    # Everything below the graph is in its card, and what was expected stands above it.
    inside = "item => item.scrollHeight <= item.clientHeight"
    assert page.locator(".graph").evaluate(inside)
    page.click("#predict-first")
    page.locator('[data-path="policy.openness"]').press("ArrowRight")
    settle(page)
    assert page.locator(".graph").evaluate(inside)
    page.fill("#prediction", "400")
    page.click("#reveal")
    expect(page.locator(".prediction-result")).to_contain_text("400")
    assert page.locator(".graph").evaluate(inside)
    # Drawers leave the numbers and the graph in sight.
    for opening in ("#open-assumptions", "#open-scoreboard"):
        page.click(opening)
        expect(page.locator("aside:visible")).to_have_count(1)
        for name in (".graph", ".headlines", ".controls"):
            assert not overlap(page, "aside:not([hidden])", name)
        page.keyboard.press("Escape")
    page.click("#present")
    assert page.evaluate(_SMALLEST) >= 16
    assert page.locator("svg.growth").bounding_box()["height"] >= 110
    assert page.locator(".graph").evaluate(inside)


def test_a_presenter_steps_with_a_clicker(visit: Open) -> None:
    page = visit("#b.policy=no_offer&quarter=10")
    page.click("#present")
    expect(page.locator(".controls")).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(page.locator(".now")).to_have_text("2028 Q4")
    page.keyboard.press("PageUp")
    expect(page.locator(".now")).to_have_text("2027 Q4")
    inside = "document.documentElement.scrollHeight <= innerHeight"
    assert page.evaluate(inside)
    page.keyboard.press("Escape")
    expect(page.locator(".controls")).to_be_visible()


def test_a_story_is_written_and_told_chapter_by_chapter(visit: Open) -> None:
    page = visit("#b.policy=no_offer&quarter=10")
    page.click("#tab-goals")
    for quarter, text in (("20", "<i>Later</i>"), ("6", "A ~ first")):
        page.fill("#quarter", quarter)
        page.fill("#annotation", text)
        page.click("#add-annotation")
    expect(page.locator(".annotations li")).to_have_text(
        [re.compile("2026 Q4: A ~ first"), re.compile("2030 Q2: <i>Later</i>")]
    )
    assert state_of(page)["note"] == ["2026Q4~A ~ first", "2030Q2~<i>Later</i>"]
    expect(page.locator(".growth .chapter")).to_have_text(["1", "2"])
    again = visit(page.url[page.url.index("#") :])
    again.click("#present")
    assert axe(again) == []
    for key, now, shown in (("Down", "2030 Q2", "Later"), ("Down", "2035 Q4", "Later")):
        again.keyboard.press(f"Page{key}")
        expect(again.locator(".now")).to_have_text(now)
        expect(again.locator(".annotations li:visible")).to_contain_text(shown)
    for now in ("2030 Q2", "2026 Q4", "2025 Q2"):
        again.keyboard.press("PageUp")
        expect(again.locator(".now")).to_have_text(now)
    expect(again.locator(".annotations li:visible")).to_have_count(0)


def test_the_outcome_prints_on_one_page(visit: Open) -> None:
    goals = "goal=instruments~more~300&goal=links~more~900&goal=hub_dependence~less~0.5"
    story = "&".join(f"note=20{year}Q1~Told in a line of some length" for year in range(27, 33))
    shocks = "shock=trade_war~world~2028Q1~0.8~b&shock=cable_cut~KEN~2029Q1~0.9~ab"
    set_ = "b.set.policy.negotiators=800&b.set.policy.openness=0.9&a.geopolitics=rivalry"
    page = visit(f"#b.policy=no_offer&quarter=30&{goals}&{story}&{shocks}&{set_}")
    page.emulate_media(media="print")
    shown = (".printed", ".differences", ".goals", ".annotations", ".headlines", "svg.map", ".feed")
    for name in (*shown, "svg.growth", "#metric"):
        expect(page.locator(name).first).to_be_visible()
    for hidden in (".controls", ".time", "#open-assumptions"):
        expect(page.locator(hidden).first).to_be_hidden()
    # The whole scenario, what hits both included, and the moment.
    told = page.locator(".printed").inner_text()
    for words in ("2032 Q4", "A: Balanced", "Rivalry", "Negotiators 800", "Cable cut, Kenya"):
        assert words in told
    assert pages_of(page.pdf(prefer_css_page_size=True)) == 1


def test_what_it_would_take_is_searched_for(visit: Open) -> None:
    page = visit("#country=KEN&quarter=10")
    page.wait_for_selector("#bargain")
    page.select_option("#bargain-target", "90")
    page.click("#bargain")
    expect(page.locator(".bargain-result")).to_contain_text(re.compile(r"\d+ % \(now [\d.]+ %\)"))
