"""Shapes in NumPy's gufunc notation, and the errors that teach where an array does not fit.

`@shaped("(n,d),(d,m),(m)->(n,m)")` above a `forward` says what it takes; called by a person, the
function checks its arrays first. Nets check once, where net and data meet, and then walk the unchecked
functions, which stay at hand as `forward.raw`.
"""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import array_api_compat
import numpy as np

from chainrule.core.arrays import namespace
from chainrule.core.errors import ArrayError, ArrayTypeError
from chainrule.core.numbers import checked_options
from chainrule.core.rows import refuse_huge_view, refuse_masked


class Cache(tuple):
    """What a checked forward hands to its backward: whose it is, and the shape that the upstream gradient must have."""

    owner: str = ""
    output_shape: tuple[int, ...] = ()


def parse(signature: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """`"(n,d),(d,m)->(n,m)"` -> ([("n", "d"), ("d", "m")], [("n", "m")]); a `?` marks an axis that may be missing."""
    left, right = signature.split("->")
    sides = []
    for side in (left, right):
        groups = re.findall(r"\(([^)]*)\)", side)
        sides.append([tuple(axis.strip() for axis in group.split(",") if axis.strip()) for group in groups])
    return sides[0], sides[1]


def shaped(signature: str, *, labels: str | None = None, pair: str | None = None) -> Callable:
    """Decorate a `forward` with its shapes.

    The decorated function has `.raw` (itself, unchecked, which also takes complex numbers) and `.signature`.

    Args:
        signature: in gufunc notation, one group of axes an argument.
        labels: the argument that holds class labels.
        pair: the argument that holds None or two arrays (mean, variance), each shaped as the last of `signature`.
    """
    specs, _ = parse(signature)

    def decorate(function: Callable) -> Callable:
        parameters = inspect.signature(function)
        names = list(parameters.parameters)[: len(specs)]
        owner = function.__module__.rsplit(".", 1)[-1]

        @functools.wraps(function)
        def checked(*args, **kwargs):
            given = parameters.bind(*args, **kwargs).arguments
            arrays = [given[name] for name in names]
            check(owner, names, specs, arrays, labels=labels)
            if given.get(pair or "") is not None:
                check_pair(owner, str(pair), given[str(pair)], tuple(arrays[-1].shape))
            y, cache = function(*args, **checked_options(owner, function, kwargs))
            cache = Cache(cache)
            cache.owner, cache.output_shape = owner, tuple(getattr(y, "shape", ()))
            return y, cache

        checked.raw = function  # type: ignore[attr-defined]
        checked.signature = signature  # type: ignore[attr-defined]
        return checked

    return decorate


def upstream(function: Callable) -> Callable:
    """Decorate a `backward(dy, cache)`: the upstream gradient must have the shape of the forward's output."""
    owner = function.__module__.rsplit(".", 1)[-1]

    @functools.wraps(function)
    def checked(dy, cache):
        _cache_or_fail(owner, cache)
        as_floats(owner, "dy", dy)
        if isinstance(cache, Cache) and tuple(dy.shape) != cache.output_shape:
            raise ArrayError(
                f"{owner}: dy has shape {tuple(dy.shape)} but the output was {cache.output_shape}; an upstream gradient "
                f"must have the shape of what it is the gradient of. Is dy that of another layer or batch?"
            )
        return function(dy, cache)

    checked.raw = function  # type: ignore[attr-defined]
    return checked


def from_cache(function: Callable) -> Callable:
    """Decorate a loss's `backward(cache)`: it takes what forward returned."""
    owner = function.__module__.rsplit(".", 1)[-1]

    @functools.wraps(function)
    def checked(cache):
        _cache_or_fail(owner, cache)
        return function(cache)

    checked.raw = function  # type: ignore[attr-defined]
    return checked


def running(function: Callable) -> Any:
    """Decorate an `update(stats, cache, *, momentum)`: the statistics must be those of the batch's features."""
    owner = function.__module__.rsplit(".", 1)[-1]

    @functools.wraps(function)
    def checked(stats, cache, **options):
        _cache_or_fail(owner, cache)
        check_pair(owner, "stats", stats, tuple(getattr(cache, "output_shape", ()))[-1:])
        return function(stats, cache, **checked_options(owner, function, options))

    checked.raw = function  # type: ignore[attr-defined]
    return checked


def _cache_or_fail(owner: str, cache: Any) -> None:
    if not isinstance(cache, tuple) or not cache:
        raise ArrayTypeError(
            f"{owner}: cache must be the tuple that forward returned; came {cache!r:.40} ({type(cache).__name__}). "
            f"Did you keep only the first of `result, cache = forward(...)`?"
        )
    if isinstance(cache, Cache) and cache.owner != owner:
        raise ArrayTypeError(
            f"{owner}: cache must be the tuple that {owner}.forward returned; came that of {cache.owner}.forward. "
            f"Are the backward calls in the reverse order of the forward calls?"
        )


def check(
    owner: str,
    names: list[str],
    specs: list[tuple[str, ...]],
    arrays: list[Any],
    *,
    labels: str | None = None,
) -> dict[str, int]:
    """Check arrays against their gufunc axes and return the size of every axis.

    Raises:
        ArrayTypeError: not an array, or not of a floating (for labels: integer) dtype.
        ArrayError: axes missing or too many, sizes that do not agree, nothing to compute on, labels out of range.
    """
    sizes: dict[str, int] = {}
    came_from: dict[str, str] = {}
    dtype = None
    for name, spec, array in zip(names, specs, arrays):
        whole = tuple(axis.rstrip("?") for axis in spec)
        short = tuple(axis for axis in spec if not axis.endswith("?"))
        axes = short if getattr(array, "ndim", None) == len(short) else whole
        if name == labels and axes == short:
            as_integers(owner, name, array)
        else:
            as_floats(owner, name, array)
            if dtype is not None and array.dtype != dtype:
                raise ArrayTypeError(
                    f"{owner}: {name} is {array.dtype} but {names[0]} is {dtype}; all arrays of one call must have one "
                    f"dtype. Cast one of them."
                )
            dtype = array.dtype
        _check_axes(owner, name, tuple(array.shape), axes, sizes, came_from)
    if labels is not None:
        y = arrays[names.index(labels)]
        if y.ndim == 1:
            check_labels(owner, labels, y, sizes["c"])
    return sizes


def check_pair(owner: str, name: str, pair: Any, shape: tuple[int, ...]) -> None:
    """Fail unless `pair` is (mean, variance), two arrays of floats of that shape (of one shape, where it is ())."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ArrayTypeError(f"{owner}: {name} must be a pair (mean, variance) of arrays; came {pair!r:.60}.")
    for what, array in zip(("mean", "variance"), pair):
        as_floats(owner, f"the {what} in {name}", array)
        shape = shape or tuple(array.shape)
        if tuple(array.shape) != shape:
            raise ArrayError(f"{owner}: the {what} in {name} has shape {tuple(array.shape)}; it must be {shape}.")


def _check_axes(owner, name, shape, axes, sizes, came_from) -> None:
    """One array's shape against its axes; new axes are added to `sizes`."""
    wanted = (
        "(" + ", ".join(str(sizes.get(axis, axis.upper())) for axis in axes) + ("," if len(axes) == 1 else "") + ")"
    )
    if len(shape) != len(axes):
        hint = ""
        if len(shape) > len(axes) == 2:
            hint = f" Flatten each row first: {name}.reshape(len({name}), -1)."
        elif len(shape) == len(axes) - 1:
            hint = f" For a single row pass {name}[None]."
        elif len(axes) == 1 and len(shape) == 2 and 1 in shape:
            hint = f" Did you mean {name}.ravel()?"
        raise ArrayError(f"{owner}: {name} has {len(shape)} axes, shape {shape}; it must be {wanted}.{hint}")
    words = ("entries",) if len(axes) == 1 else ("rows", "columns")
    for position, (axis, size) in enumerate(zip(axes, shape)):
        if axis in sizes and sizes[axis] != size:
            turned = [sizes.get(a) for a in axes] in ([*shape[::-1]], [shape[-1], None])
            hint = f" Did you pass {name}.T?" if len(axes) == 2 and turned else ""
            raise ArrayError(
                f"{owner}: {name} has {size} {words[position]} but {came_from[axis]}; {name} must be {wanted}.{hint}"
            )
        if size == 0:
            raise ArrayError(
                f"{owner}: {name} is empty, shape {shape}; at least one of {wanted} is needed on every axis."
            )
        if axis not in sizes:
            sizes[axis] = size
            noun = ("row" if position == 0 else "column") if len(axes) == 2 else "entrie" if size != 1 else "entry"
            came_from[axis] = f"{name} has {size} {noun}" + ("s" if size != 1 else "")


def as_floats(owner: str, name: str, array: Any) -> None:
    """Fail unless `array` is an array of float32 or float64, in the machine's byte order."""
    _array_or_fail(owner, name, array, "float32 or float64")
    if str(array.dtype).rsplit(".", 1)[-1] not in ("float32", "float64"):
        raise ArrayTypeError(
            f"{owner}: {name} must be float32 or float64; came {array.dtype}. Cast it: {name}.astype(float)."
        )


def as_integers(owner: str, name: str, array: Any) -> None:
    """Fail unless `array` is an array of integers: class labels."""
    _array_or_fail(owner, name, array, "integer labels")
    if not namespace(array).isdtype(array.dtype, "integral"):
        raise ArrayTypeError(
            f"{owner}: {name} must be integer class labels, shape (N,); came {array.dtype}. "
            f"Cast whole numbers with {name}.astype(int); turn one-hot rows into labels with argmax(axis=1)."
        )


def check_labels(owner: str, name: str, labels: Any, num_classes: int) -> None:
    """Fail where a label is negative or not below the number of classes."""
    xp = namespace(labels)
    low, high = int(xp.min(labels)), int(xp.max(labels))
    if low < 0 or high >= num_classes:
        wrong = low if low < 0 else high
        raise ArrayError(
            f"{owner}: {name} holds the label {wrong}; labels of {num_classes} classes go from 0 to {num_classes - 1}. "
            f"Do the labels start at 1, or are there more classes?"
        )


def _array_or_fail(owner: str, name: str, array: Any, wanted: str) -> None:
    refuse_masked(owner, name, array)
    if not array_api_compat.is_array_api_obj(array):
        raise ArrayTypeError(
            f"{owner}: {name} must be an array of {wanted}; came {type(array).__name__}. Did you mean np.asarray({name})?"
        )
    if isinstance(array, np.ndarray):
        refuse_huge_view(owner, name, array)
