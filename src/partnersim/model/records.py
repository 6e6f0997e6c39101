"""What the rules read and write: one record per country, instrument, pair, shock type.

Records are rows of numpy structured arrays: compiled rules pass them as pointers, plain Python
reads and writes them by attribute. Whole numbers are short, so that what a turn reads stays in the
processor's nearest memory. Fields above the line are fixed for a run, fields below it change.
Scores are in 0..1 unless a unit is given.
"""

from __future__ import annotations

import numpy as np

from partnersim.model.coefficients import NAMES
from partnersim.model.constants import (
    AREAS,
    DIRECTIONS,
    LEVERS,
    OBJECTIVES,
    OFFER_ROLES,
    RELATIONS,
)
from partnersim.model.shock_effects import EFFECTS_ON_EU
from partnersim.model.targeting import TARGETING

_EACH_AREA = (len(AREAS),)

#: The coefficients, by name.
COEFFICIENTS = np.dtype([(name, np.float64) for name in NAMES], align=True)

#: One partner country.
COUNTRY = np.dtype(
    [
        ("key", np.int64),  # of its luck, see partnersim.random.keys
        ("economic_size", np.float64),
        ("large", np.int8),  # 1 if as large as one side of every agreement of two on record
        ("wealth", np.float64),
        ("programme", np.float64),  # size of EU programmes, 1 for a million people without income
        ("gdp_share", np.float64),  # of all 169 countries and territories
        ("population_share", np.float64),
        ("region", np.int64),
        ("least_developed", np.int64),
        ("business", np.float64),  # business climate
        ("exposure", np.float64),  # to shocks, about 1
        ("activity", np.float64),  # chance of a turn in a quarter
        ("administration", np.float64),  # what the administration carries, by size and readiness
        ("investment_unit", np.float64),  # million EUR per area that make one unit of effect
        ("developing", np.int64),  # 1 if it may receive development money
        ("policy_hub", np.int64),  # 1 if the policy opens a Digital Hub here
        ("leverage", np.float64),  # euros mobilised in all per public euro
        ("pooled_opening", np.float64, (2,)),  # effect on any utility: mean, deviation
        ("first_alignment", np.float64),  # in June 2025, like the next three
        ("first_readiness", np.float64, _EACH_AREA),
        ("first_rival", np.float64, _EACH_AREA),
        ("first_threat", np.float64, _EACH_AREA),
        ("need", np.float64, _EACH_AREA),
        ("objective_need", np.float64, (len(OBJECTIVES),)),  # mean need by share in the objective
        ("candidate", np.int8),  # 1 for a candidate or potential candidate for accession
        ("handover", np.int64),  # quarter of a handover of government
        ("term", np.int64),  # quarters from one handover to the next, 0 if no term is fixed
        ("joint_bodies", np.int8),  # 1 if joint bodies meet all year: answers are known beforehand
        ("ally", np.int8),  # 1 if it keeps high-risk vendors out more often
        (
            "power",
            np.int8,
        ),  # 1 if it never bans them: a high-risk rival or its friend, or sanctioned
        ("first_kept_out", np.float64),  # how far it keeps high-risk vendors out in June 2025
        # ----
        ("capacity", np.int64),  # negotiations that the administration can carry
        ("trust", np.float64),  # that instruments have built since the start
        ("turned", np.int64),  # quarter in which it last turned, towards the EU or away
        ("load", np.int64),  # negotiations under way
        ("eligible", np.int64),  # instruments that it may ever take
        ("ties", np.int64),  # instruments negotiated or in force, suspended or not
        ("listed", np.int8),  # 1 if what is open to it was listed as its ties stand
        ("open_to", np.int64),  # instruments on that list
        ("depth", np.int8, _EACH_AREA),  # most binding instrument in force, 0-4
        ("held", np.int16, _EACH_AREA),  # instruments in force that cover the area
        ("areas_held", np.int16),  # areas with any in force, a bit each
        ("entered", np.int16, (len(DIRECTIONS),)),  # instruments in force by direction
        ("offer_held", np.int64, (len(OFFER_ROLES),)),  # instruments in force by role in the Offer
        ("alignment_base", np.float64),  # without shocks
        ("rival_base", np.float64, _EACH_AREA),
        ("absorption", np.float64),  # million EUR per quarter, unaided
        ("price", np.int64),  # of the package that it could get this quarter, cents
        ("committed", np.float64),  # of its package, not absorbed yet, million EUR
        ("packages", np.int64),  # it has had so far
        ("invested", np.float64, _EACH_AREA),  # mobilised so far, million EUR
        ("unready", np.float64, _EACH_AREA),  # what money and rivals leave of what was lacking
        ("recent", np.float64, _EACH_AREA),  # mobilised lately (fading), million EUR
        ("readiness", np.float64, _EACH_AREA),
        ("rival", np.float64, _EACH_AREA),  # pull of rival suppliers
        ("supplied", np.float64, _EACH_AREA),  # share that rivals supply
        ("high_risk", np.float64, _EACH_AREA),  # share that high-risk rivals supply
        ("built", np.float64, _EACH_AREA),  # projects of rivals since the start
        ("first_depth", np.int8, _EACH_AREA),  # depth at the start
        ("kept_out", np.float64),  # how far high-risk vendors are kept out, 1 by a ban
        ("threat", np.float64, _EACH_AREA),  # perceived threat
        ("drive", np.float64, _EACH_AREA),  # what shocks add to the utility of instruments
        ("pace", np.float64, _EACH_AREA),  # what shocks add to the log hazard of stages
        ("silence", np.float64),  # share of political openings and stages that do not happen
        ("rupture", np.float64),  # what shocks of state leave of it, above what is usual
        ("breach", np.float64),  # how far it rose in this quarter: hazard of suspension
    ],
    align=True,
)

