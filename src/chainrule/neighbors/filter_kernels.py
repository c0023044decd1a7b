"""Compiled loops of the search that filters first; importing this file imports Numba, and each first use compiles."""

import math

import numpy as np
from numba import njit, types
from numba.core.types import float32, float64, uint64
from numba.extending import overload

from chainrule.core.streams import GOLDEN
from chainrule.engines.fused.kernels.dropout import mix
from chainrule.neighbors import byte_rows
from chainrule.neighbors.kernels import LANES, OPTIONS, exactly, least_score, offer
from chainrule.neighbors.rounding import UNIT

STEP = np.uint64(GOLDEN)
HELD = 3 << 17  # bytes of training rows that stay in a core's second cache while all queries are measured against them
SHORT = 2.0**-60  # of a length whose square float32 may lose


@njit(**OPTIONS)
def fingerprint(words):
    """A number that changes with any of these uint64 words, and with their order."""
    total = uint64(0)
    for i in range(words.size):
        total += mix(words[i] + uint64(i) * STEP)
    return total


@njit(**OPTIONS)
def place(projected, rows_squares, share, places, squares, lengths, slack):
    """Points of projected rows, and how far each may be from its true place: see `projection`.

    Args:
        projected: (n, m) float64.
        rows_squares: (n,) float32, the rows' squared lengths.
        share: how far a projection may be off, in lengths of the row.
        places: (n, m + 1), squares, lengths, slack: (n,), filled.
    """
    m = projected.shape[1]
    for i in range(len(projected)):
        square = float64(rows_squares[i])
        length, within = math.sqrt(square), 0.0
        for j in range(m):
            within += projected[i, j] * projected[i, j]
        beside = share * length
        rest = math.sqrt(max(square - within, 0.0))
        doubt = (2 * length + beside) * beside + 4 * UNIT * square  # of the rest's square
        of_rest = min(doubt / rest, math.sqrt(doubt)) if rest > 0 else math.sqrt(doubt)
        total = 0.0
        for j in range(m + 1):
            places[i, j] = float32(projected[i, j]) if j < m else float32(rest)
            total += float64(places[i, j]) * float64(places[i, j])
        squares[i], lengths[i] = float32(total), math.sqrt(total)
        slack[i] = 1.01 * (beside + of_rest + UNIT * length) + SHORT


def squared(a, b, limit):
    """The squared distance of two rows; of bytes, any number above `limit` where it is above that."""


@overload(squared)
def _squared(a, b, limit):
    if a.dtype == b.dtype == types.uint8:
        return lambda a, b, limit: byte_rows.squared(a, b, limit)
    return lambda a, b, limit: exactly(a, b, 2)


@njit(**OPTIONS)
def refine(queries, train, products, squares, own, slack, doubt, scale, candidates, distances, rows):
    """The nearest rows of some queries: those whose points are too far apart are passed over, the others measured.

    Args:
        queries, train: (q, D), (M, D) as stored.
        products: (q, M) float32, of the points; those of the candidates are lost.
        squares: (M,) float32, of the training points.
        own: (q,) float64, squares of the queries' points.
        slack: (q,) how far both points of a pair may be from their true places, together.
        doubt: (q,) how wrong `squares - 2 * products` may be.
        scale: what distances are multiplied by to be those of points.
        candidates: (q, c) at least k different rows to begin with.
        distances, rows: (q, k) heaps of squared distances and rows, filled.

    Returns:
        How many pairs were measured, or took as long: a look at a few scores is about as dear.
    """
    two, limits, few = float32(2), np.empty(len(queries)), max(1, HELD // (train.shape[1] * train.itemsize))
    measured, left = candidates.size + products.size // LANES, np.empty(few + 1, np.int64)
    for i in range(len(queries)):
        for row in candidates[i]:
            offer(distances[i], rows[i], squared(queries[i], train[row], distances[i, 0]), row)
            products[i, row] = -np.inf  # as far apart as can be, so that it is not measured again
        limits[i] = _limit(distances[i, 0], scale, slack[i], own[i], doubt[i])
    for first in range(0, len(train), few):
        b = squares[first : first + few]
        for i in range(len(queries)):
            mine, theirs, a = distances[i], rows[i], products[i, first : first + few]
            for j in left[: _pairs(a, b, limits[i], left)]:
                if b[j] - two * a[j] <= limits[i]:
                    measured += 1
                    if offer(mine, theirs, squared(queries[i], train[first + j], mine[0]), first + j):
                        limits[i] = _limit(mine[0], scale, slack[i], own[i], doubt[i])
    return measured


@njit(**OPTIONS)
def _pairs(products, squares, limit, rows):
    """How many of a query's pairs have scores within a limit; `rows`, longer than they are, begins with theirs."""
    two, count = float32(2), 0
    for start in range(0, len(products), LANES):
        a, b = products[start : start + LANES], squares[start : start + LANES]
        if least_score(a, b) <= limit:
            for j in range(len(a)):  # without a branch, which would often be guessed wrong
                rows[count] = start + j
                count += b[j] - two * a[j] <= limit
    return count


@njit(**OPTIONS)
def _limit(farthest, scale, slack, own, doubt):
    """The greatest score, |b|² - 2 a·b of points, that a row as near as the farthest of the nearest can have."""
    reach = math.sqrt(farthest) * (1 + 1e-9) * scale + slack
    limit = reach * reach - own + doubt
    return limit + 4 * UNIT * (abs(limit) + own)
