"""Rows of a new file, read as a net's training file was."""

from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import DataError, SettingError, choose
from chainrule.datasets import columns, targets
from chainrule.datasets.arrays import pair_in, read_arrays
from chainrule.datasets.dataset import rows_of, some
from chainrule.datasets.tables import Table, from_arrays, read_csv, read_parquet
from chainrule.nets.input import Column, Input

SUFFIXES = (".csv", ".parquet", ".npz", ".npy")


def read_rows(path: str | Path, like: Input, *, impute: Any = None) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows of a file, in the columns and codes that a saved net knows.

    Args:
        path: .csv, .parquet, .npz or .npy.
        like: the net's input transform (`net.input`).
        impute: "mean" (the training rows' own, which the net has) or a number for missing numbers; None refuses them.

    Returns:
        X: (N, ...) as `like.apply` takes it.
        y: (N,) int64 labels or (N, 1) float64 targets; None where the file has no target column.

    Raises:
        DataError: missing or extra columns, unknown categories or classes, missing values, a damaged file.
    """
    path = Path(path)
    suffix = choose(path.suffix.lower(), SUFFIXES, what=f"kind of file {path.name};")
    if suffix == ".npz" and like.columns is None:
        return _from_pair(read_arrays(path), like, path)
    table = _table(path, suffix, like)
    y = None
    if like.target is not None and like.target in table:
        y = _target(table.pop(like.target), like, path)
    known = like.columns or tuple(Column(name) for name in table)
    _same_columns(table, known, path)
    X = columns.matrix(table, known, path.name)
    if impute is not None:
        _fill(X, known, like, impute)
    columns.refuse_missing(X, known, path.name, 'Fill numbers with impute="mean" or a number, or remove those rows.')
    return X, y


def _table(path: Path, suffix: str, like: Input) -> Table:
    """The columns of any kind of file; what was text in training is text again, even where it looks like numbers."""
    texts = {c.name for c in like.columns or () if c.categories is not None}
    if suffix == ".csv":
        table = read_csv(path, texts=texts)
    elif suffix == ".parquet":
        table = read_parquet(path)
    else:
        table = from_arrays(read_arrays(path), path)
    for name in texts & set(table):
        table[name] = _as_texts(table[name])
    return table


def _as_texts(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return values
    out = np.empty(len(values), dtype=object)
    out[:] = [None if v != v else str(int(v)) if v == np.floor(v) else repr(float(v)) for v in values]
    return out


def _same_columns(table: Table, known: tuple[Column, ...], path: Path) -> None:
    names = [column.name for column in known]
    missing, extra = [n for n in names if n not in table], [n for n in table if n not in names]
    if missing or extra:
        said = [
            f"{what} {some(map(repr, which), 5)}" for what, which in (("missing:", missing), ("extra:", extra)) if which
        ]
        raise DataError(
            f"{path}: its columns are not those that the net was trained on ({'; '.join(said)}). "
            f"The net reads {some(names)}, in any order."
        )
    for column in known:
        if column.categories is None and table[column.name].dtype == object:
            example = next(value for value in (*table[column.name], None) if value is None or not _is_number(value))
            raise DataError(f"{path}: column {column.name!r} must hold numbers; found {example!r}.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _target(values: np.ndarray, like: Input, path: Path) -> np.ndarray:
    name = f"{path.name}, column {like.target!r}"
    gone = int(columns.is_missing(values).sum())
    if gone:
        raise DataError(
            f"{name}: the target is missing in {gone} of {len(values)} rows; remove those rows, or the column."
        )
    return _coded(values, like, name)


def _coded(values: Any, like: Input, name: str) -> np.ndarray:
    if like.classes:
        return targets.lookup(values, like.classes, name=name)
    return targets.code(values, task="regression", name=name)[0]


def _fill(X: np.ndarray, known: tuple[Column, ...], like: Input, impute: Any) -> None:
    """Missing numbers become the training mean or a number; a missing text stays missing."""
    columns.check_impute(impute)
    if isinstance(impute, str) and (impute != "mean" or like.center is None):
        raise SettingError(
            f"a saved net knows the training rows' means alone: impute='mean' or a number; came {impute!r}."
        )
    position = 0
    for j, column in enumerate(known):
        if column.categories is None:
            value = like.center[position] if isinstance(impute, str) else impute  # type: ignore[index]
            X[np.isnan(X[:, j]), j] = value
        position += column.width


def _from_pair(arrays: dict[str, np.ndarray], like: Input, path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """X, and y where it is there, of an .npz file without columns."""
    pair = pair_in(arrays, like.target)
    if pair is None:
        alone = [name for name in ("X", "x", "data") if name in arrays]
        if not alone:
            raise DataError(f"{path}: an array X was expected; found {some(arrays)}.")
        return rows_of(path.name, alone[0], arrays[alone[0]]), None
    X = rows_of(path.name, pair[0], arrays[pair[0]])
    return X, _coded(arrays[pair[1]], like, f"{path.name}, array {pair[1]!r}")
