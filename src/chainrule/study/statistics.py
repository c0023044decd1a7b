"""Means, spreads, and paired differences with their confidence intervals."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Difference:
    """A mean paired difference and its confidence interval; None where the pairs are too few or show no spread."""

    mean: float
    low: float | None
    high: float | None
    pairs: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def mean(values: list[float]) -> float:
    """The mean of the finite values; NaN where there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return float(np.mean(finite)) if finite else math.nan


def std(values: list[float]) -> float:
    """The sample standard deviation (n - 1) of the finite values; 0 for a single one."""
    finite = [value for value in values if math.isfinite(value)]
    return float(np.std(finite, ddof=1)) if len(finite) > 1 else 0.0


def paired(a: dict[int, float], b: dict[int, float], *, confidence: float = 0.95) -> Difference:
    """The mean of a - b over the seeds that both have, with Student's interval.

    Formula:
        mean(d) ± t(confidence, n - 1) * std(d) / sqrt(n), d = a - b seed by seed

    Pairs of seeds share batches and starting weights, so what chance gave to both leaves the difference.

    Args:
        a, b: value by seed.
        confidence: of the interval.

    Source: Student, The probable error of a mean, Biometrika 6, 1908.
    """
    seeds = [seed for seed in a if seed in b and math.isfinite(a[seed]) and math.isfinite(b[seed])]
    if not seeds:
        return Difference(math.nan, None, None, 0)
    d = np.array([a[seed] - b[seed] for seed in seeds])
    if len(d) < 2 or (np.ptp(d) == 0 and d[0] != 0):  # nothing, or nothing believable, to estimate a spread from
        return Difference(float(d.mean()), None, None, len(d))
    from scipy.special import stdtrit

    half = float(stdtrit(len(d) - 1, (1 + confidence) / 2) * d.std(ddof=1) / math.sqrt(len(d)))
    return Difference(float(d.mean()), float(d.mean()) - half, float(d.mean()) + half, len(d))
