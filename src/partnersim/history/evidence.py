"""Everything that a calibration reads, and the calibration itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from partnersim.history.design import CalibrationChoices, build_design
from partnersim.history.history import read_history
from partnersim.history.likelihood import HistoryLikelihood
from partnersim.history.past_world import Panel, read_panel
from partnersim.history.posterior import Posterior, posterior_of, priors_of
from partnersim.history.talks import read_talks
from partnersim.history.timeline import LAST_QUARTER
from partnersim.scenario.scenario import Scenario
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, load_world

_SHIPPED = CalibrationChoices()


@dataclass(frozen=True, eq=False)
class HistoryEvidence:
    """The world, its dated history, its indicators by year, and its trade talks."""

    world: World
    history: pd.DataFrame
    panel: Panel
    talks: pd.DataFrame


def read_evidence(folder: Path = PACKAGE_DATA) -> HistoryEvidence:
    """Read the tables of a data folder.

    Raises
    ------
    InputError
        One line per problem in the tables.
    """
    world = load_world(data_dir=folder)
    history = read_history(folder)
    return HistoryEvidence(world, history, read_panel(world, history, folder), read_talks(folder))


@cache
def past_scenario() -> Scenario:
    """Return the levers that stand for the past: neutral priorities, no Offer, no shocks."""
    from partnersim.configuration import load_scenario

    return load_scenario("policy=no_offer", "geopolitics.intensity=0", "behaviour=assumed")


def estimate(
    evidence: HistoryEvidence, until: str = LAST_QUARTER, choices: CalibrationChoices = _SHIPPED
) -> Posterior:
    """Return the posterior of the coefficients, given what was known at the end of a quarter.

    Parameters
    ----------
    evidence : HistoryEvidence
        From `read_evidence`.
    until : str
        Nothing later is looked at.
    choices : CalibrationChoices
        What is taken for granted.

    Examples
    --------
    >>> estimate(read_evidence()).names  # doctest: +SKIP
    ('activity_rate', 'deepen', ...)
    """
    scenario = past_scenario()
    design = build_design(
        evidence.world,
        evidence.panel,
        evidence.history,
        scenario,
        choices,
        evidence.talks,
        until=until,
    )
    return posterior_of(
        HistoryLikelihood(design), priors_of(scenario.behaviour, choices.prior_width)
    )
