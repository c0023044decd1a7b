"""A model that watches the Solver that trains it: which rows came, with which parameters, and what was answered."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FEATURES, CLASSES = 4, 3
VALIDATION = 2.0  # the first feature is from -1 to 1 in training rows, from 2 to 4 in validation rows


@dataclass(eq=False)
class Step:
    """One training call.

    Attributes:
        rows: numbers of the training rows that came; -1 for what is none.
        labelled: whether every row came with its own label.
        params: all parameters before it, as one vector.
        loss, grads: what was answered.
        scored: rows scored between it and the next one: of the training and of the validation set.
        after: the parameters with which rows were scored last.
    """

    rows: np.ndarray
    labelled: bool
    params: np.ndarray
    loss: float
    grads: np.ndarray
    scored: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    after: np.ndarray | None = None


class Probe:
    """A softmax regression that keeps a list of its steps.

    Args:
        data: X_train, y_train, X_val, y_val, as `draw_data` makes them.
    """

    def __init__(self, data: dict[str, np.ndarray]) -> None:
        self.data = data
        self.steps: list[Step] = []

    def answer(self, X: Any, y: Any, params: dict[str, Any]) -> Any:
        """What `model.loss` gives: scores, or the loss and a dict of gradients."""
        X, vector = np.array(X, dtype=np.float64), flat(params)
        if y is None:
            if self.steps:
                of_train, of_val = self.steps[-1].scored
                (of_val if np.all(X[:, 0] >= VALIDATION) else of_train).extend(self._places(X))
                self.steps[-1].after = vector
            return scores(vector, X)
        y = np.array(y)
        loss, grads = loss_and_gradient(vector, X, y)
        rows = self._places(X)
        labelled = y.shape == rows.shape and bool(np.all(self.data["y_train"][rows] == y))
        self.steps.append(Step(rows, labelled, vector, loss, grads))
        return loss, named(grads)

    def _places(self, X: np.ndarray) -> np.ndarray:
        """The numbers of rows, by their first feature."""
        val = bool(np.all(X[:, 0] >= VALIDATION))
        count = len(self.data["y_val" if val else "y_train"])
        places = (X[:, 0] + (1 - (VALIDATION + 1 if val else 0))) * count / 2 - 0.5
        whole = np.rint(places)
        known = (np.abs(places - whole) < 0.1) & (whole >= 0) & (whole < count)
        return np.where(known, whole, -1).astype(np.int64)


def draw_data(rng: np.random.Generator, rows: int, val_rows: int) -> dict[str, np.ndarray]:
    """Rows that can be told by their first feature, and labels that nobody can learn, so that accuracies go up and down."""
    data: dict[str, np.ndarray] = {}
    for name, count, least in (("train", rows, -1.0), ("val", val_rows, VALIDATION)):
        X = rng.standard_normal((count, FEATURES))
        X[:, 0] = least + (np.arange(count) + 0.5) * 2 / count
        data |= {f"X_{name}": X, f"y_{name}": rng.integers(0, CLASSES, count)}
    return data


def flat(params: dict[str, Any]) -> np.ndarray:
    """W and b as one vector."""
    W, b = np.array(params["W"], dtype=np.float64), np.array(params["b"], dtype=np.float64)
    if W.shape != (FEATURES, CLASSES) or b.shape != (CLASSES,):
        raise ValueError(f"W and b must keep their shapes; came {W.shape} and {b.shape}")
    return np.concatenate([W.ravel(), b])


def named(vector: np.ndarray) -> dict[str, np.ndarray]:
    """A vector as W and b."""
    return {"W": vector[:-CLASSES].reshape(FEATURES, CLASSES).copy(), "b": vector[-CLASSES:].copy()}


def scores(vector: np.ndarray, X: np.ndarray) -> np.ndarray:
    """(N, C)."""
    params = named(vector)
    return X @ params["W"] + params["b"]


def accuracy(vector: np.ndarray, X: np.ndarray, y: np.ndarray) -> float:
    """The share of rows whose highest score is their label's."""
    return float(np.mean(np.argmax(scores(vector, X), axis=1) == y)) if len(y) else np.nan


def loss_and_gradient(vector: np.ndarray, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The softmax loss and its gradient by all parameters."""
    made = scores(vector, X)
    with np.errstate(all="ignore"):
        p = np.exp(made - made.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = float(-np.mean(np.log(p[np.arange(len(y)), y])))
    p[np.arange(len(y)), y] -= 1
    p /= len(y)
    return loss, np.concatenate([(X.T @ p).ravel(), p.sum(axis=0)])
