"""The world as the rules see it: constant arrays, one row per country or instrument."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partnersim.arrays import Flags as Flags
from partnersim.arrays import Floats as Floats
from partnersim.arrays import Integers as Integers


class WorldArrays(NamedTuple):
    """Constants of N countries, K instruments, 8 areas, 6 modules, A agreements, G groupings.

    All arrays are C-contiguous. Scores are in 0..1 unless a unit is given.
    """

    size: Floats
    """(N,) economic size: log GDP, scaled to 0..1 over the full world."""
    wealth: Floats
    """(N,) log GDP per person, 0..1 over a fixed range."""
    gdp_share: Floats
    """(N,) share of the GDP of all 169 countries and territories."""
    population_share: Floats
    """(N,) share of the population of all 169."""
    gdp: Floats
    """(N,) gross domestic product, million US dollars."""
    population: Floats
    """(N,) population, millions."""
    region: Integers
    """(N,) index into the world's regions."""
    ldc: Flags
    """(N,) 1 for a Least Developed Country."""
    developing: Flags
    """(N,) 1 where development money may go: below the high-income line, no gate bars projects."""
    income_line: Floats
    """(N,) US dollars per head at which programmes of the EU have faded out."""
    candidate: Flags
    """(N,) 1 for a candidate or potential candidate for membership of the EU."""
    joint_bodies: Flags
    """(N,) 1 for candidates and the European Economic Area: joint bodies meet all year."""
    summit: Flags
    """(N, 48) 1 in quarters with a summit of the country and the EU; 2025Q3 is 1."""
    handover: Integers
    """(N,) quarter of a handover of government, 0 if no term is fixed."""
    term: Integers
    """(N,) quarters from one handover to the next, 0 if no term is fixed."""
    sanctioned: Flags
    """(N,) 1 for a state under restrictive measures of the EU."""
    alignment: Floats
    """(N,) alignment with the EU in June 2025."""
    readiness: Floats
    """(N, 8) readiness by area in June 2025."""
    need: Floats
    """(N, 8) need by area."""
    rival: Floats
    """(N, 8) pull of rival suppliers in June 2025."""
    threat: Floats
    """(N, 8) perceived threat in June 2025."""
    business: Floats
    """(N,) business climate, scales the private response to the Offer."""
    exposure: Floats
    """(N,) vulnerability to shocks, about 1 on average."""
    fragility: Floats
    """(N,) vulnerability to coups and crackdowns, 1 on average in each region."""
    binding: Integers
    """(K,) how binding an instrument is, 0-4."""
    area: Flags
    """(K, 8) areas that an instrument covers."""
    role: Integers
    """(K,) 0 bilateral, 1 network, 2 security."""
    path: Integers
    """(K,) 0 political, 1 treaty, 2 programme, 3 project."""
    effort: Integers
    """(K,) EU negotiators that one negotiation occupies, at least 1."""
    cost: Floats
    """(K,) EU money from the Offer that one partner's part takes, million EUR; mostly 0."""
    offer_role: Integers
    """(K,) 0 none, 1 Digital Hub, 2 package, 3 facilitator."""
    direct: Flags
    """(K,) 1 if it is signed without being negotiated stage by stage."""
    introduced: NDArray[np.int32]
    """(K,) quarter in which the EU introduced it, counted from the year 0; 0 if not on record."""
    mixed: Flags
    """(K,) last stage that every Member State must agree to; 0 if none is."""
    lighter: NDArray[np.int16]
    """(K,) the instrument one step lighter of the same family; -1 if there is none."""
    cable: Flags
    """(K,) 1 if it is a cable system, which must be built."""
    expires: NDArray[np.int32]
    """(K,) quarter at whose end a tie lapses, 2025Q3 being 1; 0 if never."""
    renews: NDArray[np.int32]
    """(K,) first quarter in which a lapsed tie may be renewed; 0 if never."""
    serves: NDArray[np.int32]
    """(K,) first quarter in which it may come into service; 0 if at once."""
    excludes: Flags
    """(K, K) 1 if having or negotiating the column bars opening the row."""
    precursor: Flags
    """(K, K) 1 if having the column in force leads to the row."""
    supersedes: Flags
    """(K, K) 1 if the row's entry into force ends the column."""
    opening: Floats
    """(K, 4) pooled effect of an instrument on the utility of opening it: mean, and its row of the
    lower triangular root of the covariance with the next two."""
    opening_by_size: Floats
    """(K, 4) slope of that by economic size, likewise."""
    opening_by_wealth: Floats
    """(K, 4) slope of that by wealth, likewise."""
    opening_by_country: Floats
    """(N, 2) pooled effect of a country on the utility of any instrument: mean, deviation."""
    opening_by_region: Floats
    """(R, 2) pooled effect of a region on the utility of instruments of one partner alone: mean,
    deviation."""
    speed: Floats
    """(K, 2) pooled effect of an instrument on the log hazard of its stages: mean, deviation."""
    mode: Integers
    """(K,) how it connects partners: 0 exchange, 1 joint project, 2 high-level network; -1 not."""
    effect_of: Integers
    """(E,) instrument whose effect it is, ascending."""
    effect_kind: Integers
    """(E,) kind of the effect, see `partnersim.model.effect_kinds.KINDS`."""
    effect_target: Integers
    """(E,) area, objective or instrument that it acts on; of a shock type the key of its name."""
    effect_ends: Floats
    """(E, 3) size of the effect: low, mode, high."""
    effect_delay: Floats
    """(E,) quarters until half of it is there."""
    eligible: Flags
    """(N, K) 1 if the country may take the instrument: it is offered, and no gate bars it."""
    bloc: NDArray[np.int16]
    """(N, K) number of the bloc that decides the instrument for the country; -1 if none does."""
    text: NDArray[np.int16]
    """(N, K) instrument in whose text the country agrees on one: mostly that itself."""
    prerequisite: Integers
    """(K, 3, 6) all groups must be met, each by any instrument listed; padded with -1."""
    objective: Floats
    """(8, 3) how much each area serves each objective; rows sum to 1."""
    module_area: Floats
    """(6, 8) how much each module serves each area; rows sum to 1."""
    module_trust: Floats
    """(6,) how sensitive a module is."""
    halt: NDArray[np.int8]
    """(N, K) why a pair does not move on 5 June 2025: 0 it does, 1 suspended, 2 stalled."""
    again: NDArray[np.int32]
    """(N, K) first quarter in which a pair may be opened, taken up again or move on; 0 at once."""
    stage: NDArray[np.int8]
    """(N, K) stage of every pair on 5 June 2025."""
    links: Flags
    """(N, N) digital agreements in force between partners on 5 June 2025, symmetric."""
    signed: Integers
    """(N, N) key of the agreement signed by two between whom none is in force, to which its luck
    belongs, symmetric; 0 if there is none."""
    restricted: Flags
    """(N, N) 1 where one restricts trade in technology with the other, symmetric."""
    pact: Flags
    """(N, N) 1 where a pact of defence or friendship binds two, symmetric."""
    grouping: Flags
    """(G, N) members of economic groupings."""
    agreement: Flags
    """(A, N) members of digital agreements that others may join."""
    may_join: Flags
    """(A, N) 1 for those who may."""
    agreement_key: Integers
    """(A,) key of each of them, to which its luck belongs."""
    rival_key: Integers
    """(O,) key of each offer of a rival, such as cables by China, to which its luck belongs."""
    rival_area: Integers
    """(O,) area that it serves."""
    rival_weight: Floats
    """(O,) how strongly it ties whom it supplies."""
    rival_half_life: Floats
    """(O,) quarters after which half of that is left."""
    rival_builds: Flags
    """(O,) 1 if something is built that serves the partner."""
    rival_high_risk: Flags
    """(O,) 1 if the rival is high-risk."""
    rival_vendor: Flags
    """(O,) 1 if it comes from a high-risk vendor of infrastructure, whom bans keep out."""
    rival_supply: Floats
    """(N, O) what is left of each offer in each country in June 2025, 0..1."""
    rival_rate: Floats
    """(N, O) wins per quarter of each offer in a country that it does not supply."""
    kept_out: Floats
    """(N,) how far high-risk vendors are kept out in June 2025, 0..1."""
    ally: Flags
    """(N,) 1 for allies and candidates, who keep them out more often."""
    large: Flags
    """(N,) 1 if as large as one side of every agreement of two countries on record."""
    power: Flags
    """(N,) 1 for a high-risk rival itself, for whom a pact binds to one, and for states under
    restrictive measures of the EU."""
    keeps_vendors_out: Flags
    """(K,) 1 if those who take it over go on to keep high-risk vendors out."""
    affinity: Floats
    """(N, N) shared organisations, symmetric, zero on the diagonal."""
    distance: Floats
    """(N, N) great-circle distance between capitals, 10,000 km."""
    borders: Flags
    """(N, N) 1 where two countries share a land border."""
