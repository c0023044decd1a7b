"""Rows whose distances are taken: any real numbers, an image flattened to one row; and how many fit into memory."""

import math
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.numbers import real
from chainrule.datasets.dataset import rows_of

MEMORY_MB = 256  # of working memory, beside data and results
TILE = 1 << 19  # products of one tile: 2 MB of float32 stay in a core's cache
LARGEST = 1e148  # the square of a number of this size, summed over many features, is still finite


def flat_rows(
    owner: str, name: str, X: Any, *, features: int | None = None, like: str = "the training rows"
) -> np.ndarray:
    """X as (N, D) in its own dtype, each row flattened; no copy where it is an array of rows.

    Args:
        owner, name: for errors.
        X: (N, ...) real numbers.
        features: how many numbers a row must have, where that is known.
        like: whose number that is, for errors.

    Raises:
        ArrayTypeError, ArrayError: no rows of finite real numbers, or not as many features as are wanted.
    """
    rows = rows_of(owner, name, X)
    if rows.ndim < 2 or 0 in rows.shape:
        hint = f" For a single row pass {name}[None]." if rows.ndim == 1 and rows.size else ""
        raise ArrayError(f"{owner}: {name} must hold rows, shape (N, D) or (N, ...); came {rows.shape}.{hint}")
    wide = math.prod(rows.shape[1:])
    if features is not None and wide != features:
        hint = f" Did you pass {name}.T?" if rows.shape[0] == features else ""
        raise ArrayError(
            f"{owner}: {name} has shape {rows.shape}, so {wide} numbers a row; it must have {features}, "
            f"like {like}.{hint}"
        )
    if rows.dtype.kind == "f" and max(-float(rows.min()), float(rows.max())) > LARGEST:
        raise ArrayError(
            f"{owner}: {name} holds {rows.flat[np.argmax(np.abs(rows))]:g}, whose square is no finite number; its "
            f"entries must be at most {LARGEST:g} in size. Scale the columns first."
        )
    return rows.reshape(len(rows), wide)


def check_memory(owner: str, memory_mb: Any) -> int:
    """Working memory in bytes.

    Raises:
        SettingError: no number of at least 1.
    """
    number = real(memory_mb)
    if number is None or not 1 <= number < math.inf:
        raise SettingError(f"{owner}: memory_mb must be a number of at least 1, in megabytes; came {memory_mb!r}.")
    return int(number * 1e6)


def blocks(n: int, size: int) -> list[slice]:
    """0..n cut into slices of at most `size`."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
