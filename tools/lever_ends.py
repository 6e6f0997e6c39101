"""Run both ends of every lever of a policy, and write what they change and cost.

Usage: ``python tools/lever_ends.py [REPLICATES]``. The runs are sweeps below ``results`` that go on
where they were interrupted. Levers of which they tell nothing apart from luck are run again, `MORE`
times as often. What came out goes to ``docs/levers.csv``, from which
``tools/write_docs.py`` writes the tables of ``docs/levers.md``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from doc_tables import RESULTS, ROOT
from partnersim.compare.cost import COST, SPENT, cost_of
from partnersim.compare.labels import MAIN_METRICS
from partnersim.configuration import load_experiment, load_scenario
from partnersim.model.constants import QUARTERS_PER_YEAR
from partnersim.runs.intervals import mean_interval
from partnersim.runs.plan import plan_of
from partnersim.runs.running import start
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.numeric_settings import NumericSetting, numeric_settings, varied
from partnersim.scenario.policy import Policy
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Shares
from partnersim.world.world import World

LEVERS = ROOT / "docs" / "levers.csv"
#: Where all levers are moved; priorities of single instruments in the first only.
CLIMATES = ("calm", "fragmentation")
INSTRUMENTS = "instruments."
#: So many times the runs are made of levers of which the first runs tell nothing.
MORE = 5
#: Digits that are kept of a number.
_DIGITS = 4


def ends(scenario: Scenario, world: World) -> dict[str, Policy]:
    """Return the policies at both ends of every lever, by ``LEVER END``; others as they are.

    A number is moved to the ends of its range, a weight to nothing and to all. An end at which the
    policy stands already is left out.
    """
    base = scenario.policy
    names = scenario.names(world)
    found = {}
    for path, setting in numeric_settings(names).items():
        if setting.keys[0] == "policy":
            for end, changes in _moves(setting, base):
                policy = varied(scenario, changes).policy
                if policy != base or policy.model_dump() != base.model_dump():
                    found[f"{path.removeprefix('policy.')} {end}"] = policy
    poorest = tuple(names.groups["ldc"])
    offer = base.offer.model_copy(update={"recipients": poorest})
    found["hubs ldc"] = base.model_copy(update={"hubs": poorest})
    found["offer.recipients ldc"] = base.model_copy(update={"offer": offer})
    return found


def _moves(
    setting: NumericSetting, base: Policy
) -> Iterator[tuple[str, dict[tuple[str, ...], float]]]:
    keys = setting.keys
    group = base.offer if keys[1] == "offer" else base
    group = getattr(group, keys[-2], None)
    if isinstance(group, Shares):
        others = {(*keys[:-1], name): 0.0 for name in group.written() if name != keys[-1]}
        yield "none", {keys: 0.0}
        yield "alone", {**others, keys: 1.0}
    elif keys[1:3] == ("offer", "regions"):
        # Shares of all regions together are at most all of the money.
        left = 1.0 - sum(share for name, share in group.items() if name != keys[-1])
        yield "low", {keys: 0.0}
        yield "high", {keys: left}
    else:
        yield "low", {keys: setting.notes["low"]}
        yield "high", {keys: setting.notes["high"]}


def main(words: list[str]) -> int:
    """Run what is missing and write the table."""
    replicates = int(words[0]) if words else 200
    scenario = load_scenario("policy=balanced")
    moved = ends(scenario, scenario.world.load())
    tables = []
    for name, of_instruments, climates in (
        ("levers", False, CLIMATES),
        ("lever_instruments", True, CLIMATES[:1]),
    ):
        own = {end: moved[end] for end in moved if end.startswith(INSTRUMENTS) == of_instruments}
        table = _differences(_played(name, own, climates, replicates))
        idle = [lever for lever, rows in table.groupby("lever") if not moves(rows)]
        again = {end: own[end] for end in own if end.rpartition(" ")[0] in idle}
        if again:
            more = _differences(_played(f"{name}_again", again, climates, MORE * replicates))
            order = list(dict.fromkeys(table["lever"]))
            table = pd.concat([table[~table["lever"].isin(idle)], more])
            table = table.sort_values(
                "lever", key=lambda names: names.map(order.index), kind="stable"
            )
        tables.append(table)
    LEVERS.write_text(pd.concat(tables).to_csv(index=False, lineterminator="\n"), "utf-8")
    return 0


def moves(rows: pd.DataFrame) -> bool:
    """Tell whether an end of a lever clearly moves a main metric."""
    means = rows[list(MAIN_METRICS)].to_numpy(float)
    halves = rows[[f"{metric} half" for metric in MAIN_METRICS]].to_numpy(float)
    return bool((abs(means) > halves).any())


def _played(
    name: str, moved: dict[str, Policy], climates: tuple[str, ...], replicates: int
) -> pd.DataFrame:
    """Return the runs of some ends and of the reference at the end of the horizon."""
    base = load_experiment(
        [
            *("policies=[balanced]", f"climates=[{','.join(climates)}]"),
            *("design.kind=grid", "design.quarters=end"),
            f"design.metrics=[{','.join((*MAIN_METRICS, SPENT))}]",
            *(f"output={RESULTS}", "figures=false", f"replicates={replicates}"),
        ]
    )
    parts = {field: getattr(base, field) for field in Experiment.model_fields}
    named = base.settings.model_copy(update={"experiment": name})
    policies = {**base.policy, **moved}
    experiment = Experiment(**{**parts, "settings": named, "policy": policies})
    runs = start(plan_of(experiment), named.engine, lambda done, planned: print(done, planned))
    outcomes = runs.outcomes([*MAIN_METRICS, SPENT]).astype({"policy": str})
    outcomes["climate"] = [climates[future] for future in outcomes["future"]]
    years = experiment.horizon.quarters / QUARTERS_PER_YEAR
    officials = outcomes["policy"].map({name: one.negotiators for name, one in policies.items()})
    outcomes[COST] = cost_of(outcomes[SPENT].to_numpy(), officials.to_numpy(), years)
    return outcomes


def _differences(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return differences to the reference; the intervals of one lever hold together."""
    every = [*MAIN_METRICS, COST]
    runs = {
        key: table.set_index("replicate")[every]
        for key, table in outcomes.groupby(["policy", "climate"], sort=False)
    }
    reference = outcomes["policy"].iloc[0]
    moved = [(*policy.rpartition(" ")[::2], climate) for policy, climate in runs if " " in policy]
    intervals = Counter(lever for lever, _, _ in moved)
    rows = []
    for lever, end, climate in moved:
        difference = runs[f"{lever} {end}", climate] - runs[reference, climate]
        mean, low, _, _ = mean_interval(difference, intervals[lever] * len(MAIN_METRICS))
        numbers = np.column_stack([mean, mean - low]).ravel()
        rows.append([lever, end, climate, *(float(f"{value:.{_DIGITS}g}") for value in numbers)])
    columns = [f"{metric}{part}" for metric in every for part in ("", " half")]
    return pd.DataFrame(rows, columns=["lever", "end", "climate", *columns])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
