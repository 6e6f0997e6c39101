"""Hold shipped findings against other codings: which stay, and which turn.

Usage: ``python tools/findings_by_coding.py [NAME ...]``, experiments whose findings are levels and
differences; three cheap ones if none is named. Runs lie in ``results/codings`` and go on where they
were interrupted. What came out goes to ``docs/findings.csv``, from which ``tools/write_docs.py``
writes a table of ``docs/experiments.md``.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator

from doc_tables import RESULTS, ROOT
from partnersim.configuration import load_experiment
from partnersim.model.effect_kinds import KINDS
from partnersim.reproduction.experiments import Claim, named_folders, read_expected
from partnersim.reproduction.numbers import Results, number_of
from partnersim.runs.plan import plan_of
from partnersim.runs.running import start
from partnersim.scenario.coefficient_draws import draw_coefficients, with_values
from partnersim.scenario.experiment import Experiment

FINDINGS = ROOT / "docs" / "findings.csv"
CHEAP = ("baseline", "four_directions", "open_or_like_minded")
REPLICATES = 10
#: Draws of the estimated coefficients from their posterior.
DRAWS = 3
#: Assumed coefficients at both ends of their ranges, those on which policies act first.
_ENDS = {
    "link_outreach": (0, 1),
    "consent_direction": (0, 4),
    "initiative_rate": (0.02, 0.5),
    "rival": (-2, 2.8),
    "value_network": (0, 2),
}
_COEFFICIENT = "behaviour.coefficients.{}.value={}"
#: Settings by the name of the coding.
CODINGS: dict[str, tuple[str, ...]] = {
    "strict links": ("world.links=strict",),
    "no bloc expansions": ("world.bloc_expansions=false",),
    **{
        f"{objective} counts twice": (f"world.weights.value_{objective}=2",)
        for objective in ("competitiveness", "security", "governance")
    },
    **{f"posterior draw {draw + 1}": () for draw in range(DRAWS)},
    **{
        f"{name} {value}": (_COEFFICIENT.format(name, value),)
        for name, ends in _ENDS.items()
        for value in ends
    },
    **{
        f"effects of instruments {size}": tuple(
            _COEFFICIENT.format(f"effect_{kind}", value) for kind in KINDS
        )
        for size, value in (("none", 0), ("at their highest", 2))
    },
    "shocks on top of none": (_COEFFICIENT.format("usual_shocks", 0),),
}
#: What becomes of a claim.
HOLDS, TURNS = "holds", "turns"
NOT_CLEAR, OTHER_SIDE = "not clear", "other side, not clear"
COLUMNS = ("experiment", "finding", "coding", "verdict", "value", "low", "high")


def verdict(claim: Claim, value: float, low: float, high: float) -> str:
    """Say what becomes of a claim: holds, turns, or not clear on this side or on the other."""
    if claim.holds(low, high):
        return HOLDS
    beyond = (
        (claim.above is not None and high < claim.above)
        or (claim.below is not None and low > claim.below)
        or claim.around is not None
    )
    if beyond:
        return TURNS
    return NOT_CLEAR if claim.holds(value, value) else OTHER_SIDE


def _coded(experiment: str, coding: str, words: list[str]) -> Experiment:
    """Return an experiment under a coding, with few runs of which only the end is kept."""
    own = (f"replicates={REPLICATES}", "figures=false", "shock_tests=[]", "threads=1")
    kept = ("design.kind=grid", "design.quarters=end")
    base = load_experiment([*words, *own, *kept, *CODINGS[coding], f"output={RESULTS / 'codings'}"])
    parts = {name: getattr(base, name) for name in Experiment.model_fields}
    parts["settings"] = base.settings.model_copy(update={"experiment": experiment})
    if coding.startswith("posterior draw"):
        place = int(coding.split()[-1]) - 1
        scenario = base.arms[0].scenario
        values = draw_coefficients(scenario.behaviour, seed=1, count=DRAWS).iloc[place]
        parts["behaviour"] = with_values(scenario, values.to_dict()).behaviour
    return Experiment(**parts)


def main(names: list[str]) -> int:
    """Run what is missing, coding by coding, and write the table after each."""
    folders = named_folders(names or list(CHEAP))
    found = [row for row in read_findings() if row["experiment"] not in {f.name for f in folders}]
    for coding in CODINGS:
        for folder in folders:
            experiment = _coded(folder.name, coding, [f"scenario={folder.configuration}"])
            results = Results(start(plan_of(experiment), experiment.settings.engine).folder)
            for finding in read_expected(folder.expected).findings:
                number = number_of(results, finding.number, finding.of, finding.than)
                values = (number.value, *number.interval)
                became = verdict(finding.claim, *values)
                numbers = [f"{value:.4g}" for value in values]
                cells = (folder.name, finding.says, coding, became, *numbers)
                found.append(dict(zip(COLUMNS, cells, strict=True)))
        print(coding, flush=True)
        with FINDINGS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    return 0


def read_findings() -> Iterator[dict[str, str]]:
    """Yield the rows of the table, none if it is not there yet."""
    if FINDINGS.exists():
        with FINDINGS.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
