"""The estimators under the names and arguments of scikit-learn's own multilayer perceptron.

Only words are translated here; what these classes do is what the library's estimators do. Where scikit-learn's tests say
"lbfgs" because any solver will do that fits well, Adam with small batches, a high rate and many epochs stands for it.
"""

from typing import Any

import numpy as np

import chainrule as cr

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "logistic": "sigmoid"}
INIT = {"kind": "xavier", "distribution": "uniform"}


class NotOfferedError(Exception):
    """An argument that only scikit-learn's own has."""


def translated(kind: Any, *, hidden_layer_sizes=(100,), activation="relu", solver="adam", alpha=1e-4, batch_size="auto",
               learning_rate="constant", learning_rate_init=1e-3, max_iter=200, shuffle=True, random_state=None,
               tol=1e-4, verbose=False, warm_start=False, momentum=0.9, early_stopping=False, validation_fraction=0.1,
               n_iter_no_change=10) -> dict[str, Any]:  # fmt: skip
    """The arguments of the library's estimators. `tol` has no meaning there: only early stopping ends a training."""
    for name, value, known in (
        ("activation", activation, ACTIVATIONS), ("solver", solver, ("adam", "sgd", "lbfgs")), ("shuffle", shuffle, (True,)),
        ("learning_rate", learning_rate, ("constant",)), ("n_iter_no_change", n_iter_no_change < np.inf, (True,)),
    ):  # fmt: skip
        if value not in known:
            raise NotOfferedError(f"{name}={value!r}")
    rows = 200 if batch_size == "auto" else batch_size
    if solver == "sgd":
        rule = "nesterov" if momentum else "sgd"
        options = {"momentum": momentum} if momentum else {}
    else:
        rule, options = "adam", {}
    if solver == "lbfgs":
        rows, learning_rate_init, max_iter = 20, 1e-2, 3 * max_iter
    sizes = [hidden_layer_sizes] if isinstance(hidden_layer_sizes, int) else list(hidden_layer_sizes)
    return {
        "hidden_dims": sizes, "activation": ACTIVATIONS[activation], "rule": rule, "options": options,
        "reg": float(alpha) / rows, "init": INIT, "batch_size": rows, "lr": learning_rate_init, "epochs": max_iter,
        "random_state": random_state, "verbose": verbose, "warm_start": warm_start,
        "validation_fraction": validation_fraction if early_stopping else None,
        "early_stopping": n_iter_no_change if early_stopping else None,
    }  # fmt: skip


class Words:
    """Attributes by the names that scikit-learn has for them."""

    def __init__(self, hidden_layer_sizes=(100,), **given):
        self.max_iter, self.verbose_ = given.get("max_iter", 200), given.get("verbose", False)
        super().__init__(**translated(type(self), hidden_layer_sizes=hidden_layer_sizes, **given))

    def set_params(self, **given):
        words = {"max_iter": "epochs"}
        for name, value in given.items():
            setattr(self, words[name], value)
        return self

    @property
    def coefs_(self):
        return [value for name, value in self.net_.params.items() if name.startswith("W")]

    @property
    def intercepts_(self):
        return [value for name, value in self.net_.params.items() if name.startswith("b")]

    @property
    def best_loss_(self):
        return None if self.early_stopping is not None else min(self.loss_curve_)


class MLPClassifier(Words, cr.FullyConnectedClassifier):
    """`FullyConnectedClassifier` in scikit-learn's words."""


class MLPRegressor(Words, cr.FullyConnectedRegressor):
    """`FullyConnectedRegressor` in scikit-learn's words."""
