"""Which rows make up the batch of a step: functions of (seed, step), so that any step's batch can be drawn again."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from chainrule.core.streams import integers, key, permutation

Sampler = Callable[..., np.ndarray]


def shuffle(*, seed: int, step: int, rows: int, batch_size: int) -> np.ndarray:
    """Every epoch goes through the rows in a new random order; the rows that fill no whole batch wait for the next.

    Args:
        seed: of the training.
        step: from 0.
        rows: of the training set.
        batch_size: rows of a batch, at most `rows`.

    Returns:
        (batch_size,) row numbers.
    """
    epoch, place = divmod(step, rows // batch_size)
    return _order(seed, epoch, rows)[place * batch_size : (place + 1) * batch_size]


@lru_cache(maxsize=32)
def _order(seed: int, epoch: int, rows: int) -> np.ndarray:
    """The order of an epoch; kept, since all its steps ask for it (and all nets of a paired study)."""
    order = permutation(key(seed, "batches", epoch), rows)
    order.flags.writeable = False
    return order


def replacement(*, seed: int, step: int, rows: int, batch_size: int) -> np.ndarray:
    """Every row of every batch is drawn anew from all rows, as the courses' solvers do. Arguments as in `shuffle`."""
    return integers(key(seed, "batches", step), rows, batch_size)


SAMPLERS: dict[str, Sampler] = {"shuffle": shuffle, "replacement": replacement}
