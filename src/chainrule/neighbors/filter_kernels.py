"""Compiled loops of the search that filters first; importing this file imports Numba, and each first use compiles."""

import math

import numpy as np
from numba import njit, types
from numba.core.types import float32, float64, int32, uint64
from numba.extending import overload

from chainrule.core.streams import GOLDEN
from chainrule.engines.fused.kernels.dropout import mix
from chainrule.neighbors.kernels import LANES, OPTIONS, exactly, least_score, offer
from chainrule.neighbors.rounding import UNIT

STEP = np.uint64(GOLDEN)
SHORT = 2.0**-60  # of a length whose square float32 may lose
PART = 512  # numbers of a row between two looks at whether it can still be near


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
    if a.dtype != types.uint8 or b.dtype != types.uint8:
        return lambda a, b, limit: exactly(a, b, 2)

    def of_bytes(a, b, limit):
        total = 0.0
        for start in range(0, len(a), PART):
            one, other, part = a[start : start + PART], b[start : start + PART], int32(0)
            for j in range(len(one)):  # cast again, since wider numbers would take four times as long
                difference = int32(int32(one[j]) - int32(other[j]))
                part = int32(part + int32(difference * difference))
            total += part
            if total > limit:
                break
        return total

    return of_bytes


@njit(**OPTIONS)
def refine(queries, train, products, squares, own, slack, doubt, scale, candidates, distances, rows):
    """The nearest rows of some queries: those whose points are too far apart are passed over, the others measured.

    Args:
        queries, train: (q, D), (M, D) as stored.
        products: (q, M) float32, of the points.
        squares: (M,) float32, of the training points.
        own: (q,) float64, squares of the queries' points.
        slack: (q,) how far both points of a pair may be from their true places, together.
        doubt: (q,) how wrong `squares - 2 * products` may be.
        scale: what distances are multiplied by to be those of points.
        candidates: (q, c) at least k different rows to begin with.
        distances, rows: (q, k) heaps of squared distances and rows, filled.

    Returns:
        How many pairs were measured.
    """
    two, measured = float32(2), 0
    for i in range(len(queries)):
        mine, theirs, first = distances[i], rows[i], candidates[i]
        for row in first:
            offer(mine, theirs, squared(queries[i], train[row], mine[0]), row)
        measured += len(first) + len(train) // LANES  # a look at a few is about as dear as one measurement
        limit = _limit(mine[0], scale, slack[i], own[i], doubt[i])
        for start in range(0, len(train), LANES):
            a, b = products[i, start : start + LANES], squares[start : start + LANES]
            if least_score(a, b) > limit:
                continue
            for j in range(len(a)):
                row = start + j
                if b[j] - two * a[j] > limit or (first == row).any():
                    continue
                measured += 1
                if offer(mine, theirs, squared(queries[i], train[row], mine[0]), row):
                    limit = _limit(mine[0], scale, slack[i], own[i], doubt[i])
    return measured


@njit(**OPTIONS)
def _limit(farthest, scale, slack, own, doubt):
    """The greatest score, |b|² - 2 a·b of points, that a row as near as the farthest of the nearest can have."""
    reach = math.sqrt(farthest) * (1 + 1e-9) * scale + slack
    limit = reach * reach - own + doubt
    return limit + 4 * UNIT * (abs(limit) + own)
