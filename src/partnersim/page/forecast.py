"""The stored forecast of a strategy: the page shows the numbers of the list and of the report."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.page.futures import Futures
from partnersim.runs.manifest import MANIFEST_NAME, read_manifest, results_in, rules_fingerprint
from partnersim.runs.stored_forecast import (
    FORECAST,
    QUARTERS_AHEAD,
    TIE,
    StoredForecast,
    assumed,
    folder_like,
    forecast_experiment,
    holds_forecast,
)
from partnersim.scenario.run_settings import RunSettings
from partnersim.user_path import user_path

#: The likeliest so many are shown.
_SHOWN = 8
#: Where forecasts are looked for: where ``partnersim forecast`` puts them.
_place = Path("results") / FORECAST


def look_in(typed: str) -> dict[str, str]:
    """Look for forecasts in another folder from now on; return what the page is opened with.

    Parameters
    ----------
    typed : str
        Folder of a forecast, or of several.

    Returns
    -------
    dict of str to str
        Of a single one: ``policy``, ``climate`` and ``data``, the folder that it begins from.

    Raises
    ------
    InputError
        If there is none.
    """
    global _place
    place = user_path(typed).absolute()
    there = [folder for folder in results_in(place) if holds_forecast(folder)]
    if not there:
        raise InputError(f"forecast={typed}: holds no forecast; partnersim forecast makes one")
    _place = place
    if len(there) > 1:
        return {}
    kept = read_manifest(there[0])["configuration"]
    policy, climate = assumed(kept)
    return {"policy": policy, "climate": climate, "data": kept["world"].get("data", "")}


def country_forecast(futures: Futures, iso3: str, quarter: int) -> dict[str, Any] | None:
    """Return what is forecast for one country, if a forecast of the strategy is stored.

    Parameters
    ----------
    futures : Futures
        Of the strategy.
    iso3 : str
    quarter : int
        Quarters played; the forecast looks two years ahead of the start, or up to there.

    Returns
    -------
    dict
        ``by``, and ``rows``: instrument, chance of a tie, its 90 % interval, and the reason.
    """
    scenario, world = futures.scenario, futures.world
    asked = forecast_experiment(scenario, _usual_settings()).configuration()
    made_of = f"{rules_fingerprint()} {world.digest}"
    folder = folder_like(_place, asked, made_of, scenario.policy.name, scenario.geopolitics.name)
    if folder is None:
        return None
    try:
        stored = _read(folder, (folder / MANIFEST_NAME).stat().st_mtime_ns)
    except InputError:  # one that is damaged is none
        return None
    by = stored.quarters[: max(quarter, QUARTERS_AHEAD)][-1]
    rows = stored.asked_for({"stage": TIE, "by": by, "partner": iso3}).head(_SHOWN)
    instruments = list(world.instruments["instrument"])
    return {
        "by": by,
        "rows": [
            [instruments.index(row.instrument), row.probability, row.low, row.high, row.reason]
            for row in rows.itertuples(index=False)
        ],
    }


@cache
def _usual_settings() -> RunSettings:
    return load_experiment(()).settings


@lru_cache(maxsize=4)
def _read(folder: Path, changed: int) -> StoredForecast:
    return StoredForecast.read(folder)
