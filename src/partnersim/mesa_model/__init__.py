"""The Mesa driver."""

from partnersim.mesa_model.agents import EuropeanUnion, PartnerCountry
from partnersim.mesa_model.model import PartnershipModel

__all__ = ["EuropeanUnion", "PartnerCountry", "PartnershipModel"]
