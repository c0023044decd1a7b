"""Euclidean neighbours where most pairs are ruled out by a few numbers of each row: see `projection`.

Pays where rows lie near a plane of few dimensions, as images do: of CIFAR-10's, one pair in twenty is measured. Where
too many are, it says so, and leaves the rest to a search that measures all.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np

from chainrule.neighbors.projection import DIRECTIONS, SAMPLE, Points, Projection
from chainrule.neighbors.rounding import rounding
from chainrule.neighbors.rows import TILE, blocks

WORTH = 4  # times as much work as points take
QUERIES, FEW = 128, 16  # of a tile; and of each worker's first, so that it is soon known whether it pays
MOST = 0.2  # of all pairs may be measured, or it is no gain


def pays(rows: int, wide: int, queries: int, k: int, memory: int) -> bool:
    """Whether there are enough rows, features and queries, and memory for points."""
    enough = wide >= WORTH * DIRECTIONS and rows * queries >= WORTH * DIRECTIONS * (rows + queries)
    held = 4 * (DIRECTIONS + 6) * (rows + queries) + 16 * SAMPLE * wide
    return enough and k <= rows // 50 and held <= memory // 2


class Filter:
    """Training rows and their points.

    Attributes:
        poor: whether too many pairs had to be measured once.
    """

    def __init__(self, rows: np.ndarray, centre: np.ndarray, scale: Any, pool: ThreadPoolExecutor) -> None:
        self.rows, self.scale, self.poor = rows, float(scale), False
        self.projection = Projection.of(rows, centre, scale)
        self.points = self.projection.points(rows, pool)
        self.longest, self.slack = float(self.points.lengths.max()), self.points.slack.max()
        self._known_by = _fingerprint(rows)

    def still_holds(self) -> bool:
        """Whether the rows, which may be the caller's own array, are what they were."""
        return self._known_by == _fingerprint(self.rows)

    def nearest(
        self, queries: np.ndarray, distances: np.ndarray, found: np.ndarray, pool: ThreadPoolExecutor, workers: int,
        tick: Callable, stopped: Event,
    ) -> list[slice]:  # fmt: skip
        """Fill in the nearest of each query, in no order: squared distances, rows (N, k). Returns which are left out."""
        own, n = self.projection.points(queries, pool), len(self.rows)
        todo = iter(_tiles(len(queries), max(1, min(TILE // n, QUERIES)), workers))
        left: list[slice] = []

        def work(me: int) -> None:
            products = np.empty(max(TILE, n), np.float32)
            for part in todo:
                if stopped.is_set():
                    return
                if self.poor:
                    left.append(part)
                    continue
                size = (part.stop - part.start) * n
                tile = products[:size].reshape(-1, n)
                measured = self._tile(queries[part], own.of(part), tile, distances[part], found[part])
                if measured > MOST * size:
                    self.poor = True
                tick(size)

        for _ in pool.map(work, range(workers)):
            pass
        return left

    def _tile(
        self, queries: np.ndarray, own: Points, products: np.ndarray, distances: np.ndarray, found: np.ndarray
    ) -> int:
        """Some queries against all training rows; how many pairs were measured."""
        from chainrule.neighbors.filter_kernels import refine
        from chainrule.neighbors.kernels import select

        theirs = self.points
        np.matmul(own.places, theirs.places.T, out=products)
        begin = len(queries), min(len(self.rows), 3 * found.shape[1] + 10)
        scores, candidates = np.full(begin, np.inf, np.float32), np.zeros(begin, np.int64)
        select(products, theirs.squares, 0, scores, candidates)
        doubt = rounding(own.lengths, self.longest, own.places.shape[1], whole=False)
        measured: int = refine(
            queries, self.rows, products, theirs.squares, own.lengths**2, own.slack + self.slack, doubt,
            self.scale, candidates, distances, found,
        )  # fmt: skip
        return measured


def _tiles(queries: int, most: int, workers: int) -> list[slice]:
    """0..queries cut up: first a few for each worker, then as many tiles for each, none longer than `most`."""
    few = min(FEW, most)
    begun = min(queries, workers * few)
    rest = queries - begun
    turns = -(-rest // (workers * most))
    later = blocks(rest, -(-rest // (workers * turns))) if rest else []
    return blocks(begun, few) + [slice(begun + part.start, begun + part.stop) for part in later]


def _fingerprint(rows: np.ndarray) -> tuple[int, bytes]:
    from chainrule.neighbors.filter_kernels import fingerprint

    flat = rows.reshape(-1).view(np.uint8)
    whole = len(flat) // 8 * 8
    return fingerprint(flat[:whole].view(np.uint64)), flat[whole:].tobytes()
