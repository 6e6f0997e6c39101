"""The fixed vocabulary of the model: areas, directions, stages, modules.

Order matters: arrays are indexed by position in these tuples.
"""

AREAS = (
    "infrastructure",
    "technology",
    "cybersecurity",
    "information",
    "identity",
    "platforms",
    "trade",
    "governance",
)
CYBERSECURITY_AREA = AREAS.index("cybersecurity")
INFORMATION_AREA = AREAS.index("information")

DIRECTIONS = ("deepen", "broaden", "connect", "strengthen")
DEEPEN, BROADEN, CONNECT, STRENGTHEN = range(4)

STAGES = ("none", "planned", "announced", "negotiating", "concluded", "signed", "in_force")
NONE, PLANNED, ANNOUNCED, NEGOTIATING, CONCLUDED, SIGNED, IN_FORCE = range(7)

ROLES = ("bilateral", "network", "security")
BILATERAL, NETWORK, SECURITY = range(3)

#: How an instrument connects partners with each other.
MODES = ("technical_exchange", "joint_project", "high_level_network")
TECHNICAL_EXCHANGE, JOINT_PROJECT, HIGH_LEVEL_NETWORK = range(3)

PATHS = ("political", "treaty", "programme", "project")
POLITICAL, TREATY, PROGRAMME, PROJECT = range(4)
#: Stages that a pair may be in on each path, besides "none" and "planned".
PATH_STAGES = {
    "political": ("announced", "negotiating", "in_force"),
    "treaty": ("announced", "negotiating", "concluded", "signed", "in_force"),
    "programme": ("announced", "negotiating", "concluded", "signed", "in_force"),
    "project": ("announced", "negotiating", "signed", "in_force"),
}

OFFER_ROLES = ("none", "hub", "package", "facilitator", "framework")
NO_OFFER_ROLE, HUB, PACKAGE, FACILITATOR, FRAMEWORK = range(5)

MODULES = (
    "connectivity",
    "public_infrastructure",
    "ai_software",
    "skills",
    "cybersecurity",
    "green",
)
#: Levers that a switch of an adaptive policy may set anew.
LEVERS = (
    "priorities",
    "areas",
    "regions",
    "negotiators",
    "openness",
    "envelope",
    "mix",
    "targeting",
)
OBJECTIVES = ("competitiveness", "security", "governance")

#: Why a pair does not move: shocks have suspended it, or its talks have stalled.
NOT_HALTED, SUSPENDED_BY_SHOCKS, STALLED_IN_TALKS = range(3)

MAXIMUM_DEPTH = 4
#: Economic size or wealth of a middling country, from which what depends on them counts.
MIDDLING = 0.5
#: Quarters of a programme period of the EU: 2021 to 2027, 2028 to 2034.
PROGRAMME_QUARTERS = 28
#: Quarters after which the calendar of summits begins anew.
SUMMIT_CYCLE = 48
#: Rupture of a country above which nothing is opened, moved on or paid with it.
FRESH_RUPTURE = 0.05
#: Links at which a country counts as half connected.
HALF_CONNECTED = 3.0
QUARTERS_PER_YEAR = 4
MONTHS_PER_QUARTER = 3
CENTS_PER_MILLION = 100_000_000

SCOPES = ("world", "region", "country", "pair", "eu")
SCOPE_WORLD, SCOPE_REGION, SCOPE_COUNTRY, SCOPE_PAIR, SCOPE_UNION = range(5)

#: Whom an effect of a shock is on: who is struck, candidates for accession that are struck, whoever
#: strikes, and all others by how much of it they see.
RELATIONS = ("struck", "candidate", "source", "others")
STRUCK, CANDIDATE, SOURCE, OTHERS = range(4)

#: Whom a source spares beside itself: nobody, its friends by a pact, or its foes, with whom
#: it does not deal.
SPARED = ("nobody", "friends", "foes")
SPARES_NOBODY, SPARES_FRIENDS, SPARES_FOES = range(3)

SPREADS = ("none", "borders", "links")
SPREAD_NONE, SPREAD_BORDERS, SPREAD_LINKS = range(3)

#: Columns of the event log.
(
    EVENT_QUARTER,
    EVENT_KIND,
    EVENT_COUNTRY,
    EVENT_INSTRUMENT,
    EVENT_OTHER,
    EVENT_STAGE,
    EVENT_DIRECTION,
    EVENT_SHOCK,
    EVENT_SEVERITY,
) = range(9)
EVENT_COLUMNS = 9

EVENTS = (
    "approached",
    "refused",
    "advanced",
    "suspended",
    "recovered",
    "linked",
    "shock",
    "switched",
    "package",
    "stalled",
    "resumed",
    "ended",
    "expired",
    "renewed",
    "superseded",
    "climate",
    "rival_won",
    "vendor_banned",
    "proposed",
    "declined",
    "countered",
    "blocked",
)

#: Events that open a negotiation: asked for by the partner, proposed by the EU, and instead of it.
OPENINGS = ("approached", "proposed", "countered")
#: Events by which talks come to a halt that may be resumed.
STALLS = ("stalled", "blocked")
#: Severities are logged in whole millionths.
SEVERITY_UNITS = 1_000_000