#: One instrument of the catalogue.
INSTRUMENT = np.dtype(
    [
        ("key", np.int64),  # of its luck, see partnersim.random.keys
        ("binding", np.int8),  # 0-4
        ("role", np.int8),  # see constants.ROLES
        ("path", np.int8),  # see constants.PATHS
        ("direct", np.int8),  # 1 if it is signed without being negotiated stage by stage
        ("mixed", np.int8),  # last stage that every Member State must agree to; 0 if none is
        ("lighter", np.int16),  # one step lighter of the same family, -1 if there is none
        ("cable", np.int8),  # 1 if it is built: a cable system with landings
        ("expires", np.int32),  # quarter at whose end ties lapse; 0 never
        ("renews", np.int32),  # first quarter in which a lapsed tie may be renewed; 0 never
        ("serves", np.int32),  # first quarter in which it may be in service; 0 at once
        ("effort", np.int32),  # EU negotiators that a negotiation occupies
        ("cost", np.int64),  # EU money from the Offer that one partner's part takes, cents
        ("offer_role", np.int8),  # see constants.OFFER_ROLES
        ("area_count", np.int8),
        ("area_list", np.int8, _EACH_AREA),  # areas covered, padded with -1
        ("areas", np.int16),  # areas covered, a bit each
        ("secures", np.int8, _EACH_AREA),  # 1 for each listed area where it serves security
        ("prerequisite", np.int16, (3, 6)),  # all groups, any of each; padded with -1
        ("priority", np.float64),  # mean EU priority of its areas, 1 = neutral
        ("pooled_opening", np.float64, (4,)),  # effect on its utility: mean, share in three draws
        ("pooled_size", np.float64, (4,)),  # slope of that by economic size
        ("pooled_wealth", np.float64, (4,)),  # slope of that by wealth
        ("pooled_speed", np.float64, (2,)),  # effect on the log hazard of its stages
        ("strength", np.float64),  # what it does by itself, 0..1
        ("objective", np.float64, (len(OBJECTIVES),)),  # share by objective; sums to 1
        ("keeps_vendors_out", np.int8),  # 1 if who takes it over goes on to ban them
        ("weight", np.float64),  # mean weight of its objectives in value
        ("first_effect", np.int64),  # place of the first of its effects
        ("effects", np.int64),  # how many it has
        ("abroad", np.int8),  # 1 if joint projects bring any of them to third countries
        ("saved", np.int64),  # column of State.effects_left of what speeds it
        # ----
        ("speed", np.float64),  # effect on the log hazard of its stages in this run
    ],
    align=True,
)

