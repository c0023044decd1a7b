"""The k-nearest-neighbour classifier as a scikit-learn classifier."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from chainrule.neighbors import KNN
from chainrule.neighbors.rows import MEMORY_MB


class KNNClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that keeps the training rows and asks the k nearest ones: `KNN` with scikit-learn's interface.

    Args:
        k: neighbours that vote.
        norm, weights, memory_mb: as for `KNN`.

    Attributes:
        classes_: (C,) labels, sorted.
        knn_: the `KNN` that answers.
        n_features_in_, feature_names_in_: as in scikit-learn.

    Example:
        >>> model = KNNClassifier(k=1).fit([[0, 0], [3, 4]], ["near", "far"])
        >>> model.predict([[1, 1]]).tolist()
        ['near']
    """

    def __init__(self, k=5, *, norm="l2", weights="uniform", memory_mb=MEMORY_MB):
        self.k = k
        self.norm = norm
        self.weights = weights
        self.memory_mb = memory_mb

    def fit(self, X: Any, y: Any) -> Any:
        """Keep the training rows.

        Args:
            X: (N, D) rows: an array, or a frame of pandas or polars.
            y: (N,) labels of any kind.

        Returns:
            The estimator itself.
        """
        X, y = validate_data(self, X, y, dtype="numeric")
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.knn_ = KNN(self.k, norm=self.norm, weights=self.weights, memory_mb=self.memory_mb).fit(X, labels)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, (N,)."""
        X = self._rows(X)
        return self.classes_[self.knn_.predict(X)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Shares of the vote, (N, C) in the order of `classes_`."""
        X = self._rows(X)
        return self.knn_.predict_proba(X)

    def kneighbors(self, X: Any, k: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Distances and row numbers of the nearest training rows, (N, k) each, nearest first."""
        X = self._rows(X)
        return self.knn_.kneighbors(X, k)

    def _rows(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, X, dtype="numeric", reset=False)
