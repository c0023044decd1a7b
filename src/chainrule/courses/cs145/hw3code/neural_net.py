"""CS145's two-layer net: affine, ReLU, affine, and half the mean squared distance from one-hot labels."""

from typing import Any

import numpy as np

from chainrule.core.numbers import whole
from chainrule.core.threads import single_blas_thread
from chainrule.courses.modular.checks import labels, number, rows
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.nets import chain
from chainrule.nets.chain import Stage

__all__ = ["TwoLayerNet", "np"]

STAGES = [
    Stage("affine1", LAYERS["affine"], ("W1", "b1")),
    Stage("relu1", LAYERS["relu"]),
    Stage("affine2", LAYERS["affine"], ("W2", "b2")),
]
PRINT_EVERY = 100


class TwoLayerNet:
    """A net with one hidden layer whose weights lie as (outputs, inputs).

    Args:
        input_size: D, features of a row.
        hidden_size: H, hidden units.
        output_size: C, classes.
        std: standard deviation of the weights, drawn from NumPy's global generator, W1 first.

    Attributes:
        params: W1 (H, D), b1 (H,), W2 (C, H), b2 (C,), float64; the only truth: they may be assigned or changed in place.

    Raises:
        ArrayTypeError, SettingError: sizes that are no whole numbers from 1, or a negative std.
    """

    def __init__(self, input_size: int, hidden_size: int, output_size: int, std: float = 1e-4) -> None:
        D, H, C = (
            whole(size, name, owner="TwoLayerNet")
            for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("output_size", output_size))
        )
        std = number("TwoLayerNet", "std", std, least=0)
        self.params: dict[str, np.ndarray] = {}
        self.params["W1"] = std * np.random.randn(H, D)
        self.params["b1"] = np.zeros(H)
        self.params["W2"] = std * np.random.randn(C, H)
        self.params["b2"] = np.zeros(C)

    def loss(self, X: Any, y: Any = None, reg: float = 0.0) -> Any:
        """Scores, or the loss and its gradients.

        Formula:
            scores = maximum(0, X @ W1.T + b1) @ W2.T + b2
            loss = sum((scores - one_hot(y))**2) / (2 * N) + 0.5 * reg * (sum(W1**2) + sum(W2**2))

        Args:
            X: (N, D).
            y: None, or (N,) labels.
            reg: strength of the penalty.

        Returns:
            Without y: scores (N, C). With y: the loss, and a dict with the gradient by every entry of `params`.

        Raises:
            ArrayError, ArrayTypeError, SettingError: rows, labels or a number that do not fit.
        """
        X = self._rows("loss", X)
        if y is None:
            return self._forward(X)[0]
        y = labels("TwoLayerNet.loss", y, len(X), classes=len(self.params["b2"]))
        return self._loss(X, y, number("TwoLayerNet.loss", "reg", reg, least=0))

    @single_blas_thread()  # as the courses' Solver
    def train(
        self,
        X: Any,
        y: Any,
        X_val: Any,
        y_val: Any,
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 0.95,
        reg: float = 1e-5,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> dict[str, list[Any]]:
        """Plain gradient steps on batches drawn with replacement from NumPy's global generator.

        Args:
            X, y: training rows (N, D) and labels (N,).
            X_val, y_val: validation rows and labels.
            learning_rate: the step, in units of a parameter per unit of its gradient.
            learning_rate_decay: what the learning rate is multiplied by after every accuracy check.
            reg: strength of the penalty.
            num_iters: number of steps.
            batch_size: rows of a step, also where there are fewer rows than that.
            verbose: print the loss every 100 steps.

        Returns:
            loss_history (one a step); train_acc_history (on the step's batch) and val_acc_history, one a check: after
            every step whose number is a multiple of max(N / batch_size, 1), which need not be a whole number.

        Raises:
            ArrayError, ArrayTypeError, SettingError: rows, labels or numbers that do not fit.
        """
        classes = len(self.params["b2"])
        X, X_val = self._rows("train", X), self._rows("train", X_val, "X_val")
        y = labels("TwoLayerNet.train", y, len(X), classes=classes)
        y_val = labels("TwoLayerNet.train", y_val, len(X_val), name="y_val", of="X_val", classes=classes)
        learning_rate = number("TwoLayerNet.train", "learning_rate", learning_rate, least=0)
        decay = number("TwoLayerNet.train", "learning_rate_decay", learning_rate_decay, least=0)
        reg = number("TwoLayerNet.train", "reg", reg, least=0)
        num_iters = whole(num_iters, "num_iters", owner="TwoLayerNet.train", least=0)
        batch_size = whole(batch_size, "batch_size", owner="TwoLayerNet.train")
        iterations_per_epoch = max(len(X) / batch_size, 1)
        history: dict[str, list[Any]] = {"loss_history": [], "train_acc_history": [], "val_acc_history": []}
        for it in range(num_iters):
            batch = np.random.choice(len(X), batch_size)
            loss, grads = self._loss(X[batch], y[batch], reg)
            history["loss_history"].append(loss)
            for name, gradient in grads.items():
                self.params[name] -= learning_rate * gradient
            if verbose and it % PRINT_EVERY == 0:
                print(f"iteration {it} / {num_iters}: loss {loss}")
            if it % iterations_per_epoch == 0:
                history["train_acc_history"].append(np.mean(self.predict(X[batch]) == y[batch]))
                history["val_acc_history"].append(np.mean(self.predict(X_val) == y_val))
                learning_rate *= decay
        return history

    def predict(self, X: Any) -> np.ndarray:
        """The class with the highest score, (N,) int64."""
        return np.argmax(self._forward(self._rows("predict", X))[0], axis=1)

    def _rows(self, owner: str, X: Any, name: str = "X") -> np.ndarray:
        return rows(f"TwoLayerNet.{owner}", X, name=name, columns=self.params["W1"].shape[1], fixed_by="W1").astype(
            np.float64, copy=False
        )

    def _forward(self, X: np.ndarray) -> tuple[np.ndarray, list[tuple]]:
        """Scores and caches: the library's chain takes each W as (inputs, outputs)."""
        outputs, caches = chain.forward(STAGES, {name: value.T for name, value in self.params.items()}, X, {})
        return outputs[-1], caches

    def _loss(self, X: np.ndarray, y: np.ndarray, reg: float) -> tuple[Any, dict[str, np.ndarray]]:
        scores, caches = self._forward(X)
        loss, cache = LOSSES["mse"].forward(scores, y)
        _, transposed = chain.backward(STAGES, caches, LOSSES["mse"].backward(cache))
        grads = {name: transposed[name].T for name in self.params}
        for name in ("W1", "W2"):
            W = self.params[name]
            loss = loss + 0.5 * reg * np.sum(W * W)
            grads[name] = grads[name] + reg * W
        return loss, grads
