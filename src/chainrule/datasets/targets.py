"""Targets: class labels with their names, or real numbers."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, DataError, choose
from chainrule.datasets.dataset import rows_of, some

TASKS = ("classification", "regression")
MANY = 20  # different whole numbers up to which nobody doubts that they are classes


def code(values: Any, *, task: str | None, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and class names of a target, or real targets and no names.

    Where `task` says nothing: texts, truth values and whole numbers are classes, other numbers are real targets.

    Args:
        values: (N,) texts or numbers; (N, C) floats for several real targets.
        task: "classification", "regression" or None.
        name: of the target, for errors.

    Returns:
        y: (N,) int64 labels from 0, or (N, C) float64.
        classes: names in the order of the labels (numbers in numeric order, texts alphabetically), or ().

    Raises:
        ArrayError: one-hot rows, or an array of other shape.
        DataError: a target that fits no task, or about which the user has to decide.
    """
    if task is not None:
        choose(task, TASKS, what="task")
    texts = as_texts(values)
    if texts is not None:
        if task == "regression":
            raise DataError(f"{name}: texts such as {texts[0]!r} are no real targets; leave task='regression' out.")
        return _labels(texts, [str(text) for text in np.unique(texts)])
    numbers = rows_of(name, "y", values)
    if numbers.ndim not in (1, 2) or numbers.size == 0:
        raise ArrayError(f"{name}: y must have shape (N,), or (N, C) for real targets; came {numbers.shape}.")
    real = task == "regression" or (task is None and not is_whole(numbers))
    if real:
        y = numbers.astype(np.float64)
        return (y[:, None] if y.ndim == 1 else y), ()
    return _classes(numbers, task, name)


def is_whole(numbers: np.ndarray) -> bool:
    """Whether all are whole numbers, whatever the dtype."""
    return numbers.dtype.kind in "bui" or bool((numbers == np.floor(numbers)).all())


def _classes(numbers: np.ndarray, task: str | None, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if numbers.ndim != 1:
        one_hot = numbers.shape[1] > 1 and bool((np.sort(numbers, axis=1)[:, -1] == 1).all())
        fix = "y.argmax(axis=1) turns one-hot rows into labels" if one_hot else "y.ravel() makes it flat"
        raise ArrayError(
            f"{name}: class labels have shape (N,); came {numbers.shape}. "
            f"{fix if one_hot or numbers.shape[1] == 1 else 'One label a row'}; task='regression' keeps real targets."
        )
    if not is_whole(numbers):
        raise DataError(f"{name}: class labels are whole numbers or texts; came {numbers[numbers % 1 != 0][0]}.")
    known = np.unique(numbers)
    if task is None and len(known) > max(MANY, len(numbers) // 2):
        raise DataError(
            f"{name}: {len(known)} different whole numbers in {len(numbers)} rows may be classes or quantities. "
            f"Say which: task='regression', or task='classification'."
        )
    names = [str(bool(v)) if numbers.dtype.kind == "b" else str(int(v)) for v in known]
    return np.searchsorted(known, numbers).astype(np.int64), tuple(names)


def _labels(texts: np.ndarray, names: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    return np.searchsorted(np.array(names, dtype=texts.dtype), texts).astype(np.int64), tuple(names)


def as_texts(values: Any) -> np.ndarray | None:
    """The values as an array of texts, where they are texts."""
    try:
        array = np.asarray(values)
    except ValueError:
        return None
    if array.dtype == object and array.ndim == 1 and array.size and all(isinstance(v, str) for v in array):
        array = array.astype(np.dtypes.StringDType())
    return array if array.dtype.kind in "UT" and array.ndim == 1 and array.size else None


def lookup(values: Any, classes: tuple[str, ...], *, name: str) -> np.ndarray:
    """The labels of new rows, by the names of classes that are known.

    Raises:
        DataError: a value that is no known class.
    """
    texts = as_texts(values)
    if texts is None:
        numbers = rows_of(name, "y", values)
        if numbers.dtype.kind == "b":
            texts = np.array([str(bool(v)) for v in numbers])
        else:
            texts = np.array([str(int(v)) if v == np.floor(v) else repr(float(v)) for v in numbers.ravel()])
    positions = {label: i for i, label in enumerate(classes)}
    unknown = sorted({str(text) for text in texts} - set(positions))
    if unknown:
        raise DataError(f"{name}: unknown class {some(unknown, 3)}; the net knows {some(classes)}.")
    return np.array([positions[str(text)] for text in texts], dtype=np.int64)
