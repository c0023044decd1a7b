"""Medians of a few timings, and ratios with an interval that assumes nothing about their distribution."""

import math
from dataclasses import dataclass
from statistics import median

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ratio:
    """The median of paired ratios.

    Attributes:
        median: of the rounds.
        low, high: a 95 % confidence interval of the median; of fewer than six rounds, the least and the greatest.
    """

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(times: list[float], reference: list[float]) -> Ratio:
    """How many times longer `times` are than `reference`, round by round: what slows a round slows both."""
    found = [a / b for a, b in zip(times, reference)]
    return Ratio(median(found), *interval(found))


def interval(values: list[float]) -> tuple[float, float]:
    """The narrowest order statistics, equally far from both ends, between which the true median lies with 95 %.

    Source: the count of values below the median is binomial with share 1/2.
    """
    ordered, n = sorted(values), len(values)
    rank = 0
    while rank + 1 < (n + 1) // 2 and 2 * _at_most(rank + 1, n) <= 1 - CONFIDENCE:
        rank += 1
    return ordered[rank], ordered[n - 1 - rank]


def _at_most(k: int, n: int) -> float:
    """The chance of at most k heads in n throws."""
    return sum(math.comb(n, i) for i in range(k + 1)) / 2**n


def spread(values: list[float]) -> float:
    """Half the distance of the quartiles, as a share of the median."""
    ordered, n = sorted(values), len(values)
    return (ordered[(3 * n) // 4 if n > 3 else n - 1] - ordered[n // 4]) / 2 / median(ordered)
