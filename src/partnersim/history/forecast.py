"""Forecasts: how likely a pair reaches a stage by a quarter.

Half of a forecast is the model: hazards of the rules, averaged over runs under coefficients drawn
from their posterior (`partnersim.history.chances`). The other half is what the record alone tells
(`partnersim.history.hazard`). Their mean, a linear opinion pool (Stone 1961,
doi:10.1214/aoms/1177704873), beat either in years before (docs/calibration.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import batched
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from partnersim.arrays import Floats, Integers, Truths
from partnersim.history.cases import Cut, Moment, quiet_share
from partnersim.history.chances import watch_run
from partnersim.history.evidence import evidence_of
from partnersim.history.hazard import TieHazard, fit_hazard, probability_of
from partnersim.history.history import places, quarter_number
from partnersim.model.constants import (
    NONE,
    PATH_STAGES,
    PLANNED,
    QUARTERS_PER_YEAR,
    STAGES,
    SUMMIT_CYCLE,
)
from partnersim.runs.folder import write_whole
from partnersim.runs.plan import Plan, plan_of
from partnersim.runs.stored_forecast import RECORD, forecast_experiment
from partnersim.scenario.coefficient_draws import draw_coefficients, with_values
from partnersim.scenario.compile import prepare
from partnersim.scenario.run_settings import RunSettings
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: Share of the record alone in a forecast.
SHARE = RECORD / 100
#: Decimals of a probability, and how near to 0 and 1 it may come.
DECIMALS = 7
_LEAST = 1e-7
#: Where talks stand, in a reason.
_STANDING = {
    "planned": "the strategy plans it",
    "announced": "announced",
    "negotiating": "talks are under way",
    "concluded": "talks are concluded",
    "signed": "signed, not in force yet",
}


def forecast(
    scenario: Scenario,
    ways: Ways,
    *,
    draws: int,
    share: float = SHARE,
    note: Callable[[], object] = lambda: None,
) -> pd.DataFrame:
    """Return the probability that each pair reaches each stage by each quarter.

    Parameters
    ----------
    scenario : Scenario
        World, policy, climate and horizon.
    ways : Ways
        Seed of draws and runs, runs of each draw.
    draws : int
        Draws of the coefficients from their posterior.
    share : float
        Of what the record alone tells, 0..1.
    note : callable
        Called after each draw.

    Returns
    -------
    DataFrame
        See `forecast_table`.

    Raises
    ------
    InputError
        If the scenario has no estimated coefficient to draw.
    """
    behaviour = scenario.behaviour
    drawn = draw_coefficients(behaviour, ways.seed, draws)[
        list(behaviour.named_by_origin("estimated"))
    ]
    world = scenario.world.load()
    cut = cut_of(world)
    moment = cut.now()
    ways = replace(ways, quiet=quiet_share(cut))
    found = simulated(moment, scenario, drawn, ways, note)
    labels = scenario.horizon.labels[1:]
    return forecast_table(moment, found, fit_hazard(cut), labels, share)


@lru_cache(maxsize=1)
def cut_of(world: World) -> Cut:
    """Return what is known of a world where its runs begin."""
    return Cut(evidence_of(world), quarter_number(world.first_quarter) - 1)


def forecast_plan(scenario: Scenario, settings: RunSettings) -> Plan:
    """Return the plan of plain runs of a scenario: what decides a forecast, and how long it takes.

    Raises
    ------
    InputError
        If the scenario has no estimated coefficient to draw.
    """
    draw_coefficients(scenario.behaviour, settings.seed, 1)
    return plan_of(forecast_experiment(scenario, settings))


def pairs_of(table: pd.DataFrame, world: World) -> pd.DataFrame:
    """Return names, the stage that makes a tie, and the reason of every pair of a forecast.

    Parameters
    ----------
    table : DataFrame
        From `forecast`.
    world : World

    Returns
    -------
    DataFrame
        ``iso3, country, region, instrument, name, tie, reason``.
    """
    cut = cut_of(world)
    moment = cut.now()
    countries = world.countries.rename(columns={"name": "country"}).set_index("iso3")
    ties = [STAGES[stage] for stage in moment.ties]
    instruments = world.instruments.assign(tie=ties).set_index("instrument")
    pairs = table[["iso3", "instrument"]].drop_duplicates(ignore_index=True)
    pairs = pairs.join(countries[["country", "region"]], on="iso3")
    pairs = pairs.join(instruments[["name", "tie"]], on="instrument")
    return _with_reasons(pairs, cut, moment)[
        ["iso3", "country", "region", "instrument", "name", "tie", "reason"]
    ]


def _with_reasons(table: pd.DataFrame, cut: Cut, moment: Moment) -> pd.DataFrame:
    """Return rows of a forecast with a column ``reason``, in words that anybody can check."""
    world, arrays = moment.world, moment.world.arrays
    lately = Counter(k for _, k in cut.first_ties(cut.quarter - QUARTERS_PER_YEAR))
    thirds = np.quantile(arrays.alignment, [1 / 3, 2 / 3])
    meets = arrays.summit[:, [1 + q % SUMMIT_CYCLE for q in range(QUARTERS_PER_YEAR)]].any(axis=1)
    has = arrays.stage >= moment.ties
    country, instrument = places(world)
    reasons = []
    for code, name in table[["iso3", "instrument"]].itertuples(index=False):
        i, k = country[code], instrument[name]
        stage = int(arrays.stage[i, k])
        near = int((has[:, k] & (arrays.region == arrays.region[i])).sum())
        parts = [_STANDING[STAGES[stage]]] if stage > NONE else []
        if stage <= PLANNED and not moment.prepared[i, k]:
            parts.append("what it needs first is not in force")
        parts.append(f"{lately[k] or 'none'} made with others in the last year")
        has_it = "have it" if near > 1 else "has it"
        parts.append(f"{near or 'nobody'} in its region {has_it}")
        level = ("low", "middling", "high")[int(np.searchsorted(thirds, arrays.alignment[i]))]
        parts.append(f"alignment {level}")
        parts.append("a summit is due within a year" if meets[i] else "no summit is known")
        reasons.append("; ".join(parts))
    return table.assign(reason=reasons)


class Simulated(NamedTuple):
    """Chances that the model gives to M cases, by quarter.

    Attributes
    ----------
    rows, columns, stages : (M,) array of int
        Country, instrument and stage of each case.
    mean, variance : (M, T) array
        Over draws of the coefficients.
    """

    rows: Integers
    columns: Integers
    stages: Integers
    mean: Floats
    variance: Floats


def simulated(
    moment: Moment, scenario: Scenario, drawn: pd.DataFrame, ways: Ways, note: Callable[[], object]
) -> Simulated:
    """Return the chances of all stages that pairs have not reached, from runs of the model.

    Parameters
    ----------
    moment : Moment
        Where the runs begin.
    scenario : Scenario
        Policy, climate, horizon, and coefficients that are not drawn.
    drawn : DataFrame
        Coefficients, one row per draw.
    ways : Ways
    note : callable
        Called after each draw.
    """
    asked = _asked(moment, scenario)
    rows, columns, stages = np.nonzero(asked)
    total, sums, squares = np.zeros((3, len(rows), scenario.horizon.quarters))

    def chances(draw: int) -> Floats:
        path = None if ways.kept is None else ways.kept / f"draw-{draw:05d}.npy"
        if path is not None and path.exists():
            found: Floats = np.load(path, allow_pickle=False)
        else:
            one = with_values(scenario, drawn.iloc[draw].to_dict())
            state = prepare(moment.world, one, 0)
            reached = np.zeros((total.shape[1] + 1, *asked.shape))
            for run in range(ways.runs):
                watch_run(state, ways.seed, draw * ways.runs + run, ways.quiet, reached)
            reached /= ways.runs
            found = np.ascontiguousarray(reached[1:, rows, columns, stages].T)
            if path is not None:
                write_whole(path, partial(_save, found))
        note()
        return found

    for found in _in_order(chances, len(drawn), ways.threads):
        total += found
        # Chances along few runs may come to more than 1.
        capped = np.minimum(found, 1.0)
        sums += capped
        squares += capped**2
    mean = np.minimum(total / len(drawn), 1.0)
    variance = np.maximum(0.0, squares / len(drawn) - (sums / len(drawn)) ** 2)
    return Simulated(rows, columns, stages, mean, variance)


@dataclass(frozen=True)
class Ways:
    """How runs are watched.

    Attributes
    ----------
    seed, runs : int
        Runs of each draw.
    threads : int
        Draws at a time; changes no number.
    kept : Path, optional
        Folder for the chances of finished draws, so that a killed forecast goes on.
    quiet : float
        See `partnersim.history.cases.quiet_share`.
    """

    seed: int
    runs: int
    threads: int = 1
    kept: Path | None = None
    quiet: float = 0.0


def _in_order(work: Callable[[int], Floats], count: int, threads: int) -> Iterator[Floats]:
    """Yield what is made of 0, 1, ..., several at a time: sums must not depend on threads."""
    if threads == 1:
        yield from map(work, range(count))
        return
    with ThreadPoolExecutor(threads) as pool:
        for some in batched(range(count), threads):
            yield from pool.map(work, some)


def _save(found: Floats, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, found)


def _asked(moment: Moment, scenario: Scenario) -> Truths:
    """Return (N, K, S) flags of the stages that a pair has not reached and may reach."""
    instruments, present = moment.world.instruments, moment.world.arrays.stage
    may = ((moment.open_to & (present <= PLANNED)) | (present > PLANNED)) & moment.known
    off = set(scenario.world.switched_off)
    asked = np.zeros((*present.shape, len(STAGES)), bool)
    for k, (name, path) in enumerate(instruments[["instrument", "path"]].to_numpy()):
        for stage in PATH_STAGES[path] if name not in off else ():
            number = STAGES.index(stage)
            asked[:, k, number] = may[:, k] & (present[:, k] < number)
    return asked


def forecast_table(
    moment: Moment, found: Simulated, hazard: TieHazard, labels: Iterable[str], share: float
) -> pd.DataFrame:
    """Return the pool of model and record as a table.

    What the record alone tells is the chance of a tie. Later stages keep the share of ties that
    the model sees reach them; an earlier one is at least as likely as a tie. Intervals hold what is
    not known of the coefficients and of the hazard, and how far the two halves differ.

    Parameters
    ----------
    moment : Moment
    found : Simulated
        Of the same.
    hazard : TieHazard
    labels : iterable of str
        Of the T quarters.
    share : float
        Of the record alone, 0..1.

    Returns
    -------
    DataFrame
        ``iso3, instrument, stage, by, probability, low, high``; one row per pair that is open to
        the country, stage of its path that it has not reached, and quarter.
    """
    labels = list(labels)
    mean, variance = _pool(moment, found, hazard, share)
    mean = np.clip(mean, _LEAST, 1.0 - _LEAST)
    low, high = _interval(mean, variance)
    countries, instruments = moment.world.countries, moment.world.instruments
    names = {
        "iso3": countries["iso3"].to_numpy(str)[found.rows],
        "instrument": instruments["instrument"].to_numpy(str)[found.columns],
        "stage": np.array(STAGES)[found.stages],
    }
    numbers = {"probability": mean, "low": low, "high": high}
    return pd.DataFrame(
        {
            **{name: np.repeat(values, len(labels)) for name, values in names.items()},
            "by": np.tile(labels, len(found.rows)),
            **{name: values.ravel().round(DECIMALS) for name, values in numbers.items()},
        }
    )


def _pool(
    moment: Moment, found: Simulated, hazard: TieHazard, share: float
) -> tuple[Floats, Floats]:
    """Return mean and variance of the pool of model and record, (M, T)."""
    quarters = np.arange(1, found.mean.shape[1] + 1)
    ties = moment.ties[found.columns]
    place = np.full(moment.cases.shape, -1)
    of_tie = np.flatnonzero(found.stages == ties)
    place[found.rows[of_tie], found.columns[of_tie]] = of_tie
    tie = place[found.rows, found.columns]
    level, deviation = (of[found.rows, found.columns][:, None] for of in hazard.of(moment))
    record = probability_of(level, quarters)
    # By the log hazard: what its deviation makes of the probability.
    spread = -(1.0 - record) * np.log1p(-np.minimum(record, 1.0 - 1e-12)) * deviation
    spread[~np.isfinite(spread)] = 0.0
    # A tie that is signed already goes on as the model has it.
    weight = np.where((tie >= 0)[:, None] & np.isfinite(level), share, 0.0)
    model, of_model = found.mean[tie], found.variance[tie]
    pooled = (1.0 - weight) * model + weight * record
    variance = (1.0 - weight) * of_model + weight * spread**2
    variance += weight * (1.0 - weight) * (model - record) ** 2
    later = (found.stages > ties)[:, None]
    reach = np.divide(found.mean, model, out=np.zeros_like(model), where=model > 0.0)
    reach = np.where(later, np.maximum.accumulate(np.clip(reach, 0.0, 1.0), axis=1), 1.0)
    earlier = (found.stages < ties)[:, None] & (found.mean > pooled)
    own = earlier | (weight == 0.0)
    return (
        np.where(own, found.mean, pooled * reach),
        np.where(own, found.variance, variance * reach**2),
    )


def _interval(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the ends of 90 % intervals: of beta distributions with these means and variances."""
    # No chance is less certain than one that is 0 or 1.
    share = np.clip(variance / (mean * (1.0 - mean)), _LEAST, 1.0 - _LEAST)
    yes, no = (part * (1.0 / share - 1.0) for part in (mean, 1.0 - mean))
    # What is reached by a quarter is reached by the next.
    low, high = (np.maximum.accumulate(betaincinv(yes, no, end), 1) for end in (0.05, 0.95))
    # A skewed interval may leave the mean out; it is then drawn out to it.
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    return np.clip(low, _LEAST, 1.0), np.clip(high, 0.0, 1.0 - _LEAST)
