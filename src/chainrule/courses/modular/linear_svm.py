"""The linear classifier's hinge loss, as a loop over the rows and all at once."""

from typing import Any

import numpy as np

from chainrule.courses.modular.linear_loss import Result, linear_loss
from chainrule.losses import LOSSES

__all__ = ["np", "svm_loss_naive", "svm_loss_vectorized"]


def svm_loss_naive(W: Any, X: Any, y: Any, reg: float) -> Result:
    """Mean hinge loss of X @ W (margin 1) plus reg * sum(W * W), row by row.

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
    return linear_loss(LOSSES["svm"], W, X, y, reg, owner="svm_loss_naive", naive=True)


def svm_loss_vectorized(W: Any, X: Any, y: Any, reg: float) -> Result:
    """The same as `svm_loss_naive`, all rows at once."""
    return linear_loss(LOSSES["svm"], W, X, y, reg, owner="svm_loss_vectorized")
