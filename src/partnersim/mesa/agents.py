"""The agents: partner countries and the European Union.

Their default decisions are the rules themselves; override a method in plain Python to try
another one. Everything that is not overridden stays as compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from partnersim.errors import InputError, nearest
from partnersim.model import choice, consent, initiative, offer, quarter, turns
from partnersim.model.constants import AREAS, PLANNED, STAGES
from partnersim.model.instrument_utility import prerequisites_met
from partnersim.model.shock_effects import fill_unready
from partnersim.random.elementary import exp

if TYPE_CHECKING:
    from partnersim.mesa.model import PartnershipModel


_CENTS = 1e8  # in a million EUR


class _Lasting(mesa.Agent):
    """An agent that stays for the whole run."""

    def remove(self) -> None:
        """Refuse to remove it.

        Raises
        ------
        InputError
            Always: links, shares and ranks of all others count it.
        """
        raise InputError(
            f"{type(self).__name__}.remove: partners and the EU stay for the whole run, for the"
            " scores and links of others count them; to keep a country still override may_act"
        )


class PartnerCountry(_Lasting):
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
    def region(self) -> str:
        """Name of its region."""
        return str(self.model.world.countries["region"].iloc[self.place])

    @property
    def load(self) -> int:
        """Negotiations under way."""
        return int(self.model.state.countries.load[self.place])

    @property
    def need(self) -> dict[str, float]:
        """Need in every area, 0..1."""
        return self._scores("need")

    @property
    def threat(self) -> dict[str, float]:
        """Threat in every area now, 0..1."""
        return self._scores("threat")

    @property
    def rival(self) -> dict[str, float]:
        """Pull of rival suppliers in every area now, 0..1."""
        return self._scores("rival")

    @property
    def readiness(self) -> dict[str, float]:
        """Readiness in every area now, 0..1; what is set lasts, shocks and investment act on it."""
        return self._scores("readiness")

    @readiness.setter
    def readiness(self, values: Mapping[str, float]) -> None:
        if not isinstance(values, Mapping):
            raise InputError(f"readiness = {values!r}: give values by area, such as trade=0.5")
        state, place = self.model.state, self.place
        country = state.countries[place]
        for name, value in values.items():
            if name not in AREAS:
                raise InputError(
                    f"readiness: unknown area '{name}'{nearest(name, AREAS)} ({', '.join(AREAS)})"
                )
            area, score = AREAS.index(name), _share(f"readiness of {name}", value)
            effect = state.coefficients[0].investment_effect / country.investment_unit
            # Of what was lacking in June 2025 the money so far has left this much.
            left = exp(-effect * country.invested[area])
            state.countries.first_readiness[place, area] = 1.0 - (1.0 - score) / left
            state.countries.readiness[place, area] = score
        fill_unready(state.coefficients[0], state.countries[place])

    @property
    def alignment(self) -> float:
        """Alignment with the EU now, 0..1; what is set lasts, shocks and ties act on it."""
        return float(self.model.state.alignment[self.place])

    @alignment.setter
    def alignment(self, value: float) -> None:
        score = _share("alignment", value)
        self.model.state.alignment[self.place] = score
        self.model.state.countries.alignment_base[self.place] = score

    def _scores(self, field: str) -> dict[str, float]:
        row = self.model.state.countries[field][self.place]
        return {area: float(row[place]) for place, area in enumerate(AREAS)}

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
            What an override returns is what is chosen from.
        """
        choice.weigh_options(self.model.state, self.place)
        return self.model.state.utilities

    def explain(self, instrument: str) -> dict[str, float]:
        """Return the terms of the utility of an instrument, by name; their sum is the utility."""
        place = self._place_of(instrument)
        chance = consent.union_chance(self.model.state, self.place, place)
        return dict(choice.terms_of(self.model.state, self.place, place, chance)._asdict())

    def draw_choice(self, utilities: ArrayLike) -> int:
        """Draw one of the options by multinomial logit.

        Parameters
        ----------
        utilities : (K + 1,) array_like of float
            As `weigh` returns them.

        Raises
        ------
        InputError
            If they are not one number per option, or an instrument has one that may not be taken.
        """
        state = self.model.state
        state.utilities[: len(self.model.instruments) + 1] = self._checked(utilities)
        return int(choice.choose(state, self.place))

    def choose(self) -> int:
        """Return the option taken, as numbered by `weigh`."""
        return self.draw_choice(self.weigh())

    def accepts(self, instrument: str) -> bool:
        """Tell whether the country accepts an instrument that the EU proposes."""
        place = self._place_of(instrument)
        return bool(initiative.partner_accepts(self.model.state, self.place, place))

    def step(self) -> None:
        """Take a turn: choose, sound out the EU, ask, and do what was agreed.

        Raises
        ------
        InputError
            If a decision of a subclass is none: it names class, country, option and reason.
        """
        if not self.may_act():
            return
        model = self.model
        option = self._checked_option(self.choose())
        if option < len(model.instruments) and consent.request_is_put(
            model.state, self.place, option
        ):
            name = model.instruments[option]
            agreed = model.union.consents(self, name)
            if not isinstance(agreed, bool | np.bool_):
                raise InputError(
                    f"{type(model.union).__name__}.consents for {self.iso3}, {name}, returned"
                    f" {agreed!r}: must be True or False"
                )
            quarter.settle_approach(model.state, self.place, option, bool(agreed))

    def _place_of(self, instrument: str) -> int:
        known = self.model.instruments
        if instrument not in known:
            raise InputError(f"unknown instrument '{instrument}'{nearest(instrument, known)}")
        return known.index(instrument)

    def _checked(self, utilities: ArrayLike) -> NDArray[np.float64]:
        """Return utilities of one's own, if they can be chosen from."""
        place = f"{type(self).__name__}.weigh of {self.iso3}"
        count = len(self.model.instruments) + 1
        try:
            given = np.array(utilities, np.float64)
        except (TypeError, ValueError):
            given = np.empty(0)
        if given.shape != (count,):
            raise InputError(
                f"{place}: must be {count} numbers, one per option, holding still last"
            )
        if np.isnan(given).any() or np.isposinf(given).any() or np.isneginf(given).all():
            raise InputError(f"{place}: utilities must be numbers, or -inf for what is not taken")
        choice.weigh_options(self.model.state, self.place)
        wrong = np.flatnonzero(np.isneginf(self.model.state.utilities[:count]) & np.isfinite(given))
        if len(wrong):
            name = self.model.instruments[wrong[0]]
            raise InputError(
                f"{place}: {name} has a utility, but {self._why_not(int(wrong[0]))}; leave it -inf"
            )
        return given

    def _checked_option(self, option: Any) -> int:
        """Return an option of one's own, if it may be taken."""
        place = f"{type(self).__name__}.choose of {self.iso3}"
        instruments = self.model.instruments
        whole = isinstance(option, int | np.integer) and not isinstance(option, bool)
        if not whole or not 0 <= option <= len(instruments):
            raise InputError(
                f"{place} returned {option!r}: must be a whole number from 0 to"
                f" {len(instruments)} ({len(instruments)} is holding still)"
            )
        if option < len(instruments):
            choice.weigh_options(self.model.state, self.place)
            if np.isneginf(self.model.state.utilities[option]):
                reason = self._why_not(int(option))
                raise InputError(f"{place} returned {option}, {instruments[option]}: {reason}")
        return int(option)

    def _why_not(self, option: int) -> str:
        """Say why an instrument may not be taken now."""
        state = self.model.state
        pairs, instrument = state.pairs[self.place], state.instruments[option]
        pair = pairs[option]
        if pair.available != 1:
            return f"{self.name} is not eligible for it"
        if pair.stage > PLANNED:
            return f"{self.name} has it already ({STAGES[pair.stage]})"
        if pair.barred:
            return "another tie bars it"
        if pair.lapsed:
            return "it has lapsed with its programme"
        if pair.again > state.clock[0].quarter:
            return "talks on it ended lately"
        if not prerequisites_met(pairs, instrument):
            return "what must come before it is not in force"
        return "shocks keep political texts from being opened"


def _share(what: str, value: float) -> float:
    """Return a score that was set, if it can be one."""
    if not isinstance(value, int | float | np.number) or not 0.0 <= value <= 1.0:
        raise InputError(f"{what} = {value!r}: must be a number from 0 to 1")
    return float(value)


class EuropeanUnion(_Lasting):
    """The EU and its Member States, acting together.

    Parameters
    ----------
    model : PartnershipModel
    """

    model: PartnershipModel

    @property
    def reputation(self) -> float:
        """How far partners trust it to deliver, 0..1."""
        return float(self.model.state.union[0].reputation)

    @property
    def budget(self) -> float:
        """Money of the Offer received so far and neither spent nor lapsed, million EUR."""
        purse = self.model.state.union[0]
        return float(purse.envelope - purse.spent - purse.lapsed) / _CENTS

    @property
    def load(self) -> int:
        """Negotiators at work."""
        return int(self.model.state.union[0].load)

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
