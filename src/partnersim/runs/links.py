"""How probable a link between two partner countries is at the end of the horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partnersim.runs.tables import Ensemble


def link_probabilities(ensemble: Ensemble) -> pd.DataFrame:
    """Return the share of runs in which two partners are linked at the end.

    Parameters
    ----------
    ensemble : Ensemble
        The runs of one arm.

    Returns
    -------
    DataFrame
        ``iso3_a``, ``iso3_b`` (in the order of the world), ``probability`` in (0, 1]. Pairs that
        are linked in no run are left out.
    """
    counts = np.triu(np.asarray(ensemble.links_at_end), k=1)
    first, second = np.nonzero(counts)
    names = list(ensemble.iso3)
    return pd.DataFrame(
        {
            "iso3_a": pd.Categorical.from_codes(first, names),
            "iso3_b": pd.Categorical.from_codes(second, names),
            "probability": counts[first, second] / ensemble.replicates,
        }
    )
