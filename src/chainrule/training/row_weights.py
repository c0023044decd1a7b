"""How much every training row counts."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.rows import as_numbers, check_finite


def row_weights(given: Any, rows: int, dtype: np.dtype) -> np.ndarray | None:
    """Weights with mean 1, so that learning rates keep their meaning: (N,) of `dtype`; None for no weights.

    Args:
        given: (N,) numbers of at least 0, some above; or None.
        rows: N.
        dtype: of the net.

    Raises:
        ArrayTypeError, ArrayError: something else.
    """
    if given is None:
        return None
    weights = as_numbers("Solver", "sample_weight", given)
    if tuple(weights.shape) != (rows,):
        raise ArrayError(
            f"Solver: sample_weight has shape {tuple(weights.shape)} but there are {rows} training rows; it must be "
            f"({rows},)."
        )
    check_finite("Solver", "sample_weight", weights)
    if (weights < 0).any() or not weights.any():
        raise ArrayError(
            "Solver: every sample_weight must be at least 0, and some above; a row of weight 0 is left out."
        )
    weights = weights.astype(np.float64)
    return (weights / weights.mean()).astype(dtype)
