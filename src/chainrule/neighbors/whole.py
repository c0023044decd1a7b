"""Euclidean neighbours among bytes: all in whole numbers, so that the first look is exact and nothing is measured again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np

from chainrule.neighbors.rows import blocks

PANEL = 256 << 10  # bytes of training rows that stay in a core's cache while all queries pass
QUERIES = 512  # that pass between two looks at whether to stop
MIDDLE = 128  # taken from training rows, so that they are signed bytes
WIDEST = (1 << 31) // (3 * 255 * 255)  # features for which every score is below 2**31
EMPTY = np.iinfo(np.int32).max


def possible(queries: np.ndarray, rows: np.ndarray) -> bool:
    """Whether rows and queries are bytes, not too many in a row, and the processor multiplies them."""
    if not (queries.dtype == rows.dtype == np.uint8 and rows.shape[1] <= WIDEST):
        return False
    from chainrule.neighbors import dots

    return dots.available()


def search(
    rows: np.ndarray,
    queries: np.ndarray,
    k: int,
    pool: ThreadPoolExecutor,
    workers: int,
    tick: Callable,
    stopped: Event,
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of each query by (distance, row), in no order: squared distances (N, k) float64, rows (N, k) int64."""
    from chainrule.neighbors.dots import sums

    passing = _padded(queries, len(queries))
    scores = np.full((workers, len(passing), k), EMPTY, np.int32)
    found = np.full(scores.shape, len(rows), np.int64)
    todo = iter(blocks(len(rows), _panel_rows(passing.shape[1])))
    work = lambda me: _look(rows, passing, len(queries), todo, scores[me], found[me], tick, stopped)  # noqa: E731
    for _ in pool.map(work, range(workers)):
        pass
    n = len(queries)
    scores, found = (np.concatenate(list(part[:, :n]), axis=1) for part in (scores, found))
    if workers > 1:
        best = np.lexsort((found, scores))[:, :k]
        scores, found = np.take_along_axis(scores, best, axis=1), np.take_along_axis(found, best, axis=1)
    squares, totals = np.empty((2, n, 1), np.int64)
    sums(queries, squares[:, 0], totals[:, 0])
    return (scores + (squares - 2 * MIDDLE * totals)).astype(np.float64), found


def _look(
    rows: np.ndarray, queries: np.ndarray, n: int, todo: Iterator[slice], scores: np.ndarray, found: np.ndarray,
    tick: Callable, stopped: Event,
) -> None:  # fmt: skip
    """One thread's work: panel after panel of training rows against all queries."""
    from chainrule.neighbors.dots import SIDE, look, turn

    most = -(-_panel_rows(queries.shape[1]) // SIDE) * SIDE
    panel = np.zeros((most, queries.shape[1]), np.int8)
    products = np.empty((SIDE, most), np.int32)
    for part in todo:
        count = part.stop - part.start
        whole, squares = panel[: -(-count // SIDE) * SIDE], np.empty(count, np.int32)
        turn(rows[part], whole[:, : rows.shape[1]], squares)
        for q in blocks(len(queries), QUERIES):
            if stopped.is_set():
                return
            look(queries[q], whole, squares, part.start, products, scores[q], found[q])
            tick((min(q.stop, n) - q.start) * count)


def _panel_rows(wide: int) -> int:
    return max(4, PANEL // wide // 4 * 4)


def _padded(rows: np.ndarray, n: int) -> np.ndarray:
    """Rows with zeros below and beside them, to a multiple of 4 rows and 64 bytes; themselves where they are that."""
    from chainrule.neighbors.dots import LANES, SIDE

    high, wide = -(-n // SIDE) * SIDE, -(-rows.shape[1] // LANES) * LANES
    if (high, wide) == rows.shape:
        return rows
    padded = np.zeros((high, wide), np.uint8)
    padded[:n, : rows.shape[1]] = rows
    return padded
