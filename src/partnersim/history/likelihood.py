"""The likelihood of the dated history under the rules.

A pair is opened in a quarter by one side or the other. A country gets a turn with probability
``a``, chooses option k with the multinomial logit share ``s_k``, in which the chance ``c_k`` that
the EU agrees weighs, and meets its consent: ``a s_k c_k``. The EU turns to a country with
probability ``b``, chooses option k with the share ``r_k``, in which the partner's acceptance
``d_k`` weighs, and meets it: ``b r_k d_k``; what is declined may be followed by something lighter
(`partnersim.history.openings`). From then on the pair moves to its next stage with the hazards of
the rules.
Openings and moves that nobody recorded are summed over, quarter by quarter (forward-backward
algorithm, Rabiner 1989, doi:10.1109/5.18626); what is still under way at the end is
right-censored. Pairs are treated as independent given the network replayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from partnersim.arrays import Floats, Truths
from partnersim.history.design import (
    BASE_NAMES,
    CHOICE_NAMES,
    MAX_POSITIONS,
    UNANIMOUS,
    HistoryDesign,
)
from partnersim.history.openings import Openings
from partnersim.history.talks import TALKS
from partnersim.history.terms import CONSENT, HAZARD
from partnersim.model.constants import MIDDLING, MONTHS_PER_QUARTER

#: Coefficients of the likelihood, in the order of its parameter vector.
ACTIVITY = ("activity_rate", "activity_size")
INITIATIVE = ("initiative_rate", "initiative_summit", "acceptance", "unsounded")
PARAMETERS = (
    *(*ACTIVITY, *CHOICE_NAMES, *CONSENT, *INITIATIVE),
    *(*BASE_NAMES, UNANIMOUS, *HAZARD, *TALKS),
)
#: Positive coefficients, which the parameter vector holds as logarithms.
LOGARITHMIC = frozenset(("activity_rate", "initiative_rate", *BASE_NAMES, *TALKS))

_CHOICE = slice(len(ACTIVITY), len(ACTIVITY) + len(CHOICE_NAMES))
_CONSENT = slice(_CHOICE.stop, _CHOICE.stop + len(CONSENT))
_INITIATIVE = slice(_CONSENT.stop, _CONSENT.stop + len(INITIATIVE))
_BASE = slice(_INITIATIVE.stop, _INITIATIVE.stop + len(BASE_NAMES))
_UNANIMOUS = _BASE.stop
_HAZARD = slice(_UNANIMOUS + 1, _UNANIMOUS + 1 + len(HAZARD))
_TALKS = slice(_HAZARD.stop, _HAZARD.stop + len(TALKS))

#: Terms of the EU's utility that are the same for all instruments.
_OF_PARTNER = np.isin(
    CONSENT, ("consent_size", "consent_region", "consent_alignment", "consent_busy")
)
#: Probability below which a record counts as impossible under the rules.
_IMPOSSIBLE = 1e-300


class Slopes(NamedTuple):
    """The log-likelihood and its slopes by what effects of countries and instruments add to."""

    value: float
    gradient: Floats
    """(P,) by the coefficients, in the order of `PARAMETERS`."""
    by_utility: Floats
    """(R,) by the utility of each option."""
    by_log_hazard: Floats
    """(S,) by the log hazard of all moves of each spell."""


@dataclass
class HistoryLikelihood:
    """Log-likelihood of a design and its gradient.

    Parameters
    ----------
    design : HistoryDesign
        From `build_design`.
    """

    design: HistoryDesign

    @cached_property
    def explained(self) -> Truths:
        """Flags of spells that the rules can bring about at all, (S,)."""
        design = self.design
        possible = np.where(design.option >= 0, 0.5, 0.0)
        half = np.full((*design.active.shape, MAX_POSITIONS), 0.5)
        half[:, :, 0] = 0.0
        moving = (design.base >= 0)[:, None, :] & ~design.frozen[:, :, None]
        past = _forward(design, possible, np.where(moving, half, 0.0))
        return np.all(past.scales > 0.0, axis=1)

    def opening(self, theta: Floats, added: Floats | float = 0.0) -> Openings:
        """Return the probability that each option is opened, and what its slopes need.

        Parameters
        ----------
        theta : (P,) array
        added : (R,) array, optional
            Added to the utility of each option.
        """
        design = self.design
        consent = theta[_CONSENT]
        rate, summit, acceptance, unsounded = theta[_INITIATIVE]
        worth = _partner_worth(design) @ consent
        return Openings(
            # Utilities stay moderate: no need to guard the exponential.
            utility=design.choice @ theta[_CHOICE] + added,
            union=design.consent @ consent,
            turn=turn_rate(theta[0], theta[1], design.size),
            visit=np.exp(rate + worth + summit * design.summit),
            acceptance=acceptance,
            unsounded=unsounded,
            starts=design.turn_start,
            turns=design.turn,
            lighter=design.lighter,
        )

    def moves(self, theta: Floats, faster: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Return hazards per quarter and chances per month of leaving each position, (S, T, 6).

        Parameters
        ----------
        theta : (P,) array
        faster : (S,) array, optional
            Added to the log hazard of each spell.
        """
        design = self.design
        # Where there is no base hazard, the last value is taken.
        base = np.append(theta[_BASE], -np.inf)[design.base] + theta[_UNANIMOUS] * design.unanimous
        terms = design.hazard @ theta[_HAZARD] + np.reshape(faster, (-1, 1))
        hazard = np.exp(base[:, None, :] + terms[:, :, None]) * ~design.frozen[:, :, None]
        return hazard, -np.expm1(-hazard / MONTHS_PER_QUARTER)

    def slopes(
        self, theta: Floats, added: Floats | float = 0.0, faster: Floats | float = 0.0
    ) -> Slopes:
        """Return the log-likelihood and its slopes, with what is added to utilities and hazards.

        Parameters
        ----------
        theta : (P,) array
            Coefficients in the order of `PARAMETERS`, `LOGARITHMIC` ones as logarithms.
        added : (R,) array, optional
            Added to the utility of each option.
        faster : (S,) array, optional
            Added to the log hazard of each spell.
        """
        design = self.design
        opening = self.opening(theta, added)
        hazard, move = self.moves(theta, faster)
        # Of what could not be opened the last value, 0, is taken.
        probability = np.append(opening.probability, 0.0)[design.option]
        past = _forward(design, probability, move)
        weight = np.where(self.explained, design.weight, 0.0)
        value = float((weight[:, None] * np.log(np.maximum(past.scales, _IMPOSSIBLE))).sum())
        never = opening.probability[design.free]
        value += float(np.log1p(-never).sum())
        by_opening, by_move = _backward(design, probability, move, past)
        slope = np.zeros(len(design.size))
        slope[design.free] = -1.0 / (1.0 - never)
        rows, columns = np.nonzero(design.option >= 0)
        np.add.at(slope, design.option[rows, columns], weight[rows] * by_opening[rows, columns])
        gradient = np.zeros(len(PARAMETERS))
        talks, gradient[_TALKS] = design.talks.value_and_gradient(theta[_TALKS])
        value += talks
        by = opening.slopes(slope)
        gradient[0] = by.log_turn.sum()
        gradient[1] = by.log_turn @ (design.size - MIDDLING)
        gradient[_CHOICE] = by.utility @ design.choice
        gradient[_CONSENT] = by.union @ design.consent + by.log_visit @ _partner_worth(design)
        gradient[_INITIATIVE] = (
            *(by.log_visit.sum(), by.log_visit @ design.summit),
            *(by.acceptance, by.unsounded),
        )
        in_a_month = hazard / MONTHS_PER_QUARTER
        by_hazard = weight[:, None, None] * by_move * in_a_month * np.exp(-in_a_month)
        by_base = by_hazard.sum(axis=1)
        known = design.base >= 0
        np.add.at(gradient[_BASE], design.base[known], by_base[known])
        gradient[_UNANIMOUS] = (by_base * design.unanimous).sum()
        gradient[_HAZARD] = np.einsum("st,stf->f", by_hazard.sum(axis=2), design.hazard)
        return Slopes(value, gradient, by.utility, by_hazard.sum(axis=(1, 2)))


