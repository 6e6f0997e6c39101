"""Names, units and number formats of the metrics, in words for the screen and the figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: What an adviser reads first, in this order.
MAIN_METRICS = (
    "instruments",
    "partners",
    "depth_mean",
    "links",
    "hub_dependence",
    "partner_value",
    "eu_value",
    "value_security",
    "value_ldc_share",
    "rival_share",
    "covered_gdp",
    "offer_absorbed",
    "drawdown",
)


#: Stands between a number and its unit, so that no line ends between them.
NO_BREAK = "\u00a0"


def runs_each(replicates: int, unit: str) -> str:
    """Return how many runs a policy has in one climate or future, in words."""
    return f"{number(replicates)} run{'s' if replicates > 1 else ''} per policy and {unit}"


_ACRONYMS = {"ai": "AI", "eu": "EU", "gdp": "GDP", "ldc": "LDC", "lac": "LAC"}


@dataclass(frozen=True)
class MetricLabel:
    """How a metric is called and shown.

    Attributes
    ----------
    title : str
        Name in words.
    unit : str
        Unit as printed behind a number, or empty; shares are shown in percent.
    decimals : int
        Digits after the point.
    better : str
        ``more``, ``less``, or empty where neither is better in itself.
    """

    title: str
    unit: str = ""
    decimals: int = 0
    better: str = ""

    @property
    def heading(self) -> str:
        """The title, of which no line ends within the range behind its comma."""
        name, comma, span = self.title.partition(", ")
        return f"{name}{comma}{span.replace(' ', NO_BREAK)}"


_LABELS = {
    "instruments": MetricLabel("Instruments in force", better="more"),
    "partners": MetricLabel("Partners with an instrument in force", better="more"),
    "partners_depth_1": MetricLabel("Partners at depth 1+", better="more"),
    "partners_depth_2": MetricLabel("Partners at depth 2+", better="more"),
    "partners_depth_3": MetricLabel("Partners at depth 3+", better="more"),
    "depth_mean": MetricLabel("Mean depth, 0 to 4", decimals=2, better="more"),
    "partners_depth_4": MetricLabel("Partners at depth 4", better="more"),
    "new_ties": MetricLabel("New ties this quarter", better="more"),
    "deeper_ties": MetricLabel("Deeper ties this quarter", better="more"),
    "lost_ties": MetricLabel("Ties lost this quarter", better="less"),
    "negotiations": MetricLabel("Negotiations under way"),
    "links": MetricLabel("Links between partners", better="more"),
    "link_density": MetricLabel("Density of links", "%", 1, "more"),
    "clustering": MetricLabel("Clustering of links", decimals=2),
    "algebraic_connectivity": MetricLabel("Algebraic connectivity", decimals=2, better="more"),
    "modularity": MetricLabel("Modularity of links", decimals=2),
    "hub_dependence": MetricLabel("Dependence on the EU as hub", "%", 1, "less"),
    "partner_value": MetricLabel("Value to partners", decimals=1, better="more"),
    "eu_value": MetricLabel("Value to the EU", decimals=1, better="more"),
    "value_competitiveness": MetricLabel("Value for competitiveness", decimals=1, better="more"),
    "value_security": MetricLabel("Value for security", decimals=1, better="more"),
    "value_governance": MetricLabel("Value for governance", decimals=1, better="more"),
    "value_gini": MetricLabel("Inequality of value (Gini)", decimals=2, better="less"),
    "value_ldc_share": MetricLabel("Share of value to LDCs", "%", 1, "more"),
    "covered_gdp": MetricLabel("GDP outside the EU covered", "%", 1, "more"),
    "covered_population": MetricLabel("People outside the EU covered", "%", 1, "more"),
    "offer_envelope": MetricLabel("Offer: envelope", "million EUR"),
    "offer_spent": MetricLabel("Offer: spent", "million EUR"),
    "offer_mobilised": MetricLabel("Offer: mobilised", "million EUR", better="more"),
    "offer_carried": MetricLabel("Offer: carried over", "million EUR"),
    "offer_lapsed": MetricLabel("Offer: lapsed", "million EUR", better="less"),
    "offer_absorbed": MetricLabel("Offer taken up", "%", 1, "more"),
    "readiness_mean": MetricLabel("Readiness of partners", decimals=3, better="more"),
    "alignment_mean": MetricLabel("Alignment with the EU", decimals=3, better="more"),
    "rival_share": MetricLabel("Share of rival suppliers", "%", 1, "less"),
    "threat_mean": MetricLabel("Threat felt by partners", decimals=3, better="less"),
    "drawdown": MetricLabel("Value lost since its peak", "%", 1, "less"),
    "quarters_below_peak": MetricLabel("Quarters below the peak", better="less"),
    "reputation": MetricLabel("Reputation of the EU", decimals=2, better="more"),
}
_GROUPS = {"instruments": "Instruments", "partners": "Partners", "value": "Value"}
_DECIMALS = {"instruments": 0, "partners": 0, "value": 1}


def metric_label(metric: str) -> MetricLabel:
    """Return how a metric is called and shown.

    Counts and values by direction, area or region are named after it; a metric that is not known
    here is called by its own name.
    """
    if metric in _LABELS:
        return _LABELS[metric]
    group, _, part = metric.partition("_")
    if part and group in _GROUPS:
        return MetricLabel(f"{_GROUPS[group]}: {words(part)}", "", _DECIMALS[group], "more")
    return MetricLabel(capitalised(words(metric)), decimals=2)


def words(name: str) -> str:
    """Return an identifier as words: ``eu_budget_cut`` as ``EU budget cut``."""
    return " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))


def capitalised(text: str) -> str:
    """Return the text with a capital first letter, leaving the others alone."""
    return text[:1].upper() + text[1:]


def inside_sentence(title: str) -> str:
    """Return a title as it stands within a sentence: no capital, unless it is an acronym."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def number(value: float, decimals: int = 0, *, sign: bool = False) -> str:
    """Return a number with thousands separated by thin spaces and a true minus sign.

    Parameters
    ----------
    value : float
        NaN gives an en dash.
    decimals : int
        Digits after the point.
    sign : bool
        Whether a positive number carries a plus; zero never does.
    """
    if math.isnan(value):
        return "–"
    text = f"{abs(value):,.{decimals}f}".replace(",", "\u2009")
    zero = not any(digit in text for digit in "123456789")
    if value < 0 and not zero:
        return f"−{text}"
    return f"+{text}" if sign and not zero else text


def quantity(metric: str, value: float, *, sign: bool = False) -> str:
    """Return a metric's value with its unit; shares in percent (of 1), differences in points."""
    label = metric_label(metric)
    if label.unit == "%":
        text = number(100 * value, label.decimals, sign=sign)
        return f"{text}{NO_BREAK}{'points' if sign else '%'}"
    text = number(value, label.decimals, sign=sign)
    return f"{text}{NO_BREAK}{label.unit}" if label.unit else text
