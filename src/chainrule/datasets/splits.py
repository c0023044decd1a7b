"""Splits: which rows train, which validate, which test."""

from collections.abc import Sequence

import numpy as np

from chainrule.core.errors import DataError, SettingError
from chainrule.core.streams import key, permutation

SHARE = 0.1  # of the rows, for validation and for the test each
LEAST = 3  # rows, one for each part


def split(n: int, labels: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows for training, validation and test, 80/10/10, in random order; every class in proportion.

    A class gives its share rounded down, and the rows that are then wanting come from the classes with the largest
    remainders. A class keeps at least one row in training as long as that leaves rows for the other parts.

    Args:
        n: number of rows.
        labels: (n,) class labels from 0, or None for real-valued targets.
        seed: of the random order.

    Returns:
        Three int64 arrays of row numbers.

    Raises:
        DataError: fewer than 3 rows.
    """
    if n < LEAST:
        raise DataError(f"{n} rows cannot be split; at least {LEAST} are needed, for training, validation and test.")
    order = permutation(key(seed, "split"), n)
    part = np.zeros(n, dtype=np.int8)
    wanted = max(1, round(SHARE * n))
    groups = [order] if labels is None else _by_class(order, labels)
    for number in (1, 2):
        for group, count in zip(groups, _counts(groups, part, wanted, n)):
            free = group[part[group] == 0]
            part[free[:count]] = number
    return tuple(order[part[order] == number] for number in (0, 1, 2))  # type: ignore[return-value]


def _by_class(order: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """The rows of every class, each in the random order."""
    by_label = order[np.argsort(labels[order], kind="stable")]
    return np.split(by_label, np.cumsum(np.bincount(labels))[:-1])


def _counts(groups: Sequence[np.ndarray], part: np.ndarray, wanted: int, n: int) -> np.ndarray:
    """How many rows of each group go into a part of `wanted` rows."""
    sizes = np.array([len(group) for group in groups])
    free = np.array([int(np.sum(part[group] == 0)) for group in groups])
    quota = sizes * wanted / n
    counts = np.floor(quota).astype(np.int64)
    for spare in (1, 0):  # first leave each class a row for training; only where that is not enough, take it too
        for at in np.argsort(counts - quota, kind="stable"):
            if counts.sum() < wanted and free[at] - counts[at] > spare and counts.sum() < free.sum() - 1:
                counts[at] += 1
    return counts


def check_count(name: str, count: int | None, most: int) -> int:
    """How many rows to keep: all where no number is given.

    Raises:
        SettingError: no whole number from 1 to the number of rows.
    """
    if count is None:
        return most
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 1 <= count <= most:
        raise SettingError(
            f"load_data: {name} must be a whole number from 1 to {most}, the rows there are; came {count!r}."
        )
    return int(count)