#: One country and one instrument. There are many: in this order nothing lies empty between them,
#: and two of them fill a line of the nearest memory.
PAIR = np.dtype(
    [
        ("first_again", np.int32),  # first quarter in which it may then move, see "again"
        ("text", np.int16),  # instrument in whose text it is agreed: mostly itself
        ("bloc", np.int16),  # that decides for its members; -1 if none does
        ("available", np.int8),  # 1 if eligible and not switched off
        ("first_stage", np.int8),  # on 5 June 2025
        ("first_halt", np.int8),  # why it did not move then, see constants.NOT_HALTED
        ("old_contract", np.int8),  # 1 if it was signed before the run
        # ----
        ("again", np.int32),  # first quarter in which it may be opened, taken up again or move on
        ("lead", np.int16),  # country whose luck decides for all members of a bloc; itself if none
        ("barred", np.int16),  # ties of the country that bar opening it
        ("precursors", np.int16),  # instruments in force that lead to it
        ("linked_holders", np.int16),  # linked partners that have it in force
        ("age", np.int16),  # quarters that it has been in force
        ("stage", np.int8),  # see constants.STAGES
        ("lapsed", np.int8),  # 1 while a tie has expired and was not renewed
        ("paid", np.int8),  # 1 once the Offer has paid its cost, or where it pays none
        ("suspended", np.int8),  # why it does not move, see constants.NOT_HALTED
        ("direction", np.int8),  # under which it was entered, -1 if never
    ],
    align=True,
)

#: One effect of an instrument.
EFFECT = np.dtype(
    [
        ("column", np.int64),  # of State.effects_left
        ("full", np.float64),  # its size when it has grown
        ("by_links", np.float64),  # how much larger it is if all linked partners share it
        ("abroad", np.float64),  # share of it that a joint project brings to a third country
    ],
    align=True,
)

#: One module of the Offer.
MODULE = np.dtype(
    [
        ("share", np.float64),  # of the envelope
        ("trust", np.float64),  # how sensitive it is
        ("area", np.float64, _EACH_AREA),  # how much it serves each area; sums to 1
    ],
    align=True,
)

#: One offer of a rival power: what it supplies, and how strongly that ties.
RIVAL = np.dtype(
    [
        ("key", np.int64),  # of its luck, see partnersim.random.keys
        ("area", np.int64),  # that it serves
        ("weight", np.float64),  # how strongly it ties whom it supplies
        ("decay", np.float64),  # share left after a quarter: 2 ** (-1 / half-life)
        ("builds", np.int8),  # 1 if something is built that serves the partner
        ("high_risk", np.int8),  # 1 if the rival is high-risk
        ("vendor", np.int8),  # 1 for high-risk infrastructure, which bans keep out
    ],
    align=True,
)

#: One shock type.
SHOCK_TYPE = np.dtype(
    [
        ("key", np.int64),  # of its luck, see partnersim.random.keys
        ("scope", np.int64),  # see constants.SCOPES
        ("units", np.int64),  # countries, regions, or 1
        ("severity_low", np.float64),
        ("severity_mode", np.float64),
        ("severity_high", np.float64),
        ("decay", np.float64),  # share left after a quarter: 2 ** (-1 / half-life)
        ("changes", np.int64, (len(RELATIONS),)),  # scores that it changes, by relation
        *((effect, np.float64) for effect in EFFECTS_ON_EU),  # at full intensity
        ("spread", np.int64),  # see constants.SPREADS
        ("spread_probability", np.float64),
        ("sourced", np.int64),  # 1 if somebody may be behind it
        ("by_nobody", np.float64),  # weight of accident and nature among the sources
        ("by_neighbours", np.float64),  # weight of a neighbour by land of full hostility
        ("spares", np.int8),  # whom a source spares, see constants.SPARED
        ("outage", np.int8),  # 1 if a second route shortens it
        ("turn", np.int8),  # 1 if a country turns by it, at most once a year
        # ----
        ("union_intensity", np.float64),  # what is left of it in the EU itself
        ("union_struck", np.float64),  # severity of this quarter's strike on the EU; -1 if none
    ],
    align=True,
)

#: One change that a shock type makes.
CHANGE = np.dtype(
    [
        ("row", np.int64),  # of State.disturbed
        ("change", np.float64),  # at full intensity
    ],
    align=True,
)

#: One strike that the scenario schedules.
SCHEDULED = np.dtype(
    [
        ("quarter", np.int64),
        ("shock", np.int64),
        ("severity", np.float64),
        ("source", np.int64),  # country behind it, -1 if nobody
    ],
    align=True,
)

