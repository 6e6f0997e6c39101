"""Invented worlds of any size, for benchmarks and tests: real countries drawn again, with noise."""

from __future__ import annotations

from hashlib import sha256
from itertools import chain, islice, product
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd

from partnersim.errors import refuse
from partnersim.model.constants import STAGES
from partnersim.model.world_arrays import Floats
from partnersim.random.elementary import each_exp
from partnersim.world.affinity import DECIMALS, distance_array
from partnersim.world.arrays import PER_MEMBER, select
from partnersim.world.world import World, shipped_world

SMALLEST, LARGEST = 3, 1000
SCORE_NOISE = 0.05
LOG_NOISE = 0.3
DEGREES_NOISE = 2.0


def synthetic_world(countries: int, seed: int) -> World:
    """Return a world of invented countries with the real instruments.

    Real countries are drawn in random order, all of them before any is drawn again. Scores get
    normal noise (standard deviation 0.05, cut to 0..1), output and population lognormal noise,
    coordinates normal noise of two degrees. Every copy of the world keeps its own links,
    borders, blocs and agreements; affinity reaches across copies. Codes are those that ISO 3166
    leaves to users.

    Parameters
    ----------
    countries : int
        Number of countries, 3..1000.
    seed : int
        Non-negative; the same seed gives the same world on every machine.

    Raises
    ------
    InputError
        If a number is out of range.
    """
    problems = []
    if not (isinstance(countries, (int, np.integer)) and SMALLEST <= countries <= LARGEST):
        problems.append(f"countries {countries} must be from {SMALLEST} to {LARGEST}")
    if seed < 0:
        problems.append(f"seed {seed} must not be negative")
    refuse(problems)

    real = shipped_world()
    draw = np.random.Generator(np.random.Philox(seed))
    many = len(real.countries)
    copies = -(-countries // many)
    base = np.concatenate([draw.permutation(many) for _ in range(copies)])[:countries]
    copy = np.arange(countries) // many
    together = np.equal.outer(copy, copy)
    twins = np.equal.outer(base, base) & ~np.eye(countries, dtype=bool)

    def score(values: Floats) -> Floats:
        noise = draw.normal(0.0, SCORE_NOISE, values.shape)
        return (values + noise).clip(0.0, 1.0).round(DECIMALS)

    def amount(values: Floats) -> Floats:
        noise = each_exp(draw.normal(0.0, LOG_NOISE, values.shape))
        return (values * noise).round(DECIMALS).clip(10.0**-DECIMALS, None)

    table = real.countries.iloc[base].reset_index(drop=True)
    table["latitude"] = (
        (table["latitude"] + draw.normal(0.0, DEGREES_NOISE, countries)).clip(-90, 90).round(3)
    )
    table["longitude"] = (
        (table["longitude"] + draw.normal(0.0, DEGREES_NOISE, countries) + 180) % 360 - 180
    ).round(3)
    table["name"] = [f"Synthetic {number}" for number in range(1, countries + 1)]
    # ISO 3166 leaves XAA to XZZ and QMA to QZZ to its users.
    codes = chain(
        product("X", ascii_uppercase, ascii_uppercase),
        product("Q", ascii_uppercase[12:], ascii_uppercase),
    )
    table["iso3"] = ["".join(letters) for letters in islice(codes, countries)]

    arrays = select(real.arrays, base)
    gdp, population = amount(arrays.gdp), amount(arrays.population)
    table["gdp_usd"], table["population"] = gdp * 1e6, population * 1e6
    of_copy = np.equal.outer(np.arange(copies), copy).astype(np.uint8)
    blocs = 1 + arrays.bloc.max()
    exposure = arrays.exposure * each_exp(draw.normal(0.0, SCORE_NOISE, countries))
    names = ("size", "wealth", "alignment", "readiness", "need", "rival", "threat", "business")
    made: Any = {name: score(getattr(arrays, name)) for name in names}
    # Written anew for every copy of the world.
    for name in PER_MEMBER:
        made[name] = np.concatenate([getattr(arrays, name) * here for here in of_copy])
    arrays = arrays._replace(
        **made,
        gdp=gdp,
        population=population,
        gdp_share=gdp / gdp.sum(),
        population_share=population / population.sum(),
        exposure=(exposure / exposure.mean()).round(DECIMALS),
        bloc=np.where(arrays.bloc < 0, arrays.bloc, arrays.bloc + blocs * copy[:, None]).astype(
            np.int16
        ),
        agreement_key=np.add.outer(np.arange(copies), arrays.agreement_key).ravel(),
        links=arrays.links * together.astype(np.uint8),
        signed=np.where(together & (arrays.signed > 0), arrays.signed + copy, 0),
        borders=arrays.borders * together.astype(np.uint8),
        affinity=np.where(twins, 1.0, arrays.affinity),
        distance=distance_array(
            table["latitude"].to_numpy(np.float64), table["longitude"].to_numpy(np.float64)
        ),
    )
    total = sha256()
    for name, array in arrays._asdict().items():
        total.update(name.encode() + array.tobytes())
    return World(
        name=f"synthetic-{countries}-{seed}",
        countries=table,
        instruments=real.instruments,
        network=_network(table, real.instruments, arrays.stage),
        regions=real.regions,
        arrays=arrays,
        digest=total.hexdigest(),
        rival_offers=real.rival_offers,
    )


def _network(countries: pd.DataFrame, instruments: pd.DataFrame, stage: np.ndarray) -> pd.DataFrame:
    rows, columns = np.nonzero(stage)
    return pd.DataFrame(
        {
            "iso3": countries["iso3"].to_numpy()[rows],
            "instrument": instruments["instrument"].to_numpy()[columns],
            "stage": np.array(STAGES)[stage[rows, columns]],
            "origin": "synthetic",
            "expansion": "none",
            "via_bloc": "",
            "note": "",
            "source": "drawn from the real network",
            "confidence": "synthetic",
        }
    )
