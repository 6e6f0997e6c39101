"""The verb ``study``: one file with settings and questions, one report with the answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from partnersim.cli import search
from partnersim.cli.experiment import run_experiment, work_of
from partnersim.cli.screen import Screen
from partnersim.cli.size import Work, check_size, show_size
from partnersim.cli.verbs import DRY_RUN, YES, paths_and_own
from partnersim.compare.signposts import asked_problems
from partnersim.compare.two_results import in_common, two_results
from partnersim.compare.words import counted
from partnersim.configuration import load_experiment
from partnersim.errors import InputError, nearest, read_each, refuse, with_problems_of
from partnersim.runs.folder import check_place, json_digest, write_files, writing_results
from partnersim.runs.manifest import HASH_DIGITS
from partnersim.runs.reader import read_runs
from partnersim.scenario.assembly import file_name
from partnersim.scenario.config_files import options
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.problems import shown
from partnersim.scenario.request import merged
from partnersim.scenario.scenario_file import ScenarioFile, read_scenario_file
from partnersim.search.found import Found
from partnersim.search.problem import SearchSettings
from partnersim.show.answer import run_part
from partnersim.show.search import search_part
from partnersim.show.short_page import Part, write_short_page
from partnersim.show.signposts import signposts_of, signposts_part, write_signposts
from partnersim.show.two_results import two_results_part

#: Keys of a study that are no settings of a scenario.
TITLE, QUESTIONS = "title", "questions"
#: The key of its words.
_ASK = "ask"
_AGAINST = "against"
#: What stands beside the file on the command line.
_SETTINGS = {"output": "FOLDER", "threads": "N", "engine": "NAME"}


@dataclass(frozen=True)
class _Question:
    """A question: its words, what has to be run, and what answers it."""

    ask: str
    works: list[Work]
    answer: Callable[[Screen], Part]


def main(words: Sequence[str]) -> int:
    """Check the file, answer its questions, write the report.

    Raises
    ------
    InputError
        All that is wrong with the file, or results that cannot be written.
    """
    files, given, problems = paths_and_own(
        [word for word in words if word not in (DRY_RUN, YES)], _SETTINGS
    )
    if len(files) != 1:
        problems.append(f"study: name one file ({len(files)} given)")
    refuse(problems)
    (path,) = files
    folder = check_place(given.pop("output", "results"), file_name(path.stem))
    settings = [f"output={folder}", *(f"{key}={value}" for key, value in given.items())]
    screen = Screen()
    file = read_scenario_file(path)
    # First elsewhere: what cannot be used must leave nothing behind.
    with TemporaryDirectory() as elsewhere:
        questions = _questions(file, Path(elsewhere), settings)
    if DRY_RUN in words:
        for number, question in enumerate(questions, start=1):
            screen.line(f"{number}: {question.ask}")
            for work in question.works:
                screen.line(f"Runs      {work.runs:,}")
                show_size(work, screen)
        screen.line("Nothing was written.")
        return 0
    works = [work for question in questions for work in question.works]
    check_size(works, screen, yes=YES in words)
    # A folder of this content alone, within that of all studies of this name.
    own = folder / json_digest(file.tree)[:HASH_DIGITS]
    questions = _questions(file, own, settings)
    began, parts = time.monotonic(), []
    for number, question in enumerate(questions, start=1):
        screen.line(f"\n{number} of {len(questions)}: {question.ask}")
        part = question.answer(screen)
        parts.append(part)
        screen.answer(part.sentence)
    title = str(file.tree.get(TITLE, path.stem))
    lead = f"A study of {counted(len(questions), 'question')}, from {path.name}"
    command = f"partnersim study {path.absolute().as_posix()}"
    written = write_short_page(own, title, lead, parts, [command])
    screen.results_in(folder, began, report=written)
    return 0


def _questions(file: ScenarioFile, place: Path, words: Sequence[str]) -> list[_Question]:
    """Return the questions of a study, all checked; write their scenario files into a folder."""
    title, asked = file.tree.get(TITLE, ""), file.tree.get(QUESTIONS)
    if not isinstance(asked, list) or not asked:
        raise InputError(
            f"{file.path}: questions: a study needs a list of questions, each with ask"
        )
    problems: list[str] = []
    if not isinstance(title, (str, int, float)):
        problems.append(file.placed(TITLE, f"{TITLE} = {shown(title)}: must be a text"))
    return with_problems_of(
        lambda: read_each(enumerate(asked), lambda one: _question(file, place, words, *one)),
        problems,
    )


def _placed(file: ScenarioFile, at: str, problem: str, of_all: Sequence[str]) -> str:
    """Return a problem of a question with where it stands in the study."""
    # What is known so far is a file that the user has never seen.
    problem = re.sub(r"\S*question_\d+\w*\.yaml(, line \d+)?: ", "", problem)
    key = re.split(r"[\s=:]", problem, maxsplit=1)[0]
    if re.split(r"[.\[]", key, maxsplit=1)[0] in of_all:
        return file.placed(key, problem)
    return file.placed(f"{at}.{key}", f"{at}: {problem}")


def _question(
    study: ScenarioFile, place: Path, words: Sequence[str], number: int, one: Any
) -> _Question:
    """Write the scenario file of a question into a folder, and check all that it asks.

    The first of the words is the folder of all results, which no question asks for.
    """
    at = f"{QUESTIONS}[{number}]"
    try:
        way, own = _way(at, one)
    except InputError as error:
        raise InputError(study.placed(at, problem) for problem in error.problems) from None
    shared = {key: value for key, value in study.tree.items() if key not in (TITLE, QUESTIONS)}
    answering, special = _WAYS[way]
    settings = {key: value for key, value in own.items() if key not in special}
    asked = {key: value for key, value in own.items() if key in special}
    file = place / f"question_{number + 1}.yaml"
    try:
        _write_file(file, merged(shared, settings))
        return answering(one[_ASK], [f"scenario={file}", *words], asked)
    except InputError as error:
        of_all = [key for key in shared if key not in own]
        of_all += [word.partition("=")[0] for word in words[1:]]
        raise InputError(
            _placed(study, f"{at}.{way}", problem, of_all) for problem in error.problems
        ) from None


def _way(place: str, one: Any) -> tuple[str, Mapping[str, Any]]:
    """Return how a question is answered, and its settings."""
    if not isinstance(one, Mapping) or not isinstance(one.get(_ASK), str):
        raise InputError(f"{place} = {shown(one)}: must be a group with ask: the question")
    ways = [key for key in one if key != _ASK]
    if len(ways) != 1 or ways[0] not in _WAYS:
        given = ", ".join(map(str, ways)) or "none"
        near = nearest(ways[0], _WAYS) if ways else ""
        raise InputError(
            f"{place}: name one of {', '.join(_WAYS)} beside ask ({given} given){near}"
        )
    own = one[ways[0]] if one[ways[0]] is not None else {}
    if not isinstance(own, Mapping):
        raise InputError(f"{place}.{ways[0]} = {shown(own)}: must be a group of settings")
    return ways[0], own


def _write_file(path: Path, own: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(own), sort_keys=False, allow_unicode=True)
    with writing_results(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_files(path.parent, {path.name: lambda place: place.write_text(text, "utf-8")})


def _simulated(words: Sequence[str]) -> Experiment:
    experiment = load_experiment(words)
    if experiment.settings.kind != "simulation":
        raise InputError(
            "experiment: a study simulates; a backtest runs alone, partnersim experiment=backtest"
        )
    return experiment


def _by_run(ask: str, words: list[str], _: Mapping[str, Any]) -> _Question:
    experiment = _simulated(words)

    def answer(screen: Screen) -> Part:
        return run_part(ask, run_experiment(experiment, screen))

    return _Question(ask, [work_of(experiment)], answer)


def _by_compare(ask: str, words: list[str], own: Mapping[str, Any]) -> _Question:
    against = own.get(_AGAINST)
    if not isinstance(against, Mapping) or not against:
        raise InputError(f"{_AGAINST}: name the settings in which the second run differs")
    first = Path(words[0].removeprefix("scenario="))
    second = first.with_name(f"{first.stem}_{_AGAINST}.yaml")
    _write_file(second, merged(yaml.safe_load(first.read_text("utf-8")), against))
    experiments = read_each(
        (first, second), lambda path: _simulated([f"scenario={path}", *words[1:]])
    )
    works = list(map(work_of, experiments))
    if works[0].folder.name == works[1].folder.name:
        raise InputError(f"{_AGAINST}: changes nothing, both runs would be the same")
    in_common(*((work.plan.manifest(), work.plan.futures) for work in works))

    def answer(screen: Screen) -> Part:
        done = [read_runs(run_experiment(experiment, screen)) for experiment in experiments]
        return two_results_part(two_results(*done), ask)

    return _Question(ask, works, answer)


def _by_search(ask: str, words: list[str], own: Mapping[str, Any]) -> _Question:
    texts = {
        key: ",".join(map(str, value)) if isinstance(value, list) else value
        for key, value in own.items()
    }
    problem, budget = search.problem_from(
        [*words, *(f"{key}={value}" for key, value in texts.items())]
    )

    def answer(screen: Screen) -> Part:
        folder = problem.folder()
        search.run_search(problem, folder, problem.experiment.settings, budget, screen)
        return search_part(Found(folder), ask)

    return _Question(ask, [search.work_of(problem, budget)], answer)


def _by_signposts(ask: str, words: list[str], own: Mapping[str, Any]) -> _Question:
    try:
        work = work_of(_simulated(words))
    except InputError as error:
        # What is asked is checked all the same; a name that the settings hold may be meant.
        text = " ".join([*options("policy"), Path(words[0].partition("=")[2]).read_text("utf-8")])
        asked = [str(own[key]) for key in ("stay", "take") if key in own]
        named = [name for name in asked if name.removesuffix("_changed") in text]
        policies = (*options("policy"), *named)
        usual = work_of(load_experiment()).plan.layout.model_copy(update={"policies": policies})
        raise InputError([*error.problems, *asked_problems(usual, own)]) from None
    layout = work.plan.layout
    problems = asked_problems(layout, own)
    if len(layout.quarters) < 2:
        problems.append("design.quarters: signs need more than the last one; write all or years")
    refuse(problems)

    def answer(screen: Screen) -> Part:
        runs = read_runs(run_experiment(work.plan.experiment, screen))
        found = signposts_of(runs, own.get("stay"), own.get("take"), own.get("metric"))
        write_signposts(found)
        return signposts_part(found, ask)

    return _Question(ask, [work], answer)


#: Ways to answer a question: what checks it, and what it takes beside settings of a scenario.
_WAYS: dict[str, tuple[Callable[[str, list[str], Mapping[str, Any]], _Question], Sequence[str]]] = {
    "run": (_by_run, ()),
    "compare": (_by_compare, (_AGAINST,)),
    "search": (_by_search, (*SearchSettings.model_fields, "runs", "minutes")),
    "signposts": (_by_signposts, ("stay", "take", "metric")),
}
