"""The workshop page in a real browser: what a facilitator does with it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from browser import (
    LAPTOP,
    PROJECTOR,
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

PHONE = {"width": 390, "height": 844}
#: What must never cover each other.
APART = ((".pictures", ".legend"), (".growth", ".band-note"), (".track", ".play"))
AXE = Path(__file__).parent.parent / "page/node_modules/axe-core/axe.min.js"
__all__ = ["address", "browser", "visit"]


def slide(page: Any, path: str, value: float) -> None:
    """Move a slider as dragging does."""
    page.locator(f'[data-path="{path}"]:visible').evaluate(
        """(slider, value) => {
            slider.value = value;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            slider.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        value,
    )
    settle(page)


def tile(page: Any, title: str) -> str:
    return str(page.locator(".tile", has_text=title).inner_text())


def test_a_lever_changes_what_is_shown_and_can_be_undone(visit: Open) -> None:
    page = visit()
    assert "B equals A" in tile(page, "Instruments in force")
    before = page.url
    slide(page, "policy.offer.envelope", 0)
    changed = tile(page, "Instruments in force")
    assert re.search(r"B has [\d.]+ ± [\d.]+ fewer than A", changed), changed
    assert state_of(page)["b.set.policy.offer.envelope"] == ["0"]
    after = page.url
    page.keyboard.press("Control+z")
    settle(page)
    assert page.url == before
    assert "B equals A" in tile(page, "Instruments in force")
    page.click("#redo")
    settle(page)
    assert page.url == after
    assert tile(page, "Instruments in force") == changed
    page.click("#replay")
    expect(page.locator(".status")).to_contain_text("before the change")
    page.wait_for_function("address => location.href === address", arg=after)
    # A replay never takes away what is done meanwhile.
    page.click("#replay")
    slide(page, "policy.openness", 0.7)
    expect(page.locator(".status")).not_to_contain_text("before the change")
    assert state_of(page)["b.set.policy.offer.envelope"] == ["0"]
    assert state_of(page)["b.set.policy.openness"] == ["0.7"]
    page.click("#undo")
    settle(page)
    page.click('[data-lever="policy.offer.envelope"] .reset')
    settle(page)
    assert page.url == before
    typed = page.locator('[data-typed="policy.negotiators"]')
    typed.fill("99999")
    typed.press("Enter")
    settle(page)
    assert state_of(page)["b.set.policy.negotiators"] == ["2000"]
    page.click("#start-over")
    settle(page)
    assert page.url == before


def test_a_link_restores_everything(visit: Open) -> None:
    state = (
        "#a.policy=deepen_first&b.policy=open_doors&b.geopolitics=coercion&edit=a"
        "&b.set.policy.hubs=KEN,NGA&a.set.policy.regions.Gulf=2.5&b.set.policy.openness=0.7"
        "&b.set.behaviour.coefficients.need=2&shock=cable_cut~Indo-Pacific~2028Q1~0.8~ab"
        "&quarter=20&view=network&show=both&area=trade&metric=links&language=de"
    )
    page = visit(state)
    expect(page.locator("#policy-a")).to_have_value("deepen_first")
    expect(page.locator("#policy-b")).to_have_value("open_doors")
    expect(page.locator("#metric")).to_have_value("links")
    expect(page.locator("#colour-by")).to_have_value("trade")
    expect(page.locator(".now")).to_have_text("2030 Q2")
    expect(page.locator("svg.network")).to_have_count(2)
    expect(page.locator(".shock-mark")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "de"
    expect(page.locator("h1")).to_contain_text("Was wäre, wenn?")
    again = visit(page.url[page.url.index("#") :])
    assert again.url == page.url
    assert again.locator(".tile").all_inner_texts() == page.locator(".tile").all_inner_texts()


def test_shocks_are_dropped_moved_and_removed(visit: Open) -> None:
    page = visit("#metric=threat_mean&quarter=20")
    page.click("#tab-shocks")
    page.select_option("#shock-type", "trade_war")
    page.select_option("#shock-quarter", "2027Q1")
    page.click("#drop-shock")
    settle(page)
    assert state_of(page)["shock"] == ["trade_war~world~2027Q1~0.7~b"]
    expect(page.locator(".shock-list li")).to_have_count(1)
    page.focus(".shock-mark")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page)["shock"] == ["trade_war~world~2027Q2~0.7~b"]
    page.drag_and_drop(".chip", ".track", target_position={"x": 300, "y": 20})
    settle(page)
    assert len(state_of(page)["shock"]) == 2
    assert "dropped by you" in page.locator(".feed").inner_text()
    expect(page.locator(".shock-mark")).to_have_count(2)
    mark = page.locator(".shock-mark").first.bounding_box()
    page.mouse.move(mark["x"] + 5, mark["y"] + 5)
    page.mouse.down()
    page.mouse.move(mark["x"] + 205, mark["y"] + 5, steps=4)
    page.mouse.up()
    settle(page)
    assert "2027Q2" not in state_of(page)["shock"][0]
    page.locator(".shock-mark").first.focus()
    page.keyboard.press("Delete")
    settle(page)
    page.click(".shock-list .reset")
    settle(page)
    assert "shock" not in state_of(page)


