"""What tests share: worlds and scenarios are read once, property tests are reproducible."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from browser import not_tested
from partnersim import load_scenario, synthetic_world
from partnersim.compiler.compiled import compiled_before
from partnersim.configuration import load_experiment
from partnersim.history import evidence as records
from partnersim.history.evidence import HistoryEvidence
from partnersim.history.forecast import cut_of
from partnersim.page import ahead
from partnersim.runs import running
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, shipped_world
from scenarios import CLIMATES, POLICIES, part_of

# The same examples every time: a test that fails, fails everywhere.
settings.register_profile("reproducible", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("reproducible")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-outputs",
        action="store_true",
        help="write what blocks of code in the documents print, where it has changed",
    )
    parser.addoption(
        "--all-trials",
        action="store_true",
        help="do all trials of the reliability campaign, not a few",
    )
    parser.addoption("--trial", type=int, help="do one trial of the reliability campaign again")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the rules from both ends at once where they are not compiled: most tests wait."""
    if not hasattr(session.config, "workerinput") and not compiled_before():
        ahead.begin()


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it is there to stay.

    Searches are rarer than in a program that runs for days.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


def _not_tested(config: pytest.Config) -> str:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return not_tested(reporter.stats.get("skipped", ())) if reporter else ""


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if line := _not_tested(config):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    # On the machine that checks every change, untested is as bad as wrong.
    if os.environ.get("CI", "").lower() in ("1", "true") and _not_tested(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def _quick_beginnings() -> Iterator[None]:
    """How long a run takes is measured on one run instead of several: it decides no test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "_TRIAL_RUNS", 1)
        yield


@pytest.fixture(scope="session")
def world_all() -> World:
    """All partner countries."""
    return shipped_world()


@pytest.fixture(scope="session")
def world_named() -> World:
    """The partners that the document names: a part of the world for quick tests."""
    world = shipped_world()
    return part_of(world, world.countries["named"].to_numpy())


@pytest.fixture(scope="session")
def small_world() -> World:
    """Twelve invented countries with the real instruments."""
    return synthetic_world(12, 1)


@pytest.fixture(scope="session")
def evidence() -> HistoryEvidence:
    """The shipped record, whose worlds of past years are made once; forecasts take it too."""
    return cut_of(shipped_world()).evidence


@pytest.fixture(scope="module")
def one_record(evidence: HistoryEvidence) -> Iterator[None]:
    """Commands take the record that was read once: for modules that test what they do with it."""
    from partnersim.cli import backtest, validate

    read = records.read_evidence

    def shared(folder: Path = PACKAGE_DATA) -> HistoryEvidence:
        return evidence if folder == PACKAGE_DATA else read(folder)

    with pytest.MonkeyPatch.context() as patch:
        for module in (records, backtest, validate):
            patch.setattr(module, "read_evidence", shared)
        yield


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """The shipped defaults."""
    return load_scenario()


@pytest.fixture(scope="module")
def quick_figures() -> Iterator[None]:
    """Figures are drawn as SVG only: for modules that test what is written beside them."""
    from pages import drawings_only

    with drawings_only():
        yield


@pytest.fixture(scope="session")
def arms() -> dict[tuple[str, str], Scenario]:
    """Every shipped policy in every shipped climate."""
    names = f"policies=[{','.join(POLICIES)}]", f"climates=[{','.join(CLIMATES)}]"
    return {(arm.policy, arm.climate): arm.scenario for arm in load_experiment(names).arms}


@pytest.fixture(scope="session")
def scenarios_by_policy(arms: dict[tuple[str, str], Scenario]) -> dict[str, Scenario]:
    """The defaults under every shipped policy."""
    return {name: arms[name, "calm"] for name in POLICIES}


@pytest.fixture(scope="session")
def scenarios_by_climate(arms: dict[tuple[str, str], Scenario]) -> dict[str, Scenario]:
    """The defaults in every shipped climate."""
    return {name: arms["balanced", name] for name in CLIMATES}
