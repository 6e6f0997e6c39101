"""Switches of adaptive policies: in how many runs each fired, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from partnersim.compare.words import called, counted, percent
from partnersim.errors import InputError

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs


@dataclass(frozen=True)
class Firing:
    """How often a switch of a policy fired.

    Attributes
    ----------
    policy, switch : str
    fired, runs : int
        Runs in which it fired, of so many.
    futures_fired, futures : int
        Futures in which it fired in at least one run, of so many.
    quarters : tuple of str
        Early (10 %), middle and late (90 %) quarter in which it fired; empty if it never did.
    """

    policy: str
    switch: str
    fired: int
    runs: int
    futures_fired: int
    futures: int
    quarters: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the switch did, in words."""
        name = f"The switch “{self.switch.replace('_', ' ')}” of {called(self.policy)}"
        if not self.fired:
            return (
                f"{name} never fires in {counted(self.runs, 'run')}: it changes nothing, and the"
                " policy is the one that it builds on"
            )
        early, middle, late = self.quarters
        when = f"in {middle}" if early == late else f"mostly in {middle} ({early} to {late})"
        if self.fired == self.runs:
            return (
                f"{name} always fires, in all of {counted(self.runs, 'run')}, {when}: it is no sign"
                " but a plan, and could stand in the policy from the start"
            )
        return (
            f"{name} fires in {percent(self.fired / self.runs)} of {counted(self.runs, 'run')}"
            f" ({self.futures_fired} of {counted(self.futures, 'future')}), {when}"
        )


def firings(runs: Runs) -> list[Firing]:
    """Return how often each switch of each policy fired; empty if no policy has one.

    Raises
    ------
    InputError
        If policies have switches but event logs were not kept.
    """
    policies = runs.manifest["configuration"]["policy"]
    held = {
        name: [one["name"] for one in own["switches"]]
        for name, own in policies.items()
        if own.get("switches")
    }

    if not held:
        return []
    if not runs.layout.detailed:
        raise InputError(
            f"{runs.folder}: when switches fired is kept for listed climates only; run the policies"
            " without a design"
        )
    found = []
    for policy, switches in held.items():
        done = runs.outcomes([], policy=policy)
        events = runs.events(policy=policy)
        events = events[events["event"] == "switched"]
        for switch in switches:
            own = events[events["other"].astype(str) == switch]
            quarters = np.sort(own["quarter"].astype(str).to_numpy())
            places = [round(share * (len(quarters) - 1)) for share in (0.1, 0.5, 0.9)]
            found.append(
                Firing(
                    *(policy, switch, len(own), len(done)),
                    futures_fired=int(own["future"].nunique()),
                    futures=int(done["future"].nunique()),
                    quarters=tuple(str(quarters[place]) for place in places) if len(own) else (),
                )
            )
    return found
