"""The Tech Business Offer: how much money, in which modules, to whom, on which terms."""

from __future__ import annotations

from pydantic import Field

from partnersim.scenario.levers import Envelope
from partnersim.scenario.settings import Settings, Shares, number, weight


class ModuleMix(Shares):
    """Weights of the six modules of the Offer; only their proportions count."""

    connectivity: float = weight("Secure and trusted connectivity")
    public_infrastructure: float = weight("Digital public infrastructure")
    ai_software: float = weight("Artificial intelligence and software")
    skills: float = weight("Skills and capacity building")
    cybersecurity: float = weight("Cybersecurity")
    green: float = weight("Energy- and resource-efficient digital solutions")


class Targeting(Shares):
    """Weights of the five ways to divide the money among countries; only proportions count."""

    need: float = weight("By need")
    strategic: float = weight("By strategic value to the EU")
    even: float = weight("The same for everybody")
    depth: float = weight("Rewarding depth of partnership")
    connection: float = weight("Rewarding links with other partners")


class Offer(Settings):
    """The EU Tech Business Offer (JOIN(2025) 140 final, section 3)."""

    envelope: Envelope
    mix: ModuleMix = Field(description="Weights of the modules")
    targeting: Targeting = Field(description="Weights of the ways to divide the money")
    private: float = number("Private money that follows, at best", 0, 5, unit="EUR per public EUR")
    development_finance: float = number(
        "Money of development banks that follows, at best", 0, 5, unit="EUR per public EUR"
    )
    export_credit: float = number(
        "Money of export credit agencies that follows, at best", 0, 5, unit="EUR per public EUR"
    )
    carry_over: float = number(
        "Share of a year's envelope that may be carried over; the rest lapses", 0, 1
    )
    reservation_partner: float = number(
        "Gain below which a partner declines; 0 takes anything", 0, 1
    )
    reservation_eu: float = number("Gain below which the EU declines; 0 gives anything", 0, 1)
