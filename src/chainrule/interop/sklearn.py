"""Nets of scikit-learn's multilayer perceptrons, and of pipelines that scale before them."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError, SettingError
from chainrule.nets.fully_connected import FullyConnectedNet
from chainrule.nets.input import Input

ACTIVATIONS = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}


def from_sklearn(model: Any, *, dtype: Any = "float64") -> FullyConnectedNet:
    """A net from a fitted `MLPClassifier` or `MLPRegressor`, also one at the end of a Pipeline behind a StandardScaler.

    Args:
        model: the fitted model.
        dtype: of the net: "float32" or "float64".

    Returns:
        A net with copies of all weights, and the scaler's numbers as its input transform. Its `predict_proba` (for a
        regressor its `scores`, shape (N, C)) is the model's `predict_proba` (`predict`) to rounding; labels are
        positions in the model's `classes_`, whose names the net's input has. `alpha` becomes no penalty: a further
        training says what it wants.

    Raises:
        ArrayTypeError: no such model, or one that is not fitted.
        SettingError: a step or a loss that no net of this library has; the message names it.

    Convention: two classes have two outputs here, of which the first is always 0. Hidden layers of the activation
        "identity" are multiplied into the next one. Several labels a row become sigmoid outputs trained by the squared
        error, whose `scores` are the probabilities.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.neural_network import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = MLPClassifier((8,), solver="lbfgs", max_iter=500, random_state=0).fit(X, y)
        >>> bool(np.allclose(from_sklearn(model).predict_proba(X), model.predict_proba(X)))
        True
    """
    scaling, mlp = _parts(model)
    weights, biases = [np.array(w) for w in mlp.coefs_], [np.array(b) for b in mlp.intercepts_]
    if mlp.activation == "identity":
        weights, biases = _folded(weights, biases)
    several = mlp.out_activation_ == "logistic" and mlp.n_outputs_ > 1
    if mlp.out_activation_ == "logistic" and not several:  # its one output is how far the second class is ahead
        weights[-1], biases[-1] = (np.concatenate([0 * last, last], axis=-1) for last in (weights[-1], biases[-1]))
    labels = hasattr(mlp, "classes_") and not several
    net = FullyConnectedNet(
        [len(b) for b in biases[:-1]],
        input_dim=len(weights[0]),
        num_classes=len(biases[-1]),
        activation=[ACTIVATIONS[mlp.activation] for _ in biases[:-1]],
        loss="softmax" if labels else "mse",
        output_activation="sigmoid" if several else None,
        init="zeros",
        dtype=dtype,
    )
    for i, (W, b) in enumerate(zip(weights, biases), start=1):
        net.params |= {f"W{i}": W.astype(net.dtype), f"b{i}": b.astype(net.dtype)}
    names = tuple(map(str, mlp.classes_)) if labels else ()
    net.input = Input(**scaling, classes=names)
    return net


def _parts(model: Any) -> tuple[dict[str, Any], Any]:
    """What the scaler does, as centre and scale of an `Input`, and the perceptron.

    Raises:
        ArrayTypeError, SettingError: parts of another kind, or not fitted.
    """
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import Pipeline

    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    *before, mlp = [step for step in steps if step is not None and step != "passthrough"] or [None]
    if not isinstance(mlp, MLPClassifier | MLPRegressor):
        raise ArrayTypeError(
            f"from_sklearn: model must be an MLPClassifier or MLPRegressor, or a Pipeline that ends with one; came "
            f"{model!r:.80} ({type(model).__name__})."
        )
    if not hasattr(mlp, "coefs_"):
        raise ArrayTypeError(
            f"from_sklearn: model must be fitted; came a new {type(mlp).__name__}. Call its fit first."
        )
    if mlp.out_activation_ not in ("identity", "softmax", "logistic"):
        raise SettingError(
            f"from_sklearn: no net of this library has the output activation {mlp.out_activation_!r}; known: identity, "
            f"softmax, logistic. Was the model fitted with loss='poisson'?"
        )
    return (_scaling(before), mlp)


def _scaling(before: list[Any]) -> dict[str, Any]:
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    scaler = before[0] if len(before) == 1 else None
    if isinstance(scaler, StandardScaler):
        given = {"center": scaler.mean_ if scaler.with_mean else None, "scale": scaler.scale_}
        return {name: value for name, value in given.items() if value is not None}
    if isinstance(scaler, MinMaxScaler) and not scaler.clip:
        return {"center": -scaler.min_ / scaler.scale_, "scale": 1 / scaler.scale_}
    if before:
        names = ", ".join(type(step).__name__ for step in before)
        raise SettingError(
            f"from_sklearn: before the perceptron there must be one StandardScaler or MinMaxScaler (without clip), or "
            f"nothing; came {names}. Take the last step alone, and transform the rows yourself."
        )
    return {}


def _folded(weights: list[np.ndarray], biases: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Layers with nothing between them as one layer."""
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:]):
        W, b = W @ next_W, b @ next_W + next_b
    return [W], [b]
