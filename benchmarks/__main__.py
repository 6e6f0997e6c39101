"""All benchmarks in one command.

    make bench                            or  python -m benchmarks [--quick]

What is shown goes to ``results/benchmarks.json`` too, from where `tools/write_docs.py` takes the
table of docs/performance.md. The page is measured where Chromium and the built page are there.
"""

import argparse
import json
from pathlib import Path

from benchmarks import actor_oriented, events, page, room, speed, sweeps
from benchmarks.measuring import ROWS, machine
from partnersim.page.application import STATIC

RESULTS = Path(__file__).parents[1] / "results" / "benchmarks.json"


def main() -> None:
    """Measure everything and write it down."""
    parser = argparse.ArgumentParser(description="Measure the speed of partnersim.")
    parser.add_argument("--quick", action="store_true", help="few rounds, rough numbers")
    quick = parser.parse_args().quick
    described = machine()
    print("\n".join(described))
    speed.measure(quick=quick)
    sweeps.measure(quick=quick)
    actor_oriented.main()
    events.main()
    if Path(page.CHROMIUM).exists() and (STATIC / "index.html").is_file():
        page.main()
        room.main()
    RESULTS.parent.mkdir(exist_ok=True)
    facts = {"machine": described, "rows": ROWS}
    RESULTS.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
