"""What the results rest on: every coefficient, and the policies as they were set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partnersim.compare.study import Study
from partnersim.runs.wording import capitalised, number, words
from partnersim.show.tables import Table, plain


def coefficients_table(study: Study, origin: str) -> Table:
    """Return every coefficient of an origin: value, range, meaning.

    Parameters
    ----------
    study : Study
    origin : {"assumed", "literature", "estimated"}
        Where the values come from.
    """
    varied = set(study.factors["factor"])
    coefficients: Mapping[str, Any] = study.manifest["configuration"]["behaviour"]["coefficients"]
    rows = []
    for name, entry in coefficients.items():
        if entry["origin"] != origin:
            continue
        path = f"behaviour.coefficients.{name}.value"
        value = "varied, see above" if path in varied else plain(entry["value"])
        rows.append(
            [
                name,
                value,
                f"{plain(entry['low'])} to {plain(entry['high'])}",
                str(entry["unit"]),
                str(entry["meaning"]),
            ]
        )
    return Table(
        f"{number(len(rows))} coefficients, origin: {origin}",
        ["Coefficient", "Value", "Plausible range", "Unit", "Meaning"],
        rows,
    )


def policies_table(study: Study) -> Table:
    """Return the policies that were compared, in words."""
    settings = study.manifest["configuration"]["policy"]
    rows = []
    for policy in study.policies:
        entry = settings.get(policy, settings)
        mark = " (reference)" if policy == study.reference else ""
        rows.append([capitalised(words(policy)) + mark, str(entry.get("description", ""))])
    return Table("Policies compared", ["Policy", "Description"], rows)