def test_time_is_played_stepped_and_scrubbed(visit: Open) -> None:
    page = visit("#b.policy=no_offer")
    now = page.locator(".now")
    expect(now).to_have_text("2035 Q4")
    page.get_by_role("button", name="To the start").click()
    expect(now).to_have_text("2025 Q2")
    at_start = page.locator("svg.map path").first.evaluate("node => node.ownerSVGElement.innerHTML")
    page.get_by_role("button", name="One quarter on").click()
    expect(now).to_have_text("2025 Q3")
    page.focus("#quarter")
    page.keyboard.press("End")
    expect(now).to_have_text("2035 Q4")
    at_end = page.locator("svg.map path").first.evaluate("node => node.ownerSVGElement.innerHTML")
    assert at_start != at_end
    page.locator("body").press("ArrowLeft")
    expect(now).to_have_text("2035 Q3")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    graph = page.locator("svg.growth").bounding_box()
    page.mouse.click(graph["x"] + 60, graph["y"] + 100)
    expect(now).to_have_text(re.compile(r"^202[56] Q\d$"))


def test_a_country_tells_why(visit: Open) -> None:
    page = visit("#quarter=10&b.policy=connect_first")
    page.select_option("#choose-country", "KEN")
    drawer = page.locator("aside.country")
    expect(drawer).to_be_focused()
    expect(drawer).to_contain_text("What would change its mind")
    expect(drawer.locator("svg.bars").first).to_be_visible()
    assert "cost of any such tie" in drawer.locator("svg.bars").first.get_attribute("aria-label")
    assert drawer.locator(".minds tr").count() == 8
    expect(drawer.locator(".stages li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.locator('svg.map [data-iso3="IND"]').click()
    expect(drawer.locator("h2")).to_have_text("India")


def test_what_is_shared_holds_what_is_shown(visit: Open, tmp_path: Path, browser: Any) -> None:
    page = visit("#b.policy=deepen_first&metric=instruments&quarter=30")
    shown = page.locator(".tile").all_inner_texts()

    def saved(button: str, files: int = 1) -> list[Path]:
        if not page.locator("details.menu[open]").count():
            page.click("#share")
        downloads: list[Any] = []
        note = lambda download: downloads.append(download)  # noqa: E731
        page.on("download", note)
        page.click(button)
        while len(downloads) < files:
            page.wait_for_timeout(20)
        paths = []
        for download in downloads:
            paths.append(tmp_path / download.suggested_filename)
            download.save_as(paths[-1])
        page.remove_listener("download", note)
        return paths

    (table,) = saved("#share_csv")
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    row = next(r for r in rows if r["quarter"] == "2032Q4" and r["metric"] == "instruments")
    tile_text = next(text for text in shown if "Instruments in force" in text)
    for arm in "ab":
        half_up = int(float(row[f"{arm}_mean"]) + 0.5)
        assert f"{arm.upper()} {half_up}" in tile_text
    for path in saved("#share_svg", 2):
        drawing = path.read_text("utf-8")
        assert drawing.startswith("<svg")
        assert "<script" not in drawing
    for path in saved("#share_png", 2):
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert path.stat().st_size > 10_000
    page.evaluate("() => { navigator.clipboard.writeText = async (text) => { copied = text; }; }")
    page.click("#share_link")
    expect(page.locator(".menu-items [role=status]").first).to_have_text("Copied.")
    assert page.evaluate("copied") == page.url
    # Without encryption browsers do not copy: the link is shown for copying.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')); }")
    page.click("#share_link")
    expect(page.locator("#link-to-copy")).to_have_value(page.url)
    expect(page.locator("#link-to-copy")).to_be_focused()
    (replay,) = saved("#share_replay")
    assert not re.search(r"(?:src|href)=\"https?:", replay.read_text("utf-8"))
    context = browser.new_context(viewport=LAPTOP, offline=True)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    alone = context.new_page()
    alone.goto(replay.as_uri())
    alone.wait_for_selector('main[aria-busy="false"]')
    assert alone.locator(".tile").all_inner_texts() == shown
    alone.get_by_role("button", name="One quarter on").click()
    expect(alone.locator(".now")).to_have_text("2033 Q1")
    alone.wait_for_function(
        "shown => [...document.querySelectorAll('.tile')].some((t, i) => t.innerText !== shown[i])",
        arg=shown,
    )
    assert alone.locator('[data-path="policy.openness"]').is_disabled()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()


def everything(page: Any) -> list[Any]:
    """Return what is shown of both strategies: numbers, lines and bands, colours, arcs, events."""
    marks = "marks => marks.map(mark => mark.getAttribute('d') + mark.getAttribute('fill'))"
    drawn = page.locator(".growth path, .map path, .map circle").evaluate_all(marks)
    return [page.locator(".tile").all_inner_texts(), drawn, page.locator(".feed").inner_text()]


def test_what_did_not_change_is_not_sent_and_shown_as_it_is(visit: Open) -> None:
    page = visit("#b.set.policy.openness=0.9&show=both")
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer) if "simulate" in answer.url else None)
    seen = []
    for edited, held in ("ba", "ab", "ba"):
        page.click(f".edit [data-key={edited}]")
        slide(page, "policy.offer.envelope", 500 * len(answers))
        whole = json.loads(answers[-1].text().splitlines()[-1])
        assert isinstance(whole[held], str)
        assert isinstance(whole[edited], dict)
        seen.append(everything(page))
        # A page that is opened now holds nothing yet.
        assert everything(visit("#" + page.url.partition("#")[2])) == seen[-1]
    assert seen[0] != seen[1] != seen[2]


