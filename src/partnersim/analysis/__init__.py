"""From runs to answers: functions on plain tables, one method per file.

A table of runs has one row per run: ``policy``, ``point`` (the sampled future), ``replicate`` (the
luck, the same under every policy) and the metrics at the end. A table of points has one row per
``point`` and a column per factor.
"""

from partnersim.analysis.box import Box, Range
from partnersim.analysis.cart import cart
from partnersim.analysis.comparison import differences_by_replicate, paired_differences
from partnersim.analysis.futures import failing_futures, outcome_by_future, regret
from partnersim.analysis.kim_nelson import select_best
from partnersim.analysis.pawn import pawn
from partnersim.analysis.precision import precise_enough, runs_needed
from partnersim.analysis.prim import prim
from partnersim.analysis.robustness import robustness, winners
from partnersim.analysis.runs import end_of_horizon
from partnersim.analysis.saltelli import saltelli_points
from partnersim.analysis.selection import Selection
from partnersim.analysis.sobol import sobol_indices
from partnersim.analysis.trade_offs import non_dominated, trade_offs

__all__ = [
    "Box",
    "Range",
    "Selection",
    "cart",
    "differences_by_replicate",
    "end_of_horizon",
    "failing_futures",
    "non_dominated",
    "outcome_by_future",
    "paired_differences",
    "pawn",
    "precise_enough",
    "prim",
    "regret",
    "robustness",
    "runs_needed",
    "saltelli_points",
    "select_best",
    "sobol_indices",
    "trade_offs",
    "winners",
]
