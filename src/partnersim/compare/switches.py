"""Switches of adaptive policies: in how many runs each fired, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partnersim.compare.words import called, counted, share_of_runs

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs

#: So many futures are played again where event logs were not kept.
MOST_AGAIN = 64


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
        of = f" of {counted(self.runs, 'run')}"
        share = share_of_runs(self.fired / self.runs, self.runs, of)
        return (
            f"{name} fires in {share}"
            f" ({self.futures_fired} of {counted(self.futures, 'future')}), {when}"
        )


def firings(runs: Runs) -> list[Firing]:
    """Return how often each switch of each policy fired; empty if no policy has one.

    Of sampled futures no event logs are kept: then one run of each future, of many futures some
    that are spread evenly, is played again.

    Raises
    ------
    InputError
        If runs must be played again and were made with other rules.
    """
    policies = runs.manifest["configuration"]["policy"]
    held = {
        name: [str(one["name"]) for one in own["switches"]]
        for name, own in policies.items()
        if name in runs.policies and own.get("switches")
    }
    if not held:
        return []
    logs = _logs if runs.layout.detailed else _played_again
    found = []
    for policy, (played, events) in logs(runs, list(held)).items():
        for switch in held[policy]:
            own = events[events["other"].astype(str) == switch]
            quarters = np.sort(own["quarter"].astype(str).to_numpy())
            places = [round(share * (len(quarters) - 1)) for share in (0.1, 0.5, 0.9)]
            found.append(
                Firing(
                    *(policy, switch, len(own), len(played)),
                    futures_fired=int(own["future"].nunique()),
                    futures=int(played["future"].nunique()),
                    quarters=tuple(str(quarters[place]) for place in places) if len(own) else (),
                )
            )
    return found


def _logs(runs: Runs, policies: list[str]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Return the runs of every policy that were done, and the switches that were made in them."""
    found = {}
    for policy in policies:
        events = runs.events(policy=policy)
        switched = events[events["event"] == "switched"]
        found[policy] = runs.outcomes([], policy=policy), switched
    return found


def _played_again(runs: Runs, policies: list[str]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    from partnersim.runs.plan import plan_in
    from partnersim.runs.play import simulate

    plan = plan_in(runs)
    count = len(plan.futures)
    chosen = np.unique(np.linspace(0, count - 1, min(count, MOST_AGAIN)).round().astype(int))
    logs: dict[str, list[pd.DataFrame]] = {policy: [] for policy in policies}
    for future in chosen:
        scenarios = plan.scenarios(int(future))
        for policy, own in logs.items():
            events = simulate(plan.world, scenarios[policy], seed=runs.manifest["seed"]).events
            own.append(events[events["event"] == "switched"].assign(future=future))
    played = pd.DataFrame({"future": chosen})
    return {policy: (played, pd.concat(own)) for policy, own in logs.items()}
