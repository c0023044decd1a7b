"""From a table's columns to a data set: the target apart, texts coded, what is missing filled or refused."""

from typing import Any

import numpy as np

from chainrule.core.errors import DataError, SettingError, choose
from chainrule.datasets import targets
from chainrule.datasets.dataset import Dataset, some
from chainrule.datasets.splits import split
from chainrule.datasets.tables import Table
from chainrule.nets.input import Column

STRATEGIES = ("mean", "median", "most_frequent")
MOST_CATEGORIES = 1000


def build(table: Table, *, name: str, target: Any, task: str | None, impute: Any, split_seed: int) -> Dataset:
    """A data set from a table.

    Args:
        table: columns by name.
        name: of the file, for errors and for the data set.
        target: the column to predict.
        task: "classification", "regression" or None (told from the target).
        impute: what stands for a missing value, see `fill`; None refuses missing values.
        split_seed: of the 80/10/10 split.

    Raises:
        SettingError: no such column, an unknown way to impute.
        DataError: missing values, columns that are neither numbers nor a few texts.
    """
    if target is None:
        raise SettingError(f"{name}: say which column to predict: target=NAME, one of {some(table)}.")
    target = choose(str(target), table, what=f"column of {name}")
    gone = int(is_missing(table[target]).sum())
    if gone:
        raise DataError(
            f"{name}: the target {target!r} is missing in {gone} of {len(table[target])} rows; remove those rows."
        )
    y, classes = targets.code(table[target], task=task, name=f"{name}, column {target!r}")
    features = {column: values for column, values in table.items() if column != target}
    if not features:
        raise DataError(f"{name}: beside the target {target!r} there is no column to predict it from.")
    columns = tuple(describe(column, values, name) for column, values in features.items())
    X = matrix(features, columns, name)
    train, val, test = split(len(y), y if classes else None, split_seed)
    if impute is None:
        refuse_missing(X, columns, name)
    else:
        fill(X, columns, train, impute, name)
    return Dataset(
        name,
        X_train=X[train], y_train=y[train],
        X_val=X[val], y_val=y[val],
        X_test=X[test], y_test=y[test],
        classes=classes, columns=columns, target=target,
    )  # fmt: skip


def is_missing(values: np.ndarray) -> np.ndarray:
    """Where a column has no value."""
    return np.isnan(values) if values.dtype != object else np.array([value is None for value in values])


def describe(column: str, values: np.ndarray, name: str) -> Column:
    """What a column is, with the categories of a text column in alphabetical order."""
    if values.dtype != object:
        return Column(column)
    categories = tuple(sorted({value for value in values if value is not None}))
    if len(categories) > min(MOST_CATEGORIES, max(20, len(values) // 2)):
        raise DataError(
            f"{name}: column {column!r} holds {len(categories)} different texts in {len(values)} rows, such "
            f"as {categories[0]!r}. If it is an identifier, remove it; if it holds numbers, correct the other cells."
        )
    return Column(column, categories or ("",))


def matrix(features: Table, columns: tuple[Column, ...], name: str) -> np.ndarray:
    """(N, columns) float64: numbers as they are, texts as positions in their column's categories, NaN where missing."""
    X = np.empty((len(next(iter(features.values()))), len(columns)))
    for j, column in enumerate(columns):
        values = features[column.name]
        if column.categories is None:
            X[:, j] = values
            wrong = int(np.isinf(X[:, j]).sum())
            if wrong:
                raise DataError(
                    f"{name}: column {column.name!r} is infinite in {wrong} rows; all numbers must be finite."
                )
        else:
            codes: dict[Any, float] = {text: i for i, text in enumerate(column.categories)}
            codes[None] = np.nan
            unknown = sorted(set(values) - set(codes), key=str)
            if unknown:
                raise DataError(
                    f"{name}: column {column.name!r} holds {some(map(repr, unknown), 3)}; "
                    f"the net knows {some(column.categories)}."
                )
            X[:, j] = [codes[value] for value in values]
    return X


def refuse_missing(X: np.ndarray, columns: tuple[Column, ...], name: str, offer: str = "") -> None:
    """Fail where values are missing, with the columns and how often, and what can be done."""
    counts = np.isnan(X).sum(axis=0)
    if counts.any():
        places = some([f"{columns[j].name!r} in {counts[j]}" for j in np.flatnonzero(counts)], 5)
        offer = offer or 'Fill them with impute="mean", "median", "most_frequent" or a number, or remove those rows.'
        raise DataError(f"{name}: values are missing: column {places} of {len(X)} rows. {offer}")


def check_impute(impute: Any) -> None:
    """Fail unless `impute` is a known word or a finite number."""
    if isinstance(impute, str):
        choose(impute, STRATEGIES, what="way to impute")
    elif isinstance(impute, bool) or not isinstance(impute, (int, float, np.number)) or not np.isfinite(impute):
        raise SettingError(f"impute must be one of {', '.join(STRATEGIES)} or a finite number; came {impute!r}.")


def fill(X: np.ndarray, columns: tuple[Column, ...], train: np.ndarray, impute: Any, name: str) -> None:
    """Put values where they are missing, in place, measured on the training rows alone.

    Numeric columns take their mean, median or most frequent value, or the number given; columns of texts always take
    their most frequent text (the first of equals), since a text has no mean.
    """
    check_impute(impute)
    for j, column in enumerate(columns):
        gone = np.isnan(X[:, j])
        if not gone.any():
            continue
        known = X[train, j]
        known = known[~np.isnan(known)]
        if not len(known):
            raise DataError(f"{name}: column {column.name!r} has no value in the training rows; remove the column.")
        if impute == "most_frequent" or column.categories is not None:
            values, counts = np.unique(known, return_counts=True)
            X[gone, j] = values[np.argmax(counts)]
        else:
            X[gone, j] = {"mean": np.mean(known), "median": np.median(known)}.get(impute, impute)
