"""How fast the workshop page is, in a real browser: ``python -m benchmarks.page``.

Needs /usr/bin/chromium (tools/make_browser) and the built page. Times by the clock on the wall, of
the named world over its whole horizon; the program and the browser share the machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.measuring import machine, show, spread

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
MOVES = 25
STEPS = 40

#: Moves a slider; resolves with milliseconds until the first and the whole answer are painted.
_MOVE = """
(value) => new Promise((done) => {
  const painted = {};
  const began = performance.now();
  new PerformanceObserver((list, observer) => {
    for (const { name } of list.getEntries()) {
      if (!(name in painted)) {
        painted[name] = 0;
        requestAnimationFrame(() => setTimeout(() => {
          painted[name] = performance.now() - began;
          if (painted["answer-whole"]) { observer.disconnect(); done(painted); }
        }));
      }
    }
  }).observe({ type: "mark" });
  const slider = document.querySelector('[data-path="policy.offer.envelope"]');
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
})
"""
#: Steps a quarter; resolves with milliseconds until it is painted.
_STEP = """
(quarter) => new Promise((done) => {
  const began = performance.now();
  const slider = document.querySelector("#quarter");
  slider.value = quarter;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(
    () => done(performance.now() - began))));
})
"""
_IDLE = """
() => new Promise((done) => {
  const began = performance.now();
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(
    () => done(performance.now() - began))));
})
"""


def start() -> tuple[subprocess.Popen[str], str, float]:
    """Start the program; return it, its address, and seconds until the page could be opened."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "partnersim.command.program", "serve", "--port", "0"]
    program = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    line = program.stdout.readline()
    return program, line.split("page: ")[1].split()[0], time.perf_counter() - began


def measure(page: Any) -> None:
    """Move levers, step through time, and print what it took."""
    page.evaluate(_MOVE, 5000)
    first, whole = [], []
    for move in range(MOVES):
        painted = page.evaluate(_MOVE, 100 * (move + 1) + 50)
        first.append(painted["answer-first"])
        whole.append(painted["answer-whole"])
    show("slider to redraw, first 20 futures, ms", spread(first, 0))
    show("slider to redraw, all 200 futures, ms", spread(whole, 0))
    page.wait_for_timeout(500)
    idle = [page.evaluate(_IDLE) for _ in range(STEPS)]
    steps = [page.evaluate(_STEP, quarter) for quarter in range(STEPS)]
    show("step to redraw, ms", spread(steps, 0))
    show("the same without any work: two frames, ms", spread(idle, 0))
    ratio = statistics.median(first) / statistics.median(idle)
    show("slider to redraw (20 futures) / two empty frames", f"{ratio:.1f}")


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    print("\n".join(machine()))
    program, _, _ = start()
    program.terminate()
    program.wait()
    program, address, ready = start()
    try:
        show("program started to address printed, s", f"{ready:.1f}")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            began = time.perf_counter()
            page.goto(address)
            page.wait_for_selector(".tile .value-b:not(:empty)")
            show("opened to first numbers shown, s", f"{time.perf_counter() - began:.1f}")
            page.wait_for_selector('main[aria-busy="false"]')
            measure(page)
            browser.close()
    finally:
        program.terminate()
        program.wait()


if __name__ == "__main__":
    main()
