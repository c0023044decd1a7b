"""The courses' k-nearest-neighbour classifier, on chainrule.neighbors."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.numbers import whole
from chainrule.courses.modular.checks import labels
from chainrule.neighbors import distances, predict_labels
from chainrule.neighbors.rows import flat_rows

__all__ = ["KNearestNeighbor", "np"]

METHODS = ("vectorized", "one_loop", "two_loops")  # by num_loops


class KNearestNeighbor:
    """Remembers the training rows; a query gets the label that most of its nearest ones have.

    Attributes:
        X_train: (M, D), as given.
        y_train: (M,) labels.
    """

    def train(self, X: Any, y: Any) -> None:
        """Remember the training rows (M, D) and their labels (M,).

        Raises:
            ArrayError, ArrayTypeError: no rows of numbers, or not one label for each.
        """
        owner = f"{type(self).__name__}.train"
        X = np.ascontiguousarray(flat_rows(owner, "X", X))
        self.y_train = labels(owner, y, len(X))
        self.X_train = X

    def predict(self, X: Any, k: int = 1, num_loops: int = 0) -> np.ndarray:
        """Labels of test rows (N, D) by the vote of their k nearest training rows, (N,).

        Args:
            X: (N, D).
            k: how many neighbours vote.
            num_loops: 0, 1 or 2: how the distances are computed; the labels are the same.

        Raises:
            SettingError: another number of loops.
            ArrayError, ArrayTypeError: rows that do not fit the training rows.
        """
        owner = f"{type(self).__name__}.predict"
        if whole(num_loops, "num_loops", owner=owner, least=0) >= len(METHODS):
            raise SettingError(f"{owner}: num_loops must be 0, 1 or 2; came {num_loops}.")
        return self.predict_labels(self._distances("predict", X, METHODS[num_loops]), k=k)

    def compute_distances_two_loops(self, X: Any) -> np.ndarray:
        """Euclidean distances (N, M) of test rows (N, D) from the training rows, one pair at a time."""
        return self._distances("compute_distances_two_loops", X, "two_loops")

    def compute_distances_one_loop(self, X: Any) -> np.ndarray:
        """The same, one test row at a time."""
        return self._distances("compute_distances_one_loop", X, "one_loop")

    def compute_distances_no_loops(self, X: Any) -> np.ndarray:
        """The same by one matrix product, in blocks, so that memory stays bounded."""
        return self._distances("compute_distances_no_loops", X, "vectorized")

    def predict_labels(self, dists: Any, k: int = 1) -> np.ndarray:
        """The vote of the k nearest training rows for each row of distances (N, M); ties go to the smaller label.

        Returns:
            (N,) labels of the dtype of y_train.
        """
        y = self._trained("predict_labels", "y_train")
        return predict_labels(dists, y, k).astype(y.dtype)

    def _distances(self, owner: str, X: Any, method: str, norm: Any = "l2") -> np.ndarray:
        X_train, owner = self._trained(owner, "X_train"), f"{type(self).__name__}.{owner}"
        X = np.ascontiguousarray(flat_rows(owner, "X", X, features=X_train.shape[1]))
        return distances(X, X_train, norm=norm, method=method)

    def _trained(self, owner: str, name: str) -> np.ndarray:
        if not hasattr(self, name):
            raise ArrayError(
                f"{type(self).__name__}.{owner}: there is nothing to compare with; train(X, y) must come first."
            )
        return getattr(self, name)
