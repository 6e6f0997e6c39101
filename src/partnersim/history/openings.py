"""Probability that pairs are opened in a quarter, by either side, and its slopes.

Options of one country and quarter stand together in a turn. With u the country's utility of an
option, v that of the EU, c = 1 / (1 + exp(-v)) and d = 1 / (1 + exp(-u - acceptance)) the chances
that one agrees to what the other wants, m the share of questions that are put without sounding out
the answer, sums over the options l of the turn::

    share = exp(u) c / (1 + sum of exp(u_l) c_l)      of what the country would ask for
    offered = exp(v) d / (1 + sum of exp(v_l) d_l)    of what the EU would propose
    asked = a share c,    proposed = b offered d
    countered = b c d m (sum of offered_h (1 - d_h))

where h runs over the options that the option is one step lighter than; a and b are the chances that
the country has a turn and that the EU turns to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from partnersim.arrays import Floats, Integers


class OpeningSlopes(NamedTuple):
    """Slopes by what the probabilities are made of, for R options."""

    utility: Floats
    """(R,) by the country's utility."""
    union: Floats
    """(R,) by the EU's utility."""
    log_turn: Floats
    """(R,) by the log rate of the country's turns."""
    log_visit: Floats
    """(R,) by the log rate at which the EU turns to the country."""
    acceptance: float
    unsounded: float


@dataclass(kw_only=True)
class Openings:
    """Probabilities that R options are opened in their quarter; see the module for the letters.

    Parameters
    ----------
    utility, union : (R,) array
        Utilities of the country and of the EU.
    turn, visit : (R,) array
        Rates of the country's turns, and at which the EU turns to it.
    acceptance, unsounded : float
    starts : (G,) array of int
        First option of each turn.
    turns : (R,) array of int
        Turn of each option.
    lighter : (R,) array of int
        Option that is one step lighter, -1 if there is none.

    Attributes
    ----------
    asked, proposed, countered : (R,) array
        By a request of the country, a proposal of the EU, a counter-offer.
    share : (R,) array
        Share of the option in what the country would ask for.
    offered : (R,) array
        Share of the option in what the EU would propose.
    consent, accepted : (R,) array
        The chances c and d.
    """

    utility: Floats
    union: Floats
    turn: Floats
    visit: Floats
    acceptance: float
    unsounded: float
    starts: Integers
    turns: Integers
    lighter: Integers

    def __post_init__(self) -> None:
        self.consent = 1.0 / (1.0 + np.exp(-self.union))
        self.accepted = 1.0 / (1.0 + np.exp(-self.utility - self.acceptance))
        asks, offers = np.exp(self.utility) * self.consent, np.exp(self.union) * self.accepted
        self.share = asks / (1.0 + self._of_turn(asks))
        self.offered = offers / (1.0 + self._of_turn(offers))
        declined = np.zeros(len(asks))
        falls = np.flatnonzero(self.lighter >= 0)
        np.add.at(declined, self.lighter[falls], self.offered[falls] * (1.0 - self.accepted[falls]))
        turned = -np.expm1(-self.visit)
        self.asked = -np.expm1(-self.turn) * self.share * self.consent
        self.proposed = turned * self.offered * self.accepted
        self.countered = turned * self.consent * self.accepted * self.unsounded * declined

    @property
    def probability(self) -> Floats:
        """Return the probability that each option is opened, (R,)."""
        chance: Floats = 1.0 - (1.0 - self.asked) * (1.0 - self.proposed - self.countered)
        return chance

    def slopes(self, slope: Floats) -> OpeningSlopes:
        """Return slopes of a function of the probabilities, given its slopes by these, (R,)."""
        c, d, m = self.consent, self.accepted, self.unsounded
        asked = slope * (1.0 - self.proposed - self.countered) * self.asked
        by_union = slope * (1.0 - self.asked)
        proposed, countered = by_union * self.proposed, by_union * self.countered
        # What the sums of a turn take from all its options.
        by_sum = self._of_turn(asked) * self.share
        # What a counter-offer owes to each option that was declined.
        owed = np.zeros(len(slope))
        falls = np.flatnonzero(self.lighter >= 0)
        lighter = self.lighter[falls]
        pays = by_union * -np.expm1(-self.visit) * c * d * m
        owed[falls] = pays[lighter] * self.offered[falls] * (1.0 - d[falls])
        by_total = self._of_turn(proposed + countered) * self.offered
        # By the logarithms of c and of d.
        by_c = 2.0 * asked - by_sum + countered
        by_d = 2.0 * proposed + countered + owed - by_total
        ready = by_d * (1.0 - d) - owed * d
        return OpeningSlopes(
            utility=asked - by_sum + ready,
            union=by_c * (1.0 - c) + proposed + owed - by_total,
            log_turn=asked * _elasticity(self.turn),
            log_visit=(proposed + countered) * _elasticity(self.visit),
            acceptance=float(ready.sum()),
            unsounded=float(countered.sum()) / m if m > 0.0 else 0.0,
        )

    def _of_turn(self, values: Floats) -> Floats:
        """Return the sum over the options of each option's turn, (R,)."""
        sums: Floats = np.add.reduceat(values, self.starts)[self.turns]
        return sums


def _elasticity(rate: Floats) -> Floats:
    """Return by how much log(1 - exp(-rate)) rises with the log rate."""
    # For tiny rates the quotient is 1.
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(rate > 0.0, rate * np.exp(-rate) / -np.expm1(-rate), 1.0)
