"""How fast the workshop page is, in a real browser: ``python -m benchmarks.page``.

Needs /usr/bin/chromium (tools/make_browser) and the built page. Of the named world over its whole
horizon. Times by the clock hold on a quiet machine only, since the program and the browser share
it with everybody else; CPU times and ratios say where the time goes on any.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import begin, cpu_seconds, machine, show, spread

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
MOVES = 25
STEPS = 40
FUTURES = 200

_FIRST_NUMBERS = ".tile .value-b:not(:empty)"

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
#: Steps a quarter; resolves with milliseconds until it is painted: after the frame that draws it.
_STEP = """
(quarter) => new Promise((done) => {
  const began = performance.now();
  const slider = document.querySelector("#quarter");
  slider.value = quarter;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})
"""
_IDLE = """
() => new Promise((done) => {
  const began = performance.now();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})
"""


#: Asks for the first futures only, as if the slider moved on before the others.
_FIRST = """
async (envelope) => (await fetch("api/simulate", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ a: {}, b: { changes: { policy: { offer: { envelope } } } }, futures: 20 }),
})).text()
"""


def start(**environment: str) -> tuple[subprocess.Popen[str], str, float]:
    """Start the program; return it, its address, and seconds until the page could be opened."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "partnersim.cli.program", "serve", "--port", "0"]
    program = subprocess.Popen(
        words, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    address = next(line for line in program.stdout if "page: " in line)
    return program, address.split("page: ")[1].split()[0], time.perf_counter() - began


def cold_start(page: Any) -> None:
    """Print how long it takes to the first numbers where nothing was compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        program, address, ready = start(PARTNERSIM_CACHE=folder)
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_selector(_FIRST_NUMBERS)
        seconds = ready + time.perf_counter() - began
        program.terminate()
        program.wait()
    show("nothing compiled before: started to first numbers shown, s", f"{seconds:.1f}")


def cpu_of(process: int) -> float:
    """Return the CPU seconds that a process has used, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Renderer:
    """The page's thread in the browser: how much CPU it uses."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu(self) -> float:
        """Return its CPU seconds so far."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(item["value"] for item in metrics if item["name"] == "TaskDuration"))


def rules_cpu() -> float:
    """Return the CPU seconds that the compiled rules alone take for the futures of an answer."""
    from partnersim import load_scenario
    from partnersim.page.futures import Futures

    player = Futures(load_scenario(), 1).player()
    player.play(1, 0)
    return cpu_seconds(lambda: [player.play(1, number) for number in range(FUTURES)])


def measure(page: Any, process: int) -> None:
    """Move levers, step through time, and print what it took."""
    renderer = Renderer(page)
    page.evaluate(_MOVE, 5000)
    first, whole, program, thread, rules = [], [], [], [], []
    for move in range(MOVES):
        before = cpu_of(process), renderer.cpu()
        painted = page.evaluate(_MOVE, 100 * (move + 1) + 50)
        program.append(cpu_of(process) - before[0])
        thread.append(renderer.cpu() - before[1])
        first.append(painted["answer-first"])
        whole.append(painted["answer-whole"])
        # In turns, so that whoever else is at work disturbs both alike.
        if move % 5 == 0:
            rules.append(rules_cpu())
    show("slider to redraw, first 20 futures, ms", spread(first, 0))
    show("slider to redraw, all 200 futures, ms", spread(whole, 0))
    show("CPU of the program for a move, ms", spread(program, 0, 1e3))
    show("CPU of the rules for the same 200 futures, ms", spread(rules, 0, 1e3))
    share = statistics.median(program) / statistics.median(rules)
    show("program / rules alone", f"{share:.2f}")
    page.evaluate(_FIRST, 7000)
    began = cpu_of(process)
    for move in range(MOVES):
        page.evaluate(_FIRST, 7001 + move)
    show(
        "CPU of the program for the first 20, ms", f"{1e3 * (cpu_of(process) - began) / MOVES:.0f}"
    )
    show("CPU of the page for a move, both redraws, ms", spread(thread, 0, 1e3))
    page.wait_for_timeout(500)
    idle = [page.evaluate(_IDLE) for _ in range(STEPS)]
    before = renderer.cpu()
    steps = [page.evaluate(_STEP, quarter) for quarter in range(STEPS)]
    show("CPU of the page for a step, ms", f"{1e3 * (renderer.cpu() - before) / STEPS:.1f}")
    show("step to redraw, ms", spread(steps, 0))
    show("the same without any work: one frame, ms", spread(idle, 0))
    ratio = statistics.median(first) / statistics.median(idle)
    show("slider to redraw (20 futures) / an empty frame", f"{ratio:.1f}")


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    print("\n".join(machine()))
    begin("The workshop page")
    program, _, _ = start()
    program.terminate()
    program.wait()
    program, address, ready = start()
    try:
        show("program started to address printed, s", f"{ready:.1f}")
        show("its CPU until then, s", f"{cpu_of(program.pid):.1f}")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            began = time.perf_counter()
            page.goto(address)
            page.wait_for_selector(_FIRST_NUMBERS)
            show("opened to first numbers shown, s", f"{time.perf_counter() - began:.1f}")
            show("CPU of the program until then, s", f"{cpu_of(program.pid):.1f}")
            page.wait_for_selector('main[aria-busy="false"]')
            measure(page, program.pid)
            cold_start(page)
            browser.close()
    finally:
        program.terminate()
        program.wait()


if __name__ == "__main__":
    main()
