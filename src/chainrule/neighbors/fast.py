"""The k nearest rows by compiled search: exact, on all cores, within a bound of memory, never all distances at once.

Under the Euclidean norm most pairs of many rows are ruled out by a few numbers of each (see `filtered`). Where that does
not pay, bytes are compared in whole numbers if the processor can multiply them (see `whole`). Else matrix products are
taken in float32, a tile of queries by training rows at a time, and each tile leaves nothing behind but the candidates
of each query. Rounding moves a score by less than a known bound; the candidates within that bound of the k-th are
measured again in float64 from their differences, and a query with too many of them is compared with every row. So the
neighbours are those of float64, equal distances in the order of the rows.
"""

import math
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.notice import said
from chainrule.core.threads import cores, single_blas_thread
from chainrule.neighbors import filtered, whole
from chainrule.neighbors.rounding import rounding
from chainrule.neighbors.rows import TILE, blocks

SAMPLE = 256  # rows whose mean is taken for the middle of the data: any point will do, a near one leaves less to cancel
SPARE = 8  # candidates beyond k that a thread keeps for each query
BLOCK = 3 << 20  # numbers of a block of training rows: 12 MB of float32
SMALL = 1 << 22  # products of numbers for which another thread is worth its start
CODES = {1.0: 1, 2.0: 2, math.inf: 0}  # norms that the kernels know
_compiled: set[tuple] = set()  # types and norms that this process has compiled for, or loaded


