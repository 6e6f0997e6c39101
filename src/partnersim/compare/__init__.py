"""What runs say when policies are compared: functions on plain tables, one method per file."""

from partnersim.compare.box import Box, Range
from partnersim.compare.cart import cart
from partnersim.compare.comparison import paired_differences
from partnersim.compare.evidence import Evidence
from partnersim.compare.futures import failing_futures, outcome_by_future, regret
from partnersim.compare.pawn import pawn
from partnersim.compare.prim import prim
from partnersim.compare.robustness import robustness, winners
from partnersim.compare.runs import end_of_horizon
from partnersim.compare.saltelli import saltelli_points
from partnersim.compare.sobol import sobol_indices
from partnersim.compare.study import Study, read_study
from partnersim.compare.trade_offs import non_dominated, trade_offs

__all__ = [
    "Box",
    "Evidence",
    "Range",
    "Study",
    "cart",
    "end_of_horizon",
    "failing_futures",
    "non_dominated",
    "outcome_by_future",
    "paired_differences",
    "pawn",
    "prim",
    "read_study",
    "regret",
    "robustness",
    "saltelli_points",
    "sobol_indices",
    "trade_offs",
    "winners",
]
