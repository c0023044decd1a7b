"""Linear classifiers trained by stochastic gradient descent: LinearSVM and Softmax."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.numbers import whole
from chainrule.core.threads import single_blas_thread
from chainrule.courses.modular.checks import labels, number, rows
from chainrule.courses.modular.linear_loss import Result
from chainrule.courses.modular.linear_svm import svm_loss_vectorized
from chainrule.courses.modular.softmax import softmax_loss_vectorized

__all__ = ["LinearClassifier", "LinearSVM", "Softmax", "np"]

PRINT_EVERY = 100
SCALE = 0.001  # standard deviation of the first weights


class LinearClassifier:
    """Scores X @ W; a subclass says which loss is trained.

    Attributes:
        W: (D, C) weights, drawn by the first `train`; None before.
    """

    def __init__(self) -> None:
        self.W: Any = None

    @single_blas_thread()  # as the courses' Solver
    def train(
        self,
        X: Any,
        y: Any,
        learning_rate: float = 1e-3,
        reg: float = 1e-5,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> list[Any]:
        """Stochastic gradient descent; a second call goes on with the weights of the first.

        Weights and batches are drawn from NumPy's global generator, batches with replacement.

        Args:
            X: (N, D).
            y: (N,) labels.
            learning_rate: the step, in units of W per unit of gradient.
            reg: strength of the penalty reg * sum(W * W).
            num_iters: number of steps.
            batch_size: rows of a step.
            verbose: print the loss every 100 steps.

        Returns:
            The loss of every step.

        Raises:
            ArrayError, ArrayTypeError, SettingError: shapes or types that do not fit together.
        """
        owner = type(self).__name__ + ".train"
        X = rows(owner, X, columns=None if self.W is None else self.W.shape[0], fixed_by="W")
        y = labels(owner, y, len(X), classes=None if self.W is None else self.W.shape[1])
        learning_rate = number(owner, "learning_rate", learning_rate, least=0)
        reg = number(owner, "reg", reg, least=0)
        num_iters = whole(num_iters, "num_iters", owner=owner, least=0)
        batch_size = whole(batch_size, "batch_size", owner=owner)
        if self.W is None:
            self.W = SCALE * np.random.randn(X.shape[1], int(y.max()) + 1)
        losses = []
        for it in range(num_iters):
            batch = np.random.choice(len(X), batch_size)
            loss, grad = self.loss(X[batch], y[batch], reg)
            losses.append(loss)
            self.W -= learning_rate * grad
            if verbose and it % PRINT_EVERY == 0:
                print("iteration %d / %d: loss %f" % (it, num_iters, loss))  # noqa: UP031
        return losses

    def predict(self, X: Any) -> np.ndarray:
        """The class with the highest score, (N,) int64.

        Raises:
            ArrayError: nothing was trained yet, or X does not fit the weights.
        """
        owner = type(self).__name__ + ".predict"
        if self.W is None:
            raise ArrayError(f"{owner}: there are no weights yet; train(X, y) must come first.")
        return np.argmax(rows(owner, X, columns=self.W.shape[0], fixed_by="W") @ self.W, axis=1)

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Result:
        """The loss and its gradient by W; for a subclass to say."""
        raise NotImplementedError(f"{type(self).__name__} has no loss; use LinearSVM or Softmax.")


class LinearSVM(LinearClassifier):
    """A linear classifier with the multi-class hinge loss."""

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Result:
        """Loss and dW (D, C); see `svm_loss_vectorized`."""
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """A linear classifier with the cross-entropy loss."""

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Result:
        """Loss and dW (D, C); see `softmax_loss_vectorized`."""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
