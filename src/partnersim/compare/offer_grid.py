"""Designs of the Offer crossed: what the money buys (mix) by whom it goes to (targeting)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnersim.compare.labels import NO_BREAK, words

USUAL = "as in the reference"


@dataclass(frozen=True)
class OfferGrid:
    """Policies by their mix and their targeting.

    Attributes
    ----------
    mixes, targetings : list of str
        What sets each apart from the reference, in words; the reference's own comes first.
    cells : dict of (mix, targeting) to str
        The policy of each combination.
    """

    mixes: list[str]
    targetings: list[str]
    cells: dict[tuple[str, str], str]


def offer_grid(policies: Mapping[str, Mapping[str, Any]], reference: str) -> OfferGrid:
    """Arrange policies that differ from the reference in mix and targeting alone.

    Parameters
    ----------
    policies : mapping of str to mapping
        Settings of the policies, as a manifest keeps them.
    reference : str
        The one that the others are compared with.

    Returns
    -------
    OfferGrid
        Policies that differ in anything else are left out.
    """
    base = policies[reference]
    cells: dict[tuple[str, str], str] = {}
    mixes, targetings = {USUAL: None}, {USUAL: None}
    for name, policy in policies.items():
        if _without(policy) != _without(base):
            continue
        mix = grown(policy["offer"]["mix"], base["offer"]["mix"])
        targeting = grown(policy["offer"]["targeting"], base["offer"]["targeting"])
        mixes[mix], targetings[targeting] = None, None
        cells[mix, targeting] = name
    return OfferGrid(list(mixes), list(targetings), cells)


def grown(own: Mapping[str, float], usual: Mapping[str, float]) -> str:
    """Return the share of which the weight grew most against the base, in words."""
    shares, base = (
        {name: weight / sum(given.values()) for name, weight in given.items()}
        for given in (own, usual)
    )
    if all(abs(shares[name] - base[name]) < 1e-9 for name in base):
        return USUAL
    most = max(base, key=lambda name: shares[name] - base[name])
    return f"{words(most)} {100 * shares[most]:.0f}{NO_BREAK}%"


def _without(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a policy that must be equal."""
    own = {key: policy[key] for key in policy if key not in ("name", "description")}
    offer = {key: own["offer"][key] for key in own["offer"] if key not in ("mix", "targeting")}
    return {**own, "offer": offer}
