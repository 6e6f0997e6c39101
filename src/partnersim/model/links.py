"""Links between partners: digital agreements of two, of a grouping, by accession, or long signed.

Who links with whom is a coordination model: both must choose each other. Stadtfeld, Hollway and
Block (2017), doi:10.1177/0081175017709295. Links do not compete with what the EU offers, and one
that is in force stays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from partnersim.compiler.compiled import inlined_rule, rule
from partnersim.model.constants import CONNECT
from partnersim.model.draws import NOBODY, agrees, draw, draw_of, is_hit, luck, poisson
from partnersim.model.events import LINKED, log_link
from partnersim.model.state import State
from partnersim.model.ties import set_link
from partnersim.model.world_arrays import Flags, Floats
from partnersim.random.elementary import exp, log
from partnersim.random.keys import CODES
from partnersim.random.numbers import (
    LINK,
    LINK_ACCESSION,
    LINK_ENTRY,
    LINK_FOUNDING,
    LINK_JOINING,
)

#: Members of a grouping of middling size.
MIDDLING_MEMBERS = 10.0


@rule
def fill_fixed_pull(state: State, distance: Floats, restricted: Flags) -> None:
    """Write the part of the pull between two countries that does not change, and its table.

    There is none where one restricts trade in technology with the other, and none to itself.

    Parameters
    ----------
    distance : (N, N) array
        Between capitals, 10,000 km.
    restricted : (N, N) array of uint8
    """
    coefficients = state.coefficients[0]
    countries = len(state.countries)
    for i in range(countries):
        for j in range(countries):
            grouping = 1.0 if state.common_grouping[i, j] >= 0 else 0.0
            state.fixed_pull[i, j] = (1.0 - restricted[i, j]) * exp(
                coefficients.link_distance * distance[i, j] + coefficients.link_grouping * grouping
            )
        state.fixed_pull[i, i] = 0.0
        state.closure[i] = exp(coefficients.link_shared_partners * log(1.0 + i))


@rule
def fill_lasting_pull(state: State, i: int) -> None:
    """Write the part of country i's pull that lasts until links change; 0 where it is linked."""
    for j in range(len(state.countries)):
        lasting = state.fixed_pull[i, j] * state.closure[state.shared_partners[i, j]]
        state.lasting_pull[i, j] = lasting if state.linked[i, j] == 0 else 0.0


@rule
def _refresh_lasting_pull(state: State) -> None:
    """Write it anew for countries whose links have changed in this quarter, for all others too."""
    for i in range(len(state.countries)):
        if state.relinked[i] == 1:
            state.relinked[i] = 0
            fill_lasting_pull(state, i)
            for j in range(len(state.countries)):
                state.lasting_pull[j, i] = state.lasting_pull[i, j]


@rule
def attraction(coefficients: Any, country: Any, degree: int) -> float:
    """Return what makes a country wanted by all others: exp of its own terms."""
    readiness = 0.0
    for area in range(len(country.readiness)):
        readiness += country.readiness[area]
    return exp(
        coefficients.link_size * country.economic_size
        + coefficients.link_readiness * readiness / len(country.readiness)
        + coefficients.link_experience * (1.0 if degree > 0 else 0.0)
    )


@inlined_rule
def _pull(lasting: Floats, up: Floats, down: Floats, falling: bool, i: int, j: int) -> float:
    """Return the pull between two countries, of the row of country i of what lasts.

    exp(gap |x - y|) is the smaller of exp(gap (x - y)) and exp(gap (y - x)) where gap is negative.
    """
    one, other = up[i] * down[j], up[j] * down[i]
    return lasting[j] * (min(one, other) if falling else max(one, other))


@inlined_rule
def _chance(pull: float, wanted: Floats, i: int, j: int) -> float:
    """Return how likely two countries are to choose each other: p(i->j) p(j->i)."""
    return pull * pull * (wanted[i] * wanted[j])


@rule
def fill_chances(state: State, i: int, chances: Floats) -> None:
    """Write how likely country i and each other are to be the next to link, up to a factor.

    p(i->j) p(j->i), see `form_links`; 0 if linked. After `weigh_countries`.
    """
    falling = state.coefficients[0].link_alignment_gap < 0.0
    wanted, up, down = state.link_scratch[0], state.link_scratch[1], state.link_scratch[2]
    lasting = state.lasting_pull[i]
    for j in range(len(chances)):
        chances[j] = _chance(_pull(lasting, up, down, falling, i, j), wanted, i, j)


