"""What a policy costs: public money of the Offer, and the officials who negotiate."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import NDArray

#: Name of the cost among metrics.
COST = "cost"
#: The metric that it rests on.
SPENT = "offer_spent"
#: Million EUR a year for an official, about what the Commission counts for a full-time post in
#: the financial statements of its proposals: assumed.
PAY = 0.17


@overload
def cost_of(spent: float, negotiators: float, years: float, pay: float = PAY) -> float: ...
@overload
def cost_of(
    spent: NDArray[np.float64], negotiators: float, years: float, pay: float = PAY
) -> NDArray[np.float64]: ...
def cost_of(
    spent: float | NDArray[np.float64], negotiators: float, years: float, pay: float = PAY
) -> float | NDArray[np.float64]:
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
