"""From neighbours to labels: which are the nearest, and what they vote for."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers, check_finite

MOST_CLASSES = 1 << 20  # a column of votes for each: more are no classes


def nearest(dists: np.ndarray, k: int) -> np.ndarray:
    """The k nearest of each row, nearest first; equal distances in the order of the columns: (N, M) -> (N, k) int64."""
    found = np.empty((len(dists), k), dtype=np.int64)
    for row, own in zip(dists, found):
        within = np.flatnonzero(row <= np.partition(row, k - 1)[k - 1])
        own[:] = within[np.argsort(row[within], kind="stable")[:k]]
    return found


def tally(labels: np.ndarray, classes: int, distances: np.ndarray | None = None) -> np.ndarray:
    """Votes by class: (N, k) labels -> (N, classes) float64.

    Args:
        labels: of the neighbours, from 0.
        classes: how many there are.
        distances: (N, k); a vote then counts 1 / distance, and where a neighbour is at distance 0, those alone count.
    """
    weights = np.ones(labels.shape)
    if distances is not None:
        same = distances == 0
        nearest_first = np.where(same, 1, distances)
        nearest_first = nearest_first.min(axis=1, keepdims=True) / nearest_first  # at most 1: no overflow
        weights = np.where(same.any(axis=1, keepdims=True), same, nearest_first)
    cells = labels + classes * np.arange(len(labels))[:, None]
    return np.bincount(cells.ravel(), weights.ravel(), minlength=len(labels) * classes).reshape(-1, classes)


def vote(labels: Any, *, classes: int | None = None, distances: Any = None) -> np.ndarray:
    """The label that most neighbours have; of equally many, the smallest label.

    Args:
        labels: (N, k) integer labels of the neighbours, from 0.
        classes: how many classes there are; where None, the largest label says it.
        distances: (N, k) distances of the neighbours, where near ones shall count more (1 / distance; where a neighbour
            is at distance 0, those alone count); None counts all alike.

    Returns:
        (N,) int64.

    Raises:
        ArrayTypeError, ArrayError: no integer labels of that shape, labels out of range, distances that do not fit.
        SettingError: `classes` is no whole number of at least 1.

    Example:
        >>> vote([[2, 1, 2], [3, 0, 1]])
        array([2, 0])
    """
    labels = as_numbers("vote", "labels", labels)
    labels = check_labels("vote", np.asarray(labels), 2, classes, "(N, k), a row of neighbours' labels for each query")
    if distances is not None:
        distances = _real("vote", "distances", distances)
        if distances.shape != labels.shape or distances.min() < 0:
            raise ArrayError(
                f"vote: distances has shape {distances.shape} and its least is {distances.min(initial=0):g}; they must "
                f"be at least 0 and have the shape of labels, {labels.shape}."
            )
    return tally(labels, int(labels.max()) + 1, distances).argmax(axis=1)


def predict_labels(dists: Any, y: Any, k: int = 1) -> np.ndarray:
    """Labels of queries from their distances to all training rows: the vote of the k nearest.

    Args:
        dists: (N, M) distances, as `distances` gives them.
        y: (M,) integer labels of the training rows, from 0.
        k: neighbours that vote, 1 to M. Of equal distances the smaller column is nearer; of equal votes the smallest
            label wins.

    Returns:
        (N,) int64.

    Raises:
        ArrayTypeError, ArrayError: arrays of other types, shapes or lengths.
        SettingError: k is no whole number from 1 to M.

    Example:
        >>> predict_labels([[0.5, 0.1, 0.3]], [2, 1, 0], k=3)
        array([0])
    """
    dists = _real("predict_labels", "dists", dists)
    if dists.ndim != 2 or 0 in dists.shape:
        raise ArrayError(f"predict_labels: dists must have shape (N, M), a row for each query; came {dists.shape}.")
    y = check_labels("predict_labels", np.asarray(as_numbers("predict_labels", "y", y)), 1, None, "(M,)", name="y")
    if len(y) != dists.shape[1]:
        hint = " Did you pass dists.T?" if len(y) == dists.shape[0] else ""
        raise ArrayError(
            f"predict_labels: y has shape {y.shape} and dists {dists.shape}; y must have one label for each column "
            f"of dists.{hint}"
        )
    k = check_k("predict_labels", k, len(y))
    return tally(y[nearest(dists, k)], int(y.max()) + 1).argmax(axis=1)


def votes_by_k(
    labels: np.ndarray, distances: np.ndarray, ks: Sequence[int], classes: int, weights: str
) -> list[np.ndarray]:
    """What the first k neighbours vote for, (N,) each, for every k: labels and distances are (N, the largest k)."""
    near = weights == "distance"
    return [tally(labels[:, :k], classes, distances[:, :k] if near else None).argmax(axis=1) for k in ks]


def check_k(owner: str, k: Any, most: int | None = None) -> int:
    """k as a Python int from 1 to the number of training rows, where that is known.

    Raises:
        ArrayTypeError, SettingError, ArrayError: something else.
    """
    k = whole(k, "k", owner=owner)
    if most is not None and k > most:
        raise ArrayError(f"{owner}: k must be at most {most}, the number of training rows; came {k}.")
    return k


def check_labels(
    owner: str, labels: np.ndarray, axes: int, classes: int | None, shape: str, *, name: str = "labels"
) -> np.ndarray:
    """Labels as int64: whole numbers from 0, below `classes` where that is given.

    Raises:
        ArrayTypeError, ArrayError: something else.
    """
    if labels.ndim != axes or not labels.size:
        raise ArrayError(f"{owner}: {name} must have shape {shape}; came {labels.shape}.")
    check_finite(owner, name, labels)
    if labels.dtype.kind not in "iu" and (labels != np.floor(labels)).any():
        raise ArrayTypeError(f"{owner}: {name} must be whole numbers; came {labels[labels % 1 != 0][0]}.")
    most = MOST_CLASSES if classes is None else whole(classes, "classes", owner=owner)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= most:
        raise ArrayError(
            f"{owner}: {name} holds the label {low if low < 0 else high}; labels must go from 0 to {most - 1}."
        )
    return labels.astype(np.int64)


def _real(owner: str, name: str, values: Any) -> np.ndarray:
    array = np.asarray(as_numbers(owner, name, values))
    check_finite(owner, name, array)
    return array.astype(np.float64, copy=False)
