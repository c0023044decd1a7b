"""How far float32 can put what a search looks at from its true value."""

import math

import numpy as np

UNIT = 2.0**-24  # float32 rounds by at most this share
FLOOR = 2.0**-100  # of a score that may vanish below float32's range
EXACT = 2.0**24  # whole numbers up to this are exact in float32


def rounding(queries: np.ndarray, longest: float, wide: int, *, whole: bool) -> np.ndarray:
    """How far float32 can put a score |b|² - 2 a·b from its true value: (N,) for queries of these lengths |a|.

    A product of `wide` terms is wrong by at most |a| |b| g, g = wide u / (1 - wide u), in whatever order it is summed;
    each of the other operations by a share u of its result. Numbers that float32 does not hold add u (|a| + |b|) to
    each difference.

    Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.1.
    """
    if whole and longest * (longest + 2 * queries.max()) < EXACT:
        return np.zeros(len(queries))
    share = wide * UNIT
    product = share / (1 - share) if share < 0.5 else math.inf
    bound = 2 * product * queries * longest + 2 * UNIT * (longest**2 + 2 * queries * longest)
    if not whole:
        bound += 2 * UNIT * (queries + longest) ** 2 + FLOOR
    return 1.01 * bound  # what was left out is of order u²
