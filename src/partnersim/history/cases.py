"""Cases of a forecast: what happened, and three simple forecasts that a model has to beat.

- base rate: every case of a stage of a path is as likely as such cases were;
- pipeline: the same, apart for pairs under way and pairs not under way: "what is already under
  way moves next";
- popularity: as likely as the base rate on average, in proportion to how many ties the instrument
  and the country have already.

The forecast that is offered has a share of popularity in it, for what the rules do not know
happens too (linear opinion pool: Stone 1961, doi:10.1214/aoms/1177704873).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from partnersim.arrays import Floats, Truths
from partnersim.history.design import known_until
from partnersim.history.history import LAST_QUARTER, Record, positions, quarter_name, quarter_number
from partnersim.history.spells import stages_known
from partnersim.model.constants import PATH_STAGES, QUARTERS_PER_YEAR, STAGES
from partnersim.world.world import World

#: Columns that identify a case of a forecast.
KEYS = ("iso3", "instrument", "stage", "by")


def with_outcomes(
    table: pd.DataFrame, found: list[Record], world: World, after: int
) -> pd.DataFrame:
    """Return the cases of a forecast with what happened to them.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and probabilities.
    found : list of Record
        All records; those up to ``after`` only say what was before.
    world : World
        Countries and catalogue that the records count in.
    after : int
        Last quarter known to the forecast, counted from 2010Q1.

    Returns
    -------
    DataFrame
        The same with ``happened`` (1 if the pair had reached the stage, or a later one of its
        path, by the quarter), ``pipeline`` (whether it was under way at the start) and
        ``cluster``: the decision that moved the pair, else the country.
    """
    iso3, names = list(world.countries["iso3"]), list(world.instruments["instrument"])
    place = dict(zip(names, map(positions, world.instruments["path"]), strict=True))
    moves: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    decision: dict[tuple[str, str], str] = {}
    for record in found:
        if record.last > after and record.stage != "none":
            pair = iso3[record.country], names[record.instrument]
            moves[pair].append((quarter_name(record.last), place[pair[1]][record.stage]))
            decision[pair] = record.decision or decision.get(pair, "")
    happened, cluster = [], []
    for code, name, stage, by in table[list(KEYS)].itertuples(index=False):
        wanted = place[name][stage]
        happened.append(
            int(any(when <= by and reached >= wanted for when, reached in moves[code, name]))
        )
        cluster.append(decision.get((code, name)) or code)
    return table.assign(happened=happened, pipeline=under_way(table), cluster=cluster)


def under_way(table: pd.DataFrame) -> list[bool]:
    """Return for every case of a forecast whether its pair was under way at the start.

    Only such a pair has left its first stage behind, which is then no case.
    """
    pairs = pd.MultiIndex.from_frame(table[["iso3", "instrument"]])
    return (~pairs.isin(pairs[(table["stage"] == "announced").to_numpy()])).tolist()


REFERENCES = ("base_rate", "pipeline_rate", "popularity")
#: Share of popularity: the best of those tried on the history before 2023.
SHARE = 0.2
#: Decimals of a probability.
DECIMALS = 5
#: Years before the cut from which rates are taken.
YEARS = 5
#: Cases added to numerator and denominator, so that no rate is 0.
_PSEUDO = 0.5
_PLANNED = STAGES.index("planned")


def with_references(
    table: pd.DataFrame, found: list[Record], world: World, open_to: Truths, cut: int
) -> pd.DataFrame:
    """Return the cases of a forecast with the probabilities of the three references.

    Parameters
    ----------
    table : DataFrame
        ``iso3, instrument, stage, by`` and ``pipeline``.
    found : list of Record
        Records up to the cut.
    world : World
        Its arrays hold the stages at the cut.
    open_to : (N, K) array of bool
        Pairs that count as cases.
    cut : int
        Last quarter known, counted from 2010Q1.
    """
    rates = _rates(world, found, open_to, cut)
    paths = table["instrument"].map(world.instruments.set_index("instrument")["path"])
    place, names = pd.factorize(paths + " " + table["stage"])
    way = table["pipeline"].to_numpy(bool)
    base, started, not_started = (
        np.array([_rate(*counts(*rates[name])) for name in names])[place]
        for counts in (np.add, lambda _, started: started, lambda not_started, _: not_started)
    )
    popular = _popularity(table, world)
    mean = np.bincount(place, popular) / np.bincount(place)
    horizon = table["by"].map({by: quarter_number(by) - cut for by in set(table["by"])}).to_numpy()
    cases = table.assign(
        base_rate=-np.expm1(-base * horizon),
        pipeline_rate=-np.expm1(-np.where(way, started, not_started) * horizon),
        popularity=-np.expm1(-base * popular / mean[place] * horizon),
    )
    # Whoever has reached a later stage has reached the earlier ones; stages stand in their order.
    pairs = cases.groupby(["iso3", "instrument", "by"], sort=False)["popularity"]
    return cases.assign(popularity=pairs.cummin())


def pooled(probability: Floats, popularity: Floats, share: float = SHARE) -> Floats:
    """Return the linear pool of a forecast and popularity.

    Parameters
    ----------
    probability, popularity : (cases,) array
        Probabilities of the two.
    share : float
        Share of popularity, 0..1.
    """
    return (1.0 - share) * probability + share * popularity


def pool_forecast(
    table: pd.DataFrame, world: World, history: pd.DataFrame, share: float
) -> pd.DataFrame:
    """Return a forecast of June 2025 with a share of popularity in it.

    Parameters
    ----------
    table : DataFrame
        From `partnersim.history.forecast.forecast`.
    world : World
        Whose stages the forecast starts from.
    history : DataFrame
        Gives the rates of the years before.
    share : float
        Share of popularity, 0..1.
    """
    found, dateless, _ = known_until(world, history, LAST_QUARTER)
    open_to = (world.arrays.eligible == 1) & ~dateless
    cases = table.assign(pipeline=under_way(table))
    cases = with_references(cases, found, world, open_to, quarter_number(LAST_QUARTER))
    popularity = cases["popularity"].to_numpy()
    return table.assign(
        **{
            name: pooled(table[name].to_numpy(), popularity, share).round(DECIMALS)
            for name in ("probability", "low", "high")
        }
    )


def _rates(world: World, found: list[Record], open_to: Truths, cut: int) -> dict[str, Floats]:
    """Return moves and cases by path and stage: (2, 2), not under way before under way."""
    counts: dict[str, Floats] = defaultdict(lambda: np.zeros((2, 2)))
    paths = world.instruments["path"].to_numpy(str)
    for year in range(YEARS):
        begin = cut + 1 - QUARTERS_PER_YEAR * (YEARS - year)
        before = stages_known(world, found, begin)
        after = stages_known(world, found, begin + QUARTERS_PER_YEAR)
        for path, stages in PATH_STAGES.items():
            for stage in stages:
                number = STAGES.index(stage)
                missing = open_to & (before < number) & (paths == path)[None, :]
                for way in (0, 1):
                    at_risk = missing & ((before > _PLANNED) == way)
                    moved = at_risk & (after >= number)
                    counts[f"{path} {stage}"][way] += moved.sum(), at_risk.sum()
    return counts


def _rate(happened: float, cases: float) -> float:
    """Return the rate per quarter behind a share per year."""
    share = (happened + _PSEUDO) / (cases + 2 * _PSEUDO)
    return float(-np.log1p(-share) / QUARTERS_PER_YEAR)


def _popularity(table: pd.DataFrame, world: World) -> Floats:
    """Return (ties of the instrument + 1) (ties of the country + 1) of every case."""
    tied = world.arrays.stage > _PLANNED
    of_country = dict(zip(world.countries["iso3"], tied.sum(axis=1) + 1.0, strict=True))
    of_instrument = dict(zip(world.instruments["instrument"], tied.sum(axis=0) + 1.0, strict=True))
    return (table["iso3"].map(of_country) * table["instrument"].map(of_instrument)).to_numpy(float)
