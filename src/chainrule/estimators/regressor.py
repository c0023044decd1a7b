"""A fully connected net as a scikit-learn regressor."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_array

from chainrule.core.errors import ArrayError
from chainrule.estimators.fitting import FullyConnectedEstimator


class FullyConnectedRegressor(RegressorMixin, FullyConnectedEstimator):
    """A regressor that trains a `FullyConnectedNet` with the squared error.

    Args:
        hidden_dims, activation, norm, keep, init, reg, dtype: as for `FullyConnectedClassifier`.
        rule, options, lr, epochs, batch_size, schedule, weight_decay, clip_norm, engine, slices, callbacks: as there.
        validation_fraction, early_stopping: as there, but that the best net is the one with the highest R².
        warm_start, random_state, verbose: as there.

    Attributes:
        net_: the net; the other attributes of `FullyConnectedClassifier`, `classes_` left out, are there too.

    Convention: rows and targets are taken as they are; scale rows with a StandardScaler in a Pipeline, and targets with
        TransformedTargetRegressor where they are far from 0 or far from 1 in size.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(-1, 1, 200)[:, None]
        >>> model = FullyConnectedRegressor((50,), lr=1e-2, random_state=0).fit(X, X[:, 0] ** 2)
        >>> bool(model.score(X, X[:, 0] ** 2) > 0.95)
        True
    """

    loss = "mse"

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None) -> Any:
        """Train a net.

        Args:
            X: (N, D) rows: an array, or a frame of pandas or polars.
            y: (N,) or (N, C) real targets.
            sample_weight: (N,) how much each row counts; None: all alike.
            X_val, y_val: validation rows of your own, instead of a share of the training rows.

        Returns:
            The estimator itself.

        Raises:
            ValueError, TypeError: rows, targets, weights or settings that cannot be used, each in words.
        """
        X, y = self._rows(X, y=y, multi_output=True, y_numeric=True)
        self._flat = y.ndim == 1
        weights = self._weights(X, sample_weight)
        given = self._given(X_val, y_val, self._targets)
        parts, weights = self._split(X, self._targets(y), weights, given)
        if len(parts.get("y_val", "rows")) < 2:
            raise ArrayError("The validation set is too small: R² must have at least 2 rows; came 1. Give more rows.")
        return self._trained(parts, parts["y_train"].shape[1], weights)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """One pass over more rows; arguments as for `fit`."""
        first = not hasattr(self, "net_")
        X, y = self._rows(X, y=y, multi_output=True, y_numeric=True, reset=first)
        if first:
            self._flat = y.ndim == 1
        y = self._targets(y)
        if not first and y.shape[1] != self.net_.num_classes:
            raise ArrayError(
                f"partial_fit: y has {y.shape[1]} targets a row, but the net was made for {self.net_.num_classes}."
            )
        return self._trained_more(X, y, y.shape[1], self._weights(X, sample_weight))

    def _targets(self, y: Any) -> np.ndarray:
        """Targets as (N, C) floats."""
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y").astype(np.float64)
        return y[:, None] if y.ndim == 1 else y

    def _weights(self, X: np.ndarray, sample_weight: Any) -> np.ndarray | None:
        return None if sample_weight is None else _check_sample_weight(sample_weight, X, ensure_non_negative=True)

    def predict(self, X: Any) -> np.ndarray:
        """Predictions, shaped as the targets of `fit` were: (N,) or (N, C)."""
        scores = self._scores(X)
        return scores[:, 0] if self._flat else scores

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
