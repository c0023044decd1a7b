"""Rows of numbers as people give them: lists, integers and floats are taken; what would be read wrongly is refused."""

from typing import Any

import array_api_compat
import numpy as np

from chainrule.core.arrays import is_masked, namespace
from chainrule.core.errors import ArrayError, ArrayTypeError

BLOCK = 1 << 20  # entries that are looked at together
HUGE_VIEW = 1 << 31  # bytes; a broadcast view that claims more than this is refused, since a result would be as large


def as_numbers(owner: str, name: str, X: Any) -> Any:
    """X as an array of bool, integer or real numbers; lists of numbers are taken too.

    Raises:
        ArrayTypeError: object, text, complex or masked arrays, None, and what NumPy makes no numbers of.
        ArrayError: a broadcast view that claims more memory than a result could have.
    """
    refuse_masked(owner, name, X)
    if not isinstance(X, np.ndarray) and array_api_compat.is_array_api_obj(X):
        if not namespace(X).isdtype(X.dtype, ("bool", "integral", "real floating")):
            raise ArrayTypeError(f"{owner}: {name} must hold real numbers; came {X.dtype}.")
        return X
    try:
        array = np.asarray(X)
    except (ValueError, TypeError, OverflowError) as error:
        raise ArrayTypeError(f"{owner}: {name} must be an array of numbers, rows of equal length ({error}).") from error
    if array.dtype.kind not in "buif":
        came = type(X).__name__ if array.ndim == 0 else f"an array of {array.dtype}"
        raise ArrayTypeError(
            f"{owner}: {name} must hold real numbers (bool, integer or float); came {came}. "
            f"Turn texts into codes, or load a table with load_data(path, target=...)."
        )
    refuse_huge_view(owner, name, array)
    return array


def all_finite(array: np.ndarray) -> bool:
    """Whether no entry is NaN or infinite, asked some rows at a time: the array may be a mapped file beyond memory."""
    if array.dtype.kind != "f":
        return True
    if array.size <= BLOCK or array.ndim == 0:
        return bool(np.isfinite(array).all())
    rows = max(1, BLOCK * len(array) // array.size)
    return all(np.isfinite(array[start : start + rows]).all() for start in range(0, len(array), rows))


def check_finite(owner: str, name: str, array: np.ndarray) -> None:
    """Fail where a float array holds NaN or infinities, naming how many and where the first is."""
    if not all_finite(array):
        wrong = ~np.isfinite(array)
        first = tuple(int(i) for i in np.unravel_index(np.argmax(wrong), array.shape))
        nans = int(np.isnan(array).sum())
        raise ArrayError(
            f"{owner}: {name} holds {nans} NaN and {int(wrong.sum()) - nans} infinite of {array.size} entries, the "
            f"first at {first}; all must be finite. Remove those rows, or fill them: np.nan_to_num({name})."
        )


def refuse_masked(owner: str, name: str, array: Any) -> None:
    """Fail for a masked array: its mask would be lost on the way."""
    if is_masked(array):
        raise ArrayTypeError(
            f"{owner}: {name} must be a plain array; came a masked array, whose mask would be lost. "
            f"Fill it first: {name}.filled(0)."
        )


def refuse_huge_view(owner: str, name: str, array: np.ndarray) -> None:
    """Fail for a broadcast view whose results would need memory that the view itself does not."""
    if 0 in array.strides and array.nbytes > HUGE_VIEW:
        raise ArrayError(
            f"{owner}: {name} is a broadcast view of shape {array.shape}, {array.nbytes} bytes if it were real, and a "
            f"result would be as large; it must be at most {HUGE_VIEW}. Pass the rows that you need."
        )
