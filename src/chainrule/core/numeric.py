"""Numeric gradients: the central act of checking a derivative."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.core.numbers import limited, whole
from chainrule.core.rows import as_numbers, refuse_masked

STENCILS = {2: ((1, 1 / 2),), 4: ((1, 2 / 3), (2, -1 / 12))}  # order -> (multiple of h, weight) of f(x+kh) - f(x-kh)
STEPS = {2: 1e-5, 4: 1e-3}  # where truncation and rounding meet for functions of scale 1 in float64


def numeric_gradient(
    f: Callable[[np.ndarray], Any], x: np.ndarray, df: Any = None, *, h: float | None = None, order: int = 4
) -> np.ndarray:
    """The gradient of `f` at `x` by central differences, entry by entry.

    `x` itself is changed in place and restored, so `f` may ignore its argument and look at the same array
    (as `lambda _: net.loss(X, y)[0]` does with `x = net.params["W1"]`).

    Formula:
        order 2: (f(x + h) - f(x - h)) / 2h
        order 4: (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h

    Args:
        f: takes an array of `x`'s shape; returns a number, or an array of `df`'s shape.
        x: float64, any shape, writable.
        df: the upstream gradient where `f` returns an array: the result is then the gradient of sum(f(x) * df).
        h: step; where not given, 1e-3 for order 4 and 1e-5 for order 2.
        order: 2 or 4. Order 4 is right to about 1e-12 for smooth functions of scale 1, order 2 to about 1e-10.

    Returns:
        The gradient, float64, of `x`'s shape.

    Raises:
        ArrayTypeError: `x` is not a float64 array (float32 has too few digits for a difference).
        ArrayError: `x` is read-only, or `f` returns an array and no matching `df` was given.
        SettingError: an unknown order, or a step that is not positive.
    """
    if not isinstance(x, np.ndarray) or x.dtype != np.float64:
        came = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise ArrayTypeError(
            f"numeric_gradient: x must be a float64 array, since a difference loses half of the digits; came {came}."
        )
    refuse_masked("numeric_gradient", "x", x)
    if not callable(f):
        raise ArrayTypeError(f"numeric_gradient: f must be a function of x; came {f!r}.")
    if not x.flags.writeable:
        raise ArrayError(
            "numeric_gradient: x must be writable, since its entries are moved one by one; came a read-only array. "
            "Pass x.copy()."
        )
    if whole(order, "order", owner="numeric_gradient") not in STENCILS:
        raise SettingError(f"numeric_gradient: order must be 2 or 4; came {order!r}.")
    step = STEPS[order] if h is None else limited("h", h, owner="numeric_gradient")
    if df is not None:
        df = as_numbers("numeric_gradient", "df", df)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = difference(f, x, index, df, h=step, order=order)
    return gradient


def difference(
    f: Callable[[np.ndarray], Any], x: np.ndarray, index: Any, df: Any = None, *, h: float, order: int = 4
) -> float:
    """The central difference of `f` (contracted with `df`) by one entry of `x`, which is moved in place and restored."""
    kept, slope = x[index], 0.0
    try:
        for multiple, weight in STENCILS[order]:
            x[index] = kept + multiple * h
            above = _value(f(x))
            x[index] = kept - multiple * h
            slope += weight * _contract(above - _value(f(x)), df) / h
    finally:
        x[index] = kept
    return slope


def _value(result: Any) -> np.ndarray:
    """A copy as float64: a function may return the array that the next call overwrites."""
    return np.array(result, dtype=np.float64)


def _contract(change: np.ndarray, df: Any) -> float:
    if df is None:
        if change.ndim and change.size != 1:
            raise ArrayError(
                f"numeric_gradient: f returned an array of shape {change.shape}; give df, the upstream gradient of that "
                f"shape (random, not ones), or let f return one number."
            )
        return float(change.reshape(()))
    if change.shape != np.shape(df):
        raise ArrayError(
            f"numeric_gradient: df has shape {np.shape(df)} but f returned shape {change.shape}; they must be equal."
        )
    return float(np.sum(change * df))


def complex_step_gradient(f: Callable[[np.ndarray], Any], x: np.ndarray, df: Any, *, h: float = 1e-30) -> np.ndarray:
    """The gradient of sum(f(x) * df) by a complex step: exact to rounding where `f` is analytic.

    Formula:
        Im f(x + ih) / h

    Source: Squire and Trapp, Using Complex Variables to Estimate Derivatives of Real Functions, SIAM Review 40, 1998.

    Args:
        f: takes a complex array of `x`'s shape and returns one; it may not compare, take absolute values or conjugate.
        x: float64, any shape.
        df: the upstream gradient, of the shape of f(x).
    """
    z = x.astype(np.complex128)
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        z[index] += 1j * h
        gradient[index] = np.sum(np.imag(f(z)) * df) / h
        z[index] = x[index]
    return gradient


def rel_error(a: Any, b: Any) -> float:
    """The largest relative difference of two arrays, entry by entry: the figure that course notebooks print.

    Formula:
        max(|a - b| / max(1e-8, |a| + |b|))

    Args:
        a, b: numbers or arrays of one shape.

    Returns:
        A number between 0 (equal) and 1 (unrelated, or of opposite sign); 0 for empty arrays; NaN where an entry is NaN.

    Raises:
        ArrayError: the shapes differ (broadcasting would hide a mistake).
        ArrayTypeError: something that is no number.
    """
    a, b = (np.asarray(as_numbers("rel_error", name, value)) for name, value in (("a", a), ("b", b)))
    if a.shape != b.shape:
        raise ArrayError(f"rel_error: a has shape {a.shape} and b has shape {b.shape}; they must be equal.")
    if a.size == 0:
        return 0.0
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))))
