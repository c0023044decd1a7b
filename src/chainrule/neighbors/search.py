"""The k nearest training rows under any norm, never holding all distances."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.neighbors import fast
from chainrule.neighbors.distances import vectorized
from chainrule.neighbors.norms import Norm
from chainrule.neighbors.rows import blocks
from chainrule.neighbors.vote import nearest


def neighbors(
    train: fast.Trained,
    queries: np.ndarray,
    k: int,
    norm: Norm,
    *,
    memory: int,
    tick: Callable[[int], Any] = lambda n: None,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows, nearest first; equal distances in the order of the rows.

    "l1", "l2" and "max" run compiled, on all cores; other norms through `distances`, some queries at a time.

    Args:
        train: the training rows, M of them.
        queries: (N, D).
        k: 1 to M.
        norm: the norm.
        memory: bytes to work in, beside rows and results.
        tick: is told how many more distances are done.

    Returns:
        distances: (N, k) float64.
        rows: (N, k) int64.
    """
    if norm.order in fast.CODES:
        return fast.search(train, queries, k, order=norm.order, memory=memory, tick=tick)
    distances, rows = np.empty((len(queries), k)), np.empty((len(queries), k), dtype=np.int64)
    for part in blocks(len(queries), max(1, memory // 2 // (8 * len(train.rows)))):
        dists = vectorized(queries[part], train.rows, norm, memory // 2)
        rows[part] = nearest(dists, k)
        distances[part] = np.take_along_axis(dists, rows[part], axis=1)
        tick(dists.size)
    return distances, rows