def _partner_worth(design: HistoryDesign) -> Floats:
    """Return the terms of the EU's utility that are its worth as a partner, (R, C)."""
    terms = np.where(_OF_PARTNER, design.consent, 0.0)
    terms[:, CONSENT.index("consent_size")] -= MIDDLING
    return terms


def turn_rate(log_rate: float, by_size: float, size: Floats) -> Floats:
    """Return the rate of turns per quarter of countries of some economic sizes."""
    return np.exp(log_rate + by_size * (size - MIDDLING))


def _allowed(design: HistoryDesign) -> Truths:
    """Return the positions within the bounds after each quarter, (S, T, 6)."""
    places = np.arange(MAX_POSITIONS)
    return (places >= design.low[:, :, None]) & (places <= design.high[:, :, None])


def _step(position: Floats, opening: Floats, move: Floats) -> list[Floats]:
    """Return how much is at each position before each month of a quarter, and after the last.

    A pair may be opened and pass several stages in one quarter, one a month.
    """
    here = position.copy()
    taken = position[:, 0] * opening
    here[:, 0] -= taken
    here[:, 1] += taken
    months = [here]
    for _ in range(MONTHS_PER_QUARTER):
        passed = here[:, 1:-1] * move[:, 1:-1]
        here = here.copy()
        here[:, 1:-1] -= passed
        here[:, 2:] += passed
        months.append(here)
    return months


