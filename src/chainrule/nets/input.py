"""The input transform that a net owns: category codes to one-hot, then (x - center) / scale.

It is measured on the training rows once (`Dataset.input_transform`), applied wherever the net meets data, and saved
with the net, so that a new file is read as the training file was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.arrays import namespace
from chainrule.core.errors import ArrayError, ArrayTypeError, FileFormatError
from chainrule.core.rows import as_numbers, check_finite


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: as the file's header has it.
        categories: None for a numeric column; else the texts that may stand in it. A row holds the text's position
            here, and becomes one feature per category, 1 where it is the row's own and 0 elsewhere.
    """

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        """The number of features that the column becomes."""
        return 1 if self.categories is None else len(self.categories)


@dataclass(frozen=True, eq=False)
class Input:
    """How rows as stored become a net's features.

    Formula:
        features = (expand(x) - center) / scale

    Attributes:
        center: (D,) float64, subtracted from every row, in units of x; None for nothing.
        scale: (D,) or () float64, divided by, in units of x; None for 1.
        columns: the table's columns in order, where the rows come from one.
        classes: names of the classes, in the order of the labels; () for real-valued targets.
        target: name of the column that is predicted.

    Raises:
        ArrayError: centre, scale and columns that do not fit together, or hold NaN, infinities or a scale of 0.
    """

    center: np.ndarray | None = None
    scale: np.ndarray | None = None
    columns: tuple[Column, ...] | None = None
    classes: tuple[str, ...] = ()
    target: str | None = None

    def __post_init__(self):
        for name, ndims in (("center", (1,)), ("scale", (0, 1))):
            given = getattr(self, name)
            if given is not None:
                values = np.array(as_numbers("Input", name, given), dtype=np.float64)
                if values.ndim not in ndims or not np.isfinite(values).all():
                    raise ArrayError(
                        f"Input: {name} must be finite, shape (D,){' or ()' * (0 in ndims)}; came {given!r}."
                    )
                values.flags.writeable = False
                object.__setattr__(self, name, values)
        if self.scale is not None and not (self.scale > 0).all():
            raise ArrayError("Input: scale must be positive everywhere; a constant feature has scale 1.")
        sizes = {len(a) for a in (self.center, self.scale) if a is not None and a.ndim}
        if self.columns is not None:
            object.__setattr__(self, "columns", tuple(self.columns))
            sizes.add(sum(column.width for column in self.columns))
        if len(sizes) > 1:
            raise ArrayError(
                f"Input: center, scale and columns speak of different numbers of features: {sorted(sizes)}."
            )
        object.__setattr__(self, "classes", tuple(self.classes))

    @property
    def is_empty(self) -> bool:
        """Whether rows are only flattened and cast (class names and the target's name may still be known)."""
        return self.center is None and self.scale is None and self.columns is None

    @property
    def has_categories(self) -> bool:
        """Whether some column becomes one-hot features."""
        return any(column.categories is not None for column in self.columns or ())

    @property
    def num_features(self) -> int | None:
        """The number of features that come out, or None where any number passes."""
        if self.columns is not None:
            return sum(column.width for column in self.columns)
        sized = [len(a) for a in (self.center, self.scale) if a is not None and a.ndim]
        return sized[0] if sized else None

    def dim_from(self, shape: tuple[int, ...]) -> int:
        """The number of features that a row of this shape becomes: (3, 32, 32) -> 3072.

        Raises:
            ArrayError: rows of that shape are not what the transform was measured on.
        """
        given = int(np.prod(shape, dtype=np.int64))
        wanted = len(self.columns) if self.columns is not None else self.num_features
        if wanted is not None and given != wanted:
            names = f" ({_some([c.name for c in self.columns])})" if self.columns is not None else ""
            raise ArrayError(
                f"net.input: each row of X has {given} values but the net was given data with {wanted}{names}. "
                f"Pass the same columns in the same order, or build a new net for this data."
            )
        return given if self.num_features is None else self.num_features

    def apply(self, X: Any, dtype: Any) -> Any:
        """The features of rows as stored; X is left as it is.

        Args:
            X: (N, ...) numbers: uint8 images, a float matrix, codes of a table. Where the transform is empty, an
                array of any namespace.
            dtype: float32 or float64, what the net computes in (a name or a dtype). Bytes are transformed in it, wider
                numbers in their own precision before they are cast.

        Returns:
            (N, D) of `dtype`.

        Raises:
            ArrayTypeError: X is no array of real numbers.
            ArrayError: no rows, another number of features, NaN or infinite entries, a code of no category.
        """
        X = as_numbers("net.input", "X", X)
        if X.ndim < 2 or 0 in X.shape:
            hint = " For a single row pass X[None]." if X.ndim == 1 else ""
            raise ArrayError(
                f"net.input: X must hold rows, shape (N, D) or (N, ...); came shape {tuple(X.shape)}.{hint}"
            )
        features = self.dim_from(tuple(X.shape[1:]))
        if not isinstance(X, np.ndarray):
            return self._cast(X, dtype)
        rows = X.reshape(len(X), -1)
        dtype = np.dtype(dtype)
        # a table's large numbers lose their differences in float32, so they are centred first; bytes are exact in it
        work = dtype if self.is_empty else np.result_type(rows.dtype, dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            expanded = self._expand(rows, features, work) if self.has_categories else rows
            out = expanded.astype(work, copy=expanded is rows and not self.is_empty)
            if self.center is not None:
                out -= self.center.astype(work)
            if self.scale is not None:
                out /= self.scale.astype(work)
            out = out.astype(dtype, copy=False)
        if rows.dtype.kind == "f" and not np.isfinite(out).all():
            raise _not_finite(rows, dtype)
        return out

    def _cast(self, X: Any, dtype: Any) -> Any:
        if not self.is_empty:
            raise ArrayTypeError(
                f"net.input: X must be a NumPy array where the net has an input transform; came {type(X).__name__}. "
                f"Pass X.numpy()."
            )
        xp = namespace(X)
        return xp.astype(xp.reshape(X, (X.shape[0], -1)), getattr(xp, str(np.dtype(dtype))), copy=False)

    def _expand(self, rows: np.ndarray, features: int, dtype: np.dtype) -> np.ndarray:
        """Categories become one-hot, numbers stay."""
        out = np.zeros((len(rows), features), dtype)
        position = 0
        for j, column in enumerate(self.columns or ()):
            if column.categories is None:
                out[:, position] = rows[:, j]
            else:
                codes = rows[:, j]
                if not ((codes >= 0) & (codes < column.width) & (codes == np.floor(codes))).all():
                    raise ArrayError(
                        f"net.input: column {column.name!r} holds a number that is no category's position; its "
                        f"{column.width} categories are coded 0 to {column.width - 1}. Read new rows with read_rows."
                    )
                out[np.arange(len(rows)), position + codes.astype(np.intp)] = 1
            position += column.width
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays to save with the net, by name."""
        return {name: a for name, a in (("center", self.center), ("scale", self.scale)) if a is not None}

    def describe(self) -> dict[str, Any]:
        """All but the arrays, as JSON can hold it; `Input.restore(arrays, description)` is the way back."""
        columns = None
        if self.columns is not None:
            columns = [
                {"name": c.name, "categories": None if c.categories is None else list(c.categories)}
                for c in self.columns
            ]
        return {"columns": columns, "classes": list(self.classes), "target": self.target}

    @classmethod
    def restore(cls, arrays: Mapping[str, np.ndarray], description: Mapping[str, Any]) -> "Input":
        """The transform that `arrays()` and `describe()` came from.

        Raises:
            FileFormatError: something is missing, unknown or of the wrong kind.
        """
        try:
            _require(set(arrays) <= {"center", "scale"}, f"unknown arrays {sorted(map(str, set(arrays)))}")
            for name, array in arrays.items():
                _require(isinstance(array, np.ndarray) and array.dtype == np.float64, f"{name} must be a float64 array")
            _require(isinstance(description, Mapping), "the description must be a mapping")
            _require(set(description) == {"columns", "classes", "target"}, f"keys {sorted(map(str, description))}")
            target = description["target"]
            _require(target is None or isinstance(target, str), "target must be a text or nothing")
            columns = description["columns"]
            return cls(
                center=arrays.get("center"),
                scale=arrays.get("scale"),
                columns=None if columns is None else tuple(_column(c) for c in _list(columns, "columns")),
                classes=_texts(description["classes"], "classes"),
                target=target,
            )
        except (ArrayError, ArrayTypeError) as error:
            raise FileFormatError(f"the saved input transform cannot be used: {error}") from error


def _not_finite(rows: np.ndarray, dtype: np.dtype) -> ArrayError:
    """The error for rows whose features are not finite: they were not, or became so in the net's dtype."""
    try:
        check_finite("net.input", "X", rows)
    except ArrayError as error:
        return error
    return ArrayError(
        f"net.input: X holds numbers too large for {dtype}; scale them, or build the net with dtype='float64'."
    )


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise FileFormatError(f"the saved input transform is damaged or foreign: {rule}.")


def _list(value: Any, name: str) -> list:
    _require(isinstance(value, (list, tuple)), f"{name} must be a list")
    return list(value)


def _texts(value: Any, name: str) -> tuple[str, ...]:
    texts = _list(value, name)
    _require(all(isinstance(text, str) for text in texts), f"{name} must hold texts alone")
    _require(len(set(texts)) == len(texts), f"{name} holds a text twice")
    return tuple(texts)


def _column(value: Any) -> Column:
    _require(
        isinstance(value, Mapping) and set(value) == {"name", "categories"}, "a column needs a name and categories"
    )
    _require(isinstance(value["name"], str), "a column's name must be a text")
    categories = value["categories"]
    if categories is None:
        return Column(value["name"])
    texts = _texts(categories, "categories")
    _require(len(texts) > 0, f"column {value['name']!r} has no categories")
    return Column(value["name"], texts)


def _some(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
