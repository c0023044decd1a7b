"""Distances of every query from every training row: by two loops, by one, and by none."""

import math
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, choose
from chainrule.neighbors.norms import Norm, norm_of
from chainrule.neighbors.rows import MEMORY_MB, blocks, check_memory, flat_rows

MOST = 1 << 33  # distances in one array, 64 GiB


def distances(
    A: Any, B: Any, *, norm: Any = "l2", method: str = "vectorized", memory_mb: float = MEMORY_MB
) -> np.ndarray:
    """Distances of all rows of A from all rows of B.

    Args:
        A: (N, ...) queries; each row is flattened.
        B: (M, ...) training rows.
        norm: "l1", "l2", "max", a number p of at least 1, or a function of one difference vector (D,), which is called
            once for each pair, whatever the method.
        method: "two_loops", "one_loop" or "vectorized"; the results agree.
        memory_mb: working memory of "vectorized", in megabytes, beside A, B and the result.

    Returns:
        (N, M) float64.

    Raises:
        ArrayTypeError, ArrayError: A or B holds no rows of finite real numbers, or they differ in width.
        SettingError: an unknown norm or method.

    Convention: for whole numbers (pixels), the three methods agree to the last bit under "l2": every sum is a whole
        number below 2**53, so float64 holds it exactly. For other numbers they agree to rounding.

    Example:
        >>> distances([[0, 0]], [[3, 4], [0, 1]])
        array([[5., 1.]])
    """
    B = flat_rows("distances", "B", B)
    A = flat_rows("distances", "A", A, features=B.shape[1], like=f"B, of shape {B.shape}")
    measure, memory = norm_of(norm), check_memory("distances", memory_mb)
    compute = METHODS[choose(method, METHODS, what="method of distances")]
    if len(A) * len(B) > MOST:
        raise ArrayError(
            f"distances: A has {len(A)} rows and B {len(B)}, {len(A) * len(B)} distances; at most {MOST} are wanted at "
            f"once. KNN.kneighbors and KNN.predict never hold them all."
        )
    return compute(A, B, measure, memory)


def two_loops(A: np.ndarray, B: np.ndarray, norm: Norm, memory: int) -> np.ndarray:
    """One pair at a time."""
    result = np.empty((len(A), len(B)))
    for i, a in enumerate(A):
        for j, b in enumerate(B):
            result[i, j] = norm(np.subtract(a, b, dtype=np.float64))  # (D,)
    return result


def one_loop(A: np.ndarray, B: np.ndarray, norm: Norm, memory: int) -> np.ndarray:
    """One query against all training rows at a time: B - a broadcasts a over the rows."""
    result = np.empty((len(A), len(B)))
    for i, a in enumerate(A):
        result[i] = norm(np.subtract(a, B, dtype=np.float64))  # (M, D)
    return result


def vectorized(A: np.ndarray, B: np.ndarray, norm: Norm, memory: int) -> np.ndarray:
    """No loop over rows, only one over blocks that fit into `memory` bytes: nothing of shape (N, M, D) is ever made."""
    result = np.empty((len(A), len(B)))
    D = A.shape[1]
    if norm.order == 2:
        size = max(1, int(math.sqrt(D * D + memory / 16) - D))  # 8 * (4 * size * D + 2 * size * size) bytes
        queries = rows = size
    else:
        pairs = max(1, memory // (32 * D))  # differences and what a norm makes of them
        rows = min(len(B), pairs)
        queries = max(1, pairs // rows)
    centre = np.round(np.mean(B, axis=0, dtype=np.float64))  # (D,)
    for q in blocks(len(A), queries):
        for t in blocks(len(B), rows):
            if norm.order == 2:
                result[q, t] = _euclidean(A[q] - centre, B[t] - centre)
            else:
                result[q, t] = norm(np.subtract(A[q, None], B[t], dtype=np.float64))  # of (q, t, D)
    return result


def _euclidean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """‖a - b‖² = ‖a‖² + ‖b‖² - 2 a·b, so one matrix product does all the work.

    Both sides were moved by the same whole numbers: that changes no distance, keeps whole numbers whole, and leaves
    less to cancel.
    """
    squares = a @ b.T  # (n, m)
    squares *= -2
    squares += np.einsum("nd,nd->n", a, a)[:, None]
    squares += np.einsum("md,md->m", b, b)
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)  # rounding may leave a little less than 0


METHODS = {"two_loops": two_loops, "one_loop": one_loop, "vectorized": vectorized}
