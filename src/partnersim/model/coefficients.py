"""The behavioural coefficients, one row each in ``coefficients.csv``.

A row holds name and group, the assumed value with its unit, plausible range, origin and source,
and label and meaning in three languages. The rules read coefficients as ``coefficients.need`` from
a one-row record array, which costs no copying in compiled code.
"""

from __future__ import annotations

from collections.abc import Mapping

from partnersim.model.tables import read_table

#: The rows of the table by name.
COEFFICIENTS: Mapping[str, Mapping[str, str]] = {
    row["name"]: row for row in read_table("coefficients")
}
#: Names of all coefficients, in the order of the table.
NAMES = tuple(COEFFICIENTS)
#: Names of the coefficients of each group.
GROUPS: Mapping[str, tuple[str, ...]] = {
    group: tuple(name for name, row in COEFFICIENTS.items() if row["group"] == group)
    for group in dict.fromkeys(row["group"] for row in COEFFICIENTS.values())
}
