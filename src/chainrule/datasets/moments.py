"""Mean and standard deviation of the training rows, block by block: no second copy of the data, whatever its dtype."""

from collections.abc import Iterator

import numpy as np

BLOCK = 1 << 16  # entries of a float64 block: small enough to stay in the processor's cache


def blocks(X: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of X in blocks, each (n, D) float64."""
    rows = max(1, BLOCK // max(1, X[0].size))
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        yield block.reshape(len(block), -1).astype(np.float64, order="C")  # one order of summation for every layout


def mean_and_variance(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and (biased) variance of every feature over the rows.

    Formula:
        mean = x0 + sum(x - x0) / N with x0 the first row, so that a constant column has exactly its value as mean
        var = sum((x - mean)**2) / N

    Args:
        X: (N, ...) numbers.

    Returns:
        mean (D,) and var (D,), float64; the variance of a constant column is exactly 0.
    """
    first = X[0].reshape(-1).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.zeros_like(first)
        for block in blocks(X):
            block -= first
            total += block.sum(axis=0)
        mean = first + total / len(X)
        squares = np.zeros_like(first)
        for block in blocks(X):
            block -= mean
            block *= block
            squares += block.sum(axis=0)
    return mean, squares / len(X)
