"""What a calibration takes for granted; other values are tried by cross-validation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choices:
    """Choices made before the fit.

    Attributes
    ----------
    prior_width : float
        Prior standard deviations between the ends of a plausible range.
    lead_years : int
        Years before its first record from which an instrument counts as on offer: talks come
        first.
    one_decision_one_weight : bool
        Whether pairs that one decision brought about share the weight of one.
    """

    prior_width: float = 4.0
    lead_years: int = 2
    one_decision_one_weight: bool = True
