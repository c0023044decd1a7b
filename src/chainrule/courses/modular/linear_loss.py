"""The loss of a linear classifier without bias: affine, then a loss of the library, then reg * sum(W * W)."""

from typing import Any

import numpy as np

from chainrule.core.registry import Loss
from chainrule.courses.modular.checks import labels, number, rows
from chainrule.layers import LAYERS

Result = tuple[Any, np.ndarray]
AFFINE = LAYERS["affine"]


def linear_loss(loss: Loss, W: Any, X: Any, y: Any, reg: Any, *, owner: str, naive: bool = False) -> Result:
    """Loss and gradient.

    Args:
        loss: a row of LOSSES.
        W: (D, C) weights.
        X: (N, D).
        y: (N,) labels.
        reg: strength of the penalty reg * sum(W * W), without a half.
        owner: the function that was called, for the error.
        naive: row by row, as a loop shows it, or all rows at once.

    Returns:
        loss, dW (D, C).

    Raises:
        ArrayError, ArrayTypeError, SettingError: shapes or types that do not fit together.
    """
    W = rows(owner, W, name="W")
    X = rows(owner, X, columns=W.shape[0], fixed_by="W")
    y = labels(owner, y, len(X), classes=W.shape[1])
    reg = number(owner, "reg", reg, least=0)
    dtype = np.result_type(W, X)
    W, X = W.astype(dtype, copy=False), X.astype(dtype, copy=False)
    if not naive:
        value, dW = _data_loss(loss, W, X, y)
    else:
        value, dW = dtype.type(0), np.zeros_like(W)
        for i in range(len(X)):
            value_i, dW_i = _data_loss(loss, W, X[i : i + 1], y[i : i + 1])
            value += value_i
            dW += dW_i
        value, dW = value / len(X), dW / len(X)
    return value + reg * np.sum(W * W), dW + 2 * reg * W


def _data_loss(loss: Loss, W: np.ndarray, X: np.ndarray, y: np.ndarray) -> Result:
    scores, cache = AFFINE.forward(X, W, np.zeros_like(W[0]))
    value, loss_cache = loss.forward(scores, y)
    _, dW, _ = AFFINE.backward(loss.backward(loss_cache), cache)
    return value, dW
