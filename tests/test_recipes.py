"""The recipes of `docs/how_to.md`: each is followed on a copy of the package, and acts there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
RECIPES = re.compile(r"^## Add ([^\n]+)\n(?:(?!^## ).)*?^```diff\n(.*?)^```$", re.DOTALL | re.M)
SCENARIO = """
horizon: {end: 2025Q3}
policy:
  base: balanced
  name: poorest_first
  offer:
    regions: {}
    targeting: {need: 0, strategic: 0, even: 0, depth: 0, connection: 0, poorest: 1}
geopolitics:
  base: calm
  name: scandal
  schedule: [{shock: scandal, quarter: 2025Q3, on: [KEN], severity: 1}]
shocks:
  scandal:
    description: It comes out that somebody listened.
    scope: country
    rate: 0
    severity: {low: 0, mode: 0.5, high: 1}
    half_life: 4
    effects: {struck: {trust: -0.3}}
behaviour: {coefficients: {business_climate: {value: 2}}}
"""


def edits(recipe: str) -> Iterator[tuple[str, str, str]]:
    """Yield file, lines that are there, and the same with the new ones, of every edit."""
    for part in re.split(r"^\+\+\+ ", recipe, flags=re.MULTILINE)[1:]:
        file, _, hunks = part.partition("\n")
        for hunk in hunks.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            there = "".join(line[1:] for line in lines if line.startswith(" "))
            yield file, there, "".join(line[1:] for line in lines)


def follow(recipe: str, root: Path) -> set[str]:
    """Edit files below a folder as a recipe says; return their names."""
    touched = set()
    for name, there, then in edits(recipe):
        file = root / name
        text = file.read_text("utf-8")
        if there:
            assert text.count(there) == 1, f"{name}: {there}"
        file.write_text(text.replace(there, then) if there else text + then, "utf-8")
        touched.add(name)
    return touched


def play(scenario_file: str) -> None:
    """Play a quarter with all that is new, and print what it does: for the copy of the package."""
    import model_parts
    from partnersim import PartnershipModel, load_scenario, load_world
    from partnersim.model.choice import choose, decide, terms_of, weigh_options
    from partnersim.model.effect_kinds import COLUMN, FIRST_SHOCK, gained
    from partnersim.page.facts import _labels
    from scenarios import part_of

    scenario = load_scenario(f"scenario={scenario_file}")
    world = load_world()
    # Plain Python takes its time: the partners that the strategy names are enough.
    named = part_of(world, world.countries["named"].to_numpy())
    model = PartnershipModel(named, scenario, seed=1)
    model.step()
    state, kenya = model.state, model.iso3.index("KEN")
    shock = list(scenario.shocks).index("scandal")
    felt = state.intensity[shock, kenya] * state.effects_left[kenya, FIRST_SHOCK + shock]
    term = terms_of(state, kenya, 0, 1.0).business_climate
    # So much that a bound without the term is too low.
    state.coefficients["business_climate"] = 40.0
    decided = []
    for i in range(len(model.iso3)):
        weigh_options(state, i)
        decided.append([decide(state, i), choose(state, i)])
    labels = _labels()
    names = (
        *("metric.talking", "effect.trust", "term.business_climate"),
        *("coefficient.business_climate", "policy.offer.targeting.poorest"),
    )
    found: dict[str, Any] = {
        "talking": [model.metrics["talking"].iloc[-1], (state.countries.load > 0).sum()],
        "felt": felt,
        "trust": [state.countries.trust[kenya], gained(state, kenya, COLUMN.trust) - 0.3 * felt],
        "term": [
            term,
            2.0 * (state.countries.business[kenya] - 0.5),
        ],
        "decided": decided,
        "served": [state.union[0].packages, state.countries.least_developed.tolist()],
        "packages": (state.countries.committed > 0.0).tolist(),
        "labels": [labels[name] for name in names],
        "odd": [text() for text in (model_parts.utility_terms, model_parts.package_claim)],
        "scores": model_parts.disturbed_scores(),
        "metrics": model_parts.metrics(),
    }
    print(json.dumps(found, default=float))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    unneeded = shutil.ignore_patterns("static", "__pycache__")
    for folder in ("src/partnersim", "configs"):
        shutil.copytree(ROOT / folder, root / folder, ignore=unneeded)
    return root


def test_what_the_recipes_add_acts(copy: Path) -> None:
    recipes = dict(RECIPES.findall((ROOT / "docs" / "how_to.md").read_text("utf-8")))
    assert list(recipes) == [
        *("a metric", "a shock effect", "a term of the utility", "a targeting principle")
    ]
    for recipe in recipes.values():
        assert len(follow(recipe, copy)) <= 2
    (copy / "mine.yaml").write_text(SCENARIO, "utf-8")
    paths = (copy / "src", ROOT / "tests", ROOT / "tools")
    done = subprocess.run(
        [sys.executable, "-c", "import test_recipes; test_recipes.play('mine.yaml')"],
        cwd=copy,
        env={
            **os.environ,
            "NUMBA_DISABLE_JIT": "1",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["talking"][0] == found["talking"][1] > 0
    assert found["felt"] > 0.5
    assert found["trust"][0] == pytest.approx(found["trust"][1])
    assert found["term"][0] == pytest.approx(found["term"][1]) != 0
    assert all(short == full for short, full in found["decided"])
    packages, poorest = found["served"]
    assert packages > 0
    assert all(poor for poor, served in zip(poorest, found["packages"], strict=True) if served)
    assert all(len(set(label)) == 3 for label in found["labels"])
    assert "+ business_climate * (business_i - 1/2)" in found["odd"][0]
    assert "w_poorest * (1 if i is a Least Developed Country)" in found["odd"][1]
    assert "trust_i " in found["scores"]
    assert "| `talking` | Partners in talks |" in found["metrics"]
