"""Which k? Cross-validation: every row is predicted once from rows of other folds, for all k from one search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import SettingError
from chainrule.core.numbers import whole
from chainrule.core.streams import key, permutation
from chainrule.neighbors.fast import Trained
from chainrule.neighbors.knn import KNN
from chainrule.neighbors.rows import MEMORY_MB
from chainrule.neighbors.search import neighbors
from chainrule.neighbors.vote import check_k, votes_by_k

KS = (1, 3, 5, 8, 10, 12, 15, 20, 50, 100)  # the courses' own


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Accuracies of every k on every fold.

    Attributes:
        ks: the numbers of neighbours.
        accuracy: (len(ks), folds) share of the fold's rows that the other folds predict.
    """

    ks: tuple[int, ...]
    accuracy: np.ndarray

    @property
    def best_k(self) -> int:
        """The k with the highest mean accuracy; of equals the smallest."""
        means = self.accuracy.mean(axis=1)
        return min(k for k, mean in zip(self.ks, means) if mean == means.max())

    def table(self) -> list[dict[str, float]]:
        """A row for each k: "k", "mean", "std" (over the folds) and "fold1", "fold2", ..."""
        return [
            {
                "k": k,
                "mean": float(row.mean()),
                "std": float(row.std()),
                **{f"fold{i}": float(share) for i, share in enumerate(row, start=1)},
            }
            for k, row in zip(self.ks, self.accuracy)
        ]

    def __str__(self) -> str:
        lines = [f"{row['k']:>5}  {row['mean']:.4f} ± {row['std']:.4f}" for row in self.table()]
        return "\n".join(["    k  accuracy", *lines, f"best: k = {self.best_k}"])


def cross_validate(
    X: Any,
    y: Any,
    *,
    ks: Sequence[int] = KS,
    folds: int = 5,
    norm: Any = "l2",
    weights: str = "uniform",
    seed: int = 0,
    memory_mb: float = MEMORY_MB,
) -> CrossValidation:
    """Measure every k by cross-validation.

    Args:
        X: (N, ...) rows.
        y: (N,) labels.
        ks: numbers of neighbours to try.
        folds: parts of the rows, each of which is predicted from all others; every class is spread evenly.
        norm, weights, memory_mb: as for `KNN`.
        seed: of the random parts.

    Raises:
        ArrayTypeError, ArrayError, DataError: rows and labels that do not fit.
        SettingError: a setting out of its range.

    Example:
        >>> cross_validate([[0], [1], [9], [8]], [0, 0, 1, 1], ks=[1], folds=2).best_k
        1
    """
    model = KNN(norm=norm, weights=weights, memory_mb=memory_mb).fit(X, y)
    return measure(model, *checked_plan("cross_validate", len(model.X), ks, folds, seed))


def checked_plan(owner: str, rows: int, ks: Any, folds: Any, seed: Any) -> tuple[tuple[int, ...], int, int]:
    """ks, folds and seed, fit for so many rows.

    Raises:
        ArrayTypeError, SettingError, ArrayError: a value out of its range.
    """
    folds, seed = whole(folds, "folds", owner=owner, least=2), whole(seed, "seed", owner=owner, least=0)
    if folds > rows:
        raise SettingError(f"{owner}: folds must be at most {rows}, the number of rows; came {folds}.")
    return check_ks(owner, ks, rows - -(-rows // folds)), folds, seed


def measure(
    model: KNN, ks: Sequence[int], folds: int, seed: int, *, tick: Callable[[int], Any] = lambda n: None
) -> CrossValidation:
    """Cross-validate on the rows of a fitted classifier; `tick` is told how many more distances are done."""
    part = fold_of(model.y, folds, seed)
    accuracy = np.empty((len(ks), folds))
    for fold in range(folds):
        held, rest = part == fold, part != fold
        dists, rows = neighbors(
            Trained.of(model.X[rest]), model.X[held], max(ks), model.norm, memory=model.memory, tick=tick
        )
        votes = votes_by_k(model.y[rest][rows], dists, ks, len(model.classes), model.weights)
        accuracy[:, fold] = [np.mean(labels == model.y[held]) for labels in votes]
    return CrossValidation(tuple(ks), accuracy)


def fold_of(labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each row, (N,) int64: the rows in random order, sorted by class, dealt out in turn."""
    order = permutation(key(seed, "folds"), len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    part = np.empty(len(labels), dtype=np.int64)
    part[order] = np.arange(len(labels)) % folds
    return part


def check_ks(owner: str, ks: Any, most: int) -> tuple[int, ...]:
    """Different numbers of neighbours, as given; a single number stands for a list of one.

    Raises:
        ArrayTypeError, ArrayError, SettingError: none, one that is no whole number from 1 to `most`, or one twice.
    """
    listed = [ks] if isinstance(ks, int) else ks
    if isinstance(listed, str | dict) or not isinstance(listed, Sequence | np.ndarray) or not len(listed):
        raise SettingError(f"{owner}: ks must be whole numbers such as [1, 3, 5]; came {ks!r:.60}.")
    checked = tuple(check_k(owner, k, most) for k in listed)
    if len(set(checked)) < len(checked):
        raise SettingError(f"{owner}: each k must be named once; ks is {list(checked)}.")
    return checked
