"""What runs say when policies are compared: functions on plain tables, one method per file."""

from partnersim.compare.box import Box, Range
from partnersim.compare.cart import cart
from partnersim.compare.comparison import differences_by_replicate, paired_differences
from partnersim.compare.evidence import Evidence
from partnersim.compare.futures import failing_futures, outcome_by_future, regret
from partnersim.compare.kim_nelson import select_best
from partnersim.compare.pawn import pawn
from partnersim.compare.precision import precise_enough, runs_needed
from partnersim.compare.prim import prim
from partnersim.compare.robustness import robustness, winners
from partnersim.compare.runs import end_of_horizon
from partnersim.compare.saltelli import saltelli_points
from partnersim.compare.selection import Selection
from partnersim.compare.sobol import sobol_indices
from partnersim.compare.study import Study, read_study
from partnersim.compare.trade_offs import non_dominated, trade_offs

__all__ = [
    "Box",
    "Evidence",
    "Range",
    "Selection",
    "Study",
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
    "read_study",
    "regret",
    "robustness",
    "runs_needed",
    "saltelli_points",
    "select_best",
    "sobol_indices",
    "trade_offs",
    "winners",
]