def test_a_second_screen_follows(visit: Open) -> None:
    page = visit("#b.policy=no_offer&metric=instruments")
    page.click("#share")
    with page.context.expect_page() as opened:
        page.click("#screen_growth")
    second = opened.value
    expect(second.locator(".screen-title")).to_contain_text("Instruments in force — 2035 Q4")
    before = second.locator(".screen-title").inner_text()
    page.get_by_role("button", name="To the start").click()
    expect(second.locator(".screen-title")).to_contain_text("2025 Q2")
    assert second.locator(".screen-title").inner_text() != before


@pytest.mark.parametrize("what", ["growth", "stage"])
def test_a_second_screen_hides_what_the_room_predicts(visit: Open, what: str) -> None:
    page = visit("#show=change")
    page.click("#share")
    with page.context.expect_page() as opened:
        page.click(f"#screen_{what}")
    second = opened.value
    page.click("#predict-first")
    page.select_option("#policy-b", "no_offer")
    settle(page)
    title, shown = second.locator(".screen-title"), second.locator(".end-label, figcaption")
    if what == "growth":
        expect(title).to_have_text("What will B be: Instruments in force, 2035 Q4?")
    expect(shown).to_have_text(re.compile("^A( [0-9]+)?$"))
    for tip in page.locator(".tile").all():
        assert tip.get_attribute("title") == ""
    # A screen that is opened now must not tell either.
    second.reload()
    expect(shown).to_have_text(re.compile("^A( [0-9]+)?$"))
    page.click("#reveal")
    if what == "growth":
        expect(title).to_contain_text("fewer than A")
        expect(shown).to_have_count(2)
    else:
        expect(shown).to_have_text("B − A")