@rule
def weigh_countries(state: State) -> None:
    """Write to ``state.link_scratch`` what the chances of all pairs follow from.

    How much each country is wanted, as a share of all that others may choose; exp of its alignment,
    and of its negative.
    """
    coefficients = state.coefficients[0]
    countries = len(state.countries)
    wanted, up, down = state.link_scratch[0], state.link_scratch[1], state.link_scratch[2]
    sums = state.initiative[0]
    gap = coefficients.link_alignment_gap
    falling = gap < 0.0
    for i in range(countries):
        wanted[i] = attraction(coefficients, state.countries[i], state.degree[i])
        up[i] = exp(gap * state.alignment[i])
        down[i] = exp(-gap * state.alignment[i])
        sums[i] = 0.0
    # Whole rows, though the two halves are alike: nothing then waits for a sum.
    for i in range(countries):
        lasting = state.lasting_pull[i]
        for j in range(countries):
            sums[j] += _pull(lasting, up, down, falling, i, j) * wanted[i]
    # Both choose each other: each pull is squared, and shared out by what else either may choose.
    for i in range(countries):
        wanted[i] = wanted[i] / sums[i] if sums[i] > 0.0 else 0.0


@rule
def weigh_initiative(state: State, grouped: bool) -> None:
    """Write the sum of each country's chances with whom it may link: ``state.initiative``.

    In the first row by itself, one of the two being large; in the second those with a grouping in
    common.
    """
    countries = len(state.countries)
    falling = state.coefficients[0].link_alignment_gap < 0.0
    wanted, up, down = state.link_scratch[0], state.link_scratch[1], state.link_scratch[2]
    large = state.link_scratch[3]
    sums = state.initiative[1 if grouped else 0]
    for i in range(countries):
        sums[i] = 0.0
        large[i] = 1.0 if state.countries[i].large == 1 else 0.0
    # Chances are worked out once more: writing them down takes longer.
    for i in range(countries):
        lasting = state.lasting_pull[i]
        grouping = state.common_grouping[i]
        if grouped:
            for j in range(countries):
                chance = _chance(_pull(lasting, up, down, falling, i, j), wanted, i, j)
                sums[j] += chance if grouping[j] >= 0 else 0.0
        else:
            for j in range(countries):
                chance = _chance(_pull(lasting, up, down, falling, i, j), wanted, i, j)
                sums[j] += chance * max(large[i], large[j])


@rule
def form_links(state: State) -> None:
    """Let pairs link, groupings found agreements, countries join, and what is signed enter force.

    Decisions of a kind come at a rate, as many as a Poisson number; who takes one has the chances
    that rest on the network at the end of the turns.
    """
    coefficients = state.coefficients[0]
    clock = state.clock[0]
    # The EU's priority for connecting speeds links.
    priority = state.union[0].direction_priority[CONNECT]
    pace = exp(coefficients.link_outreach * (priority - 1.0))
    # Rates count entries into force. Those of what was signed before the run are played as such:
    # the others are as many as Poisson decisions that each wait an exponential time.
    pace *= 1.0 - exp(-coefficients.link_entry_rate * clock.quarter)
    links = poisson(clock, pace * coefficients.link_rate, LINK)
    foundings = poisson(clock, pace * coefficients.link_founding_rate, LINK_FOUNDING)
    accessions = poisson(clock, pace * coefficients.link_accession_rate, LINK_ACCESSION)
    # In many quarters nothing is decided, or of one kind only.
    if links + foundings + accessions > 0:
        weigh_countries(state)
    if links > 0:
        weigh_initiative(state, False)
    if foundings > 0:
        weigh_initiative(state, True)
    if accessions > 0:
        weigh_accessions(state)
    for number in range(1, links + 1):
        i, j = pair_chosen(state, number, LINK)
        if i >= 0:
            _link(state, i, j)
    for number in range(1, foundings + 1):
        i, j = pair_chosen(state, number, LINK_FOUNDING)
        if i >= 0:
            _found(state, i, j)
    for number in range(1, accessions + 1):
        _join_agreement(state, number)
    # What is signed waits for the parliaments of the partners: the EU does not speed it.
    _enter_signed(state, coefficients.link_entry_rate)
    _refresh_lasting_pull(state)


@rule
def pair_chosen(state: State, number: int, purpose: int) -> tuple[int, int]:
    """Return who takes a decision to link or to found, and with whom; -1 if nobody is left.

    A country has the initiative by the sum of its chances, and chooses by its chances: to found, of
    those with a grouping in common; otherwise one of the two is large.
    """
    grouped = purpose == LINK_FOUNDING
    clock = state.clock[0]
    i = _chosen(state, state.initiative[1 if grouped else 0], luck(clock, number * CODES, purpose))
    if i < 0:
        return -1, -1
    chances = state.link_scratch[3]
    fill_chances(state, i, chances)
    alone = state.countries[i].large == 0
    for j in range(len(chances)):
        small = alone and state.countries[j].large == 0
        may = state.common_grouping[i, j] >= 0 if grouped else not small
        if not may:
            chances[j] = 0.0
    key = state.countries[i].key + number * CODES
    return i, _chosen(state, chances, luck(clock, key, purpose))


@rule
def _chosen(state: State, chances: Floats, word: np.uint64) -> int:
    """Return a country by the chances of all, -1 if none has any.

    Exponential race: the smallest -ln(x) / chance wins.
    """
    chosen, soonest = -1, math.inf
    for i in range(len(chances)):
        if chances[i] > 0.0:
            share = draw_of(word, state.countries[i].key)
            # No wait is shorter than 1 - share: most need no logarithm.
            if (1.0 - share) / chances[i] < soonest:
                arrival = -log(share) / chances[i]
                if arrival < soonest:
                    chosen, soonest = i, arrival
    return chosen


