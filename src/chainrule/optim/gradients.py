"""What may be done to gradients between the backward pass and the update rule: measure, clip, decay."""

import math
import numbers
from collections.abc import Mapping

import numpy as np

from chainrule.core.arrays import Array, namespace
from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.core.numbers import limited
from chainrule.core.shapes import as_floats


def norm(array: Array) -> float:
    """The Euclidean (L2) length of an array's entries taken as one vector, without overflow or underflow.

    Formula:
        norm = sqrt(sum(array * array))

    Args:
        array: any shape, float32 or float64.

    Returns:
        A Python float; NaN or inf only where an entry is, or where the length itself is beyond float64.

    Raises:
        ArrayTypeError: something that is no array of floats.

    Example:
        >>> norm(np.array([[3.0], [4.0]]))
        5.0
    """
    if type(array) is not np.ndarray or array.dtype.char not in "fd" or not array.flags.c_contiguous:
        as_floats("norm", "array", array)
    xp = namespace(array)
    total = _sum_of_squares(array)
    info = xp.finfo(array.dtype)
    if float(info.smallest_normal) / float(info.eps) < total < math.inf:
        return math.sqrt(total)
    # Squares left the dtype's range, or an entry is 0, inf or NaN throughout: measure in units of the largest entry.
    if 0 in array.shape:
        return 0.0
    peak = float(xp.max(xp.abs(array)))
    if peak == 0 or not math.isfinite(peak):
        return peak
    return peak * math.sqrt(_sum_of_squares(array / peak))


def _sum_of_squares(array: Array) -> float:
    with np.errstate(over="ignore"):  # `norm` looks at the result
        if type(array) is np.ndarray:
            flat = array.ravel(order="K")
            return float(np.dot(flat, flat))  # one pass, no temporary array
        return float(namespace(array).sum(array * array))


def clip_by_norm(grads: Mapping[str, Array], max_norm: float) -> tuple[dict[str, Array], float]:
    """Shorten all gradients by one factor where, as a single vector, they are longer than `max_norm`.

    Their direction stays. Gradients that are inf or NaN come back as they are, to be named where they are looked at.

    Formula:
        norm = sqrt(sum of the squares of all entries of all gradients)
        grad = grad * min(1, max_norm / norm)

    Args:
        grads: {name: gradient}.
        max_norm: the greatest length allowed, above 0.

    Returns:
        grads: a new dict; new arrays where they were shortened.
        norm: the length before, a Python float.

    Raises:
        SettingError: max_norm is not above 0.
        ArrayTypeError: no dict, or a gradient that is no array of floats.

    Convention: PyTorch's clip_grad_norm_ adds 1e-6 to the norm that it divides by.

    Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.

    Example:
        >>> clipped, before = clip_by_norm({"W1": np.array([3.0]), "b1": np.array([4.0])}, 1.0)
        >>> clipped["W1"], clipped["b1"], before
        (array([0.6]), array([0.8]), 5.0)
    """
    _above_zero("clip_by_norm", "max_norm", max_norm)
    _named_arrays("clip_by_norm", grads)
    length = math.hypot(*(norm(grad) for grad in grads.values()))
    if not max_norm < length < math.inf:
        return dict(grads), length
    factor = float(max_norm) / length
    return {name: grad * factor for name, grad in grads.items()}, length


def clip_by_value(grads: Mapping[str, Array], limit: float) -> dict[str, Array]:
    """Cut every entry of every gradient to [-limit, limit]; NaN stays NaN. The direction may change.

    Formula:
        grad = minimum(maximum(grad, -limit), limit)

    Args:
        grads: {name: gradient}.
        limit: the greatest size allowed, above 0.

    Returns:
        A new dict of new arrays.

    Raises:
        SettingError: limit is not above 0.
        ArrayTypeError: no dict, or a gradient that is no array of floats.
    """
    _above_zero("clip_by_value", "limit", limit)
    _named_arrays("clip_by_value", grads)
    limit = float(limit)
    return {name: namespace(grad).clip(grad, -limit, limit) for name, grad in grads.items()}


def decayed(dw: Array, w: Array, weight_decay: float) -> Array:
    """A gradient with that of an L2 term, 0.5 * weight_decay * sum(w * w), added to it.

    Formula:
        dw = dw + weight_decay * w

    Args:
        dw: dL/dw, of w's shape.
        w: the parameter.
        weight_decay: the L2 term's strength, a Python number of at least 0.

    Returns:
        The sum, a new array.

    Raises:
        ArrayError: w and dw differ in shape (NumPy would broadcast in silence).
        ArrayTypeError: something that is no array of floats.
        SettingError: weight_decay is negative or no number.

    Convention: coupled decay, as PyTorch's `weight_decay` in all rules but AdamW: the rule's moments see it.
    """
    as_floats("decayed", "dw", dw)
    as_floats("decayed", "w", w)
    if dw.shape != w.shape:
        raise ArrayError(f"decayed: dw has shape {tuple(dw.shape)} but w {tuple(w.shape)}; they must be equal.")
    return dw + limited("weight_decay", weight_decay, owner="decayed") * w


def _named_arrays(owner: str, grads: Mapping[str, Array]) -> None:
    if not isinstance(grads, Mapping):
        raise ArrayTypeError(f"{owner}: grads must be a dict of gradients by name; came {grads!r:.60}.")
    for name, grad in grads.items():
        as_floats(owner, f"grads[{name!r}]", grad)


def _above_zero(owner: str, name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not value > 0:
        raise SettingError(f"{owner}: {name} must be a number above 0; came {value!r}. Leave it out for no clipping.")
