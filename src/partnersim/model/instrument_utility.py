"""What an instrument is worth to a country, term by term, and whether it may be taken up.

Every term is a named coefficient times what it looks at: equation and meaning stand in section 7.4
of the ODD.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import (
    AREAS,
    BROADEN,
    CONNECT,
    DEEPEN,
    MAXIMUM_DEPTH,
    PLANNED,
    POLITICAL,
)
from partnersim.model.ties import direction_of, is_active
from partnersim.random.elementary import log

#: Instruments in force per area at which complementarity is half felt.
HALF_COMPLEMENTARY = 2.0
#: More than the order of a sum can change of it.
ROUNDING = 1e-9


class InstrumentTerms(NamedTuple):
    """The terms of a country's utility of an instrument; their sum is the utility.

    Their formulas stand in section 7.4 of the ODD as they stand here.
    """

    direction: float
    """direction constant                    one of deepen, broaden, connect, strengthen"""
    need: float
    """need             * mean of need_ia"""
    readiness: float
    """readiness        * mean of readiness_ia"""
    offer: float
    """offer            * (R / (R + investment_unit_i) - usual_offer if developing)
                                                           R = mean of recent_ia"""
    alignment: float
    """alignment        * (alignment_i - 1/2) * binding_k / 4"""
    long_step: float
    """long_step        * mean of max(0, binding_k - depth_ia) / 4"""
    complementarity: float
    """complementarity  * H / (H + 2)                          H = mean of held_ia"""
    precursor: float
    """precursor        if the country has in force what leads to k (relations.csv)"""
    diffusion_links: float
    """diffusion_links  * linked_holders_ik / degree_i         0 without links"""
    diffusion_region: float
    """diffusion_region * holders of k in the region / countries of the region"""
    size: float
    """economic_size    * size_i"""
    rival: float
    """rival            * mean of supplied_ia
                   - rival_pull / 2 * mean of (rival_ia - first_rival_ia)   see 7.19"""
    threat_security: float
    """threat_security  * (sum of threat_ia over security areas) / n"""
    threat_elsewhere: float
    """threat_elsewhere * (sum of threat_ia over the other areas) / n"""
    announced: float
    """announced        if the stage is planned"""
    reputation: float
    """reputation       * (reputation of the EU + trust_i - 1/2)"""
    pooled: float
    """pooled_effects   * opening_ik                           see section 5"""
    drive: float
    """drive            mean of drive_ia, and ln(1 - silence_i) if the path is political"""
    alliance: float
    """vendor_alliance    if i is an ally and k keeps high-risk vendors out (7.19)"""
    bloc: float
    """- ln(n)            n: pairs for which the same bloc decides; one decision weighs one"""
    consent: float
    """ln c_ik          c: chance that the EU agrees (7.6); not when the EU proposes"""


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
def is_open(pairs: Any, pair: Any, instrument: Any) -> bool:
    """Tell whether an instrument is an option as the country's ties stand.

    It must be eligible, not under way nor lapsed, not barred by another tie, and its prerequisites
    must be in force.
    """
    return (
        pair.available == 1
        and pair.stage <= PLANNED
        and pair.barred == 0
        and pair.lapsed == 0
        and prerequisites_met(pairs, instrument)
    )


@rule
def may_take(pairs: Any, pair: Any, instrument: Any, quarter: int) -> bool:
    """Tell whether an instrument is an option: open, and not lately ended or declined."""
    return pair.again <= quarter and is_open(pairs, pair, instrument)


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
    return log(1.0 - country.silence) if country.silence < 1.0 else -math.inf


@inlined_rule
def instrument_terms(
    coefficients: Any,
    country: Any,
    instrument: Any,
    pair: Any,
    union: Any,
    need: float,
    opening: float,
    members: float,
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
    need, opening, members : float
        Of country and instrument, see `State`.
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
    pull = 0.0
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
        pull += country.rival[area] - country.first_rival[area]
        drive += country.drive[area]
        security_threat += secures * country.threat[area]
        other_threat += (1.0 - secures) * country.threat[area]
        steps += max(0, instrument.binding - country.depth[area])
        held += country.held[area]
    each = 1.0 / instrument.area_count
    recent_mean = recent * each
    offered = recent_mean / (recent_mean + country.investment_unit)
    held_mean = held * each
    firmness = instrument.binding / MAXIMUM_DEPTH
    direction = direction_of(country, instrument)
    announced = coefficients.announced if pair.stage == PLANNED else 0.0
    precursor = coefficients.precursor if pair.precursors > 0 else 0.0
    return InstrumentTerms(
        direction=direction_constant(coefficients, direction),
        need=coefficients.need * need,
        readiness=coefficients.readiness * (readiness * each),
        offer=coefficients.offer * (offered - coefficients.usual_offer * country.developing),
        alignment=coefficients.alignment * (alignment - 0.5) * firmness,
        long_step=coefficients.long_step * (steps * each / MAXIMUM_DEPTH),
        complementarity=coefficients.complementarity
        * (held_mean / (held_mean + HALF_COMPLEMENTARY)),
        precursor=precursor,
        diffusion_links=coefficients.diffusion_links * linked_share,
        diffusion_region=coefficients.diffusion_region * region_share,
        size=coefficients.economic_size * country.economic_size,
        rival=coefficients.rival * (rival * each) - 0.5 * coefficients.rival_pull * (pull * each),
        threat_security=coefficients.threat_security * (security_threat * each),
        threat_elsewhere=coefficients.threat_elsewhere * (other_threat * each),
        announced=announced,
        reputation=coefficients.reputation * (union.reputation + country.trust - 0.5),
        pooled=coefficients.pooled_effects * opening,
        drive=drive * each + silenced(country, instrument),
        alliance=coefficients.vendor_alliance * (country.ally * instrument.keeps_vendors_out),
        bloc=-members,
        consent=consent,
    )


@inlined_rule
def total(terms: InstrumentTerms) -> float:
    """Add the terms up, always in the same order."""
    added = terms[0]
    for term in terms[1:]:
        added += term
    return added


@rule
def common_bound(coefficients: Any, country: Any, union: Any, alignment: float) -> float:
    """Return what the terms that are not of one pair alone do not exceed, whatever the instrument.

    These are all but diffusion in the region and `tied_terms`. A mean over areas is not above the
    largest of them.
    """
    threat = max(coefficients.threat_security, coefficients.threat_elsewhere)
    by_area = -math.inf
    recent = 0.0
    held = 0
    for area in range(len(AREAS)):
        recent = max(recent, country.recent[area])
        held = max(held, country.held[area])
        steps = (MAXIMUM_DEPTH - country.depth[area]) / MAXIMUM_DEPTH
        by_area = max(
            by_area,
            coefficients.readiness * country.readiness[area]
            + coefficients.rival * country.supplied[area]
            - 0.5 * coefficients.rival_pull * (country.rival[area] - country.first_rival[area])
            + threat * country.threat[area]
            + max(0.0, coefficients.long_step) * steps
            + country.drive[area],
        )
    offered = recent / (recent + country.investment_unit)
    return (
        by_area
        + max(0.0, coefficients.offer) * offered
        - coefficients.offer * coefficients.usual_offer * country.developing
        + max(0.0, coefficients.alignment * (alignment - 0.5))
        + max(0.0, coefficients.complementarity) * (held / (held + HALF_COMPLEMENTARY))
        + max(0.0, coefficients.diffusion_links)
        + coefficients.economic_size * country.economic_size
        + coefficients.reputation * (union.reputation + country.trust - 0.5)
        + ROUNDING
    )


@rule
def tied_terms(
    coefficients: Any, country: Any, instrument: Any, pair: Any, need: float, opening: float
) -> float:
    """Return the terms that change only with a country's ties, if at all.

    Need, pooled effects, and those that are there or not: direction, announced, precursor,
    alliance.
    """
    added = coefficients.need * need + coefficients.pooled_effects * opening
    added += direction_constant(coefficients, direction_of(country, instrument))
    if pair.stage == PLANNED:
        added += coefficients.announced
    if pair.precursors > 0:
        added += coefficients.precursor
    if instrument.keeps_vendors_out == 1:
        added += coefficients.vendor_alliance * country.ally
    return added
