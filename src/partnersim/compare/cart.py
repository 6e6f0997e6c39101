"""CART: boxes of failures as the leaves of a classification tree."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partnersim.arrays import Floats
from partnersim.compare.box import SMALLEST_MASS, Box, Limits, Range, checked_failures, measured
from partnersim.compare.tables import is_number

#: A tree of few leaves can be read.
MOST_LEAVES = 8
FOLDS = 5


def cart(futures: pd.DataFrame, fails: pd.Series | npt.ArrayLike) -> list[Box]:
    """Return the boxes in which a policy fails, as leaves of a classification tree.

    The tree splits the futures by one factor at a time such that Gini's impurity 2 q (1 - q), q
    being the share that fails, falls most, best split first, up to 8 leaves (Breiman et al. 1984;
    scikit-learn). Of such trees the smallest is taken that predicts futures it has not seen as well
    as the best one, within one standard error (5-fold cross-validation): chance makes no boxes. A
    leaf in which a larger share fails than over all futures is a box; splits between leaves that
    mostly fail on both sides are taken back. A leaf holds at least 5 % of the futures. PRIM's boxes
    tend to be simpler; CART's never overlap.

    Parameters
    ----------
    futures : DataFrame
        A column per factor, numeric or text; with ``future`` or without.
    fails : Series of bool (by ``future``) or array_like
        Where the policy fails, e.g. from `failing_futures`.

    Returns
    -------
    list of Box
        Most covering first. Empty if nothing fails, or no split tells failures apart; if everything
        fails, one box without limits.

    Raises
    ------
    InputError
        For futures or failures that cannot be used.

    References
    ----------
    Breiman, L., Friedman, J. H., Olshen, R. A. and Stone, C. J. (1984). Classification and
    regression trees. doi:10.1201/9781315139470

    Lempert, R. J., Bryant, B. P. and Bankes, S. C. (2008). Comparing algorithms for scenario
    discovery. RAND WR-557.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> need = np.linspace(0, 1, 101)
    >>> [box] = cart(pd.DataFrame({"need": need}), need < 0.305)
    >>> box.limits, box.coverage, box.density
    ({'need': Range(low=None, high=0.305)}, 1.0, 1.0)
    """
    factors, failing = checked_failures(futures, fails)
    if not failing.any():
        return []
    if failing.all():
        return [measured({}, factors, failing)]
    columns, values = _columns(factors)
    shares = failing.astype(np.float64)
    leaves = _leaves_worth_having(values, shares)
    if leaves == 1:
        return []
    tree = _tree(leaves, len(shares)).fit(values, shares).tree_
    boxes = [measured(limits, factors, failing) for limits in _leaves(tree, columns, factors)]
    kept = [box for box in boxes if box.density > failing.mean()]
    return sorted(kept, key=lambda box: (-box.coverage, -box.density))


def _tree(leaves: int, futures: int) -> Any:
    """Return an untrained tree of so many leaves at most, of which one is no tree at all.

    On zeros and ones a regression tree splits as Gini's impurity does, and predicts the share that
    fails.
    """
    from sklearn.dummy import DummyRegressor
    from sklearn.tree import DecisionTreeRegressor

    if leaves == 1:
        return DummyRegressor()
    fewest = max(1, math.ceil(SMALLEST_MASS * futures))
    return DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=fewest, random_state=0)


def _leaves_worth_having(values: Floats, failing: Floats) -> int:
    """Return the size of the smallest tree that predicts as well as the best, within its error.

    The squared error of the predicted share that fails is measured on futures that the tree has not
    seen (5 folds); one standard error of the best is allowed for.
    """
    from sklearn.model_selection import KFold, cross_val_score

    folds = KFold(FOLDS, shuffle=True, random_state=0)
    learnt = len(failing) * (FOLDS - 1) // FOLDS
    score = partial(cross_val_score, cv=folds, scoring="neg_mean_squared_error")
    trees = [_tree(leaves, learnt) for leaves in range(1, MOST_LEAVES + 1)]
    errors = -np.array([score(tree, values, failing) for tree in trees])
    mean = errors.mean(axis=1)
    best = int(mean.argmin())
    allowed = mean[best] + errors[best].std(ddof=1) / math.sqrt(FOLDS)
    return int(np.argmax(mean <= allowed)) + 1


def _columns(factors: pd.DataFrame) -> tuple[list[tuple[str, str | None]], Floats]:
    """Return the columns that the tree splits by: numbers, and one per option of a choice."""
    names: list[tuple[str, str | None]] = []
    values = []
    for factor in factors.columns:
        column = factors[factor]
        if is_number(column):
            # Ranks instead of values: the same splits, exact in single precision.
            names.append((factor, None))
            values.append(np.unique(column.to_numpy(), return_inverse=True)[1])
        else:
            for option in sorted(column.unique()):
                names.append((factor, option))
                values.append((column == option).to_numpy())
    return names, np.column_stack(values).astype(np.float64)


def _leaves(
    tree: Any, columns: list[tuple[str, str | None]], factors: pd.DataFrame
) -> list[Limits]:
    """Return the limits of every leaf, from left to right."""
    leaves: list[Limits] = []

    def mostly_fails(node: int) -> bool:
        """Tell whether more than half of the futures fail in every leaf below."""
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            return bool(tree.value[node, 0, 0] > 0.5)
        return mostly_fails(left) and mostly_fails(right)

    def follow(node: int, limits: dict[str, Any]) -> None:
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right or mostly_fails(node):
            leaves.append({name: limits[name] for name in factors.columns if name in limits})
            return
        factor, option = columns[int(tree.feature[node])]
        if option is None:
            distinct = np.unique(factors[factor].to_numpy())
            place = math.floor(float(tree.threshold[node]))
            between = float((distinct[place] + distinct[place + 1]) / 2)
            low, high = limits.get(factor, Range(None, None))
            follow(left, {**limits, factor: Range(low, between)})
            follow(right, {**limits, factor: Range(between, high)})
        else:
            options = limits.get(factor, sorted(factors[factor].unique()))
            others = tuple(name for name in options if name != option)
            follow(left, {**limits, factor: others})
            follow(right, {**limits, factor: (option,)})

    follow(0, {})
    return leaves
