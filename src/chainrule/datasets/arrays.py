"""Data sets from arrays in memory, and from NumPy's files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError, DataError, SettingError, choose
from chainrule.datasets import columns, targets
from chainrule.datasets.dataset import KEYS, Dataset, rows_of
from chainrule.datasets.numpy_files import read_npy, read_npz
from chainrule.datasets.splits import split
from chainrule.datasets.tables import from_arrays

PAIRS = (("X", "y"), ("x", "y"), ("data", "target"), ("data", "labels"))  # names that files give to rows and labels


def from_parts(arrays: Mapping[str, Any], *, name: str, task: str | None, measured: bool) -> Dataset:
    """A data set from arrays that are split already, X_train, y_train, X_val, ...; they are not copied.

    Args:
        arrays: by name; the training part must be there. Labels are whole numbers from 0 (or texts).
        name: for errors.
        task: "classification", "regression" or None (told from y_train).
        measured: whether the input transform centres and scales.
    """
    for key in arrays:
        choose(key, KEYS, what=f"array of {name}")
    if "X_train" not in arrays or "y_train" not in arrays:
        raise ArrayError(f"{name}: X_train and y_train are needed; came {', '.join(arrays) or 'nothing'}.")
    given = {key: rows_of(name, key, X) for key, X in arrays.items() if key.startswith("X")}
    ys = {key: arrays[key] for key in KEYS if key in arrays and key.startswith("y")}
    labels, classes = _labels(ys, task, name)
    first = given["X_train"]
    image_shape = _image_shape(first.dtype, first.shape[1:])
    return Dataset(name, classes=classes, measured=measured, image_shape=image_shape, **(given | labels))  # type: ignore[arg-type]


def _image_shape(dtype: np.dtype, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    return shape if dtype == np.uint8 and len(shape) > 1 else None


def _labels(ys: Mapping[str, Any], task: str | None, name: str) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Labels of all parts, whole numbers kept as they are; and the class names."""
    if any(targets.as_texts(y) is not None for y in ys.values()):
        y, classes = targets.code(np.concatenate([np.asarray(y) for y in ys.values()]), task=task, name=name)
        ends = np.cumsum([len(part) for part in ys.values()])[:-1]
        return dict(zip(ys, np.split(y, ends))), classes
    as_given = {key: rows_of(name, key, y) for key, y in ys.items()}
    real = task == "regression" or (task is None and not all(targets.is_whole(y) for y in as_given.values()))
    if real:
        coded = {key: targets.code(y, task="regression", name=f"{name}, {key}")[0] for key, y in as_given.items()}
        return coded, ()
    for key, y in as_given.items():
        targets.code(y, task="classification", name=f"{name}, {key}")
        if y.min() < 0:
            raise ArrayError(f"{name}: {key} holds the label {y.min()}; labels go from 0 to C - 1. Do they start at 1?")
    top = max(int(y.max()) for y in as_given.values())
    if top >= max(1000, sum(map(len, as_given.values()))):
        raise ArrayError(
            f"{name}: the label {top} means {top + 1} classes, more than rows. task='regression' keeps numbers."
        )
    classes = tuple(str(i) for i in range(top + 1))
    return {key: y.astype(np.int64, copy=False) for key, y in as_given.items()}, classes


def from_pair(X: Any, y: Any, *, name: str, task: str | None, split_seed: int, target: str | None = None) -> Dataset:
    """A data set from rows and labels, split 80/10/10; every class in proportion."""
    X = rows_of(name, "X", X)
    labels, classes = targets.code(y, task=task, name=name)
    if X.ndim < 2 or len(X) != len(labels):
        raise ArrayError(
            f"{name}: X must be (N, D) or (N, ...) with one row for each of the {len(labels)} entries of y; "
            f"came shape {X.shape}." + (" Did you pass (y, X)?" if X.ndim == 1 else "")
        )
    train, val, test = split(len(labels), labels if classes else None, split_seed)
    return Dataset(
        name,
        X_train=X[train], y_train=labels[train],
        X_val=X[val], y_val=labels[val],
        X_test=X[test], y_test=labels[test],
        classes=classes, target=target, image_shape=_image_shape(X.dtype, X.shape[1:]),
    )  # fmt: skip


def from_numpy_file(path: Path, *, target: Any, task: str | None, impute: Any, split_seed: int) -> Dataset:
    """A data set from an .npz file (X_train, y_train, ...; X and y; or columns) or an .npy file (a table)."""
    name, arrays = path.name, read_arrays(path)
    if "X_train" in arrays:
        _unused(name, target=target, impute=impute)
        return from_parts(arrays, name=name, task=task, measured=True)
    pair = pair_in(arrays, target)
    if pair is not None:
        _unused(name, impute=impute)
        X, y = pair
        return from_pair(arrays[X], arrays[y], name=name, task=task, split_seed=split_seed, target=y)
    table = from_arrays(arrays, path)
    if isinstance(target, (int, np.integer)) and target < 0:
        target = list(table)[target]
    return columns.build(table, name=name, target=target, task=task, impute=impute, split_seed=split_seed)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file; of an .npy file its columns, by field name or number."""
    if path.suffix.lower() == ".npz":
        return read_npz(path)
    array = read_npy(path)
    if array.dtype.names and array.ndim == 1:
        return {field: array[field] for field in array.dtype.names}
    if array.ndim != 2 or 0 in array.shape:
        raise DataError(
            f"{path}: an .npy file must hold a table, shape (N, columns); found {array.shape}. Use .npz for X and y."
        )
    return {str(j): array[:, j] for j in range(array.shape[1])}


def pair_in(arrays: Mapping[str, np.ndarray], target: Any) -> tuple[str, str] | None:
    """The names of rows and labels among a file's arrays, where it holds such a pair."""
    for X, y in PAIRS:
        if X in arrays and arrays[X].ndim > 1:
            y = y if target is None else str(target)
            if y in arrays:
                return X, y
    return None


def _unused(name: str, **options: Any) -> None:
    for option, value in options.items():
        if value is not None:
            raise SettingError(f"{name}: {option}= has no meaning for arrays that are not a table; leave it out.")


def from_source(source: Any, *, task: str | None, split_seed: int) -> Dataset | None:
    """A data set from what is no path: a pair (X, y), or a dict of arrays; None for anything else."""
    if isinstance(source, Mapping):
        return from_parts(source, name="arrays", task=task, measured=False)
    if isinstance(source, (tuple, list)):
        if len(source) != 2:
            raise ArrayTypeError(f"load_data: a pair (X, y) is wanted; came {len(source)} things.")
        return from_pair(*source, name="arrays", task=task, split_seed=split_seed)
    return None
