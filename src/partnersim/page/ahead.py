"""A second program that compiles the rules from their end: the page begins at their beginning.

A room waits for them. Programs that compile at once take from each other what is there, see
`partnersim.compiler.compiled`, so that the page is ready in half the time.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numba

from partnersim.model.adaptation import adapt
from partnersim.model.expiry import expire_and_renew
from partnersim.model.initiative import propose
from partnersim.model.links import form_links
from partnersim.model.observation import observe
from partnersim.model.offer import spend_offer
from partnersim.model.quarter import take_turns
from partnersim.model.rivals import compete
from partnersim.model.shock_effects import apply_shocks
from partnersim.model.stages import advance_stages
from partnersim.model.suspension import suspend_and_recover
from partnersim.page.request import usual_scenario
from partnersim.runs.play import EVENT_CAPACITY
from partnersim.scenario.compile import prepare
from partnersim.world.world import shipped_world

#: What a run calls with a state and nothing else, from the last to the first.
FROM_THE_END: tuple[Any, ...] = (
    adapt,
    compete,
    suspend_and_recover,
    advance_stages,
    form_links,
    take_turns,
    propose,
    spend_offer,
    expire_and_renew,
    apply_shocks,
)


def begin() -> None:
    """Start it; it ends by itself."""
    nowhere = subprocess.DEVNULL
    words = [sys.executable, "-m", __name__]
    subprocess.Popen(words, stdin=nowhere, stdout=nowhere, stderr=nowhere)


def main() -> None:
    """Compile what a run calls, the last first."""
    state = numba.typeof(prepare(shipped_world(), usual_scenario(), EVENT_CAPACITY))
    last: Any = observe
    last.for_rules.compile((state, numba.float64[::1], numba.boolean))
    for rule in FROM_THE_END:
        rule.for_rules.compile((state,))


if __name__ == "__main__":
    main()
