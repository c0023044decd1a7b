"""The linear classifier's cross-entropy loss, as a loop over the rows and all at once."""

from typing import Any

import numpy as np

from chainrule.courses.modular.linear_loss import Result, linear_loss
from chainrule.losses import LOSSES

__all__ = ["np", "softmax_loss_naive", "softmax_loss_vectorized"]


def softmax_loss_naive(W: Any, X: Any, y: Any, reg: float) -> Result:
    """Mean cross-entropy of X @ W plus reg * sum(W * W), row by row.

    Args:
        W: (D, C) weights.
        X: (N, D).
        y: (N,) labels.
        reg: strength of the penalty.

    Returns:
        loss, dW (D, C).

    Raises:
        ArrayError, ArrayTypeError, SettingError: shapes or types that do not fit together.

    Convention: no half before the penalty, so its gradient is 2 * reg * W.
    """
    return linear_loss(LOSSES["softmax"], W, X, y, reg, owner="softmax_loss_naive", naive=True)


def softmax_loss_vectorized(W: Any, X: Any, y: Any, reg: float) -> Result:
    """The same as `softmax_loss_naive`, all rows at once."""
    return linear_loss(LOSSES["softmax"], W, X, y, reg, owner="softmax_loss_vectorized")
