"""CS145's k-nearest-neighbour classifier, on chainrule.neighbors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.courses.modular.k_nearest_neighbor import KNearestNeighbor

__all__ = ["KNN", "np"]


class KNN(KNearestNeighbor):
    """`train(X, y)`, then distances of test rows, then `predict_labels(dists, k)`.

    Attributes:
        X_train: (M, D), as given.
        y_train: (M,) labels.
    """

    def compute_distances(self, X: Any, norm: Callable | None = None) -> np.ndarray:
        """Distances of test rows from the training rows, one pair at a time.

        Args:
            X: (N, D).
            norm: the length of a difference vector (D,); Euclidean where not given.

        Returns:
            (N, M) float64.

        Raises:
            ArrayError, ArrayTypeError, SettingError: rows that do not fit the training rows, or no norm.
        """
        return self._distances("compute_distances", X, "two_loops", "l2" if norm is None else norm)

    def compute_L2_distances_vectorized(self, X: Any) -> np.ndarray:
        """Euclidean distances (N, M) by one matrix product; for whole numbers equal to the loops' to the last bit."""
        return self._distances("compute_L2_distances_vectorized", X, "vectorized")
