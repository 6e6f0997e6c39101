"""Which bloc decides an instrument for its members: one decision for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partnersim.model.constants import STAGES
from partnersim.model.world_arrays import Flags
from partnersim.world.tables import Reader, Row

NO_BLOC = -1


def bloc_array(
    decisions: Sequence[Row],
    members: Sequence[Row],
    codes: Sequence[str],
    instruments: Sequence[str],
    eligible: Flags,
) -> NDArray[np.int16]:
    """Return the bloc that decides an instrument for a country, (N, K); -1 where none does.

    Blocs are numbered in the order in which ``bloc_decisions.csv`` first names them. A member that
    is not eligible for the instrument is left out of the decision.
    """
    numbers = {
        name: place for place, name in enumerate(dict.fromkeys(r["bloc"] for r in decisions))
    }
    array = np.full((len(codes), len(instruments)), NO_BLOC, dtype=np.int16)
    for decision in decisions:
        without = decision.items("without")
        for row in members:
            if row["bloc"] == decision["bloc"] and row["iso3"] not in without:
                pair = codes.index(row["iso3"]), instruments.index(decision["instrument"])
                if eligible[pair]:
                    array[pair] = numbers[decision["bloc"]]
    return array


def check_decisions(
    reader: Reader,
    decisions: Sequence[Row],
    members: Sequence[Row],
    codes: Sequence[str],
    names: Sequence[str],
    stages: NDArray[np.int8],
    eligible: Flags,
) -> None:
    """Note countries with two blocs for one instrument, and members at different stages.

    Parameters
    ----------
    stages : array of int8
        (N, K) stages of 5 June 2025.
    """
    taken: dict[tuple[int, int], str] = {}
    for decision in decisions:
        array = bloc_array([decision], members, codes, names, eligible)
        found: dict[str, str] = {}
        for i, k in np.argwhere(array != NO_BLOC):
            if (i, k) in taken:
                reader.problem(decision, f"{taken[i, k]} decides {names[k]} for {codes[i]} already")
            taken[i, k] = decision["bloc"]
            found[STAGES[stages[i, k]]] = codes[i]
        if not (array != NO_BLOC).any():
            reader.problem(
                decision, f"no member of {decision['bloc']} may take {decision['instrument']}"
            )
        elif len(found) > 1:
            listed = ", ".join(f"{code} {stage}" for stage, code in sorted(found.items()))
            one = f"{decision['bloc']} decides {decision['instrument']} for all its members"
            reader.problem(decision, f"{one}, but they stand at different stages: {listed}")
