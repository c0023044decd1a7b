"""A data set: rows for training, validation and test, as stored, with what is known of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, DataError, choose
from chainrule.core.rows import as_numbers, check_finite
from chainrule.core.shapes import as_integers, check_labels
from chainrule.datasets.moments import mean_and_variance
from chainrule.nets.input import Column, Input

PARTS = ("train", "val", "test")
KEYS = tuple(f"{letter}_{part}" for part in PARTS for letter in "Xy")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows as stored (images stay uint8), their labels, and how a net reads them.

    Attributes:
        name: of the source.
        X_train, X_val, X_test: (N, ...) arrays; None where there is no such part (training is always there).
        y_train, y_val, y_test: (N,) int64 labels from 0, or (N, C) float64 targets.
        classes: names of the classes in the order of the labels; () for real-valued targets.
        columns: of a table, else None. A column of texts holds the position of each text in its `categories`.
        image_shape: (8, 8) or (3, 32, 32) where rows are images, else None.
        target: the column that is predicted, where the data came from a table.
        measured: whether `input_transform` centres and scales; false for plain dicts of arrays, used as they are.

    Raises:
        ArrayError: rows and labels of different number, no training rows, parts of different shapes.
    """

    name: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray | None = None
    y_val: np.ndarray | None = None
    X_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    columns: tuple[Column, ...] | None = None
    image_shape: tuple[int, ...] | None = None
    target: str | None = None
    measured: bool = True

    def __post_init__(self):
        for part in PARTS:
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            if (X is None) != (y is None) or (X is None and part == "train"):
                raise ArrayError(f"{self.name}: X_{part} and y_{part} must both be given; one alone means nothing.")
            if X is None:
                continue
            X, y = rows_of(self.name, f"X_{part}", X), rows_of(self.name, f"y_{part}", y)
            vars(self).update({f"X_{part}": X, f"y_{part}": y})  # lists have become arrays
            if X.ndim < 2 or 0 in X.shape:
                raise ArrayError(
                    f"{self.name}: X_{part} must hold rows, shape (N, D) or (N, ...); came shape {X.shape}."
                    + (f" For one feature pass X_{part}[:, None]." if X.ndim == 1 else "")
                )
            if len(X) != (len(y) if y.ndim else 0):
                raise ArrayError(
                    f"{self.name}: X_{part} has {len(X)} rows but y_{part} has shape {y.shape}; one label a row."
                )
            if X.shape[1:] != self.X_train.shape[1:]:
                raise ArrayError(
                    f"{self.name}: rows of X_{part} have shape {X.shape[1:]}, rows of X_train {self.X_train.shape[1:]}."
                )
            self._check_targets(f"y_{part}", y)

    def _check_targets(self, name: str, y: np.ndarray) -> None:
        """Labels of the classes where there are any, else real numbers."""
        if self.classes:
            as_integers(self.name, name, y)
            if y.ndim != 1:
                raise ArrayError(f"{self.name}: {name} has shape {y.shape}; labels must be (N,), one a row.")
            check_labels(self.name, name, y, len(self.classes))
        elif y.ndim != 2:
            raise ArrayError(
                f"{self.name}: {name} has shape {y.shape}; real targets must be (N, C), one row a row of X."
            )

    def keys(self) -> tuple[str, ...]:
        """The names of the arrays: X_train, y_train, X_val, ..."""
        return tuple(key for key in KEYS if getattr(self, key) is not None)

    def __getitem__(self, key: str) -> np.ndarray:
        return getattr(self, choose(key, self.keys(), what="part of the data"))

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    @property
    def num_classes(self) -> int:
        """The number of scores a net needs: classes, or columns of the real-valued target."""
        return len(self.classes) if self.classes else self.y_train.shape[1]

    @property
    def input_dim(self) -> int:
        """The number of features after the input transform."""
        shape = self.X_train.shape[1:]
        if self.columns is not None:
            return sum(column.width for column in self.columns)
        return int(np.prod(shape))

    def input_transform(self) -> Input:
        """The transform that a net of this data owns, measured on the training rows (once).

        Images (uint8): the centre is the mean image, the scale one number, the standard deviation of all centred
        training pixels. Other data: mean and standard deviation of every column; constant columns have scale 1, and
        the features of a category stay 0 and 1.

        Raises:
            DataError: numbers so large that no standard deviation exists.
        """
        return self._input

    @cached_property
    def _input(self) -> Input:
        plain = Input(columns=self.columns, classes=self.classes, target=self.target)
        if not self.measured:
            return plain
        mean, var = mean_and_variance(self.X_train)
        if self.X_train.dtype == np.uint8:
            return replace(plain, center=mean, scale=np.array(np.sqrt(var.mean()) or 1.0))
        std = np.sqrt(var)
        if not np.isfinite(std).all():
            wrong = int(np.argmin(np.isfinite(std)))
            raise DataError(f"{self.name}: column {wrong} holds numbers too large to standardize.")
        std[std == 0] = 1
        return replace(plain, center=self._spread(mean, 0.0), scale=self._spread(std, 1.0))

    def _spread(self, values: np.ndarray, of_category: float) -> np.ndarray:
        """One value a column -> one value a feature; the features of categories get `of_category`."""
        if self.columns is None:
            return values
        parts = [
            np.full(column.width, value if column.categories is None else of_category)
            for column, value in zip(self.columns, values)
        ]
        return np.concatenate(parts)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that the data set holds, as first asked for: arrays, shapes, dtypes, classes and columns."""
        digest = hashlib.sha256(repr((self.classes, self.columns, self.target, self.measured)).encode())
        for key in self.keys():
            array = self[key]
            digest.update(f"{key} {array.shape} {array.dtype.str}".encode())
            rows = max(1, (1 << 24) // max(1, array[:1].nbytes))
            for start in range(0, len(array), rows):
                digest.update(np.ascontiguousarray(array[start : start + rows]).data)
        return digest.hexdigest()

    def describe(self) -> dict[str, Any]:
        """What the data set is, as plain numbers and texts: for reports and JSON."""
        return {
            "name": self.name,
            "task": "classification" if self.classes else "regression",
            "rows": {part: len(self[f"X_{part}"]) for part in PARTS if f"X_{part}" in self},
            "input_dim": self.input_dim,
            "num_classes": self.num_classes,
            "classes": list(self.classes),
            "target": self.target,
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "dtype": str(self.X_train.dtype),
            "columns": None if self.columns is None else Input(columns=self.columns).describe()["columns"],
            "class_counts": self._class_counts(),
            "bytes": sum(self[key].nbytes for key in self.keys()),
        }

    def _class_counts(self) -> dict[str, dict[str, int]] | None:
        if not self.classes:
            return None
        counts = {p: np.bincount(self[f"y_{p}"], minlength=self.num_classes) for p in PARTS if f"y_{p}" in self}
        return {part: dict(zip(self.classes, map(int, row))) for part, row in counts.items()}

    def __repr__(self) -> str:
        names = {"train": "training", "val": "validation", "test": "test"}
        rows = ", ".join(f"{len(self[f'X_{p}']):,} {names[p]}" for p in PARTS if f"X_{p}" in self)
        shape = " x ".join(map(str, self.image_shape)) + " pixels" if self.image_shape else f"{self.input_dim} features"
        what = (
            f"{len(self.classes)} classes ({some(self.classes)})"
            if self.classes
            else f"{self.num_classes} real targets"
        )
        return f"<Dataset {self.name}: {rows} rows of {shape} ({self.X_train.dtype}), {what}>"


def some(names: Any, most: int = 10) -> str:
    """The first names, and dots where there are more."""
    texts = [str(name) for name in names]
    return ", ".join(texts[:most]) + (", ..." if len(texts) > most else "")


def rows_of(owner: str, name: str, X: Any) -> np.ndarray:
    """X as a NumPy array of finite numbers, with no copy where it is one."""
    array = as_numbers(owner, name, X)
    if not isinstance(array, np.ndarray):
        array = np.asarray(array)
    check_finite(owner, name, array)
    return array
