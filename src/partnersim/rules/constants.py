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
DIRECTIONS = ("deepen", "broaden", "connect", "strengthen")
DEEPEN, BROADEN, CONNECT, STRENGTHEN = range(4)

STAGES = ("none", "planned", "announced", "negotiating", "concluded", "signed", "in_force")
NONE, PLANNED, ANNOUNCED, NEGOTIATING, CONCLUDED, SIGNED, IN_FORCE = range(7)

ROLES = ("bilateral", "network", "security")
BILATERAL, NETWORK, SECURITY = range(3)

PATHS = ("political", "treaty", "programme", "project")
#: Stages that a pair may be in on each path, besides "none" and "planned".
PATH_STAGES = {
    "political": ("announced", "negotiating", "in_force"),
    "treaty": ("announced", "negotiating", "concluded", "signed", "in_force"),
    "programme": ("announced", "negotiating", "concluded", "signed", "in_force"),
    "project": ("announced", "negotiating", "signed", "in_force"),
}

OFFER_ROLES = ("none", "hub", "package", "facilitator")
NO_OFFER_ROLE, HUB, PACKAGE, FACILITATOR = range(4)

MODULES = (
    "connectivity",
    "public_infrastructure",
    "ai_software",
    "skills",
    "cybersecurity",
    "green",
)
TARGETING = ("need", "strategic", "even", "depth", "connection")
OBJECTIVES = ("competitiveness", "security", "governance")

MAXIMUM_DEPTH = 4
QUARTERS_PER_YEAR = 4
CENTS_PER_MILLION = 100_000_000
