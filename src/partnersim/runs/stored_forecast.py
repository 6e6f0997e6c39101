"""A forecast in its folder: the one reader of its numbers, for list, report, figures and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.folder import json_digest
from partnersim.runs.manifest import MANIFEST_NAME, read_manifest, results_in

if TYPE_CHECKING:
    from partnersim.scenario.experiment import Experiment
    from partnersim.scenario.run_settings import RunSettings
    from partnersim.scenario.scenario import Scenario

#: Kind of these results, name of their table and of the folder above them.
FORECAST = "forecast"
#: Table of names, stage that makes a tie, and reason by pair.
PAIRS = "pairs"
#: Word for the stage that makes a tie.
TIE = "tie"
#: A list looks so many quarters ahead if nothing is said.
QUARTERS_AHEAD = 8
#: Share in % of the record alone in a forecast of which nothing else is said.
RECORD = 50
_PAIR = ["iso3", "instrument"]
_COLUMNS = (
    *("iso3", "country", "instrument", "name", "stage", "by"),
    *("probability", "low", "high", "reason"),
)


def forecast_experiment(scenario: Scenario, settings: RunSettings) -> Experiment:
    """Return a scenario as an experiment of one policy in one climate: what decides a forecast."""
    from partnersim.scenario.experiment import Experiment

    name, climate = scenario.policy.name, scenario.geopolitics.name
    own: dict[str, object] = {"experiment": FORECAST, "replicates": 1, "reference": name}
    alone: dict[str, object] = dict.fromkeys(("policies", "climates", "shock_tests"), ())
    return Experiment(
        settings=settings.model_copy(update={**own, **alone, "design": None}),
        policy={name: scenario.policy},
        geopolitics={climate: scenario.geopolitics},
        **{part: getattr(scenario, part) for part in ("world", "shocks", "behaviour", "horizon")},
    )


@dataclass(frozen=True, eq=False)
class StoredForecast:
    """A forecast that lies in a folder.

    Attributes
    ----------
    folder : Path
    configuration : dict
        As in its manifest.
    table : DataFrame
        ``iso3, instrument, stage, by, probability, low, high``.
    pairs : DataFrame
        ``iso3, country, region, instrument, name, tie, reason``.
    """

    folder: Path
    configuration: dict[str, Any]
    table: pd.DataFrame
    pairs: pd.DataFrame

    @classmethod
    def read(cls, folder: Path) -> StoredForecast:
        """Return the forecast of a folder, or of the one folder in it.

        Raises
        ------
        InputError
            If it holds none, several, or one that is damaged.
        """
        # Only here: readers of runs know the rules, which take time to load.
        from partnersim.runs.export import read_tables
        from partnersim.runs.reader import the_one_in

        place = the_one_in(folder)
        tables = read_tables(place, (FORECAST, PAIRS))
        return cls(place, read_manifest(place)["configuration"], tables[FORECAST], tables[PAIRS])

    @property
    def policy(self) -> str:
        """The policy that it assumes."""
        return assumed(self.configuration)[0]

    @property
    def climate(self) -> str:
        """The climate that it assumes."""
        return assumed(self.configuration)[1]

    @property
    def assumptions(self) -> str:
        """What it rests on, in one sentence without its full stop."""
        behaviour = self.configuration["behaviour"]
        origins = [one["origin"] for one in behaviour["coefficients"].values()]
        assumed, draws = origins.count("assumed"), self.configuration["draws"]
        return (
            f"Assumed: climate {self.climate}, policy {self.policy}, coefficients"
            f" {behaviour['name']} ({assumed} of {len(origins)} assumed, the others drawn {draws}"
            f" times); {self.configuration['record']} % of a chance is what the dated record alone"
            " tells, the rest the model"
        )

    @cached_property
    def quarters(self) -> list[str]:
        """Quarters by which something may have happened."""
        return sorted(set(self.table["by"].astype(str)))

    def asked_for(self, chosen: Mapping[str, str]) -> pd.DataFrame:
        """Return the rows that are asked for, the likeliest first.

        Parameters
        ----------
        chosen : mapping of str to str
            ``stage`` (`TIE` for the one that makes a tie), ``by``, and any of ``instrument``,
            ``partner``, ``region``.

        Returns
        -------
        DataFrame
            ``iso3, country, instrument, name, stage, by, probability, low, high, reason``.
        """
        pairs = self.pairs
        for name, column in (("instrument",) * 2, ("partner", "iso3"), ("region",) * 2):
            if name in chosen:
                pairs = pairs[pairs[column] == chosen[name]]
        rows = self.table[self.table["by"] == chosen["by"]].merge(pairs, on=_PAIR)
        stage = rows["tie"].astype(str) if chosen["stage"] == TIE else chosen["stage"]
        rows = rows[rows["stage"].astype(str) == stage]
        order = ["probability", "country", "name"]
        rows = rows.sort_values(order, ascending=[False, True, True], kind="stable")
        return rows[list(_COLUMNS)].reset_index(drop=True)

    @cached_property
    def year_ends(self) -> pd.DataFrame:
        """Chances to be in force at year ends: ``iso3, instrument, year, probability ...``."""
        last = self.table["by"].astype(str).str.endswith("Q4") & (self.table["stage"] == "in_force")
        rows = self.table[last].merge(self.pairs[[*_PAIR, "reason"]], on=_PAIR)
        return rows.assign(year=rows["by"].astype(str).str[:4].astype(int))


def assumed(configuration: Mapping[str, Any]) -> tuple[str, str]:
    """Return the policy and the climate that a forecast of a configuration assumes."""
    return next(iter(configuration["policy"])), next(iter(configuration["geopolitics"]))


def folder_like(
    place: Path, configuration: Mapping[str, Any], made_of: str, policy: str, climate: str
) -> Path | None:
    """Return where the forecast of a policy in a climate lies, all else as in a configuration.

    Of several that differ in their number of runs, horizon or luck: the one with most runs.

    Parameters
    ----------
    place : Path
        Folder of a forecast, or of several.
    configuration : mapping
        Of runs, as in their manifest.
    made_of : str
        Rules and data of the runs, as in the manifest of a forecast.
    policy, climate : str
        Names in the configuration.
    """
    found = []
    for folder in results_in(place):
        try:
            manifest = read_manifest(folder)
        except InputError:
            continue
        own = manifest["configuration"]
        if PAIRS not in manifest.get("tables", ()) or own["record"] != RECORD:
            continue
        alike = _settings(own, *assumed(own)) == _settings(configuration, policy, climate)
        if alike and manifest["made_of"] == made_of:
            found.append((own["draws"] * own["runs"], own["horizon"]["end"], folder))
    return max(found)[-1] if found else None


def _settings(configuration: Mapping[str, Any], policy: str, climate: str) -> str:
    """Return a digest of what a forecast and runs must have in common."""
    world = {key: value for key, value in configuration["world"].items() if key != "data"}
    return json_digest(
        {
            "shocks": configuration["shocks"],
            "behaviour": configuration["behaviour"],
            "world": world,
            "start": configuration["horizon"]["start"],
            "policy": configuration["policy"][policy],
            "climate": configuration["geopolitics"][climate],
        }
    )


def holds_forecast(folder: Path) -> bool:
    """Tell whether a folder, or the one folder in it, holds a forecast.

    Raises
    ------
    InputError
        If it holds several results, or one that is damaged.
    """
    from partnersim.runs.reader import the_one_in

    place = the_one_in(folder)
    if not (place / MANIFEST_NAME).exists():
        return False
    return "draws" in read_manifest(place)["configuration"]
