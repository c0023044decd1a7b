"""The k-nearest-neighbour classifier as a scikit-learn classifier."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from chainrule.neighbors import KNN
from chainrule.neighbors.rows import MEMORY_MB
from chainrule.neighbors.vote import tally


class KNNClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that keeps the training rows and asks the k nearest ones: `KNN` with scikit-learn's interface.

    Args:
        k: neighbours that vote.
        norm, weights, memory_mb: as for `KNN`.

    Attributes:
        classes_: (C,) labels, sorted; a list of such arrays, one a column, where y has several.
        knn_: the `KNN` that finds the neighbours.
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
            y: (N,) labels of any kind, or (N, L) for L answers a row, each voted for by itself.

        Returns:
            The estimator itself.
        """
        X, y = validate_data(self, X, y, dtype="numeric", multi_output=True)
        check_classification_targets(y)
        self._flat = y.ndim == 1 or y.shape[1] == 1
        columns = [column_or_1d(y, warn=True)] if self._flat else list(y.T)
        coded = [np.unique(column, return_inverse=True) for column in columns]
        self.classes_ = coded[0][0] if self._flat else [classes for classes, _ in coded]
        self._labels = [labels for _, labels in coded]
        self.knn_ = KNN(self.k, norm=self.norm, weights=self.weights, memory_mb=self.memory_mb)
        self.knn_.fit(X, self._labels[0])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, (N,); for several answers a row (N, L)."""
        classes = [self.classes_] if self._fitted()._flat else self.classes_
        found = [own[votes.argmax(axis=1)] for own, votes in zip(classes, self._votes(X))]
        return found[0] if self._flat else np.stack(found, axis=1)

    def predict_proba(self, X: Any) -> Any:
        """Shares of the vote, (N, C) in the order of `classes_`; for several answers a row a list of such arrays."""
        shares = [votes / votes.sum(axis=1, keepdims=True) for votes in self._votes(X)]
        return shares[0] if self._flat else shares

    def _votes(self, X: Any) -> list[np.ndarray]:
        """The votes of the neighbours, (N, C), for every answer."""
        distances, rows = self.kneighbors(X)
        near = distances if self.weights == "distance" else None
        classes = [self.classes_] if self._flat else self.classes_
        return [tally(labels[rows], len(own), near) for labels, own in zip(self._labels, classes)]

    def kneighbors(self, X: Any, k: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Distances and row numbers of the nearest training rows, (N, k) each, nearest first."""
        X = self._rows(X)
        return self.knn_.kneighbors(X, k)

    def _rows(self, X: Any) -> np.ndarray:
        return validate_data(self._fitted(), X, dtype="numeric", reset=False)

    def _fitted(self) -> Any:
        check_is_fitted(self)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = tags.target_tags.multi_output = True
        return tags
