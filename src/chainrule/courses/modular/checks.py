"""What the courses' functions are given, checked under the courses' own names; whatever NumPy reads as numbers is taken."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError, ChainruleError, SettingError, choose
from chainrule.core.numbers import real
from chainrule.core.rows import as_numbers
from chainrule.core.shapes import Cache, as_integers, check_labels

MODES = ("train", "test")


def floats(owner: str, **given: Any) -> list[np.ndarray]:
    """Arrays of one floating dtype: the widest that came, float64 where none is float32 or float64."""
    if all(map(_is_plain, given.values())) and len({value.dtype for value in given.values()}) == 1:
        return list(given.values())
    arrays = [np.asarray(as_numbers(owner, name, value)) for name, value in given.items()]
    dtype = np.result_type(*(array.dtype for array in arrays))
    dtype = np.dtype(dtype if dtype in (np.float32, np.float64) else np.float64)
    return [array.astype(dtype, copy=False) for array in arrays]


def _is_plain(value: Any) -> bool:
    """Whether nothing has to be looked at or cast: in every iteration's way this counts."""
    return type(value) is np.ndarray and value.dtype.str in ("<f4", "<f8") and value.flags.c_contiguous


def flat(x: np.ndarray) -> np.ndarray:
    """(N, d1, ..., dk) -> (N, D), a view where possible."""
    return x if x.ndim < 2 else x.reshape(x.shape[0], math.prod(x.shape[1:]))


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


def labels(owner: str, y: Any, count: int, classes: int | None = None, *, name: str = "y", of: str = "X") -> np.ndarray:
    """Labels as an array (N,) of whole numbers from 0, below the number of classes where that is known.

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
    check_labels(owner, name, array, int(array.max()) + 1 if classes is None else classes)
    return array


def remember(owner: str, items: tuple, out: np.ndarray) -> Cache:
    """A forward's cache, which knows whose it is and what shape the upstream gradient must have."""
    cache = Cache(items)
    cache.owner, cache.output_shape = owner, out.shape
    return cache


def recall(owner: str, dout: Any, cache: Any, items: int | None = None) -> np.ndarray:
    """`dout` as an array, once the cache has been found to be the forward's and the shapes to fit.

    With `items` a tuple of so many is taken too: that of a forward that learners wrote themselves.

    Raises:
        ArrayTypeError: no such cache, or `dout` is no array of numbers.
        ArrayError: `dout` has another shape than the output.
    """
    forward = owner.replace("backward", "forward").removesuffix("_alt")
    if not isinstance(cache, Cache) and not (isinstance(cache, tuple) and len(cache) == items):
        raise ArrayTypeError(
            f"{owner}: cache must be the tuple that {forward} returned; came {cache!r:.40} ({type(cache).__name__}). "
            f"Did you keep only the first of `out, cache = {forward}(...)`?"
        )
    if isinstance(cache, Cache) and cache.owner != forward:
        raise ArrayTypeError(
            f"{owner}: cache must be the tuple that {forward} returned; came that of {cache.owner}. "
            f"Are the backward calls in the reverse order of the forward calls?"
        )
    (dout,) = floats(owner, dout=dout)
    if isinstance(cache, Cache):
        like_output(owner, dout, cache.output_shape)
    return dout


def like_output(owner: str, dout: np.ndarray, shape: tuple[int, ...]) -> None:
    """Fail unless an upstream gradient has the shape of what it is the gradient of."""
    if dout.shape != shape:
        raise ArrayError(
            f"{owner}: dout has shape {dout.shape} but the output was {shape}; it must have the output's shape. "
            f"Is it that of another layer or batch?"
        )


def settings(owner: str, name: str, given: Any, *, mode: bool = True) -> dict[str, Any]:
    """A layer's dict of settings, whose mode is 'train' or 'test'."""
    if not isinstance(given, dict):
        raise SettingError(f"{owner}: {name} must be a dict; came {given!r:.60}.")
    if mode and "mode" not in given:
        raise SettingError(f"{owner}: {name} has no 'mode'; it must be 'train' or 'test'.")
    if mode:
        choose(given["mode"], MODES, what=f"{name}['mode'] of {owner}")
    return given


@contextmanager
def said_by(owner: str) -> Iterator[None]:
    """Errors of the library's net inside the block name the course's class or function instead."""
    try:
        yield
    except ChainruleError as error:
        error.args = tuple(re.sub(r"^net(\.input)?:", f"{owner}:", str(arg)) for arg in error.args)
        raise


def number(owner: str, name: str, value: Any, *, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite Python float (NumPy's scalars would turn float32 arrays into float64).

    Raises:
        SettingError: no number, or one out of its range.
    """
    found = real(value)
    if found is None or not math.isfinite(found) or not least <= found <= most:
        limits = [f"at least {least:g}"] * math.isfinite(least) + [f"at most {most:g}"] * math.isfinite(most)
        wanted = f"a number of {' and '.join(limits)}" if limits else "a finite number"
        raise SettingError(f"{owner}: {name} must be {wanted}; came {value!r:.80}.")
    return found
