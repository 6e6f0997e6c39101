"""Probabilities of the coordination model.

u(i, j) = sum_k b_k s_k(i, j); p(i->j) = exp u(i, j) / sum over h != i of exp u(i, h);
P(i, j) = p(i->j) p(j->i) / sum over k < l of p(k->l) p(l->k).

With e_k(i) = sum_h p(i->h) s_k(i, h) and d_k(i, j) = s_k(i, j) - e_k(i) + s_k(j, i) - e_k(j), the
score of an event is d_k(i, j) less its mean under P, the expected information the sum of the
covariance of d under P. The observed information has, beside it, the covariance C(i) of s(i, h)
under p(i->h) of both ends, less its mean under P.

Stadtfeld, Hollway and Block (2017), Dynamic network actor models: investigating coordination ties
through time. Sociological Methodology 47(1). doi:10.1177/0081175017709295
"""

from __future__ import annotations

import numpy as np

from partnersim.arrays import Floats


def choice_logs(statistics: Floats, coefficients: Floats) -> Floats:
    """Return log p(i->j): (G, m, m) from (K, G, m, m); -infinity on the diagonal."""
    count, moments, actors, _ = statistics.shape
    utility = (coefficients @ statistics.reshape(count, -1)).reshape(moments, actors, actors)
    utility[:, np.arange(actors), np.arange(actors)] = -np.inf
    utility -= utility.max(axis=2, keepdims=True)
    utility -= np.log(np.exp(utility).sum(axis=2, keepdims=True))
    return utility


def tie_logs(choice: Floats) -> Floats:
    """Return log P(i, j), (G, m, m), the same for (j, i), from log p(i->j); -infinity for i = j."""
    both = choice + choice.swapaxes(1, 2)
    both -= both.max(axis=(1, 2), keepdims=True)
    both -= np.log(np.exp(both).sum(axis=(1, 2), keepdims=True) / 2)
    return both