def test_a_second_screen_shows_what_the_room_sketched(visit: Open) -> None:
    page = visit()
    page.click("#share")
    with page.context.expect_page() as opened:
        page.click("#screen_growth")
    second = opened.value
    page.click("#predict-first")
    page.select_option("#policy-b", "no_offer")
    settle(page)
    title, shown = second.locator(".screen-title"), second.locator(".end-label")
    sketch = second.locator(".sketch")
    expect(title).to_have_text("What will B be: Instruments in force, 2035 Q4?")
    expect(sketch).to_have_count(0)
    graph = page.locator("svg.growth").bounding_box()
    page.mouse.move(graph["x"] + 80, graph["y"] + 80)
    page.mouse.down()
    # A stroke may end beside the graph.
    page.mouse.move(graph["x"] + 250, graph["y"] - 40, steps=9)
    page.mouse.up()
    expect(sketch).to_have_count(1)
    expect(shown).to_have_text(re.compile("^A [0-9]+$"))
    second.reload()
    expect(sketch).to_have_count(1)
    expect(shown).to_have_text(re.compile("^A [0-9]+$"))
    page.click("#reveal")
    expect(shown).to_have_count(2)
    expect(sketch).to_have_count(1)
    # What was expected of one B is not shown beside another.
    page.select_option("#policy-b", "balanced")
    settle(page)
    expect(sketch).to_have_count(0)


def test_a_phone_shows_nothing_on_top_of_each_other(visit: Open) -> None:
    page = visit("#b.policy=no_offer&view=network&quarter=4&note=2025Q2~Begin", PHONE)
    expect(page.locator("svg.network circle")).to_have_count(170)
    expect(page.locator("svg.network text")).to_have_count(1)
    mark = page.locator("svg.growth circle").bounding_box()
    for label in page.locator("svg.growth .tick[text-anchor=end]").all():
        box = label.bounding_box()
        assert box["x"] + box["width"] <= mark["x"]
    page.get_by_role("button", name="in the strategy").click()
    expect(page.locator("svg.network text")).to_have_count(1 + 32)
    page.click("#open-scoreboard")
    page.click("#save-strategy")
    expect(page.locator("#scoreboard tbody tr")).to_have_count(1)
    board = page.locator("#scoreboard")
    assert board.evaluate("drawer => drawer.scrollWidth - drawer.clientWidth") == 0


