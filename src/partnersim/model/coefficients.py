"""Names of all behavioural coefficients, in the order of the coefficient table.

Values, units, ranges and origins stand in ``configs/behaviour/*.yaml``; the rules read them as
``coefficients.need`` from a one-row record array, which costs no copying in compiled code.
"""

from __future__ import annotations

import numpy as np

from partnersim.model.tables import read_table

ACTIVITY = ("activity_rate", "activity_size")

INSTRUMENT = (
    "deepen",
    "broaden",
    "connect",
    "strengthen",
    "need",
    "readiness",
    "offer",
    "usual_offer",
    "usual_shocks",
    "alignment",
    "long_step",
    "complementarity",
    "diffusion_links",
    "diffusion_region",
    "economic_size",
    "rival",
    "threat_security",
    "threat_elsewhere",
    "announced",
    "reputation",
    "pooled_effects",
    "country_capacity",
)

LINK = (
    "link_rate",
    "link_founding_rate",
    "link_accession_rate",
    "link_size",
    "link_readiness",
    "link_distance",
    "link_grouping",
    "link_alignment_gap",
    "link_shared_partners",
    "link_experience",
    "link_joining",
    "link_joining_members",
    "link_joining_gap",
    "link_outreach",
)

CONSENT = (
    "consent",
    "consent_size",
    "consent_area",
    "consent_direction",
    "consent_region",
    "consent_announced",
    "consent_alignment",
    "consent_value",
    "consent_busy",
    "usual_busy",
    "consent_money",
)

INITIATIVE = (
    "initiative_rate",
    "initiative_summit",
    "acceptance",
    "unsounded",
)

STAGE = (
    "hazard_political_announced",
    "hazard_political_negotiating",
    "hazard_treaty_announced",
    "hazard_treaty_negotiating",
    "hazard_treaty_concluded",
    "hazard_treaty_signed",
    "hazard_programme_announced",
    "hazard_programme_negotiating",
    "hazard_programme_concluded",
    "hazard_programme_signed",
    "hazard_project_announced",
    "hazard_project_negotiating",
    "hazard_project_signed",
    "hazard_alignment",
    "hazard_binding",
    "hazard_threat",
    "hazard_busy",
    "hazard_direct",
    "hazard_cable",
    "hazard_political_stall",
    "hazard_treaty_stall",
    "hazard_programme_stall",
    "hazard_project_stall",
    "hazard_concluded_stall",
    "stall_quarters",
    "hazard_ratification_block",
    "hazard_resume",
    "hazard_end",
    "hazard_renewal",
    "retry_quarters",
)

SUSPENSION = (
    "suspension_project",
    "suspension_treaty",
    "recovery_rate",
    "recovery_links",
)

OFFER = (
    "absorption_rate",
    "absorption_readiness",
    "absorption_hub",
    "absorption_facilitator",
    "package_least",
    "package_most",
    "package_quarters",
    "package_bonus",
    "investment_effect",
    "investment_scale",
    "offer_memory",
)

ADAPTATION = (
    "alignment_convergence",
    "rival_crowding_out",
    "reputation_gain",
    "reputation_loss",
)

RIVALS = (
    "rival_pull",
    "rival_ties",
    "rival_money",
    "rival_readiness",
    "vendor_ban",
    "vendor_alliance",
    "vendor_toolbox",
    "vendor_replacement",
)

VALUE = ("value_network", "value_high_risk")

#: What linked partners that hold an instrument too add, by mode of connection.
CONNECTION = ("connection_exchange", "connection_network", "connection_third")

#: Scale of each kind of effects of instruments.
EFFECT = tuple(f"effect_{row['name']}" for row in read_table("instrument_effects"))

NAMES: tuple[str, ...] = (
    ACTIVITY
    + INSTRUMENT
    + LINK
    + CONSENT
    + INITIATIVE
    + STAGE
    + SUSPENSION
    + OFFER
    + ADAPTATION
    + RIVALS
    + VALUE
    + EFFECT
    + CONNECTION
)

DTYPE = np.dtype([(name, np.float64) for name in NAMES], align=True)
