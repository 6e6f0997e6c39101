"""Names and numbers of the uncertain factors, as a reader meets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partnersim.compare.box import Box, Limit, Range
from partnersim.compare.labels import inside_sentence, number, words
from partnersim.compare.words import listed
from partnersim.model.coefficients import COEFFICIENTS

#: The factor that chooses a climate by name.
CLIMATE = "geopolitics"
#: Parts of a path that say nothing to a reader.
_SILENT = ("behaviour", "coefficients", "value", "geopolitics", "shocks", "policy")


def factor_name(path: str) -> str:
    """Return a factor's path as words.

    A coefficient is called as in the table of coefficients: ``need`` by ``weight of need``,
    ``connect`` by ``constant (connect)``. ``shocks.cable_cut.rate`` is ``cable cut: rate``,
    ``policy.negotiators`` is ``negotiators (a lever)``, ``geopolitics.intensity`` is ``intensity
    of shocks`` and a choice of ``geopolitics`` is the ``climate``.
    """
    if path == CLIMATE:
        return "climate"
    if path == "geopolitics.intensity":
        return "intensity of shocks"
    parts = [part for part in path.split(".") if part not in _SILENT]
    if path.startswith("behaviour.coefficients.") and parts and parts[0] in COEFFICIENTS:
        row = COEFFICIENTS[parts[0]]
        kind, part, of = inside_sentence(row["en"]).partition(": ")
        name = f"{kind} ({of})" if part else kind
        return f"weight of {name}" if row["unit"] == "utility per unit" else name
    name = ": ".join(words(part) for part in parts) or words(path)
    return f"{name} (a lever)" if path.startswith("policy.") else name


def factor_value(value: float, span: float) -> str:
    """Return a value of a factor with the digits that its range needs."""
    digits = 2 - int(np.ceil(np.log10(span))) if span > 0 else 2
    return number(value, min(max(digits, 0), 6))


@dataclass(frozen=True)
class FactorWords:
    """The factors of a study and how values of them are written.

    Attributes
    ----------
    spans : dict of str to (low, high)
        Range over the futures, by path; numeric factors only.
    units : dict of str to str
        Unit by path.
    """

    spans: dict[str, tuple[float, float]]
    units: dict[str, str]

    def box(self, box: Box) -> str:
        """Return the limits of a box in words."""
        return listed([self.limit(path, limit) for path, limit in box.limits.items()])

    def limit(self, path: str, limit: Limit) -> str:
        """Return one limit of a box in words, as ``need is below 0.8``."""
        name = factor_name(path)
        if not isinstance(limit, Range):
            return f"{name} is {listed([words(str(option)) for option in limit], 'or')}"
        least, most = self.spans[path]
        low, high = (None if end is None else factor_value(end, most - least) for end in limit)
        if low is None:
            return f"{name} is below {high}"
        if high is None:
            return f"{name} is above {low}"
        return f"{name} is between {low} and {high}"


def factor_words(factors: pd.DataFrame, futures: pd.DataFrame) -> FactorWords:
    """Return the names and ranges of the factors over the futures that were run."""
    units = factors.set_index("factor")["unit"].fillna("").to_dict()
    numeric = futures.drop(columns="future").select_dtypes("number")
    spans = {path: (float(column.min()), float(column.max())) for path, column in numeric.items()}
    return FactorWords(spans, units)
