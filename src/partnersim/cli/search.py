"""The verb ``search``: which mix of levers is best over many futures, and what it costs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from partnersim.cli.screen import Screen
from partnersim.cli.size import Work, check_size, show_size
from partnersim.cli.verbs import DRY_RUN, YES, lasting, own_numbers
from partnersim.compare.words import listed
from partnersim.configuration import load_experiment, load_scenario, names_a_policy
from partnersim.errors import InputError, nearest, with_problems_of
from partnersim.runs.folder import check_place
from partnersim.scenario.config_files import options
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.problems import problems_of
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import notes_of
from partnersim.search.found import Found, goal_text
from partnersim.search.problem import (
    SEARCH,
    Budget,
    Problem,
    SearchSettings,
    problem_of,
    stored_budget,
    stored_problem,
)
from partnersim.search.searching import generations_for, generations_in, search
from partnersim.show.search import write_search

_FIELDS = SearchSettings.model_fields.items()
_TEXTS = tuple(name for name, field in _FIELDS if field.annotation is str)
#: Default, lowest and highest value.
_NUMBERS = {
    **{
        name: (field.default, *map(notes_of(field).get, ("low", "high")))
        for name, field in _FIELDS
        if field.annotation is int
    },
    "runs": (10_000, 1, 1_000_000_000),
    "minutes": (0, 0, 100_000),
}
#: Of a number in a table.
_NUMBER_BYTES = 8
_PAY = "official_cost"
#: What else it takes.
_SETTINGS = (
    *("policy", "geopolitics", "climates", "horizon", "world", "shocks", "behaviour", "design"),
    *("scenario", "experiment", "seed", "threads", "engine", "output", "figures"),
)


def main(words: Sequence[str]) -> int:
    """Search, and show what was found.

    Raises
    ------
    InputError
        If anything is wrong with the words, or results cannot be written.
    """
    problem, budget = problem_from([word for word in words if word not in (DRY_RUN, YES)])
    settings = problem.experiment.settings
    check_place(settings.output, SEARCH)
    generations_for(problem, budget.runs)
    screen = Screen()
    if DRY_RUN in words:
        describe(problem, budget, screen)
        return 0
    check_size([work_of(problem, budget)], screen, yes=YES in words)
    run_search(problem, problem.folder(), settings, budget, screen)
    return 0


def work_of(problem: Problem, budget: Budget) -> Work:
    """Return the runs that a search still needs, those in fresh futures included."""
    settings, folder = problem.settings, problem.folder()
    each, fresh = settings.population * settings.futures, _fresh_runs(problem)
    left = max(0, generations_for(problem, budget.runs) - generations_in(folder))
    return Work(
        *(problem.plan(fresh=False), each * left + fresh, folder, budget.minutes),
        bytes=_NUMBER_BYTES * len(problem.metrics),
        least=each * min(left, 1) + fresh,
        extended=True,
    )


def _fresh_runs(problem: Problem) -> int:
    """Return the runs in fresh futures: of one mix at least, and of every policy as it is."""
    return problem.settings.fresh * (len(problem.experiment.policies) + 1)


def problem_from(words: Sequence[str]) -> tuple[Problem, Budget]:
    """Return the search problem that words describe, and its budget of runs and minutes.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    numbers, rest, problems = own_numbers(words, _NUMBERS)
    texts: dict[str, str] = {}
    pay: dict[str, float] = {}
    settings = []
    for word in rest:
        key, sign, value = word.partition("=")
        if key in _TEXTS and sign:
            if key in texts:
                problems.append(f"{word}: {key} is named twice; write several with commas")
            texts[key] = value.strip("'\"")
        elif key == _PAY and sign:
            try:
                pay = {_PAY: float(value)}
            except ValueError:
                problems.append(f"{word}: must be a number of million EUR a year, such as 0.17")
        elif key.partition(".")[0] not in _SETTINGS or not sign:
            names = (*_TEXTS, *_NUMBERS, _PAY, *_SETTINGS)
            problems.append(
                f"{word}: search takes no such word{nearest(key, names)} ({', '.join(names)})"
            )
        else:
            settings.append(word)
    budget = Budget(numbers.pop("runs"), numbers.pop("minutes"), tuple(lasting(words)))
    others = [word for word in settings if not word.startswith(("policy=", "policy."))]
    if not any(word.startswith("experiment=") for word in others):
        others.append("experiment=robustness")
    if not names_a_policy(others):
        others.append(f"policies=[{','.join(options('policy'))}]")
    of_futures = ("experiment=", "design.", "climates=")
    choices = [word for word in settings if not word.startswith(of_futures)]
    try:
        loaded = load_scenario(*choices), load_experiment([*others, "replicates=1"])
    except InputError as error:
        problems.extend(error.problems)
        # What is sought is checked even if the scenario cannot be used.
        loaded = load_scenario(), load_experiment(["experiment=robustness"])
    try:
        wanted = SearchSettings.model_validate({**texts, **pay, **numbers})
    except ValidationError as error:
        problems.extend(problems_of(error, SearchSettings, ""))
        wanted = SearchSettings.model_validate(texts)
    found = with_problems_of(lambda: problem_of(wanted, _with_base(*loaded)), problems)
    return found, budget


