"""What an instrument is worth to a country, term by term, and whether it may be taken up.

Every term is a named coefficient times what it looks at: equation and meaning stand in section 7.4
of the ODD.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import BROADEN, CONNECT, DEEPEN, MAXIMUM_DEPTH, PLANNED, POLITICAL
from partnersim.model.ties import direction_of, is_active

#: Instruments in force per area at which complementarity is half felt.
HALF_COMPLEMENTARY = 2.0


class InstrumentTerms(NamedTuple):
    """The terms of a country's utility of an instrument; their sum is the utility."""

    direction: float
    need: float
    readiness: float
    offer: float
    alignment: float
    long_step: float
    complementarity: float
    diffusion_links: float
    diffusion_region: float
    size: float
    rival: float
    threat_security: float
    threat_elsewhere: float
    announced: float
    reputation: float
    pooled: float
    drive: float
    alliance: float
    bloc: float
    consent: float


@rule
def prerequisites_met(pairs: Any, instrument: Any) -> bool:
    """Tell whether every group of prerequisites has a member in force.

    Parameters
    ----------
    pairs : (K,) records
        The country's pairs.
    instrument : record
    """
    required = instrument.prerequisite
    for group in range(required.shape[0]):
        if required[group, 0] < 0:
            return True
        met = False
        for place in range(required.shape[1]):
            if required[group, place] >= 0 and is_active(pairs[required[group, place]]):
                met = True
        if not met:
            return False
    return True


@rule
def may_take(pairs: Any, pair: Any, instrument: Any, quarter: int) -> bool:
    """Tell whether an instrument is an option.

    It must be eligible, not under way nor lapsed, not barred by another tie, not lately ended, and
    its prerequisites must be in force.
    """
    return (
        pair.available == 1
        and pair.stage <= PLANNED
        and pair.barred == 0
        and pair.lapsed == 0
        and pair.again <= quarter
        and prerequisites_met(pairs, instrument)
    )


@rule
def share(part: int, whole: int) -> float:
    """Return a part's share of the whole, 0 of nothing."""
    return part / whole if whole > 0 else 0.0


@rule
def direction_constant(coefficients: Any, direction: int) -> float:
    """Return the constant of a direction."""
    if direction == DEEPEN:
        return coefficients.deepen
    if direction == BROADEN:
        return coefficients.broaden
    if direction == CONNECT:
        return coefficients.connect
    return coefficients.strengthen


@rule
def silenced(country: Any, instrument: Any) -> float:
    """Return what silence takes from the utility of a political instrument; -inf if it is total."""
    if instrument.path != POLITICAL or country.silence == 0.0:
        return 0.0
    return math.log(1.0 - country.silence) if country.silence < 1.0 else -math.inf


@inlined_rule
def instrument_terms(
    coefficients: Any,
    country: Any,
    instrument: Any,
    pair: Any,
    union: Any,
    alignment: float,
    linked_share: float,
    region_share: float,
    consent: float,
) -> InstrumentTerms:
    """Return the terms of a country's utility of an instrument.

    Every mean runs over the areas that the instrument covers.

    Parameters
    ----------
    coefficients, country, instrument, pair, union : records
    alignment : float
        Of the country with the EU, 0..1.
    linked_share : float
        Share of the country's linked partners that have the instrument in force, 0..1.
    region_share : float
        Share of the country's region that has the instrument in force, 0..1.
    consent : float
        Logarithm of the chance that the EU would agree; 0 if it has proposed.
    """
    readiness = 0.0
    recent = 0.0
    rival = 0.0
    drive = 0.0
    security_threat = 0.0
    other_threat = 0.0
    steps = 0
    held = 0
    for place in range(instrument.area_count):
        area = instrument.area_list[place]
        secures = instrument.secures[place]
        readiness += country.readiness[area]
        recent += country.recent[area]
        rival += country.supplied[area]
        drive += country.drive[area]
        security_threat += secures * country.threat[area]
        other_threat += (1.0 - secures) * country.threat[area]
        steps += max(0, instrument.binding - country.depth[area])
        held += country.held[area]
    each = 1.0 / instrument.area_count
    offered = recent / (recent + country.investment_unit)
    held_mean = held * each
    firmness = instrument.binding / MAXIMUM_DEPTH
    direction = direction_of(country, instrument)
    return InstrumentTerms(
        direction_constant(coefficients, direction),
        coefficients.need * pair.need,
        coefficients.readiness * (readiness * each),
        coefficients.offer * (offered - coefficients.usual_offer * country.developing),
        coefficients.alignment * (alignment - 0.5) * firmness,
        coefficients.long_step * (steps * each / MAXIMUM_DEPTH),
        coefficients.complementarity * (held_mean / (held_mean + HALF_COMPLEMENTARY)),
        coefficients.diffusion_links * linked_share,
        coefficients.diffusion_region * region_share,
        coefficients.economic_size * country.economic_size,
        coefficients.rival * (rival * each),
        coefficients.threat_security * (security_threat * each),
        coefficients.threat_elsewhere * (other_threat * each),
        coefficients.announced if pair.stage == PLANNED else 0.0,
        coefficients.reputation * (union.reputation + country.trust - 0.5),
        coefficients.pooled_effects * pair.opening,
        drive * each + silenced(country, instrument),
        coefficients.vendor_alliance * (country.ally * instrument.keeps_vendors_out),
        -pair.members,
        consent,
    )


@inlined_rule
def total(terms: InstrumentTerms) -> float:
    """Add the terms up, always in the same order."""
    return (
        terms.direction
        + terms.need
        + terms.readiness
        + terms.offer
        + terms.alignment
        + terms.long_step
        + terms.complementarity
        + terms.diffusion_links
        + terms.diffusion_region
        + terms.size
        + terms.rival
        + terms.threat_security
        + terms.threat_elsewhere
        + terms.announced
        + terms.reputation
        + terms.pooled
        + terms.drive
        + terms.alliance
        + terms.bloc
        + terms.consent
    )
