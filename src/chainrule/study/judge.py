"""How a trained net does on rows it has not seen: accuracy, confusions, and its most confident mistakes."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers
from chainrule.losses import softmax
from chainrule.nets.net import Net
from chainrule.study.classification import Calibration, ClassFigures, by_class, calibration
from chainrule.training.evaluation import evaluate

WORST = 12  # mistakes shown


@dataclass(frozen=True)
class Judgement:
    """A net's figures on some rows.

    Attributes:
        score: accuracy, or R² for real targets.
        loss: mean over the rows, without regularization.
        rows: how many there were.
        classes: names, () for real targets.
        confusion: (C, C), true classes down, predicted ones across; None for real targets.
        worst: the mistakes with the highest confidence: row, true, predicted, confidence (softmax of the scores), image.
        by_class: precision, recall and F1 of every class; empty for real targets.
        calibration: whether confidence means what it says; None but for the softmax loss.
    """

    score: float
    loss: float
    rows: int
    classes: tuple[str, ...]
    confusion: np.ndarray | None
    worst: list[dict[str, Any]]
    by_class: list[ClassFigures] = field(default_factory=list)
    calibration: Calibration | None = None

    def page(self) -> dict[str, Any]:
        """What the report's page takes."""
        found: dict[str, Any] = {"accuracy": self.score, "worst": self.worst}
        if self.confusion is not None:
            found |= {"confusion": self.confusion, "classes": list(self.classes)}
        return found

    def describe(self) -> dict[str, Any]:
        """The figures as plain numbers and texts."""
        metric = "accuracy" if self.confusion is not None else "r2"
        return {
            metric: self.score,
            "loss": self.loss,
            "rows": self.rows,
            "classes": list(self.classes),
            "confusion": None if self.confusion is None else self.confusion.tolist(),
            "by_class": [asdict(row) for row in self.by_class],
            "calibration": None if self.calibration is None else self.calibration.describe(),
            "worst": [{name: value for name, value in row.items() if name != "image"} for row in self.worst],
        }


def judge(net: Net, X: Any, y: Any, *, image_shape: tuple[int, ...] | None = None) -> Judgement:
    """Evaluate a net on rows as stored.

    Args:
        net: a trained net.
        X, y: (N, ...) rows and their labels or targets.
        image_shape: of a row, where rows are images that the mistakes should show.

    Raises:
        ArrayError, ArrayTypeError: rows and targets that do not fit the net, each other or the shape of an image.
        SettingError: `net` is none.
    """
    if not isinstance(net, Net):
        raise SettingError(f"judge: net must be a net of this library; came {type(net).__name__}.")
    X, y = as_numbers("judge", "X", X), as_numbers("judge", "y", y)
    if X.ndim < 2 or y.ndim < 1 or 0 in X.shape or len(X) != len(y):
        raise ArrayError(f"judge: X must hold rows, and y one label for each; came shapes {X.shape} and {y.shape}.")
    net.prepared(X[:1], y[:1])
    _check_shape(image_shape, X[0].size)
    found = evaluate(net, X, y)
    if y.ndim != 1:
        return Judgement(found.score, found.loss, len(X), (), None, [])
    classes = net.input.classes or tuple(str(label) for label in range(net.num_classes))
    with np.errstate(all="ignore"):
        confidence = softmax.probabilities(found.scores).max(axis=1)
    predicted = found.scores.argmax(axis=1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (y, predicted), 1)
    wrong = np.flatnonzero(predicted != y)
    order = wrong[np.argsort(-np.nan_to_num(confidence[wrong]), kind="stable")][:WORST]
    worst = [
        {
            "row": int(i),
            "true": classes[y[i]],
            "predicted": classes[predicted[i]],
            "confidence": float(confidence[i]),
            "image": picture(X[i], image_shape),
        }
        for i in order
    ]
    calibrated = None
    if net.loss_name == "softmax" and np.isfinite(confidence).all():
        calibrated = calibration(np.asarray(confidence, dtype=np.float64), predicted == y)
    return Judgement(
        found.score, found.loss, len(X), tuple(classes), confusion, worst,
        by_class=by_class(confusion, tuple(classes)), calibration=calibrated,
    )  # fmt: skip


def _check_shape(shape: Any, size: int) -> None:
    if shape is None:
        return
    if not isinstance(shape, list | tuple):
        raise ArrayError(f"judge: image_shape must be (h, w) or (3, h, w); came {shape!r}.")
    sides = [whole(side, "each size in image_shape", owner="judge") for side in shape]
    if len(sides) not in (2, 3) or math.prod(sides) != size:
        raise ArrayError(f"judge: image_shape must be that of a row's {size} numbers; came {shape!r}.")


def picture(row: np.ndarray, image_shape: tuple[int, ...] | None) -> np.ndarray | None:
    """A stored row as (h, w) or (h, w, 3) uint8, stretched to the full range of greys where it does not use it."""
    if image_shape is None:
        return None
    image = np.asarray(row, dtype=np.float64).reshape(image_shape)
    if image.ndim == 3:
        image = image.transpose(1, 2, 0)
    top = 255.0 if image.max() > 64 else max(float(image.max()), 1.0)
    return np.clip(image * 255.0 / top, 0, 255).astype(np.uint8)