def _with_base(scenario: Scenario, experiment: Experiment) -> Experiment:
    """Return the experiment with the policy of the scenario in front."""
    own = scenario.policy
    parts = {name: getattr(experiment, name) for name in Experiment.model_fields}
    others = {name: policy for name, policy in experiment.policy.items() if name != own.name}
    return Experiment(**{**parts, "policy": {own.name: own, **others}})


def describe(problem: Problem, budget: Budget, screen: Screen) -> None:
    """Tell what a search would do and how long it would take; write nothing."""
    settings, more = problem.settings, _fresh_runs(problem)
    mixes = settings.population * generations_for(problem, budget.runs)
    runs = mixes * settings.futures
    screen.line(f"Sought    {listed([goal_text(goal) for goal in problem.goals])}")
    screen.line(f"Levers    {len(problem.levers)} of {problem.base.name}:")
    for lever in problem.levers:
        screen.line(f"            {lever.path}: {lever.low:g} to {lever.high:g}")
    screen.line(f"Runs      {runs:,} = {mixes:,} mixes x {settings.futures} futures{_ends(budget)}")
    screen.line(f"          and at least {more:,} in {settings.fresh} fresh futures")
    show_size(work_of(problem, budget), screen)
    screen.line("Nothing was written.")


def resume_search(folder: Path, run: RunSettings, screen: Screen) -> None:
    """Finish a search in a folder, with the budget that it was last given."""
    run_search(stored_problem(folder), folder, run, stored_budget(folder), screen)


def run_search(
    problem: Problem, folder: Path, run: RunSettings, budget: Budget, screen: Screen
) -> None:
    """Search, write and show what was found.

    Parameters
    ----------
    problem : Problem
        What is sought.
    folder : Path
        Where results lie, or will lie.
    run : RunSettings
        Engine and threads.
    budget : Budget
        How far it goes.
    screen : Screen
        Where to write.

    Raises
    ------
    KeyboardInterrupt
        With a line that says how to go on.
    """
    began = time.monotonic()
    each = problem.settings.population * problem.settings.futures
    planned = each * generations_for(problem, budget.runs)
    more = f"at least {_fresh_runs(problem):,} in fresh futures"
    screen.note(f"{planned:,} runs{_ends(budget)} and {more}; results in {folder}")
    with screen.resumable("Searching", planned, folder) as progress:
        search(problem, folder, run.engine, budget, threads=run.threads, progress=progress)
    found = Found(folder)
    written = write_search(found)
    screen.line()
    screen.answer(found.sentence, found.details)
    screen.results_in(folder, began, report=written)


def _ends(budget: Budget) -> str:
    return f" (or as many as {budget.minutes:,} min allow)" if budget.minutes else ""
