"""What runs say when policies are compared: functions on plain tables, one method per file."""

from partnersim.compare.box import Box, Range
from partnersim.compare.cart import cart
from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import PolicyDifference, differences, paired_differences
from partnersim.compare.prim import prim
from partnersim.compare.ranking import Ranking, ranking
from partnersim.compare.regret import failing_futures, regret, robustness, winners
from partnersim.compare.screening import delta_indices, morris_effects
from partnersim.compare.sensitivity import pawn, sobol_indices
from partnersim.compare.summary import summary
from partnersim.compare.tables import end_of_horizon, mean_outcomes, outcome_by_future
from partnersim.compare.trade_offs import non_dominated, trade_offs

__all__ = [
    "Box",
    "Comparison",
    "PolicyDifference",
    "Range",
    "Ranking",
    "cart",
    "delta_indices",
    "differences",
    "end_of_horizon",
    "failing_futures",
    "mean_outcomes",
    "morris_effects",
    "non_dominated",
    "outcome_by_future",
    "paired_differences",
    "pawn",
    "prim",
    "ranking",
    "regret",
    "robustness",
    "sobol_indices",
    "summary",
    "trade_offs",
    "winners",
]
