"""Places that are no partners of the world: members of the EU, continents, places without data."""

from __future__ import annotations

from collections.abc import Mapping

#: Members of the EU in June 2025 by ISO 3166 code.
_EU = {
    **{"AUT": "Austria", "BEL": "Belgium", "BGR": "Bulgaria", "HRV": "Croatia", "CYP": "Cyprus"},
    **{"CZE": "Czechia", "DNK": "Denmark", "EST": "Estonia", "FIN": "Finland", "FRA": "France"},
    **{"DEU": "Germany", "GRC": "Greece", "HUN": "Hungary", "IRL": "Ireland", "ITA": "Italy"},
    **{"LVA": "Latvia", "LTU": "Lithuania", "LUX": "Luxembourg", "MLT": "Malta"},
    **{"NLD": "Netherlands", "POL": "Poland", "PRT": "Portugal", "ROU": "Romania"},
    **{"SVK": "Slovakia", "SVN": "Slovenia", "ESP": "Spain", "SWE": "Sweden"},
}
_CONTINENTS = {
    "Africa": "sub_saharan_africa, southern_neighbourhood",
    "Asia": "indo_pacific, central_asia, gulf, middle_east_other",
    "Australia and Oceania": "indo_pacific",
    "Oceania": "indo_pacific",
    "Europe": "eastern_partnership, western_balkans, efta_uk, turkiye_enlargement, russia",
    "America": "north_america, LAC",
    "South America": "LAC",
    "Central America": "LAC",
    "Latin America": "LAC",
    "Middle East": "gulf, southern_neighbourhood, middle_east_other",
}
_WITHOUT_DATA = {
    **{"TWN": "Taiwan", "HKG": "Hong Kong", "MAC": "Macao", "VAT": "Holy See"},
    **{"GRL": "Greenland", "PRI": "Puerto Rico"},
}


def _named(name: str, places: Mapping[str, str]) -> str | None:
    """Return the name of a place given by code or name, None if it is not among the places."""
    by_name = {place.casefold(): place for place in places.values()}
    return places.get(name.upper()) or by_name.get(name.casefold())


def why_no_partner(name: str) -> str:
    """Say why a place is no partner country.

    Parameters
    ----------
    name : str
        An ISO 3166 code of three letters, or a name.

    Returns
    -------
    str
        A sentence without full stop; empty if nothing is known about the place.
    """
    member = _named(name, _EU)
    if member or name.casefold() in ("eu", "european union"):
        return (
            f"{member} is a member of the EU, not a partner" if member else "the EU is no partner"
        )
    continents = {continent.casefold(): continent for continent in _CONTINENTS}
    if name.casefold() in continents:
        continent = continents[name.casefold()]
        return f"{continent} is no country; its regions here: {_CONTINENTS[continent]}"
    place = _named(name, _WITHOUT_DATA)
    return f"the data hold no row for {place}" if place else ""