class _Past(NamedTuple):
    """What the records up to each quarter tell of S spells."""

    scales: Floats
    """(S, T) probability of the quarter's bounds given those before."""
    before: list[Floats]
    """(S, 6) of being at each position before each quarter."""
    monthly: list[list[Floats]]
    """The same before each month of each quarter."""


def _forward(design: HistoryDesign, opening: Floats, move: Floats) -> _Past:
    """Go through the quarters in order."""
    allowed = _allowed(design)
    position = design.start / design.start.sum(axis=1, keepdims=True)
    scales = np.ones(design.active.shape)
    before, monthly = [], []
    for t in range(design.active.shape[1]):
        before.append(position)
        *months, after = _step(position, opening[:, t], move[:, t])
        monthly.append(months)
        after = after * allowed[:, t]
        scale = after.sum(axis=1)
        active = design.active[:, t]
        scales[:, t] = np.where(active, scale, 1.0)
        safe = np.where(scale > 0.0, scale, 1.0)
        position = np.where(active[:, None], after / safe[:, None], position)
    return _Past(scales, before, monthly)


def _backward(
    design: HistoryDesign, opening: Floats, move: Floats, past: _Past
) -> tuple[Floats, Floats]:
    """Return the slopes of each spell's log-likelihood by opening (S, T) and move (S, T, 6)."""
    allowed = _allowed(design)
    by_opening = np.zeros(opening.shape)
    by_move = np.zeros(move.shape)
    later = np.ones((len(design.weight), MAX_POSITIONS))
    for t in range(opening.shape[1] - 1, -1, -1):
        active = design.active[:, t]
        safe = np.where(past.scales[:, t] > 0.0, past.scales[:, t], 1.0)
        here = later * allowed[:, t] / safe[:, None]
        for month in reversed(past.monthly[t]):
            gain = here[:, 2:] - here[:, 1:-1]
            by_move[:, t, 1:-1] += np.where(active[:, None], month[:, 1:-1] * gain, 0.0)
            here = here.copy()
            here[:, 1:-1] += move[:, t, 1:-1] * gain
        opened = here[:, 1] - here[:, 0]
        by_opening[:, t] = np.where(active, past.before[t][:, 0] * opened, 0.0)
        earlier = here.copy()
        earlier[:, 0] += opening[:, t] * opened
        later = np.where(active[:, None], earlier, later)
    return by_opening, by_move