#: Two countries between which an agreement is signed and not yet in force.
SIGNED_PAIR = np.dtype(
    [
        ("one", np.int64),
        ("other", np.int64),
        ("agreement", np.int64),  # key of its luck, see partnersim.random.keys
    ],
    align=True,
)

#: The European Union: levers above the line.
UNION = np.dtype(
    [
        ("negotiators", np.int64),
        ("openness", np.float64),  # 0 like-minded only .. 1 anybody
        ("direction_priority", np.float64, (len(DIRECTIONS),)),  # 1 = neutral
        ("envelope_per_quarter", np.int64),  # cents
        ("carry_over", np.int64),  # cents that may stay in the purse
        ("private", np.float64),  # EUR mobilised per public EUR, at best
        ("development_finance", np.float64),
        ("export_credit", np.float64),
        ("reservation_partner", np.float64),  # gain below which a partner declines
        ("reservation_union", np.float64),  # gain below which the EU declines
        ("targeting", np.float64, (len(TARGETING),)),  # weights; sum to 1
        ("phase_end", np.float64),  # hazard per quarter that the climate's phase ends by chance
        # ----
        ("phase", np.int64),  # of the climate, 0 at the start
        ("rival_drift", np.float64),  # of rival pull, per quarter
        ("lost", np.float64),  # readiness that shocks would cost now, were it not for instruments
        ("spared", np.float64),  # of it, what instruments in force take away
        ("load", np.int64),  # negotiators at work
        ("reputation", np.float64),
        ("budget_factor", np.float64),  # 1 without budget shocks
        ("yearly_envelope", np.int64),  # four times that of this quarter, cents
        ("owed", np.int64),  # cost of negotiations under way that is not paid yet, cents
        ("packages", np.int64),  # bought so far
        ("envelope", np.int64),  # cents received so far
        ("spent", np.int64),  # cents
        ("carried", np.int64),  # cents now in the purse
        ("lapsed", np.int64),  # cents
        ("mobilised", np.float64),  # million EUR, with private and public lenders
        ("lapsed_share", np.float64),  # of this quarter's money, as far as it is noticed
        ("advanced", np.int64),  # stage transitions this quarter
        ("new_ties", np.int64),
        ("deeper_ties", np.int64),
        ("lost_ties", np.int64),
        ("rival_wins", np.int64),  # of rivals since the start
        ("links_changed", np.int64),  # 1 since links were last measured
        ("largest_group", np.int64),  # of linked countries, when last measured, like the next three
        ("clustering", np.float64),
        ("connectivity", np.float64),  # algebraic
        ("modularity", np.float64),  # of regions
        ("peak_value", np.float64),
        ("quarters_below_peak", np.int64),
        ("events", np.int64),  # events so far, even if the log is too short for them
    ],
    align=True,
)

#: Lever settings of the EU: those of the policy as adopted, or what one of its switches sets anew.
LEVER_SETTINGS = np.dtype(
    [
        ("since", np.int64),  # first quarter in which its signpost is looked at
        ("metric", np.int64),  # place of the metric watched, -1 if none
        ("below", np.float64),  # met when the metric is below this
        ("above", np.float64),  # met when the metric is above this
        ("shock", np.int64),  # shock type watched, -1 if none
        ("severity", np.float64),  # met when a strike is at least this hard
        *((f"sets_{lever}", np.int8) for lever in LEVERS),  # 1 if it sets this lever anew
        ("priorities", np.float64, (len(DIRECTIONS),)),  # 1 = neutral
        ("negotiators", np.int64),
        ("openness", np.float64),
        ("envelope_per_quarter", np.int64),  # cents
        ("carry_over", np.int64),  # cents
        ("targeting", np.float64, (len(TARGETING),)),  # weights; sum to 1
        # ----
        ("taken", np.int64),  # 1 once it has been taken
    ],
    align=True,
)

#: Where the run is: the key of its random numbers.
CLOCK = np.dtype([("seed", np.int64), ("replicate", np.int64), ("quarter", np.int64)], align=True)

__all__ = [
    "CHANGE",
    "CLOCK",
    "COEFFICIENTS",
    "COUNTRY",
    "EFFECT",
    "INSTRUMENT",
    "LEVER_SETTINGS",
    "MODULE",
    "PAIR",
    "RIVAL",
    "SCHEDULED",
    "SHOCK_TYPE",
    "SIGNED_PAIR",
    "UNION",
]
