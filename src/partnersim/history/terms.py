"""The terms of utilities and hazards as the rules give them, for every pair, at unit coefficients.

Utilities and log hazards are linear in the coefficients, so what the rules return for one
coefficient at 1 and all others at 0 is the variable that the coefficient belongs to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from partnersim.compiler.compiled import rule
from partnersim.model.choice import terms_of
from partnersim.model.coefficients import GROUPS, NAMES
from partnersim.model.consent import union_utility
from partnersim.model.constants import PLANNED
from partnersim.model.instrument_utility import InstrumentTerms, may_take
from partnersim.model.records import COEFFICIENTS
from partnersim.model.stages import advance_hazard, pace_of
from partnersim.model.state import State
from partnersim.model.ties import direction_of
from partnersim.model.world_arrays import Flags, Floats

#: Terms with a coefficient of the likelihood: pooled effects are estimated beside them, and of the
#: drive of shocks the history tells nothing.
TERMS = InstrumentTerms._fields[: InstrumentTerms._fields.index("pooled")]
#: Coefficients of the EU's utility.
CONSENT = GROUPS["consent"]
HAZARD = ("hazard_alignment", "hazard_binding", "hazard_threat", "hazard_busy", "hazard_direct")


class Terms(NamedTuple):
    """What the rules say about N countries and K instruments at one moment."""

    admissible: Flags
    """(N, K) 1 where the country may take the instrument now."""
    direction: Flags
    """(N, K) under which it would be taken, see ``constants.DIRECTIONS``."""
    utility: Floats
    """(N, K, terms) those of the country's utility, in the order of `TERMS`."""
    consent: Floats
    """(N, K, terms) those of the EU's utility, in the order of `CONSENT`."""
    hazard: Floats
    """(N, K, terms) those of the log hazard, in the order of `HAZARD`."""


def _units(names: tuple[str, ...]) -> Any:
    """Return one record per name in which only that coefficient is 1."""
    records = np.zeros(len(names), COEFFICIENTS).view(np.recarray)
    for row, name in enumerate(names):
        records[name][row] = 1.0
    return records


def read_terms(state: State) -> Terms:
    """Return the terms of every pair as the state stands; its coefficients become all ones."""
    countries, instruments = state.pairs.shape
    for name in NAMES:
        state.coefficients[name] = 1.0
    # The usual money is what the history counts as: neither it nor its absence tells of demand.
    state.coefficients["usual_offer"] = 0.0
    state.countries["recent"] = 0.0
    terms = Terms(
        *np.zeros((2, countries, instruments), np.uint8),
        *(
            np.zeros((countries, instruments, len(names)))
            for names in (InstrumentTerms._fields, CONSENT, HAZARD)
        ),
    )
    _fill(state, _units(CONSENT), _units(HAZARD), terms)
    return terms._replace(utility=terms.utility[:, :, : len(TERMS)])


@rule
def _fill(state: State, consent_units: Any, hazard_units: Any, terms: Terms) -> None:
    """Write the terms of every pair."""
    union = state.union[0]
    for i in range(state.pairs.shape[0]):
        country = state.countries[i]
        alignment, priority = state.alignment[i], state.region_priority[country.region]
        free = country.load < country.capacity
        for k in range(state.pairs.shape[1]):
            instrument = state.instruments[k]
            pair = state.pairs[i, k]
            terms.direction[i, k] = direction_of(country, instrument)
            if free and may_take(state.pairs[i], pair, instrument, 0):
                terms.admissible[i, k] = 1
            for place, value in enumerate(terms_of(state, i, k, 1.0)):
                terms.utility[i, k, place] = value
            for place in range(len(consent_units)):
                units = consent_units[place]
                terms.consent[i, k, place] = union_utility(
                    units, union, country, instrument, pair, alignment, priority
                )
            pace = pace_of(country, instrument, PLANNED)
            for place in range(len(hazard_units)):
                units = hazard_units[place]
                hazard = advance_hazard(units, union, country, instrument, alignment, 1.0, pace)
                terms.hazard[i, k, place] = np.log(hazard)
