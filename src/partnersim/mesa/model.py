"""The same model as a Mesa model: agents call the rules that the compiled ensemble calls."""

from __future__ import annotations

from functools import partial

import mesa
import networkx
import numpy as np
import pandas as pd

from partnersim.errors import refuse
from partnersim.mesa.agents import EuropeanUnion, PartnerCountry
from partnersim.model.beginning import begin
from partnersim.model.constants import IN_FORCE, STAGES
from partnersim.model.links import form_links
from partnersim.model.metrics import metric_names
from partnersim.model.observation import observe
from partnersim.model.quarter import close_quarter, open_quarter
from partnersim.runs.tables import events_table, metrics_table
from partnersim.scenario.compile import prepare
from partnersim.scenario.run_settings import kind_problems, run_number_problems
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World

#: A single run is cheap to give a log that no run fills.
_EVENT_CAPACITY = 200_000


class PartnershipModel(mesa.Model):
    """The EU's network of digital partnerships, quarter by quarter.

    Parameters
    ----------
    world : World
        From `partnersim.load_world`.
    scenario : Scenario
        From `partnersim.load_scenario`.
    seed, replicate : int, default 0
        Key of the run; the result equals that replicate of `partnersim.simulate_ensemble`.
    country_type, union_type : type, optional
        Subclasses of `PartnerCountry` and `EuropeanUnion` that decide otherwise.

    Attributes
    ----------
    countries : list of PartnerCountry
        In the order of the world's tables.
    union : EuropeanUnion
    quarter : int
        Quarters played; 0 is June 2025.
    settings : Scenario
        The scenario; Mesa keeps the name ``scenario`` for itself.
    state : partnersim.model.state.State
        Everything that changes.
    datacollector : mesa.DataCollector
        All metrics by quarter, for `mesa.batch_run`; replace it to collect something else.
    """

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        *,
        seed: int = 0,
        replicate: int = 0,
        country_type: type[PartnerCountry] = PartnerCountry,
        union_type: type[EuropeanUnion] = EuropeanUnion,
    ) -> None:
        problems = kind_problems(world=(world, World), scenario=(scenario, Scenario))
        for name, given, kind in (
            ("country_type", country_type, PartnerCountry),
            ("union_type", union_type, EuropeanUnion),
        ):
            if not (isinstance(given, type) and issubclass(given, kind)):
                problems.append(f"{name}: {given!r} given, a subclass of {kind.__name__} is needed")
        if seed is None:
            problems.append(
                "seed: none given, but every run has one; batch_run hands on those of rng=[1, 2]"
            )
        elif not problems:
            problems = [*scenario.check(world), *run_number_problems(seed, [replicate])]
        refuse(problems)
        super().__init__(rng=[seed, replicate])
        self.world = world
        self.settings = scenario
        self.seed = int(seed)
        self.replicate = int(replicate)
        self.quarter = 0
        self.iso3 = list(world.countries["iso3"])
        self.instruments = list(world.instruments["instrument"])
        self.state = prepare(world, scenario, _EVENT_CAPACITY)
        self.union = union_type(self)
        self.countries = [country_type(self, place) for place in range(len(self.iso3))]
        self._rows = np.zeros((scenario.horizon.quarters + 1, len(metric_names(world.regions))))
        begin(self.state, self.seed, self.replicate)
        observe(self.state, self._rows[0])
        columns = enumerate(metric_names(world.regions))
        self.datacollector = self._own_collector = mesa.DataCollector(
            model_reporters={name: partial(_latest, column=column) for column, name in columns}
        )
        self._own_collector.collect(self)

    def step(self) -> None:
        """Play one quarter; nothing happens after the horizon."""
        if self.quarter >= self.settings.horizon.quarters:
            self.running = False
            return
        self.quarter += 1
        open_quarter(self.state)
        self.union.step()
        for place in np.argsort(self.state.order, kind="stable"):
            self.countries[place].step()
        form_links(self.state)
        close_quarter(self.state)
        observe(self.state, self._rows[self.quarter])
        self.running = self.quarter < self.settings.horizon.quarters
        if self.datacollector is self._own_collector:
            # A collector of a subclass is its own business.
            self.datacollector.collect(self)

    def run(self) -> PartnershipModel:
        """Play all quarters that are left; return the model."""
        while self.quarter < self.settings.horizon.quarters:
            self.step()
        return self

    def graph(self) -> networkx.Graph:
        """Return the network as it stands.

        Returns
        -------
        networkx.Graph
            Nodes: ``EU`` and ISO 3166 codes, these with ``name``, ``region``, ``alignment``. Edges
            from ``EU`` have ``instruments``, the names of those in force; edges between partners
            are links.
        """
        network = networkx.Graph()
        network.add_node("EU", name="European Union")
        for country in self.countries:
            held = [name for name, stage in country.stages.items() if stage == STAGES[IN_FORCE]]
            network.add_node(
                country.iso3,
                name=country.name,
                region=country.region,
                alignment=country.alignment,
            )
            if held:
                network.add_edge("EU", country.iso3, instruments=held)
        network.add_edges_from(
            (country.iso3, other) for country in self.countries for other in country.linked
        )
        return network

    @property
    def metrics(self) -> pd.DataFrame:
        """One row per quarter so far, from the observed network on."""
        table = metrics_table(self.world, self.settings, self._rows[None], [self.replicate])
        return table.iloc[: self.quarter + 1].drop(columns="replicate")

    @property
    def events(self) -> pd.DataFrame:
        """Who did what so far, in the order in which it happened."""
        log = self.state.events[: int(self.state.union[0].events)]
        return events_table(self.world, self.settings, [log.T], [self.replicate]).drop(
            columns="replicate"
        )


def _latest(model: PartnershipModel, column: int) -> float:
    """Return a metric of the present quarter."""
    return float(model._rows[model.quarter, column])