def test_assumptions_show_origin_and_hold_for_both(visit: Open) -> None:
    page = visit()
    page.click("#open-assumptions")
    drawer = page.locator("aside.assumptions")
    assert drawer.locator(".origin").count() > 60
    page.fill("#find-coefficient", "readiness in the")
    assert 0 < drawer.locator(".lever:visible").count() < 5
    typed = drawer.locator('[data-typed="behaviour.coefficients.readiness"]')
    typed.fill("1")
    typed.press("Enter")
    settle(page)
    words = state_of(page)
    for arm in "ab":
        assert words[f"{arm}.set.behaviour.coefficients.readiness"] == ["1"]
    assert "B equals A" in tile(page, "Links between partners")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def axe(page: Any) -> list[str]:
    """Return what axe finds wrong, one line each."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{item['id']}: {node['html'][:140]} {node['failureSummary'][:160]}"
        for item in found
        for node in item["nodes"]
    ]


@pytest.mark.skipif(not AXE.exists(), reason="the workshop page was built elsewhere (make page)")
def test_axe_finds_nothing(visit: Open) -> None:
    page = visit("#b.policy=open_doors&quarter=12&show=both&shock=trade_war~world~2028Q1~0.8~b")
    assert axe(page) == []
    page.select_option("#choose-country", "KEN")
    page.wait_for_selector(".minds")
    assert axe(page) == []
    page.keyboard.press("Escape")
    # What a room adds: goals, annotations, a prediction, kept strategies, large type.
    page.click("#tab-goals")
    page.click('[data-goals="grow"]')
    page.fill("#annotation", "All begin")
    page.keyboard.press("Enter")
    expect(page.locator(".annotations li")).to_have_count(1)
    assert axe(page) == []
    page.click("#tab-main")
    page.click("#predict-first")
    slide(page, "policy.openness", 0.9)
    assert axe(page) == []
    page.click("#open-scoreboard")
    page.fill("#save-name", "One")
    page.click("#save-strategy")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.click("#present")
    assert axe(page) == []


@pytest.mark.slow
@pytest.mark.skipif(not AXE.exists(), reason="the workshop page was built elsewhere (make page)")
def test_axe_finds_nothing_anywhere(visit: Open) -> None:
    for language in ("en", "de", "fr"):
        page = visit(f"#language={language}&b.policy=no_offer&view=network&show=change&quarter=9")
        assert axe(page) == []
        for name in (
            "modules",
            "targeting",
            "areas",
            "regions",
            "hubs",
            "world",
            "shocks",
            "goals",
        ):
            page.click(f"#tab-{name}")
            assert axe(page) == []
        page.click("#open-assumptions")
        assert axe(page) == []
        page.keyboard.press("Escape")
        for menu in ("share", "about"):
            page.click(f"#{menu}")
            assert axe(page) == []
    second = visit("#b.policy=no_offer")
    second.click("#share")
    with second.context.expect_page() as opened:
        second.click("#screen_stage")
    opened.value.wait_for_selector(".screen svg")
    assert axe(opened.value) == []


@pytest.mark.slow
def test_every_lever_moves_resets_and_is_explained(visit: Open) -> None:
    page = visit("#b.geopolitics=coercion")
    start = page.url
    for name in ("main", "modules", "targeting", "areas", "regions", "world"):
        page.click(f"#tab-{name}")
        for lever in page.locator(f"#panel-{name} [data-lever]").all():
            path = lever.get_attribute("data-lever")
            slider = lever.locator("input[type=range]")
            slider.focus()
            usual = slider.input_value()
            page.keyboard.press("ArrowRight")
            settle(page)
            assert slider.input_value() != usual, path
            assert f"b.set.{path}" in state_of(page), path
            assert page.locator(".notice").inner_text() == "", path
            lever.locator(".explain").click()
            assert len(lever.locator(".lever-about").inner_text()) > 40, path
            lever.locator(".reset").click()
            settle(page)
            assert page.url == start, path


@pytest.mark.slow
def test_every_choice_changes_what_is_asked_or_shown(visit: Open) -> None:
    page = visit("#b.policy=open_doors&quarter=20")
    for control, values in (
        ("#policy-a", ["deepen_first", "like_minded"]),
        ("#policy-b", ["connect_first", "strengthen_first", "no_offer"]),
        ("#metric", ["links", "hub_dependence", "value_gini"]),
        ("#colour-by", ["ties", "trade", "cybersecurity"]),
        ("#language", ["de", "fr"]),
    ):
        for value in values:
            before = page.locator("body").inner_html()
            page.select_option(control, value)
            settle(page)
            expect(page.locator(control)).to_have_value(value)
            assert page.locator("body").inner_html() != before
    page.click("#tab-hubs")
    page.check("#hub-KEN")
    settle(page)
    assert state_of(page)["b.set.policy.hubs"] == ["KEN"]
    page.click("#tab-world")
    for group, value in (("geopolitics", "coercion"), ("behaviour", "assumed")):
        page.select_option(f'[data-option="{group}"]', value)
        page.wait_for_selector('main[aria-busy="false"]', timeout=120_000)
        assert value in page.url
    for button in ("Carte", "Réseau"):
        page.get_by_role("button", name=button, exact=True).click()
        for show in ("A", "B", "A et B", "B moins A"):
            page.get_by_role("button", name=show, exact=True).click()
            assert page.locator(".pictures svg").count() == (2 if show == "A et B" else 1)


def test_the_keyboard_alone_is_enough(visit: Open) -> None:
    page = visit()
    seen: list[str] = []
    for _ in range(55):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => {
                const node = document.activeElement;
                const box = node.getBoundingClientRect();
                const shown = box.width > 0 && getComputedStyle(node).outlineStyle !== "none";
                return [node.dataset.path || node.id || node.className, shown];
            }"""
        )
        assert where[1], where
        seen.append(where[0])
    for name in ("policy-b", "share", "metric", "quarter", "tab-main", "policy.openness"):
        assert name in seen
    page.focus("#tab-main")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-modules")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")


