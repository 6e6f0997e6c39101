"""What the page may ask for: validated, and bounded in work, before anything is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from partnersim.configuration import scenario_of
from partnersim.errors import InputError, refuse
from partnersim.scenario.config_files import default_options
from partnersim.scenario.horizon import quarter_label
from partnersim.scenario.problems import problems_of
from partnersim.scenario.run_settings import LARGEST_SEED
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.settings import Settings, Several, number, setting
from partnersim.world.world import World

#: Work that one request may cause.
MOST_FUTURES = 200
#: Futures of the first answer, where nothing else is asked for.
FIRST_FUTURES = 20
LONGEST_HORIZON = 80
MOST_SCHEDULED = 40
#: Goals at once, strategies on the scoreboard, and annotations of a story.
MOST_GOALS, MOST_SAVED, MOST_ANNOTATIONS = 5, 6, 20
#: Time paths that a page holds: of both strategies, by a few, the first and all futures.
MOST_HELD = 6
#: Futures of the scoreboard in each climate.
SCOREBOARD_FUTURES = 40
#: Strikes expected in one future; the harshest shipped climate has some 4,300 among all partners.
MOST_STRIKES = 30_000

#: The groups of which the page may choose an option.
_GROUPS = ("policy", "geopolitics", "behaviour")


#: Settings of all scenarios of the page: the folder of data that it begins from.
_EVERYWHERE: dict[str, Any] = {}


def begin_from(data: str) -> World:
    """Let all scenarios of the page begin from a folder of data; call before the first of them.

    Returns
    -------
    World
        What it holds.

    Raises
    ------
    InputError
        If it cannot be used.
    """
    _EVERYWHERE["world"] = {"data": data}
    return usual_scenario().world.load()


def _seen(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())


#: What somebody typed, as one line of letters that can be seen: what is pasted along with them may
#: break lines, turn the writing direction of all that stands beside it, or hide.
Line = Annotated[str, BeforeValidator(_seen)]


def quarter_name(number: int) -> str:
    """Return the label of a quarter by its number; the first that is played is 1."""
    return quarter_label(number, usual_scenario().horizon.start)


def _option(group: str, meaning: str) -> Any:
    return Field(
        default_factory=lambda: default_options()[group], max_length=200, description=meaning
    )


class ArmRequest(Settings):
    """One strategy in its world: options by name, and settings that differ from them."""

    policy: str = _option("policy", "Policy, by name")
    geopolitics: str = _option("geopolitics", "Climate, by name")
    behaviour: str = _option("behaviour", "Set of coefficients, by name")
    changes: dict[str, Any] = setting("Settings that differ, nested", {})

    def scenario(self) -> Scenario:
        """Return the validated scenario.

        Raises
        ------
        InputError
            All problems, one line each.
        """
        problems = [
            f"{key}: cannot be set on the page"
            for key in self.changes
            if key not in (*_GROUPS, "horizon")
        ]
        # What would cause too much work is refused before it is worked on.
        climate = self.changes.get("geopolitics")
        shocks = climate.get("schedule") if isinstance(climate, Mapping) else None
        if isinstance(shocks, list) and len(shocks) > MOST_SCHEDULED:
            problems.append(
                f"geopolitics.schedule: {len(shocks)} shocks, at most {MOST_SCHEDULED} here"
            )
        refuse(problems)
        scenario = usual_scenario(
            self.changes, **{group: getattr(self, group) for group in _GROUPS}
        )
        if scenario.horizon.quarters > LONGEST_HORIZON:
            raise InputError(
                f"horizon.end = {scenario.horizon.end}: the page plays at most "
                f"{LONGEST_HORIZON} quarters"
            )
        return scenario


def usual_scenario(changes: Mapping[str, Any] | None = None, /, **choices: str) -> Scenario:
    """Return a shipped scenario, the default options where none is chosen, with some settings set.

    All scenarios of the page name the same groups, so that their configuration is composed once.
    """
    usual = {group: default_options()[group] for group in _GROUPS}
    return _scenario(json.dumps([{**usual, **choices}, {**(changes or {}), **_EVERYWHERE}]))


@lru_cache(maxsize=128)
def _scenario(settings: str) -> Scenario:
    """Return the scenario of choices and changes given as JSON: most are asked for again."""
    return scenario_of(*json.loads(settings))


class Goal(Settings):
    """A goal: a metric that is to reach a value."""

    metric: str = setting("Metric that the page shows", max_length=80)
    sense: Literal["more", "less"] = setting("more: at least the value; less: at most")
    value: float = setting("Value that is to be reached", ge=-1e15, le=1e15)


Digest = Annotated[str, Field(max_length=64)]


class SimulationRequest(Settings):
    """Two strategies to compare, and how many futures to play."""

    a: ArmRequest = setting("Strategy A, the one compared with")
    b: ArmRequest = setting("Strategy B")
    futures: int = number("Futures to play", 1, MOST_FUTURES, unit="futures", default=MOST_FUTURES)
    first: int = number(
        "Futures of the first answer", 1, MOST_FUTURES, unit="futures", default=FIRST_FUTURES
    )
    seed: int = number("Seed of the luck", 0, LARGEST_SEED, default=1)
    goals: Several[Goal] = setting(
        "Goals, of which the futures are counted", (), max_length=MOST_GOALS
    )
    held: Several[Digest] = setting(
        "Digests of time paths of earlier answers, which need not be sent again",
        (),
        max_length=MOST_HELD,
    )


class ScoreboardRequest(Settings):
    """Strategies to hold against each other in every climate, by one metric at one moment."""

    arms: Several[ArmRequest] = setting(
        "Strategies; each is played in all climates", min_length=1, max_length=MOST_SAVED
    )
    metric: str = setting("Metric that the page shows", max_length=80)
    quarter: int = number("Quarters played", 0, LONGEST_HORIZON, unit="quarters")
    seed: int = number("Seed of the luck", 0, LARGEST_SEED, default=1)


class CountryRequest(Settings):
    """One country under one strategy, at one moment."""

    arm: ArmRequest = setting("The strategy")
    iso3: Annotated[str, Field(min_length=3, max_length=3)] = setting("Country code")
    quarter: int = number("Quarters played", 0, LONGEST_HORIZON, unit="quarters")
    seed: int = number("Seed of the luck", 0, LARGEST_SEED, default=1)
    target: float = number(
        "Chance of asking that a package is searched for; 0 for no search", 0, 1, default=0.0
    )


def read_request[Kind: Settings](model: type[Kind], content: Any) -> Kind:
    """Return a validated request.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    if not isinstance(content, Mapping):
        raise InputError("the request must be a group of settings")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, model, "")) from None
