"""A few numbers for each row that tell how near two rows are at least, so that most pairs need no further look.

Rows are projected to the directions in which a sample of the training rows varies most. With p the projection and r the
length of what it leaves out, ‖a - b‖² >= ‖p(a) - p(b)‖² + (r(a) - r(b))²: so the points (p, r) are never farther apart
than their rows. Everything that rounding may add to that is bounded, and told.

Source: the lower-bounding lemma of C. Faloutsos, M. Ranganathan and Y. Manolopoulos, Fast subsequence matching in
time-series databases, SIGMOD 1994; rounding as in N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd
edition, section 3.1.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.neighbors.rounding import UNIT
from chainrule.neighbors.rows import blocks

DIRECTIONS = 96
SAMPLE = 192
BLOCK, NUMBERS = 256, 1 << 20  # rows that are projected at a time, and their numbers, at most
DEPTH = 256  # features whose products are summed in float32, before float64 goes on


@dataclass(frozen=True)
class Points:
    """Where rows are projected to.

    Attributes:
        places: (N, m + 1) float32, p and r.
        squares: (N,) float32, their squared lengths.
        lengths: (N,) float64, their lengths.
        slack: (N,) float64, how far a place may be from the true one.
    """

    places: np.ndarray
    squares: np.ndarray
    lengths: np.ndarray
    slack: np.ndarray

    def of(self, part: slice) -> "Points":
        """Those of some rows."""
        return Points(self.places[part], self.squares[part], self.lengths[part], self.slack[part])


@dataclass(frozen=True)
class Projection:
    """Directions.

    Attributes:
        basis: (D, m) float32, nearly orthonormal.
        centre, scale: rows are moved and scaled by them first.
        skew: the norm of basis.T @ basis - 1.
    """

    basis: np.ndarray
    centre: np.ndarray
    scale: Any
    skew: float

    @classmethod
    def of(cls, rows: np.ndarray, centre: np.ndarray, scale: Any) -> "Projection":
        """The main directions of some of these rows."""
        sample = (rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE] - centre.astype(np.float64)) * float(scale)
        values, vectors = np.linalg.eigh(sample @ sample.T)  # ascending
        kept = [i for i in np.argsort(-values)[:DIRECTIONS] if values[i] > 1e-9 * values[-1] > 0]
        basis = (sample.T @ vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
        if not kept:  # all alike: any direction will do
            basis = np.eye(rows.shape[1], 1, dtype=np.float32)
        wide = basis.astype(np.float64)
        return cls(basis, centre, scale, float(np.linalg.norm(wide.T @ wide - np.eye(basis.shape[1]))))

    @property
    def share(self) -> float:
        """How far the projection of a row may be from the true one, as a share of the row's length."""
        depth = DEPTH * UNIT
        return depth / (1 - depth) * math.sqrt(self.basis.shape[1]) * (1 + self.skew) + self.skew + 2 * UNIT

    def points(self, rows: np.ndarray, pool: ThreadPoolExecutor) -> Points:
        """Project rows, some at a time."""
        from chainrule.neighbors.filter_kernels import place
        from chainrule.neighbors.kernels import convert

        n, (wide, m) = len(rows), self.basis.shape
        made = Points(np.empty((n, m + 1), np.float32), np.empty(n, np.float32), np.empty(n), np.empty(n))

        def work(part: slice) -> None:
            count = part.stop - part.start
            moved, squares = np.empty((count, wide), np.float32), np.empty(count, np.float32)
            convert(rows[part], self.centre, self.scale, moved, squares)
            projected = np.zeros((count, m))
            for some in blocks(wide, DEPTH):
                projected += moved[:, some] @ self.basis[some]
            place(
                projected, squares, self.share, made.places[part], made.squares[part], made.lengths[part],
                made.slack[part],
            )  # fmt: skip

        for _ in pool.map(work, blocks(n, max(1, min(BLOCK, NUMBERS // wide)))):
            pass
        return made
