"""The Mesa driver."""

from partnersim.mesa.agents import EuropeanUnion, PartnerCountry
from partnersim.mesa.model import PartnershipModel

__all__ = ["EuropeanUnion", "PartnerCountry", "PartnershipModel"]
