"""How dated events are read: what an event of a pair means on the path of its instrument."""

from __future__ import annotations

from partnersim.model.constants import PATH_STAGES

#: What an event makes of a pair. ``held`` is activity only.
STAGE_OF_EVENT = {
    "announced": "announced",
    "negotiation_opened": "negotiating",
    "concluded": "concluded",
    "signed": "signed",
    "launched": "in_force",
    "in_force": "in_force",
    "suspended": "none",
    "ended": "none",
    "held": "",
}

#: Instruments of the event list that help to read it and are no part of the catalogue.
HELPERS = ("ENLARGEMENT_STATUS", "ADEQUACY", "DIGITAL_TRADE_PRINCIPLES", "SAFE_PARTICIPATION")


def stage_entered(event: str, path: str) -> str:
    """Return the stage that an event puts a pair in, empty if none.

    A political text operates from its signature; a political path and a project know no
    conclusion.

    Examples
    --------
    >>> stage_entered("signed", "political"), stage_entered("signed", "treaty")
    ('in_force', 'signed')
    """
    stage = STAGE_OF_EVENT[event]
    if stage == "concluded" and stage not in PATH_STAGES[path]:
        return "negotiating"
    if stage == "signed" and stage not in PATH_STAGES[path]:
        return "in_force"
    return stage


def positions(path: str) -> dict[str, int]:
    """Return the place of every stage on a path: 0 for none, 1 for the first stage."""
    return {"none": 0, **{stage: place + 1 for place, stage in enumerate(PATH_STAGES[path])}}
