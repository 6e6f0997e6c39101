"""The world that follows from the decisions of the teams, beside that of the agents alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from partnersim.mesa import PartnerCountry, PartnershipModel
from partnersim.page.country import STANDINGS, chances_of, standings_of
from partnersim.page.exercise.roles import QUARTERS, Decision, group_of, roles
from partnersim.page.exercise.session import Round
from partnersim.page.futures import Futures, OneFuture, world_of
from partnersim.page.request import quarter_name, usual_scenario
from partnersim.runs.play import Played
from partnersim.runs.replicate import new_year_ends, note_year
from partnersim.scenario.scenario import Scenario

#: Weights count in proportion only; the exercise shows them from 0 to this, as the page does.
WEIGHT = 100
#: Levers of the Offer that a switch of the policy names without it.
_OFFER = "offer."
_NOTHING = Decision()


def first_levers() -> dict[str, float]:
    """Return where the levers of all roles stand at the beginning, by path."""
    usual = usual_scenario()
    # Read off the settings, where weights are shares.
    return {
        path: float(attrgetter(path)(usual)) * (WEIGHT if group_of(path) else 1)
        for role in roles().values()
        for path in role.levers
    }


def levers_after(rounds: Sequence[Round]) -> dict[str, float]:
    """Return where the levers stand after some rounds."""
    levers = first_levers()
    for each in rounds:
        for decision in each.decisions.values():
            levers.update(decision.levers)
    return levers


def _name_and_part(path: str) -> tuple[str, str]:
    """Return what a switch calls a lever, and which part of it: nothing for all of it."""
    name, _, part = path.removeprefix("policy.").removeprefix(_OFFER).partition(".")
    return name, part


def _switch(number: int, levers: Mapping[str, float], moved: set[str]) -> dict[str, Any]:
    """Return the switch of a policy that sets the levers as a round did."""
    then: dict[str, Any] = {}
    for path in levers:
        name, part = _name_and_part(path)
        if name not in moved:
            continue
        if part:
            then.setdefault(name, {})[part] = levers[path] / WEIGHT
        else:
            then[name] = round(levers[path]) if name == "negotiators" else levers[path]
    since = quarter_name(number * QUARTERS + 1)
    # Always met from its quarter on: no metric counted is below 0.
    when = {"metric": "instruments", "above": -1.0, "since": since}
    return {"name": f"round_{number + 1}", "when": when, "then": then}


def scenario_after(climate: str, rounds: Sequence[Round], quarters: int) -> Scenario:
    """Return the scenario that the levers and shocks of some rounds make.

    Each round is a switch that the policy makes for certain, and shocks that are scheduled.

    Parameters
    ----------
    climate : str
        Climate in which it is played.
    rounds : sequence of Round
        As played.
    quarters : int
        Quarters of the horizon.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    usual = usual_scenario(geopolitics=climate)
    policy = usual.policy.model_dump(mode="json", exclude_none=True)
    schedule = usual.geopolitics.model_dump(mode="json", exclude_none=True)["schedule"]
    levers = first_levers()
    for number, each in enumerate(rounds):
        moved = set()
        for role, decision in each.decisions.items():
            levers.update(decision.levers)
            moved |= {_name_and_part(path)[0] for path in decision.levers}
            for strike in decision.shocks:
                quarter = quarter_name(number * QUARTERS + strike.quarter)
                one = {**strike.model_dump(), "quarter": quarter, "where": [strike.where]}
                # Some shock types have nobody behind them.
                if roles()[role].countries and usual.shocks[strike.shock].sources:
                    one["by"] = roles()[role].countries[0]
                schedule.append(one)
        if moved:
            policy["switches"].append(_switch(number, levers, moved))
    changes: dict[str, Any] = {"horizon": {"end": quarter_name(quarters)}}
    if len(policy["switches"]) > len(usual.policy.switches):
        changes["policy"] = {"switches": policy["switches"]}
    if schedule:
        changes["geopolitics"] = {"schedule": schedule}
    return usual_scenario(changes, geopolitics=climate)


