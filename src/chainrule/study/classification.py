"""How good a classifier is, class by class, and whether its confidence means what it says."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

BINS = 10  # of confidences, equally wide


@dataclass(frozen=True)
class ClassFigures:
    """One class's figures; NaN where nothing is there to divide by.

    Attributes:
        name: of the class.
        rows: that are of it.
        precision: of the rows predicted to be of it, the share that are.
        recall: of its rows, the share that were found.
        f1: 2 / (1 / precision + 1 / recall), their harmonic mean.
        taken_for: the class that its other rows were most often taken for; None where all were found.
        taken: how often.
    """

    name: str
    rows: int
    precision: float
    recall: float
    f1: float
    taken_for: str | None
    taken: int


def by_class(confusion: np.ndarray, classes: tuple[str, ...]) -> list[ClassFigures]:
    """Figures of every class from a confusion matrix (C, C), true classes down.

    Formula:
        precision = diag / column sums, recall = diag / row sums, f1 = 2 * diag / (column sums + row sums)
    """
    right, true, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    found = []
    for i, name in enumerate(classes):
        others = confusion[i].copy()
        others[i] = 0
        most = int(others.argmax())
        found.append(
            ClassFigures(
                name,
                int(true[i]),
                _share(right[i], predicted[i]),
                _share(right[i], true[i]),
                _share(2 * right[i], true[i] + predicted[i]),
                classes[most] if others[most] else None,
                int(others[most]),
            )
        )
    return found


def _share(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else float("nan")


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence and truth, in ten groups of rows of like confidence; empty groups are left out.

    Attributes:
        confidence: (B,) mean confidence of each group's predictions.
        accuracy: (B,) share of them that were right; equal to the confidence where probabilities mean what they say.
        rows: (B,) of each group.
        error: the mean over all rows of |accuracy - confidence| of their group (expected calibration error).
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    rows: np.ndarray
    error: float

    def describe(self) -> dict[str, Any]:
        """The figures as plain numbers."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(self).items()
        }


def calibration(confidence: np.ndarray, right: np.ndarray) -> Calibration:
    """Compare the confidence of predictions, (N,) from 0 to 1, with whether they were right, (N,).

    Source: Guo et al., On Calibration of Modern Neural Networks, 2017, eqs. 1 to 3.
    """
    group = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = np.bincount(group, minlength=BINS)
    there = rows > 0
    sums = [np.bincount(group, values, minlength=BINS)[there] for values in (confidence, right)]
    means = [total / rows[there] for total in sums]
    error = float(np.sum(np.abs(means[1] - means[0]) * rows[there]) / len(confidence))
    return Calibration(means[0], means[1], rows[there], error)
