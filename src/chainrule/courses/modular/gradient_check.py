"""Numeric gradients by central differences, called and printed as the courses do.

Every entry of `x` is moved in place and restored, so `f` may ignore its argument and look at the same array:
`f = lambda _: model.loss(X, y)[0]` with `x = model.params["W1"]`.
"""

import sys
from collections.abc import Callable, Sequence
from random import randrange
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError
from chainrule.core.numbers import limited, whole
from chainrule.core.numeric import difference
from chainrule.core.rows import as_numbers, refuse_masked

Function = Callable[[np.ndarray], Any]


def eval_numerical_gradient(f: Function, x: np.ndarray, verbose: bool = True, h: float = 1e-5) -> np.ndarray:
    """The gradient of a function that returns one number: (f(x + h) - f(x - h)) / 2h for every entry.

    Args:
        f: takes x, and may as well ignore it.
        x: a writable array of floats, any shape.
        verbose: whether index and value of every entry are printed.
        h: the step.

    Returns:
        Of x's shape and dtype.

    Raises:
        ArrayTypeError: x is no array of floats, or f no function.
        ArrayError: x is read-only, or f returns more than one number.
    """
    owner = "eval_numerical_gradient"
    h = _checked(owner, f, x, h)
    f(x)  # the courses evaluate once at x, which counts where f draws random numbers
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        grad[index] = difference(_one_number(owner, f), x, index, h=h, order=2)
        if verbose:
            print(index, grad[index])
    return grad


def eval_numerical_gradient_array(f: Function, x: np.ndarray, df: Any, h: float = 1e-5) -> np.ndarray:
    """The gradient of sum(f(x) * df) for a function that returns an array.

    Args:
        f: takes x, and may as well ignore it.
        x: a writable array of floats, any shape.
        df: the upstream gradient, of the shape of f(x).
        h: the step.

    Returns:
        Of x's shape and dtype.

    Raises:
        ArrayTypeError: x is no array of floats, df no array of numbers, or f no function.
        ArrayError: x is read-only, or f returns another shape than df's.
    """
    owner = "eval_numerical_gradient_array"
    h = _checked(owner, f, x, h)
    df = np.asarray(as_numbers(owner, "df", df))

    def same_shape(x: np.ndarray) -> Any:
        result = f(x)
        if np.shape(result) != df.shape:
            raise ArrayError(
                f"{owner}: df has shape {df.shape} but f returned shape {np.shape(result)}; they must be equal."
            )
        return result

    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        grad[index] = difference(same_shape, x, index, df, h=h, order=2)
    return grad


def eval_numerical_gradient_blobs(
    f: Callable[..., Any], inputs: Sequence[Any], output: Any, h: float = 1e-5
) -> list[np.ndarray]:
    """Numeric gradients of a function that reads and writes blobs, objects with the arrays `vals` and `diffs`.

    Args:
        f: called as f(*inputs, output); it writes its result into `output.vals`.
        inputs: blobs; their `vals` are moved in place and restored.
        output: a blob; its `diffs` are the upstream gradient.
        h: the step.

    Returns:
        The gradient by every input's `vals`, in their order.
    """

    def result(_: np.ndarray) -> np.ndarray:
        f(*inputs, output)
        return output.vals

    return [_blob_gradient(result, blob, output, h) for blob in inputs]


def eval_numerical_gradient_net(net: Any, inputs: Sequence[Any], output: Any, h: float = 1e-5) -> list[np.ndarray]:
    """As `eval_numerical_gradient_blobs`, for a net whose `forward()` reads and writes the blobs."""
    return eval_numerical_gradient_blobs(lambda *_: net.forward(), inputs, output, h=h)


def grad_check_sparse(f: Function, x: np.ndarray, analytic_grad: Any, num_checks: int = 10, h: float = 1e-5) -> None:
    """Compare an analytic gradient with the numeric one at a few random entries, and print a line for each.

    Args:
        f: returns one number.
        x: a writable array of floats.
        analytic_grad: of x's shape.
        num_checks: how many entries; drawn with Python's own `random.randrange`, one draw an axis.
        h: the step.

    Raises:
        ArrayTypeError, ArrayError: as `eval_numerical_gradient`, or the gradient has another shape than x.
    """
    owner = "grad_check_sparse"
    h = _checked(owner, f, x, h)
    analytic_grad = np.asarray(as_numbers(owner, "analytic_grad", analytic_grad))
    if analytic_grad.shape != x.shape:
        raise ArrayError(f"{owner}: analytic_grad has shape {analytic_grad.shape}; it must be x's, {x.shape}.")
    for _ in range(whole(num_checks, "num_checks", owner=owner, least=0)):
        index = tuple(randrange(size) for size in x.shape)
        numeric = difference(_one_number(owner, f), x, index, h=h, order=2)
        analytic = float(analytic_grad[index])
        error = abs(numeric - analytic) / max(abs(numeric) + abs(analytic), sys.float_info.min)
        print(f"numerical: {numeric:f} analytic: {analytic:f}, relative error: {error:e}")


def _blob_gradient(result: Function, blob: Any, output: Any, h: float) -> np.ndarray:
    return eval_numerical_gradient_array(result, blob.vals, output.diffs, h=h)


def _checked(owner: str, f: Any, x: Any, h: Any) -> float:
    """The step, once f and x have been found to be what a numeric gradient needs."""
    refuse_masked(owner, "x", x)
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        came = f"an array of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise ArrayTypeError(f"{owner}: x must be an array of floats, whose entries are moved; came {came}.")
    if not x.flags.writeable:
        raise ArrayError(f"{owner}: x must be writable, its entries are moved one by one; came a read-only array.")
    if not callable(f):
        raise ArrayTypeError(f"{owner}: f must be a function of x; came {f!r:.60}.")
    return limited("h", h, owner=owner)


def _one_number(owner: str, f: Function) -> Function:
    def checked(x: np.ndarray) -> Any:
        result = f(x)
        if np.size(result) != 1:
            raise ArrayError(
                f"{owner}: f must return one number; came shape {np.shape(result)}. For a function that returns an "
                f"array take eval_numerical_gradient_array, with its upstream gradient."
            )
        return result

    return checked
