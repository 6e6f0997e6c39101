"""The verb ``validate``: whether the model behaves as the network of partnerships did."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pandas as pd

from partnersim.cli.screen import Screen
from partnersim.cli.verbs import own_numbers, own_texts, sorted_out
from partnersim.configuration import load_experiment, load_scenario
from partnersim.errors import InputError, refuse, with_problems_of
from partnersim.history.evidence import read_evidence
from partnersim.history.pattern_runs import background_of, forward, replay
from partnersim.history.patterns import FILE, Pattern, evaluate, read_patterns
from partnersim.runs.export import write_tables
from partnersim.runs.folder import check_place
from partnersim.scenario.config_files import options
from partnersim.scenario.scenario import Scenario
from partnersim.show.figures import draw_figures
from partnersim.user_path import user_path

#: Name of the folder of results.
VALIDATION = "validation"

_PATTERNS = "patterns"
#: Default, lowest and highest value.
_NUMBERS = {"runs": (100, 2, 10_000), "replays": (40, 2, 10_000)}
_SETTINGS = ("policy", "climates", "horizon", "shocks", "behaviour", "seed", "threads", "output")
_INSTEAD = {"geopolitics": "validate takes climates=[NAME,...]"}


def main(words: Sequence[str]) -> int:
    """Read the patterns, play the runs they need, measure, write and show.

    Raises
    ------
    InputError
        If anything is wrong with the words or the patterns, or the results cannot be written.
    """
    numbers, rest, problems = own_numbers(words, _NUMBERS)
    own, rest = own_texts(rest, (_PATTERNS,))
    groups, names = (*_SETTINGS, "geopolitics", "figures"), (*_NUMBERS, _PATTERNS, *_SETTINGS)
    rest, foreign = sorted_out("validate", rest, groups, names, _INSTEAD)
    settings = [word for word in rest if not word.startswith("climates=")]
    base, experiment = with_problems_of(
        lambda: (load_scenario(*settings), load_experiment(rest)), [*problems, *foreign]
    )
    place = check_place(experiment.settings.output, VALIDATION)
    began = time.monotonic()
    screen = Screen()
    evidence = read_evidence()
    path = user_path(own[_PATTERNS]) if own else FILE
    patterns, definitions = read_patterns(path, background_of(evidence.world, base))
    scenarios = {
        climate: load_scenario(f"geopolitics={climate}", *settings)
        for climate in experiment.settings.climates or options("geopolitics")
    }
    compared = _compared(patterns, settings, path.name)
    runs, seed, threads = numbers["runs"], experiment.settings.seed, experiment.settings.threads
    needed = {pattern.play for pattern in patterns if not pattern.change}
    total = runs * (len(scenarios) * ("forward" in needed) + len(compared))
    total += numbers["replays"] * ("replay" in needed)
    plays, done = {}, 0
    with screen.progress("Simulating", total) as show:

        def advance(count: int) -> None:
            show("Simulating", done + count)

        sets: dict[str, dict[str, Scenario]] = {"forward": scenarios} if "forward" in needed else {}
        sets |= {change: {"compared": scenario} for change, scenario in compared.items()}
        for name, played in sets.items():
            plays[name] = forward(
                evidence.world, played, runs=runs, seed=seed, threads=threads, progress=advance
            )
            done += runs * len(played)
        if "replay" in needed:
            plays["replay"] = replay(
                evidence, base, runs=numbers["replays"], seed=seed, progress=advance
            )
    screen.note("Measuring ...")
    table, by_climate = evaluate(patterns, plays)
    facts = {"kind": VALIDATION, "seed": seed, **numbers, "climates": list(scenarios)}
    facts["world_digest"] = evidence.world.digest
    facts["configuration"] = base.model_dump(mode="json")
    tables = {"patterns": table, "climates": by_climate, "definitions": definitions}
    folder = write_tables(place, tables, facts)
    if experiment.settings.figures:
        draw_figures(folder, ["patterns"])
    _show(screen, table, by_climate, patterns)
    screen.results_in(folder, began)
    return 0


def _compared(
    patterns: Sequence[Pattern], settings: Sequence[str], file: str
) -> dict[str, Scenario]:
    """Return the scenario of every text of settings that patterns compare.

    Raises
    ------
    InputError
        One line per problem: file, pattern, reason.
    """
    found, problems = {}, []
    for pattern in patterns:
        for change in (pattern.change, pattern.against) if pattern.change else ():
            try:
                found[change] = load_scenario(*settings, *change.split())
            except InputError as error:
                problems += [f"{file}, pattern {pattern.id}: {line}" for line in error.problems]
    refuse(dict.fromkeys(problems))
    return found


def _show(
    screen: Screen, table: pd.DataFrame, by_climate: pd.DataFrame, patterns: Sequence[Pattern]
) -> None:
    """Show every pattern, and how many pass."""
    text = {pattern.id: pattern for pattern in patterns}
    for row in table.itertuples():
        own = by_climate[by_climate["id"] == row.id]
        passed = (own["result"] == "pass").sum()
        climates = f" ({passed} of {len(own)} climates)" if len(own) else ""
        band = f"{row.low:g} to {row.high:g} {text[row.id].unit}"
        screen.line(
            f"{row.id:5s} {row.group:11s} {row.result:8s} {row.value:9.3g} in {band}{climates},"
            f" {row.role}"
        )
        screen.line(f"      {text[row.id].text}")
    passing = table[table["result"] == "pass"]
    emergent = int((passing["role"] == "emergent").sum())
    screen.line(
        f"\n{len(passing)} of {len(table)} patterns pass, {emergent} of them emergent,"
        f" {len(passing) - emergent} by rule or data"
    )
