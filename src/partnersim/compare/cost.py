"""What a policy costs: public money of the Offer, and the officials who negotiate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from partnersim.arrays import Floats
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


def cost_of[Money: (float, Floats)](
    spent: Money, negotiators: Money, years: float, pay: float = PAY
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


def costs_of(runs: Runs) -> pd.DataFrame:
    """Return what every policy costs, and what of the Offer's money lapses.

    Returns
    -------
    DataFrame
        Indexed by policy, the cheapest first: ``cost``, mean over runs, million EUR up to the end;
        ``lapsed``, share of the Offer's money that lapses, NaN without money. Empty if the metrics
        that it takes were not kept.
    """
    needed = [SPENT, "offer_envelope", "offer_lapsed"]
    if not set(needed) <= set(runs.metrics):
        return pd.DataFrame(columns=["cost", "lapsed"])
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
    cost = cost_of(means[SPENT].to_numpy(), means["officials"].to_numpy(), years)
    given = means["offer_envelope"]
    lapsed = means["offer_lapsed"] / given.where(given > 0)
    return pd.DataFrame({"cost": cost, "lapsed": lapsed}).sort_values("cost", kind="stable")