def cut_off(page: Any) -> list[str]:
    """Return what sticks out of the window sideways."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main *:not(svg *), header *, footer *")]
            .filter((node) => {
              const box = node.getBoundingClientRect();
              const hidden = node.closest("[hidden], details:not([open]) > :not(summary)");
              return !hidden && box.width > 0 && box.right > innerWidth + 1;
            })
            .map((node) => node.outerHTML.slice(0, 120))"""
    )


def overlap(page: Any, one: str, other: str) -> bool:
    """Tell whether two elements cover each other."""
    return page.evaluate(
        """([one, other]) => {
            const [a, b] = [one, other].map((name) =>
              document.querySelector(name).getBoundingClientRect());
            return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        }""",
        [one, other],
    )


TABS = ("main", "modules", "targeting", "areas", "regions", "hubs", "world", "shocks", "goals")


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_tabs_stand_in_one_line(visit: Open, language: str) -> None:
    page = visit(f"#language={language}")
    for name in TABS:
        # The one that is open is bold.
        page.click(f"#tab-{name}")
        tops = page.locator(".tabs button").evaluate_all(
            "tabs => tabs.map(tab => tab.getBoundingClientRect().top)"
        )
        assert len(tops) == len(TABS)
        assert len(set(tops)) == 1, name
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for name in TABS:
        page.click(f"#tab-{name}")
        assert cut_off(page) == []


def test_sizes_languages_and_large_text(visit: Open) -> None:
    """A laptop, a projector, and a laptop at 200 % (half the pixels)."""
    for size in (LAPTOP, PROJECTOR):
        page = visit("#b.policy=open_doors", size)
        assert cut_off(page) == []
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    for size, text in (
        (PHONE, "100%"),
        (LAPTOP, "200%"),
        (PROJECTOR, "200%"),
    ):
        page = visit("#b.policy=open_doors&shock=trade_war~world~2028Q1~0.8~b", size)
        page.evaluate("size => (document.documentElement.style.fontSize = size)", text)
        page.wait_for_timeout(100)
        assert cut_off(page) == []
        for one, other in APART:
            assert not overlap(page, one, other), (size, one, other)
        years = ".years span:not(:nth-child(even))"
        assert not overlap(page, f"{years}:nth-child(3)", f"{years}:nth-child(5)")
    page = visit("#b.policy=open_doors&language=fr", {"width": 640, "height": 360})
    assert cut_off(page) == []
    expect(page.locator("h1")).to_contain_text("et si ?")
    for name in TABS:
        page.click(f"#tab-{name}")
        assert cut_off(page) == []
    assert not re.search(r"\b(undefined|NaN|null)\b", page.locator("body").inner_text())
    json.dumps(state_of(page))
