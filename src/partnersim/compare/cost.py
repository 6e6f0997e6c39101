"""What a policy costs: public money of the Offer, and the officials who negotiate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from partnersim.scenario.horizon import quarter_index

if TYPE_CHECKING:
    from partnersim.runs.reader import Runs

#: Name of the cost among metrics.
COST = "cost"
#: The metric that it rests on.
SPENT = "offer_spent"
#: Million EUR a year for an official, about what the Commission counts for a full-time post in
#: the financial statements of its proposals: assumed.
PAY = 0.17
#: Factor that sets the officials of all policies.
_OFFICIALS = "policy.negotiators"


def cost_of[Money: (float, NDArray[np.float64])](
    spent: Money, negotiators: float, years: float, pay: float = PAY
) -> Money:
    """Return what a policy costs in public money up to the end of its runs.

    Parameters
    ----------
    spent : float or ndarray
        Public money that the Offer has spent since the start (metric ``offer_spent``), million EUR.
    negotiators : float
        Officials, as the policy is adopted; what its switches change later is left out.
    years : float
        Length of the runs.
    pay : float
        Million EUR a year for an official.

    Returns
    -------
    float or ndarray
        Million EUR.

    Examples
    --------
    >>> cost_of(1000.0, 500, 10)
    1850.0
    """
    return spent + pay * negotiators * years


@dataclass(frozen=True)
class PolicyCost:
    """What a policy costs, and what of the Offer's money lapses.

    Attributes
    ----------
    policy : str
    cost : float
        Mean over runs, million EUR up to the end.
    lapsed : float
        Share of the Offer's money that lapses; NaN without money.
    """

    policy: str
    cost: float
    lapsed: float


def costs_of(runs: Runs) -> list[PolicyCost]:
    """Return what every policy costs, the cheapest first; empty if its metrics were not kept."""
    needed = [SPENT, "offer_envelope", "offer_lapsed"]
    if not set(needed) <= set(runs.metrics):
        return []
    outcomes = runs.outcomes(needed).astype({"policy": str})
    configuration = runs.manifest["configuration"]
    horizon = configuration["horizon"]
    years = quarter_index(horizon["end"], horizon["start"]) / 4
    own = {name: policy["negotiators"] for name, policy in configuration["policy"].items()}
    officials = outcomes["policy"].map(own)
    if _OFFICIALS in runs.futures:
        officials = outcomes["future"].map(runs.futures.set_index("future")[_OFFICIALS])
    outcomes["officials"] = officials
    means = outcomes.groupby("policy")[[*needed, "officials"]].mean()
    found = []
    for policy, (spent, given, lapsed, number) in means.iterrows():
        share = lapsed / given if given > 0 else float("nan")
        found.append(PolicyCost(str(policy), cost_of(float(spent), float(number), years), share))
    return sorted(found, key=lambda one: (one.cost, one.policy))