@rule
def _link(state: State, i: int, j: int) -> None:
    """Link two countries, if they are not yet."""
    if state.linked[i, j] == 0:
        set_link(state, i, j, 1)
        # The chances of all decisions of a quarter are those of its beginning.
        state.relinked[i] = 1
        state.relinked[j] = 1
        log_link(state, LINKED, i, j)


@rule
def joining_utility(state: State, i: int, j: int, other: int, members: int) -> float:
    """Return what taking part is worth to a member of the grouping in which i and j found."""
    coefficients = state.coefficients[0]
    alignment = state.alignment
    gap = 0.5 * (abs(alignment[other] - alignment[i]) + abs(alignment[other] - alignment[j]))
    return (
        coefficients.link_joining
        + coefficients.link_joining_members * log(members / MIDDLING_MEMBERS)
        + coefficients.link_joining_gap * gap
    )


@rule
def _found(state: State, i: int, j: int) -> None:
    """Found an agreement of two countries and of those members of their grouping that join."""
    countries = state.countries
    member = state.grouping[state.common_grouping[i, j]]
    # The order of turns has done its work this quarter and saves an allocation.
    part = state.turns
    members = 0
    for h in range(len(countries)):
        members += member[h]
    founders = countries[i].key + countries[j].key * CODES
    count = 0
    for h in range(len(countries)):
        if member[h] == 0:
            continue
        utility = joining_utility(state, i, j, h, members)
        founds = h in (i, j)
        if founds or (
            _may_sit(state, h, i, j, count)
            and agrees(state.clock[0], utility, founders, countries[h].key, LINK_JOINING)
        ):
            part[count] = h
            count += 1
    for one in range(count):
        for other in range(one + 1, count):
            _link(state, part[one], part[other])


@rule
def _may_sit(state: State, h: int, i: int, j: int, count: int) -> bool:
    """Tell whether a country restricts neither founder nor one that joined before, nor they it."""
    fits = state.fixed_pull[h, i] > 0.0 and state.fixed_pull[h, j] > 0.0
    for one in range(count):
        fits &= state.fixed_pull[h, state.turns[one]] > 0.0
    return fits


@rule
def weigh_accessions(state: State) -> None:
    """Write the sum of the chances of all links that each accession would make.

    Only those may join whom the table of agreements names, and nobody where it and a member
    restrict each other.
    """
    interest = state.interest
    chances = state.link_scratch[3]
    countries = len(state.countries)
    for a in range(len(interest)):
        member = state.agreement[a]
        for i in range(countries):
            interest[a, i] = 0.0
        for j in range(countries):
            if member[j] == 1:
                fixed = state.fixed_pull[j]
                fill_chances(state, j, chances)
                for i in range(countries):
                    interest[a, i] += chances[i] if fixed[i] > 0.0 else -math.inf
        for i in range(countries):
            if member[i] == 1 or state.may_join[a, i] == 0 or interest[a, i] < 0.0:
                interest[a, i] = 0.0


@rule
def _join_agreement(state: State, number: int) -> None:
    """Let a country join an agreement: the more likely, the more likely the links that it makes."""
    interest = state.interest
    clock = state.clock[0]
    chosen, agreement, soonest = -1, -1, math.inf
    for i in range(len(state.countries)):
        for a in range(len(interest)):
            # Most may not join: they need no draw.
            if interest[a, i] > 0.0:
                key = state.countries[i].key + number * CODES
                share = draw(clock, key, state.agreement_key[a], LINK_ACCESSION)
                arrival = -log(share) / interest[a, i]
                if arrival < soonest:
                    chosen, agreement, soonest = i, a, arrival
    if chosen >= 0:
        _join(state, chosen, agreement)


@rule
def _join(state: State, i: int, a: int) -> None:
    """Let a country join an agreement, and link with all members at once.

    Not if it has just joined, or if it and one that has just joined restrict each other.
    """
    for j in range(len(state.countries)):
        if state.agreement[a, j] == 1 and state.fixed_pull[i, j] == 0.0:
            return
    for j in range(len(state.countries)):
        if state.agreement[a, j] == 1:
            _link(state, i, j)
    state.agreement[a, i] = 1


@rule
def _enter_signed(state: State, rate: float) -> None:
    """Let signed agreements come into force: all pairs of one at once, none that is restricted."""
    word = luck(state.clock[0], NOBODY, LINK_ENTRY)
    for place in range(len(state.signed)):
        pair = state.signed[place]
        # Pairs of the same agreement have its key, and so the same draw.
        if state.fixed_pull[pair.one, pair.other] > 0.0 and is_hit(
            draw_of(word, pair.agreement), rate
        ):
            _link(state, pair.one, pair.other)
