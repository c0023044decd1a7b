"""Compiled loops of the neighbour search; importing this file imports Numba, and each first use compiles (once, cached).

Every kernel releases the GIL, so that threads can share the work.
"""

from typing import Any

import numpy as np
from numba import njit
from numba.core.types import float32, float64

OPTIONS: Any = {"nogil": True, "cache": True, "error_model": "numpy"}
SUMS = {"reassoc", "contract"}  # a sum may be taken in lanes; nothing else is loosened
LANES = 32  # scores that are looked at together


@njit(**OPTIONS, fastmath=SUMS)
def convert(rows, centre, scale, out, squares):
    """Rows, moved by `centre` and scaled, as float32; and the sums of their squares. Returns the largest sum."""
    largest = 0.0
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            out[i, j] = float32((rows[i, j] - centre[j]) * scale)
        total = 0.0
        for j in range(rows.shape[1]):
            total += float64(out[i, j]) * float64(out[i, j])
        squares[i] = float32(total)
        largest = max(largest, total)
    return largest


@njit(**OPTIONS)
def push(scores, rows, score, row):
    """Put (score, row) on a full heap in place of its last: the root is the greatest by score, then by row."""
    place, size = 0, len(scores)
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            scores[other] > scores[child] or (scores[other] == scores[child] and rows[other] > rows[child])
        ):
            child = other
        if scores[child] < score or (scores[child] == score and rows[child] < row):
            break
        scores[place], rows[place] = scores[child], rows[child]
        place = child
    scores[place], rows[place] = score, row


@njit(**OPTIONS)
def offer(scores, rows, score, row):
    """Put (score, row) on a full heap if it comes before the root; tells whether it did."""
    if score > scores[0] or (score == scores[0] and row > rows[0]):
        return False
    push(scores, rows, score, row)
    return True


@njit(**OPTIONS, fastmath={"nnan", "nsz", "reassoc"})
def least_score(products, squares):
    """The least |b|² - 2 a·b of some pairs."""
    two = products.dtype.type(2)
    least = squares[0] - two * products[0]
    for j in range(len(products)):
        least = min(least, squares[j] - two * products[j])
    return least


@njit(**OPTIONS, fastmath={"nnan", "nsz", "reassoc"})
def select(products, squares, first, scores, rows):
    """Keep the best of a tile: the score of a pair is |b|² - 2 a·b, its distance squared but for the query's own |a|².

    Args:
        products: (q, t) float32 or int32, a·b.
        squares: (t,) of the same dtype, |b|².
        first: number of the tile's first training row.
        scores, rows: (q, kept) heaps of the best so far.
    """
    q, t = products.shape
    two = products.dtype.type(2)
    for i in range(q):
        own, mine, theirs = products[i], scores[i], rows[i]
        for start in range(0, t, LANES):  # few lanes hold a score that matters: the least of each tells
            a, b = own[start : start + LANES], squares[start : start + LANES]
            if least_score(a, b) >= mine[0]:
                continue
            for j in range(len(a)):
                score = b[j] - two * a[j]
                if score < mine[0]:  # rows come in order, so that an equal one is never before those that are kept
                    push(mine, theirs, score, first + start + j)


@njit(**OPTIONS, fastmath=SUMS)
def exactly(a, b, order):
    """The distance of two rows from their differences, in float64; squared for order 2, which is ranked faster."""
    total = 0.0
    if order == 2:
        for j in range(len(a)):
            difference = float64(a[j]) - float64(b[j])
            total += difference * difference
    elif order == 1:
        for j in range(len(a)):
            total += abs(float64(a[j]) - float64(b[j]))
    else:
        for j in range(len(a)):
            total = max(total, abs(float64(a[j]) - float64(b[j])))
    return total


@njit(**OPTIONS)
def direct(queries, train, order, distances, rows):
    """Look at every pair: the heaps (q, k) of distances and row numbers take the nearest, whatever is in them."""
    for i in range(len(queries)):
        for j in range(len(train)):
            distance = exactly(queries[i], train[j], order)
            if distance < distances[i, 0]:  # rows come in order
                push(distances[i], rows[i], distance, j)


@njit(**OPTIONS)
def rank(queries, train, scores, rows, window, kept, decided, distances, found):
    """From candidates to neighbours: those whose scores lie within rounding of the k-th are measured exactly.

    Args:
        queries, train: (q, D), (M, D) as stored.
        scores, rows: (q, candidates) the heaps of all threads side by side, infinite where nothing came.
        window: (q,) how far a score may be above the k-th and still belong to one of the k nearest.
        kept: entries of each heap.
        decided: (q,) becomes false where a heap was too small to hold all candidates.
        distances, found: (q, k) heaps that take the squared distances and rows of the nearest.
    """
    k = distances.shape[1]
    for i in range(len(queries)):
        limit = np.sort(scores[i])[k - 1] + window[i]
        for heap in range(0, scores.shape[1], kept):
            if window[i] > 0 and scores[i, heap] <= limit and kept < len(train):
                decided[i] = False
        if not decided[i]:
            continue
        for c in range(scores.shape[1]):
            if scores[i, c] <= limit:
                offer(distances[i], found[i], exactly(queries[i], train[rows[i, c]], 2), rows[i, c])
