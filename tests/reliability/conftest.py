"""Trials of the reliability campaign: few in the tests, all with ``--all-trials`` (`make slow`)."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from program import ROOT, Trial, Trials

#: Kinds of the trials that held, by the module that did them.
_HELD: dict[str, Counter[str]] = {}


@pytest.fixture
def all_trials(pytestconfig: pytest.Config) -> bool:
    """Whether all trials are done."""
    return bool(pytestconfig.getoption("--all-trials"))


@pytest.fixture
def held(request: pytest.FixtureRequest, all_trials: bool) -> Iterator[Counter[str]]:
    """Count the trials that held by their kind.

    If all trials are done, the counts go to ``results/campaign``, with what the module's docstring
    says was tried and what must hold; from there `tools/write_docs.py` takes them.
    """
    name = request.module.__name__.removeprefix("test_")
    kinds = _HELD.setdefault(name, Counter())
    yield kinds
    if all_trials and kinds:
        title, *told = re.split(r"\n\n(?:Tried|Held): ", request.module.__doc__.strip())
        tried, hold = (" ".join(text.split()) for text in told)
        facts = {"title": title.rstrip("."), "tried": tried, "held": hold, "kinds": kinds}
        folder = ROOT / "results" / "campaign"
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(facts, indent=1, sort_keys=True) + "\n"
        (folder / f"{name}.json").write_text(text, "utf-8")


@pytest.fixture
def trials(request: pytest.FixtureRequest, all_trials: bool, held: Counter[str]) -> Trials:
    """Do trials, each a function of the test's name and its number; one is done by ``--trial``."""
    only = request.config.getoption("--trial")

    def run(trial: Trial, few: int, many: int) -> None:
        number, wanted = only or 0, held.total() + (many if all_trials else few)
        while held.total() < wanted:
            try:
                kind = trial(random.Random(f"{request.node.name} {number}"))
            except Exception as error:
                error.add_note(f"again: pytest {request.node.nodeid} -m '' --trial {number}")
                raise
            held.update([kind] if kind else [])
            number += 1
            if only is not None:
                return

    return run
