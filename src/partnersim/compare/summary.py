"""What stands for a policy on one line: its mean, the range of its runs, its difference."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from partnersim.compare.differences import paired_differences
from partnersim.compare.tables import BAND_RUNS, mean_outcomes

#: Ends of the band: nine of ten runs lie in it.
BAND = (0.05, 0.95)


def summary(
    runs: pd.DataFrame,
    metrics: Sequence[str],
    reference: str,
    *,
    futures: str = "sampled",
    comparisons: int = 0,
) -> pd.DataFrame:
    """Return one line per policy and metric: mean, band, difference to the reference.

    Parameters
    ----------
    runs : DataFrame
        ``policy``, ``future``, ``replicate`` and metrics; one row per run.
    metrics : sequence of str
        Columns.
    reference : str
        Policy that the others are compared with; one without runs is compared with nothing.
    futures, comparisons
        See `paired_differences`; the intervals hold together for all that is compared.

    Returns
    -------
    DataFrame
        ``policy``, ``metric``; ``mean`` over futures of means over replicates; ``low`` and
        ``high``, 5 % and 95 % quantiles over runs, NaN with fewer than 20 of them; ``difference``
        with its 95 % interval ``difference_low`` to ``difference_high``, NaN for the reference;
        ``runs``.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"policy": ["a", "a", "b", "b"], "replicate": [0, 1, 0, 1],
    ...                      "links": [1.0, 3.0, 4.0, 8.0]})
    >>> summary(runs, ["links"], "a")[["policy", "mean", "low", "difference"]].values.tolist()
    [['a', 2.0, nan, nan], ['b', 6.0, nan, 4.0]]
    """
    means = mean_outcomes(runs, metrics)
    by_policy = runs.astype({"policy": str}).groupby("policy", sort=False)[list(metrics)]
    counts = by_policy.count()
    ends = [by_policy.quantile(share).where(counts >= BAND_RUNS) for share in BAND]
    parts = {"mean": means, "low": ends[0], "high": ends[1], "runs": counts}
    table = pd.concat(
        {name: part.stack(future_stack=True) for name, part in parts.items()}, axis=1
    ).rename_axis(["policy", "metric"])
    if reference in means.index:
        found = paired_differences(
            runs, metrics, reference, futures=futures, comparisons=comparisons
        ).set_index(["policy", "metric"])[["mean", "low", "high"]]
        found.columns = pd.Index(["difference", "difference_low", "difference_high"])
        table = table.join(found)
    else:
        table[["difference", "difference_low", "difference_high"]] = float("nan")
    return table.reset_index()
