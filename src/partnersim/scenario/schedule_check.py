"""Whether scheduled shocks make sense: who can be behind one, whom it can strike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from partnersim.scenario.geopolitics import Geopolitics, ScheduledShock
from partnersim.scenario.names import EVERYWHERE
from partnersim.scenario.shock import NEIGHBOUR, NOBODY, ShockType


def schedule_problems(climate: Geopolitics, shocks: Mapping[str, ShockType | None]) -> list[str]:
    """Return what makes no sense in the schedule of a climate, one line each.

    Parameters
    ----------
    climate : Geopolitics
    shocks : mapping of str to ShockType or None
        The catalogue; None where a type is not valid.
    """
    found = []
    for place, strike in enumerate(climate.schedule):
        kind = shocks.get(strike.shock)
        if kind is not None:
            key = f"geopolitics.schedule[{place}]"
            found += [f"{key}.{line}" for line in _senseless(strike, kind)]
    return found


def _senseless(strike: ScheduledShock, kind: ShockType) -> Iterator[str]:
    known = [name for name, weight in kind.sources.items() if weight > 0]
    countries = [name for name in known if name not in (NEIGHBOUR, NOBODY)]
    struck = list(strike.where)
    if kind.scope == "eu" and struck != [EVERYWHERE]:
        yield f"on = {', '.join(struck)}: {strike.shock} strikes the EU alone; write on: world"
    if strike.by is not None and not known:
        yield f"by = {strike.by}: nobody stands behind {strike.shock}; leave by out"
    if strike.by is not None and struck == [strike.by]:
        yield f"on = {strike.by}: is behind it itself; write whom it strikes, such as on: world"
    if strike.by is None and struck and set(struck) <= set(countries):
        yield (
            f"on = {', '.join(struck)}: would strike who wages a {strike.shock.replace('_', ' ')};"
            f" write by: {struck[0]} and on: world, or by: with who strikes it"
        )
