"""What people hand to a course's functions: checked, and turned into plain arrays, with the course's own names in errors."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.rows import as_numbers
from chainrule.core.shapes import as_integers, check_labels


def rows(owner: str, X: Any, *, name: str = "X", columns: int | None = None, fixed_by: str = "") -> np.ndarray:
    """Examples as an array (N, D) of float32 or float64 in C order; whole numbers become float64.

    Args:
        owner: the function that was called, for the error.
        X: what came.
        name: of the argument.
        columns: the number of features wanted, if something else fixes it.
        fixed_by: what fixes it, for the error.

    Raises:
        ArrayTypeError: no real numbers.
        ArrayError: not two axes, another number of features, or nothing in it.
    """
    array = np.asarray(as_numbers(owner, name, X))
    wanted = f"(N, {columns or 'D'})"
    if array.ndim != 2:
        hint = f" Flatten each row first: np.reshape({name}, (len({name}), -1))." if array.ndim > 2 else ""
        raise ArrayError(f"{owner}: {name} has {array.ndim} axes, shape {array.shape}; it must be {wanted}.{hint}")
    if not array.size:
        raise ArrayError(f"{owner}: {name} is empty, shape {array.shape}; at least one row and one column are needed.")
    if columns is not None and array.shape[1] != columns:
        hint = f" Did you pass {name}.T?" if array.shape[0] == columns else ""
        raise ArrayError(
            f"{owner}: {name} has {array.shape[1]} columns, shape {array.shape}, but {fixed_by} is for {columns} features; "
            f"{name} must be {wanted}.{hint}"
        )
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)


def labels(owner: str, y: Any, count: int, *, name: str = "y", of: str = "X", classes: int | None = None) -> np.ndarray:
    """Labels as an array (N,) of whole numbers from 0, below `classes` if that is known.

    Raises:
        ArrayTypeError: no whole numbers.
        ArrayError: not one label a row, or a label out of range.
    """
    array = np.asarray(as_numbers(owner, name, y))
    as_integers(owner, name, array)
    if array.shape != (count,):
        raise ArrayError(
            f"{owner}: {name} has shape {array.shape} but {of} has {count} rows; labels must be ({count},)."
        )
    check_labels(owner, name, array, classes if classes is not None else int(array.max()) + 1)
    return array
