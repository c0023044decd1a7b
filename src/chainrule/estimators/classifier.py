"""A fully connected net as a scikit-learn classifier."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from chainrule.core.errors import ArrayError
from chainrule.estimators.fitting import FullyConnectedEstimator
from chainrule.losses import softmax


class FullyConnectedClassifier(ClassifierMixin, FullyConnectedEstimator):
    """A classifier that trains a `FullyConnectedNet`.

    Args:
        hidden_dims: units of every hidden layer; () makes a linear classifier.
        activation, norm, keep, init, reg: as for `FullyConnectedNet`.
        loss: "softmax", "svm" or "mse", for one label a row; probabilities come with softmax alone.
        rule, lr, epochs, batch_size, schedule, weight_decay, clip_norm, engine, slices: as for `Solver`.
        options: hyper-parameters of the rule, such as {"beta1": 0.95}.
        class_weight: {label: weight}, "balanced", or None; multiplied into `sample_weight`.
        validation_fraction: share of the rows kept for validation, stratified; None for none, or a tenth where
            `early_stopping` needs them.
        early_stopping: epochs without a better validation accuracy after which training ends; the best net comes back.
        warm_start: whether a further `fit` goes on with the net of the last one.
        dtype: of the net: "float32", "float64", or "auto": float32 for float32 rows and bytes, else float64.
        callbacks: as for `Solver`.
        random_state: fixes weights, batches, masks and the split: a whole number or a RandomState; None is 0, so that equal
            calls give equal nets.
        verbose: whether progress is shown.

    Attributes:
        classes_: (C,) labels, sorted.
        net_: the net; with validation rows, the best one.
        history_: of the last training, validation rows included.
        n_iter_: epochs done.
        loss_curve_: training loss after every epoch; passes of `partial_fit` add to it.
        loss_: of the last step.
        best_validation_score_: the highest validation accuracy, or None.
        n_features_in_, feature_names_in_: as in scikit-learn.

    Convention: rows are taken as they are; put a StandardScaler before it in a Pipeline, as for any net. Several labels a
        row, as an indicator matrix (N, L) of zeros and ones, train a net of L sigmoid outputs by the squared error, whose
        scores are the probabilities. With weights of rows or classes the plain engine trains, since the fused one has
        none. A training that meets a value which is not finite ends with a ConvergenceWarning that names it.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> X, y = load_digits(return_X_y=True)
        >>> model = FullyConnectedClassifier((32,), epochs=10, random_state=0).fit(X / 16, y)
        >>> bool(model.score(X / 16, y) > 0.9)
        True
    """

    def __init__(
        self,
        hidden_dims=(100,),
        *,
        activation="relu",
        norm=None,
        keep=1.0,
        init=None,
        reg=0.0,
        loss="softmax",
        rule="adam",
        options=None,
        lr=None,
        epochs=50,
        batch_size=32,
        schedule=None,
        weight_decay=None,
        clip_norm=None,
        class_weight=None,
        validation_fraction=None,
        early_stopping=None,
        warm_start=False,
        dtype="auto",
        engine="auto",
        slices=None,
        callbacks=(),
        random_state=None,
        verbose=False,
    ):
        super().__init__(
            hidden_dims, activation=activation, norm=norm, keep=keep, init=init, reg=reg, rule=rule, options=options,
            lr=lr, epochs=epochs, batch_size=batch_size, schedule=schedule, weight_decay=weight_decay,
            clip_norm=clip_norm, validation_fraction=validation_fraction, early_stopping=early_stopping,
            warm_start=warm_start, dtype=dtype, engine=engine, slices=slices, callbacks=callbacks,
            random_state=random_state, verbose=verbose,
        )  # fmt: skip
        self.loss = loss
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None) -> Any:
        """Train a net.

        Args:
            X: (N, D) rows: an array, or a frame of pandas or polars.
            y: (N,) labels of any kind, or (N, L) zeros and ones where a row may have several.
            sample_weight: (N,) how much each row counts; None: all alike.
            X_val, y_val: validation rows of your own, instead of a share of the training rows.

        Returns:
            The estimator itself.

        Raises:
            ValueError, TypeError: rows, labels, weights or settings that cannot be used, each in words.
        """
        X, y = self._rows(X, y=y, multi_output=True)
        classes, targets = self._learnt_classes(y)
        if self.warm_start and hasattr(self, "net_") and not np.array_equal(classes, self.classes_):
            raise ArrayError(
                f"warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {classes}. Use a new estimator for other classes."
            )
        self.classes_, self._several = classes, targets.ndim == 2
        weights = self._weights(X, y, sample_weight)
        given = self._given(X_val, y_val, self._targets)
        parts, weights = self._split(X, targets, weights, given, stratify=None if self._several else y)
        return self._trained(parts, len(classes), weights)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Any:
        """One pass over more rows.

        Args:
            X: (N, D) rows.
            y: (N,) labels.
            classes: all labels that will ever come; needed in the first call, unless y holds them all.
            sample_weight: as for `fit`.

        Returns:
            The estimator itself.
        """
        first = not hasattr(self, "net_")
        X, y = self._rows(X, y=y, reset=first, multi_output=True)
        found, targets = self._learnt_classes(y)
        if first:
            self._several = targets.ndim == 2
            self.classes_ = found if classes is None or self._several else np.unique(classes)
        elif classes is not None and not self._several and not np.array_equal(np.unique(classes), self.classes_):
            raise ArrayError(f"partial_fit: classes were {self.classes_} in the first call; came {np.unique(classes)}.")
        return self._trained_more(X, self._targets(y), len(self.classes_), self._weights(X, y, sample_weight))

    def _learnt_classes(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The classes of y, and every row's position among them; for several labels a row, y itself as numbers."""
        check_classification_targets(y)
        kind = type_of_target(y)
        if kind == "multilabel-indicator":
            return np.arange(y.shape[1]), y.astype(np.float64)
        if kind == "multiclass-multioutput":
            raise ArrayError(
                f"y holds {y.shape[1]} labels a row; several must be an indicator matrix of zeros and ones."
            )
        return np.unique(column_or_1d(y, warn=True), return_inverse=True)

    def _targets(self, y: Any) -> np.ndarray:
        """The position of each label in `classes_`; for several labels a row, (N, L) floats."""
        y = np.asarray(y)
        if self._several:
            if y.ndim != 2 or y.shape[1] != len(self.classes_):
                raise ArrayError(
                    f"y has shape {y.shape}; it must be (N, {len(self.classes_)}), a column for each label."
                )
            return y.astype(np.float64)
        y = y.ravel()
        at = np.searchsorted(self.classes_, y).clip(0, len(self.classes_) - 1)
        unknown = self.classes_[at] != y
        if unknown.any():
            raise ArrayError(
                f"y holds {np.unique(y[unknown]).tolist()[0]!r}, which is none of the classes {self.classes_}."
            )
        return at

    def _net_settings(self) -> dict[str, Any]:
        return {"loss": "mse", "output_activation": "sigmoid"} if self._several else {"loss": self.loss}

    def _class_names(self) -> tuple[str, ...]:
        return () if self._several else tuple(map(str, self.classes_))

    def _weights(self, X: np.ndarray, y: np.ndarray, sample_weight: Any) -> np.ndarray | None:
        if sample_weight is None and self.class_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        return weights if self.class_weight is None else weights * compute_sample_weight(self.class_weight, y)

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, (N,); zeros and ones, (N, L), where rows may have several."""
        scores = self._scores(X)
        return (scores > 0.5).astype(np.int64) if self._several else self.classes_[scores.argmax(axis=1)]

    def decision_function(self, X: Any) -> np.ndarray:
        """The net's scores, (N, C); for two classes how far the second is ahead, (N,).

        Where rows may have several labels, how far each one's probability is above one half, (N, L).
        """
        scores = self._scores(X)
        if self._several:
            return scores - 0.5
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def _has_probabilities(self) -> bool:
        if self.loss != "softmax" and not getattr(self, "_several", False):
            raise AttributeError(
                f"predict_proba: the scores of a net with loss={self.loss!r} are no log-probabilities; train with "
                f"loss='softmax', or calibrate with CalibratedClassifierCV."
            )
        return True

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities, (N, C) in the order of `classes_`, each row adding up to 1 unless it may have several labels."""
        scores = self._scores(X)
        return scores if self._several else softmax.probabilities(scores)

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithms of the probabilities, (N, C)."""
        return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
