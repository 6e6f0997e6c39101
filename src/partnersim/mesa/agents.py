"""The agents: partner countries and the European Union.

Their default decisions are the rules themselves; override a method in plain Python to try
another one. Everything that is not overridden stays as compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

from partnersim.model import choice, consent, initiative, offer, quarter, turns
from partnersim.model.constants import AREAS, STAGES

if TYPE_CHECKING:
    from partnersim.mesa.model import PartnershipModel


class PartnerCountry(mesa.Agent):
    """A partner country.

    Parameters
    ----------
    model : PartnershipModel
    place : int
        Row of the country in the world's tables.
    """

    model: PartnershipModel

    def __init__(self, model: PartnershipModel, place: int) -> None:
        super().__init__(model)
        self.place = place
        self.iso3: str = model.world.countries["iso3"].iloc[place]
        self.name: str = model.world.countries["name"].iloc[place]

    @property
    def stages(self) -> dict[str, str]:
        """Stage of every instrument that is not "none"."""
        row = self.model.state.pairs.stage[self.place]
        return {self.model.instruments[k]: STAGES[row[k]] for k in np.flatnonzero(row)}

    @property
    def depth(self) -> dict[str, int]:
        """Depth in every area, 0-4."""
        row = self.model.state.countries.depth[self.place]
        return {area: int(row[place]) for place, area in enumerate(AREAS)}

    @property
    def alignment(self) -> float:
        """Alignment with the EU now, 0..1."""
        return float(self.model.state.alignment[self.place])

    @property
    def linked(self) -> list[str]:
        """ISO 3166 codes of the countries that this one is linked to."""
        row = self.model.state.linked[self.place]
        return [self.model.iso3[other] for other in np.flatnonzero(row)]

    def may_act(self) -> bool:
        """Tell whether the country gets a turn this quarter."""
        return bool(turns.may_act(self.model.state, self.place))

    def weigh(self) -> NDArray[np.float64]:
        """Return the utility of every option.

        Returns
        -------
        utilities : (K + 1,) float64 array
            Instruments, then holding still (0); ``-inf`` where an instrument may not be taken.
            May be changed in place before `draw_choice`.
        """
        choice.weigh_options(self.model.state, self.place)
        return self.model.state.utilities

    def explain(self, instrument: str) -> dict[str, float]:
        """Return the terms of the utility of an instrument, by name; their sum is the utility."""
        place = self.model.instruments.index(instrument)
        chance = consent.union_chance(self.model.state, self.place, place)
        return dict(choice.terms_of(self.model.state, self.place, place, chance)._asdict())

    def draw_choice(self) -> int:
        """Draw one of the options as last weighed, by multinomial logit."""
        return int(choice.choose(self.model.state, self.place))

    def choose(self) -> int:
        """Return the option taken, as numbered by `weigh`."""
        self.weigh()
        return self.draw_choice()

    def accepts(self, instrument: str) -> bool:
        """Tell whether the country accepts an instrument that the EU proposes."""
        place = self.model.instruments.index(instrument)
        return bool(initiative.partner_accepts(self.model.state, self.place, place))

    def step(self) -> None:
        """Take a turn: choose, sound out the EU, ask, and do what was agreed."""
        if not self.may_act():
            return
        model = self.model
        option = self.choose()
        if option < len(model.instruments) and consent.request_is_put(
            model.state, self.place, option
        ):
            agreed = model.union.consents(self, model.instruments[option])
            quarter.settle_approach(model.state, self.place, option, agreed)


class EuropeanUnion(mesa.Agent):
    """The EU and its Member States, acting together.

    Parameters
    ----------
    model : PartnershipModel
    """

    model: PartnershipModel

    def spend(self) -> None:
        """Spend this quarter's envelope of the Tech Business Offer."""
        offer.spend_offer(self.model.state)

    def consents(self, country: PartnerCountry, instrument: str) -> bool:
        """Tell whether the EU agrees to open a negotiation that a country asks for."""
        place = self.model.instruments.index(instrument)
        return bool(consent.union_consents(self.model.state, country.place, place))

    def rank(self) -> list[PartnerCountry]:
        """Return the countries that the EU turns to this quarter, the first first."""
        state = self.model.state
        count = initiative.rank_partners(state)
        return [self.model.countries[place] for place in state.turns[:count].tolist()]

    def weigh(self, country: PartnerCountry) -> NDArray[np.float64]:
        """Return the utility of proposing each instrument to a country.

        Returns
        -------
        utilities : (K + 1,) float64 array
            Instruments, then to propose nothing (0); ``-inf`` where one may not be proposed.
        """
        initiative.weigh_proposals(self.model.state, country.place)
        return self.model.state.utilities

    def choose(self, country: PartnerCountry) -> int:
        """Return what the EU proposes to a country, as numbered by `weigh`."""
        self.weigh(country)
        return int(initiative.choose_proposal(self.model.state, country.place))

    def propose(self) -> None:
        """Turn to partners and propose."""
        state = self.model.state
        for country in self.rank():
            if turns.has_hands_free(state, country.place):
                option = self.choose(country)
                instruments = self.model.instruments
                if option < len(instruments) and initiative.proposal_is_put(
                    state, country.place, option
                ):
                    accepted = country.accepts(instruments[option])
                    initiative.settle_proposal(state, country.place, option, accepted)

    def step(self) -> None:
        """Act for one quarter."""
        self.spend()
        self.propose()
