"""Tables: the columns of a CSV or Parquet file, as numbers or texts, with what is missing marked."""

import csv
from collections.abc import Collection
from pathlib import Path

import numpy as np

from chainrule.core.errors import DataError, MissingExtraError
from chainrule.core.files import reading

Table = dict[
    str, np.ndarray
]  # by name: (N,) float64 with NaN where missing, or (N,) objects: str, or None where missing

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none"})  # how files write that a value is not known, in any case
CHUNK = 4096  # rows of a CSV file that are turned into numbers together


def read_csv(path: str | Path, texts: Collection[str] = ()) -> Table:
    """The columns of a CSV file with a header line: commas, UTF-8.

    A column is numeric if every cell that is not missing is a number.

    Args:
        path: the file.
        texts: columns to read as texts, even if all cells are numbers.

    Raises:
        DataError: missing, empty, not UTF-8, rows of different length, names that are empty or come twice.
    """
    table, late = _read_csv(path, set(texts))
    if late:  # columns that were numbers at first: read them again as texts
        table, _ = _read_csv(path, set(texts) | late)
    return table


def _read_csv(path: str | Path, texts: set[str]) -> tuple[Table, set[str]]:
    """One pass; also the names of columns that turned out to be texts after they had begun as numbers."""
    late: set[str] = set()
    with reading(path, DataError), open(path, encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, strict=True)
        try:
            names = _header(path, next(lines, []))
            parts: dict[str, list[np.ndarray]] = {name: [] for name in names}
            texts = set(texts)
            chunk: list[list[str]] = []
            for row in lines:
                if len(row) != len(names):
                    if not row:
                        continue
                    raise DataError(
                        f"{path}, line {lines.line_num}: {len(row)} cells, but the header has {len(names)}."
                    )
                chunk.append(row)
                if len(chunk) == CHUNK:
                    _add(parts, chunk, texts, late)
                    chunk.clear()
            if chunk:
                _add(parts, chunk, texts, late)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}, after line {lines.line_num}: it is no CSV text in UTF-8 ({error}).") from error
    if not parts[names[0]]:
        raise DataError(f"{path}: there is a header but no row.")
    return {name: np.concatenate(column) for name, column in parts.items() if name not in late}, late


def _header(path: str | Path, names: list[str]) -> list[str]:
    names = [name.strip() for name in names]
    check_names(path, names)
    return names


def check_names(path: str | Path, names: list[str]) -> None:
    """Fail where a table has no columns, or columns that cannot be told apart."""
    if not names:
        raise DataError(f"{path}: the file is empty; a table begins with a line of column names.")
    if "" in names:
        raise DataError(
            f"{path}: column {names.index('') + 1} has no name. Is it an index? Write the file without one."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: the column name {twice[0]!r} comes twice; names must differ.")


def _add(parts: dict[str, list[np.ndarray]], chunk: list[list[str]], texts: set[str], late: set[str]) -> None:
    for (name, column), cells in zip(parts.items(), zip(*chunk)):
        if name in late:
            continue
        if name not in texts:
            try:
                column.append(_numbers(cells))
                continue
            except ValueError:
                (late if column else texts).add(name)
        column.append(_texts(cells))


def _numbers(cells: tuple[str, ...]) -> np.ndarray:
    """Cells as float64.

    Raises:
        ValueError: a cell that is no number (Python's digit groups, 1_000, are none in a file).
    """
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        values = np.array([np.nan if is_missing(cell) else float(cell) for cell in cells])
    if any("_" in cell for cell in cells):
        raise ValueError("a digit group")
    return values


def _texts(cells: tuple[str, ...]) -> np.ndarray:
    known: dict[str, str | None] = {}  # equal cells share one text in memory
    out = np.empty(len(cells), dtype=object)
    out[:] = [known.setdefault(cell, None if is_missing(cell) else cell.strip()) for cell in cells]
    return out


def is_missing(cell: str) -> bool:
    """Whether a cell says that its value is not known."""
    return cell.strip().lower() in MISSING


def read_parquet(path: str | Path) -> Table:
    """The columns of a Parquet file: numbers and truth values as numbers, texts and categories as texts.

    Raises:
        DataError: missing, damaged, or with columns of other kinds (dates, lists).
        MissingExtraError: polars is not installed.
    """
    try:
        import polars as pl
    except ImportError as error:
        raise MissingExtraError('Parquet files need polars: pip install "chainrule[tables]".') from error
    with reading(path, DataError) as (stream, _):
        try:
            frame = pl.read_parquet(stream)
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            raise DataError(f"{path}: the file is damaged or no Parquet file ({error}).") from error
    check_names(path, frame.columns)
    if not frame.height:
        raise DataError(f"{path}: there are columns but no row.")
    return {column.name: _column(column, path, pl) for column in frame}


def _column(column, path, pl) -> np.ndarray:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).to_numpy().astype(np.float64)
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _texts_or_none(column.cast(pl.String).to_list())
    if column.dtype == pl.Null:
        return np.full(len(column), np.nan)
    raise DataError(
        f"{path}: column {column.name!r} holds {column.dtype}; numbers, truth values and texts are read. "
        f"Turn it into numbers, or leave it out."
    )


def _texts_or_none(cells: list[str | None]) -> np.ndarray:
    out = np.empty(len(cells), dtype=object)
    out[:] = [None if cell is None or is_missing(cell) else cell.strip() for cell in cells]
    return out


def from_arrays(arrays: dict[str, np.ndarray], path: str | Path) -> Table:
    """A table from arrays of one axis and one length, as an .npz file or a structured .npy array has them.

    Raises:
        DataError: arrays of several axes or different lengths, or of kinds that are no columns.
    """
    lengths = {name: len(array) for name, array in arrays.items() if array.ndim == 1}
    if len(lengths) < len(arrays) or len(set(lengths.values())) != 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise DataError(
            f"{path}: expected X and y, or X_train, y_train, ..., or columns of one length; found {shapes}. "
            f"Name the array to predict with target=."
        )
    return {name: _as_column(array, f"{path}, {name!r}") for name, array in arrays.items()}


def _as_column(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind in "buif":
        return array.astype(np.float64)
    if array.dtype.kind == "U":
        return _texts_or_none(array.tolist())
    raise DataError(f"{name}: a column of {array.dtype}; numbers, truth values and texts are read.")
