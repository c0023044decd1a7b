"""The layers and losses of the modular-network courses, under the courses' names and conventions.

Every derivative is the library's own (`chainrule.layers`, `chainrule.losses`). A forward returns `out, cache`, a backward
takes `dout, cache`; a loss returns the loss and its gradient by the scores at once. Dropout has a file of its own.
"""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError
from chainrule.core.shapes import Cache, check
from chainrule.courses.modular.checks import flat, floats, labels, like_output, recall, remember
from chainrule.courses.modular.norms import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES

__all__ = [
    "affine_backward",
    "affine_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "layernorm_backward",
    "layernorm_forward",
    "np",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
    "svm_loss",
]

ROWS = ("n", "d")


def affine_forward(x: Any, w: Any, b: Any) -> tuple[np.ndarray, tuple]:
    """Every row flattened, mapped through a matrix and shifted: out = x w + b.

    Args:
        x: (N, d1, ..., dk), D = d1 * ... * dk numbers a row.
        w: (D, M).
        b: (M,).

    Returns:
        out: (N, M).
        cache: (x, w, b).

    Raises:
        ArrayError: shapes that do not fit together, or an empty array.
        ArrayTypeError: something that is no array of numbers.

    Example:
        >>> affine_forward([[1.0, 2.0]], [[3.0], [4.0]], [5.0])[0]
        array([[16.]])
    """
    x, w, b = floats("affine_forward", x=x, w=w, b=b)
    rows = flat(x)
    check("affine_forward", ["x", "w", "b"], [ROWS, ("d", "m"), ("m",)], [rows, w, b])
    out, _ = LAYERS["affine"].forward(rows, w, b)
    return out, remember("affine_forward", (x, w, b), out)


def affine_backward(dout: Any, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients by x (of x's shape), w and b.

    Args:
        dout: (N, M) upstream gradient.
        cache: from `affine_forward`.
    """
    dout = recall("affine_backward", dout, cache, 3)
    x, w, _ = cache
    dx, dw, db = LAYERS["affine"].backward(dout, (flat(x), w))
    return dx.reshape(x.shape), dw, db


def relu_forward(x: Any) -> tuple[np.ndarray, np.ndarray]:
    """What is positive stays, the rest becomes 0.

    Args:
        x: any shape.

    Returns:
        out: of x's shape.
        cache: x.

    Raises:
        ArrayTypeError: something that is no array of numbers.
    """
    (x,) = floats("relu_forward", x=x)
    out, _ = LAYERS["relu"].forward(x.reshape(1, x.size))
    return out.reshape(x.shape), x


def relu_backward(dout: Any, cache: Any) -> np.ndarray:
    """The gradient by x; the slope at exactly 0 is taken as 0.

    Args:
        dout: of the output's shape.
        cache: from `relu_forward`.
    """
    if isinstance(cache, tuple):
        whose = f" of {cache.owner}" if isinstance(cache, Cache) else ""
        raise ArrayTypeError(
            f"relu_backward: cache must be the array that relu_forward returned; came a tuple{whose}. "
            f"Are the backward calls in the reverse order of the forward calls?"
        )
    dout, x = floats("relu_backward", dout=dout, cache=cache)
    like_output("relu_backward", dout, x.shape)
    return LAYERS["relu"].backward(dout, (x,))


def svm_loss(x: Any, y: Any) -> tuple[float, np.ndarray]:
    """The multi-class hinge loss with margin 1, a mean over the rows, and its gradient.

    Args:
        x: (N, C) scores.
        y: (N,) integer labels.

    Returns:
        loss: a float.
        dx: (N, C).

    Raises:
        ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
        ArrayTypeError: something that is no array of numbers, or labels that are no integers.
    """
    scores, y = _scores_and_labels("svm_loss", x, y)
    loss, cache = LOSSES["svm"].forward(scores, y)
    return float(loss), LOSSES["svm"].backward(cache)


def softmax_loss(x: Any, y: Any) -> tuple[float, np.ndarray]:
    """The mean cross-entropy of softmax probabilities, and its gradient. Arguments, results and errors as `svm_loss`.

    Convention: the logarithm is taken of the sum, never of a probability that rounded to 0, so that the loss of a row
        with such a probability is finite, where the courses' own code has infinity and a warning.
    """
    scores, y = _scores_and_labels("softmax_loss", x, y)
    loss, cache = LOSSES["softmax"].forward(scores, y)
    return float(loss), LOSSES["softmax"].backward(cache)


def _scores_and_labels(owner: str, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    (scores,) = floats(owner, x=x)
    check(owner, ["x"], [("n", "c")], [scores])
    return scores, labels(owner, y, *scores.shape, of="x")