@dataclass(frozen=True)
class Trained:
    """Training rows, and what a search needs to know of them once.

    Attributes:
        rows: (M, D) uint8, float32 or float64, contiguous: the caller's own array where it is one.
    """

    rows: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> "Trained":
        """Of rows of any type."""
        return cls(as_stored(rows))

    @cached_property
    def centre(self) -> np.ndarray:
        """(D,) a point amid the rows; whole numbers for bytes, so that they stay whole."""
        sample = self.rows[:: max(1, len(self.rows) // SAMPLE)]
        mean = sample.mean(axis=0, dtype=np.float64)
        return np.round(mean).astype(np.float32) if self.rows.dtype == np.uint8 else mean

    @cached_property
    def filters(self) -> dict[float, filtered.Filter]:
        """What filtered searches have learned of the rows, by the scale of their numbers; empty before the first."""
        return {}

    @cached_property
    def largest(self) -> float:
        """The greatest size of an entry."""
        return largest(self.rows)


def as_stored(rows: np.ndarray) -> np.ndarray:
    """Rows of a type that the kernels take, seen read-only: no copy of contiguous uint8, float32 and float64."""
    dtype = rows.dtype.newbyteorder("=")
    if dtype not in (np.uint8, np.float32, np.float64):
        dtype = np.dtype({"b": np.uint8}.get(dtype.kind, np.float64))
    view = np.ascontiguousarray(rows, dtype=dtype).view(np.ndarray)
    view.flags.writeable = False
    return view


def largest(rows: np.ndarray) -> float:
    """The greatest size of an entry."""
    return 255.0 if rows.dtype == np.uint8 else max(-float(rows.min()), float(rows.max()))


def search(
    train: Trained, queries: np.ndarray, k: int, *, order: float, memory: int, tick: Callable[[int], Any] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest training rows of each query, nearest first; equal distances in the order of the rows.

    Args:
        train: M rows.
        queries: (N, D) rows of the same width.
        k: 1 to M.
        order: of the norm: 1, 2 or infinity.
        memory: bytes to work in, beside rows and results.
        tick: is told how many more distances have been looked at, by several threads.

    Returns:
        distances: (N, k) float64.
        rows: (N, k) int64.
    """
    queries = as_stored(queries)
    rows, wide = train.rows.shape
    pays = order == 2 and filtered.pays(rows, wide, len(queries), k, memory)
    kinds = queries.dtype.str, train.rows.dtype.str, order, pays
    if kinds not in _compiled:
        with said("compiling the neighbour search, once on this machine (some seconds) ..."):
            for filtering in {False, pays}:
                _search(Trained(train.rows[:1]), queries[:1], 1, order, memory, lambda n: None, filtering)
        _compiled.add(kinds)
    return _search(train, queries, k, order, memory, tick or (lambda n: None), pays)


def _search(
    train: Trained, queries: np.ndarray, k: int, order: float, memory: int, tick: Callable[[int], Any], pays: bool
) -> tuple[np.ndarray, np.ndarray]:
    state = Search(train, queries, k, CODES[order], memory, tick)
    with ThreadPoolExecutor(state.workers) as pool, single_blas_thread():
        try:
            if order == 2:
                state.learn(pool, pays)
            for part in blocks(len(queries), state.chunk):
                if order != 2:
                    state.directly(np.arange(part.start, part.stop), pool)
                    continue
                measure = state.by_bytes if whole.possible(queries, train.rows) else state.by_products
                for rest in state.by_points(part, pool):
                    measure(rest, pool)
        finally:
            state.stopped.set()  # after Ctrl-C the threads end with the tile they are at
    return state.sorted()


class Search:
    """One search under way: what is found so far, and the threads' common state."""

    def __init__(self, train, queries, k, code, memory, tick):
        self.train, self.queries, self.k, self.code, self.tick = train, queries, k, code, tick
        self.stopped = threading.Event()
        rows, wide = train.rows.shape
        self.workers = max(1, min(cores(), len(queries) * rows * wide // SMALL))
        self.kept = min(rows, k + k // 8 + SPARE)
        heaps = 12 * self.workers * self.kept
        self.chunk = max(1, memory // 2 // (4 * wide + heaps))  # queries as float32 and their candidates
        most = max(1, min(BLOCK // wide, memory // 4 // (4 * wide * self.workers)))  # training rows as float32
        rounds = -(-rows // (most * self.workers))
        self.block = -(-rows // (rounds * self.workers))  # so that all threads end together
        self.tile = max(1, min(TILE // self.block, memory // 4 // (4 * self.block * self.workers)))
        self.exact = queries.dtype == train.rows.dtype == np.uint8
        self.filter: filtered.Filter | None = None
        self.distances = np.full((len(queries), k), np.inf)
        self.found = np.full((len(queries), k), rows, dtype=np.int64)

    @cached_property
    def scale(self) -> Any:
        """By what rows are multiplied, so that their squares keep clear of float32's limits."""
        if self.exact:
            return np.float32(1)
        return np.float64(2.0 ** -math.frexp(max(largest(self.queries), self.train.largest))[1])

    def sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """What was found, nearest first."""
        order = np.lexsort((self.found, self.distances))
        distances = np.take_along_axis(self.distances, order, axis=1)
        return np.sqrt(distances) if self.code == 2 else distances, np.take_along_axis(self.found, order, axis=1)

    def directly(self, which: np.ndarray, pool: ThreadPoolExecutor) -> None:
        """Compare these queries with every training row."""
        from chainrule.neighbors import kernels

        def work(part: slice) -> None:
            own = which[part]
            if self.stopped.is_set():
                return
            heaps = np.full((len(own), self.k), np.inf), np.full((len(own), self.k), len(self.train.rows))
            kernels.direct(self.queries[own], self.train.rows, self.code, *heaps)
            self.distances[own], self.found[own] = heaps
            self.tick(len(own) * len(self.train.rows))

        _all(pool.map(work, blocks(len(which), max(1, min(16, len(which) // (4 * self.workers))))))

    def learn(self, pool: ThreadPoolExecutor, pays: bool) -> None:
        """Take up what an earlier search has learned of the training rows, if they are the same; or learn it if it pays."""
        known, scale = self.train.filters, float(self.scale)
        if scale in known and not known[scale].still_holds():
            del known[scale]
        if scale not in known and pays:
            known[scale] = filtered.Filter(self.train.rows, self.train.centre, self.scale, pool)
        self.filter = known.get(scale)

    def by_points(self, part: slice, pool: ThreadPoolExecutor) -> list[slice]:
        """Euclidean neighbours of some queries, where most pairs can be ruled out cheaply. Returns which are left."""
        if self.filter is None or self.filter.poor:
            return [part]
        left = self.filter.nearest(
            self.queries[part], self.distances[part], self.found[part], pool, self.workers, self.tick, self.stopped
        )
        return [slice(part.start + rest.start, part.start + rest.stop) for rest in left]

    def by_bytes(self, part: slice, pool: ThreadPoolExecutor) -> None:
        """Euclidean neighbours of some queries where all is bytes."""
        self.distances[part], self.found[part] = whole.search(
            self.train.rows, self.queries[part], self.k, pool, self.workers, self.tick, self.stopped
        )

    def by_products(self, part: slice, pool: ThreadPoolExecutor) -> None:
        """Euclidean neighbours of some queries: candidates by float32 products, then those measured exactly."""
        from chainrule.neighbors import kernels

        queries, rows = self.queries[part], self.train.rows
        exact, scale = self.exact, self.scale
        shares = blocks(len(queries), -(-len(queries) // self.workers))
        moved, lengths = np.empty(queries.shape, np.float32), np.empty(len(queries), np.float32)
        _all(
            pool.map(
                lambda own: kernels.convert(queries[own], self.train.centre, scale, moved[own], lengths[own]), shares
            )
        )
        scores = np.full((len(queries), self.workers * self.kept), np.inf, np.float32)
        found = np.full(scores.shape, len(rows), np.int64)
        todo = iter(blocks(len(rows), self.block))
        work = lambda worker: self._candidates(worker, todo, moved, scale, scores, found)  # noqa: E731
        length = math.sqrt(max(pool.map(work, range(self.workers))))
        window = 2 * rounding(np.sqrt(lengths.astype(np.float64)), length, rows.shape[1], whole=exact)
        decided = np.ones(len(queries), np.bool_)
        distances, nearest = self.distances[part], self.found[part]
        _all(
            pool.map(
                lambda own: kernels.rank(
                    queries[own], rows, scores[own], found[own], window[own], self.kept, decided[own], distances[own],
                    nearest[own],
                ),
                shares,
            )
        )  # fmt: skip
        if not decided.all():
            self.directly(part.start + np.flatnonzero(~decided), pool)

    def _candidates(self, worker, todo, moved, scale, scores, found) -> float:
        """One thread's work: block after block of training rows against all queries. Returns the largest |b|²."""
        from chainrule.neighbors import kernels

        rows = self.train.rows
        own = slice(worker * self.kept, (worker + 1) * self.kept)
        block = np.empty((self.block, rows.shape[1]), np.float32)
        squares = np.empty(self.block, np.float32)
        products = np.empty(self.tile * self.block, np.float32)
        longest = 0.0
        for t in todo:
            n = t.stop - t.start
            longest = max(longest, kernels.convert(rows[t], self.train.centre, scale, block[:n], squares[:n]))
            for q in blocks(len(moved), self.tile):
                if self.stopped.is_set():
                    return longest
                tile = products[: (q.stop - q.start) * n].reshape(-1, n)
                np.matmul(moved[q], block[:n].T, out=tile)
                kernels.select(tile, squares[:n], t.start, scores[q, own], found[q, own])
                self.tick(tile.size)
        return longest


def _all(results: Iterable[Any]) -> None:
    """Wait for all; an error of a thread is raised here."""
    for _ in results:
        pass