class TeamCountry(PartnerCountry):
    """A country whose turns a team decides, round by round.

    It asks for the first instrument that its team proposes and that it may take; else its rules
    choose among what its team does not decline.
    """

    #: The decisions about this country, by round.
    decisions: Sequence[Decision] = ()

    def choose(self) -> int:
        """Return the option taken."""
        place = (self.model.quarter - 1) // QUARTERS
        decision = self.decisions[place] if place < len(self.decisions) else _NOTHING
        utilities = self.weigh()
        for name in decision.proposes:
            option = self.model.instruments.index(name)
            if np.isfinite(utilities[option]):
                return option
        for name in decision.declines:
            utilities[self.model.instruments.index(name)] = -np.inf
        return self.draw_choice(utilities)


def team_model(
    scenario: Scenario, rounds: Sequence[Round], seed: int, replicate: int
) -> PartnershipModel:
    """Return the Mesa model of a scenario in which teams decide the turns of their countries."""
    model = PartnershipModel(
        world_of(scenario.world), scenario, seed=seed, replicate=replicate, country_type=TeamCountry
    )
    for role in roles().values():
        decided = [each.decisions.get(role.name, _NOTHING) for each in rounds]
        for code in role.countries:
            country = model.countries[model.iso3.index(code)]
            assert isinstance(country, TeamCountry)
            country.decisions = decided
    return model


def team_futures(
    climate: str, rounds: Sequence[Round], quarters: int, seed: int, count: int
) -> Futures:
    """Return futures of the world as the teams decided; the first one is the one in the room.

    Parameters
    ----------
    climate, rounds, quarters
        See `scenario_after`.
    seed : int
        Of the session.
    count : int
        How many futures.
    """
    futures = Futures(scenario_after(climate, rounds, quarters), seed)
    decided = [decision for each in rounds for decision in each.decisions.values()]
    if not any(decision.proposes or decision.declines for decision in decided):
        # Nobody's turns are decided: the compiled rules do the same, and sooner.
        play: Callable[[int], OneFuture] = futures.play
    else:
        play = partial(played_by_agents, futures, rounds)
    for number in range(count):
        futures.add(play(number))
    return futures


def played_by_agents(futures: Futures, rounds: Sequence[Round], replicate: int) -> OneFuture:
    """Play one future agent by agent."""
    model = team_model(futures.scenario, rounds, futures.seed, replicate)
    year_ends = new_year_ends(futures.quarters, *model.state.pairs.shape)
    metrics = [model.state.observed_values.copy()]
    for quarter in range(futures.quarters):
        model.step()
        note_year(model.state, quarter, year_ends)
        metrics.append(model.state.observed_values.copy())
    log = model.state.events[: int(model.state.union[0].events)]
    return futures.seen_of(replicate, Played(np.stack(metrics), year_ends, log))


def standing(
    climate: str, rounds: Sequence[Round], seed: int
) -> dict[str, list[list[str | float]]]:
    """Return, by role, how its countries stand to every instrument, and what their rules would do.

    Returns
    -------
    dict
        By role with countries, rows of instrument, commonest stage (or ``suspended``, ``stalled``),
        mean chance that the rules ask for it at the next turn (-1 where none may ask for it).
    """
    quarters = len(rounds) * QUARTERS
    model = team_model(scenario_after(climate, rounds, max(1, quarters)), rounds, seed, 0)
    if quarters:
        model.run()
    return {
        role.name: _stances(model, [model.iso3.index(code) for code in role.countries])
        for role in roles().values()
        if role.countries
    }


def _stances(model: PartnershipModel, places: list[int]) -> list[list[str | float]]:
    chances = []
    for place in places:
        utilities = model.countries[place].weigh().copy()
        chances.append(np.where(np.isfinite(utilities), chances_of(utilities), np.nan)[:-1])
    stages = standings_of(model.state.pairs[places])
    rows: list[list[str | float]] = []
    for k, name in enumerate(model.instruments):
        mine = [float(chance[k]) for chance in chances]
        able = [value for value in mine if np.isfinite(value)]
        stage = STANDINGS[int(np.argmax(np.bincount(stages[:, k])))]
        rows.append([name, stage, round(float(np.mean(able)), 4) if able else -1.0])
    return rows
