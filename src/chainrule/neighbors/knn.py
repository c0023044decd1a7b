"""The k-nearest-neighbour classifier."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError, choose
from chainrule.datasets import targets
from chainrule.neighbors.distances import distances
from chainrule.neighbors.fast import Trained
from chainrule.neighbors.norms import norm_of
from chainrule.neighbors.rows import MEMORY_MB, check_memory, flat_rows
from chainrule.neighbors.search import neighbors
from chainrule.neighbors.vote import check_k, tally

WEIGHTS = ("uniform", "distance")


class KNN:
    """A classifier that keeps the training rows and asks the k nearest ones.

    Args:
        k: neighbours that vote, where a call does not say it.
        norm: "l1", "l2", "max", a number p of at least 1, or a function of a difference vector (D,) (slow: it is called
            for every pair).
        weights: "uniform", or "distance": a vote counts 1 / distance; neighbours at distance 0 are then the only ones.
        memory_mb: to work in, in megabytes, beside the rows and the result.

    Attributes:
        X: (M, D) the training rows, as stored: bytes stay bytes, and nothing is copied where that can be.
        y: (M,) the position of each row's label in `classes`.
        classes: (C,) the labels, sorted: whole numbers or texts.

    Raises:
        SettingError, ArrayTypeError: a setting out of its range.

    Convention: equal distances count in the order of the rows; of equal votes the smallest label wins. The neighbours
        are those of float64 arithmetic, whatever the search does to be quick.

    Example:
        >>> knn = KNN(k=1).fit([[0, 0], [3, 4]], ["near", "far"])
        >>> knn.predict([[1, 1]]).tolist()
        ['near']
    """

    def __init__(self, k: int = 5, *, norm: Any = "l2", weights: str = "uniform", memory_mb: float = MEMORY_MB) -> None:
        self.k = check_k("KNN", k)
        self.norm = norm_of(norm)
        self.weights = choose(weights, WEIGHTS, what="weights of KNN")
        self.memory_mb = memory_mb
        self.memory = check_memory("KNN", memory_mb)  # bytes
        self._trained: Trained | None = None

    def fit(self, X: Any, y: Any) -> "KNN":
        """Keep the training rows.

        Args:
            X: (M, ...) real numbers; each row is flattened.
            y: (M,) labels: whole numbers or texts.

        Returns:
            The classifier itself.

        Raises:
            ArrayTypeError, ArrayError, DataError: rows or labels of another kind, or not as many labels as rows.
        """
        rows = flat_rows("KNN.fit", "X", X)
        labels = labels_of("KNN.fit", y, len(rows))
        self.X = rows
        self.classes, self.y = np.unique(labels, return_inverse=True)
        self._trained = Trained.of(rows)
        return self

    def distances(self, X: Any, *, method: str = "vectorized", norm: Any = None) -> np.ndarray:
        """Distances of rows from all training rows, (N, M) float64; see `chainrule.neighbors.distances`.

        Args:
            X: (N, ...) rows.
            method: "two_loops", "one_loop" or "vectorized".
            norm: another than the classifier's own.
        """
        X = flat_rows("KNN.distances", "X", X, features=self.trained.rows.shape[1])
        measure = self.norm if norm is None else norm_of(norm)
        given = measure.function or measure.order
        return distances(X, self.X, norm=given, method=method, memory_mb=self.memory_mb)

    def kneighbors(self, X: Any, k: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The nearest training rows of each row, nearest first.

        Args:
            X: (N, ...) rows.
            k: how many, 1 to M; the classifier's own where None.

        Returns:
            distances: (N, k) float64.
            indices: (N, k) int64, row numbers in the training rows.

        Raises:
            ArrayTypeError, ArrayError, SettingError: rows that do not fit, k out of range, or not fitted yet.
        """
        return self._neighbors("kneighbors", X, k)

    def predict(self, X: Any, k: int | None = None) -> np.ndarray:
        """The label of each row, (N,): what most of its k nearest training rows have."""
        best = self._votes("predict", X, k).argmax(axis=1)
        return self.classes[best]

    def predict_proba(self, X: Any, k: int | None = None) -> np.ndarray:
        """Shares of the vote, (N, C) float64 in the order of `classes`; each row sums to 1."""
        votes = self._votes("predict_proba", X, k)
        return votes / votes.sum(axis=1, keepdims=True)

    def score(self, X: Any, y: Any, k: int | None = None) -> float:
        """The share of rows whose label is predicted.

        Args:
            X: (N, ...) rows.
            y: (N,) their labels.
            k: as for `kneighbors`.
        """
        X = flat_rows("KNN.score", "X", X, features=self.trained.rows.shape[1])
        labels = labels_of("KNN.score", y, len(X))
        if (labels.dtype.kind == "i") != (self.classes.dtype.kind == "i"):
            raise ArrayError(
                f"KNN.score: y is an array of {labels.dtype}, such as {labels[0]}, but fit's y held {self.classes.dtype}, "
                f"such as {self.classes[0]}; labels must be of one kind."
            )
        best = self._votes("score", X, k).argmax(axis=1)
        return float(np.mean(self.classes[best] == labels))

    def _votes(self, caller: str, X: Any, k: int | None) -> np.ndarray:
        dists, rows = self._neighbors(caller, X, k)
        return tally(self.y[rows], len(self.classes), dists if self.weights == "distance" else None)

    def _neighbors(self, caller: str, X: Any, k: int | None) -> tuple[np.ndarray, np.ndarray]:
        X = flat_rows(f"KNN.{caller}", "X", X, features=self.trained.rows.shape[1])
        k = check_k(f"KNN.{caller}", self.k if k is None else k, len(self.trained.rows))
        return neighbors(self.trained, X, k, self.norm, memory=self.memory)

    @property
    def trained(self) -> Trained:
        """The training rows as the search takes them.

        Raises:
            SettingError: there are none yet.
        """
        if self._trained is None:
            raise SettingError("KNN: training rows are needed first: KNN().fit(X, y).")
        return self._trained

    def __repr__(self) -> str:
        fitted = f", {len(self.X)} rows, {len(self.classes)} classes" if self._trained else ", not fitted"
        return f"<KNN k={self.k}, {self.norm.name}, {self.weights}{fitted}>"


def labels_of(owner: str, y: Any, rows: int) -> np.ndarray:
    """Labels, one for each row: texts, or whole numbers as int64.

    Raises:
        ArrayTypeError, ArrayError, DataError: something else.
    """
    texts = targets.as_texts(y)
    if texts is None:
        targets.code(y, task="classification", name=owner)
        texts = np.asarray(y).astype(np.int64)
    if len(texts) != rows:
        raise ArrayError(f"{owner}: X has {rows} rows but y has {len(texts)} labels; y must have one label a row.")
    return texts
