"""What the trials draw: sizes that are all different, entries away from zero, and labels of every class."""

import numpy as np


def sizes(rng: np.random.Generator, count: int, low: int = 3, high: int = 9) -> list[int]:
    """`count` different whole numbers from low to high, so that no transpose can hide."""
    return [int(size) for size in rng.permutation(np.arange(low, high + 1))[:count]]


def off_zero(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers of scale 1 that stay away from the kink at 0."""
    x = rng.standard_normal(shape)
    return x + np.copysign(0.1, x)


def labels(rng: np.random.Generator, n: int, classes: int) -> np.ndarray:
    """(n,) labels that are not all alike."""
    y = rng.integers(0, classes, n)
    if n > 1 and np.all(y == y[0]):
        y[0] = (y[0] + 1) % classes
    return y


def one_hot(y: np.ndarray, classes: int) -> np.ndarray:
    """Rows of the identity."""
    return np.eye(classes)[y]
