"""Data sets: handwritten digits, CIFAR-10, tables and arrays, split and ready for a net."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainrule.core.errors import ArrayTypeError, DataError, SettingError, choose
from chainrule.datasets import arrays, cifar10, columns, digits
from chainrule.datasets.dataset import Dataset
from chainrule.datasets.rows import SUFFIXES, read_rows
from chainrule.datasets.splits import check_count
from chainrule.datasets.tables import read_csv, read_parquet

__all__ = ["SOURCES", "Dataset", "Source", "load_data", "read_rows"]


@dataclass(frozen=True)
class Source:
    """A row of `SOURCES`.

    Attributes:
        name: as users write it.
        load: gives the whole data set.
        options: which of load_data's options `load` takes.
        about: one line for people.
        rows: training, validation and test rows.
        features: of a row.
        download: bytes to fetch where it is not there; 0 for what comes with the library.
    """

    name: str
    load: Callable[..., Dataset]
    options: tuple[str, ...]
    about: str
    rows: tuple[int, int, int]
    features: int
    download: int = 0


SOURCES = {
    "digits": Source(
        "digits", digits.load, ("split_seed",),
        "handwritten digits, 8 x 8 pixels, 10 classes; comes with the library", (1437, 180, 180), 64,
    ),
    "cifar10": Source(
        "cifar10", cifar10.load, ("folder", "download", "progress"),
        "CIFAR-10: photographs, 32 x 32 pixels in colour, 10 classes", cifar10.SIZES, 3072, cifar10.PYTHON.remote.size,
    ),
}  # fmt: skip


def load_data(
    source: Any = "digits",
    *,
    target: str | int | None = None,
    task: str | None = None,
    impute: str | float | None = None,
    num_train: int | None = None,
    num_val: int | None = None,
    num_test: int | None = None,
    split_seed: int = 0,
    folder: str | Path | None = None,
    download: bool = True,
    progress: bool = True,
) -> Dataset:
    """Load a data set, split into training, validation and test rows.

    Args:
        source: "digits"; "cifar10"; the path of a .csv, .parquet, .npz or .npy file; a pair (X, y); a dict of arrays
            X_train, y_train, X_val, ... (used as they are, never centred); or a Dataset.
        target: for files, the column (or array) to predict; a column number for .npy.
        task: "classification" or "regression", where the target leaves it open. Texts and whole numbers are classes,
            other numbers are real targets.
        impute: for tables, what stands for a missing number: "mean", "median", "most_frequent" (of the training rows)
            or a number; a missing text becomes its column's most frequent one. None refuses missing values.
        num_train, num_val, num_test: keep only the first so many rows of a part: `num_test=1000` gives CIFAR-10's test
            rows of the courses.
        split_seed: of the 80/10/10 split (of digits, files and pairs); every class is split in proportion.
        folder: where CIFAR-10 is, or shall be put; else $CHAINRULE_DATA, else the user's cache.
        download: fetch CIFAR-10 where it is not there.
        progress: show a progress bar while downloading.

    Returns:
        The data set, as stored: images stay uint8. `input_transform()` says how a net reads it.

    Raises:
        DataError: a file that is missing, damaged, hostile, or a table with missing values.
        SettingError: an unknown source, column or option value, more rows than there are.
        ArrayError, ArrayTypeError: arrays of wrong shape, or of no real numbers.

    Example:
        >>> load_data("digits").X_train.shape
        (1437, 64)
    """
    options = {"split_seed": split_seed, "folder": folder, "download": download, "progress": progress}
    if isinstance(split_seed, bool) or not isinstance(split_seed, int):
        raise SettingError(f"load_data: split_seed must be a whole number; came {split_seed!r}.")
    if isinstance(source, (str, Path)):
        data = _named(source, options, target=target, task=task, impute=impute)
    else:
        _no_meaning(f"a {type(source).__name__}", target=target, impute=impute)
        made = source if isinstance(source, Dataset) else arrays.from_source(source, task=task, split_seed=split_seed)
        if made is None:
            raise ArrayTypeError(
                f"load_data: a name ({', '.join(SOURCES)}), a path, a pair (X, y), a dict of arrays or a Dataset is "
                f"wanted; came {type(source).__name__}."
            )
        data = made
    return _first_rows(data, {"train": num_train, "val": num_val, "test": num_test})


def _named(source: str | Path, options: dict[str, Any], *, target: Any, task: str | None, impute: Any) -> Dataset:
    """What a name or a path stands for."""
    path = Path(source).expanduser()
    if isinstance(source, str) and source in SOURCES:
        _no_meaning(source, target=target, impute=impute, task=task)
        row = SOURCES[source]
        return row.load(**{name: options[name] for name in row.options})
    if path.suffix.lower() not in SUFFIXES:
        if path.exists():
            kinds = (
                "a folder; CIFAR-10 is load_data('cifar10', folder=...)" if path.is_dir() else "of no kind that is read"
            )
            raise DataError(f"{path} is {kinds}. Files end in {', '.join(SUFFIXES)}.")
        choose(str(source), SOURCES, what=f"data set (and no file ending in {', '.join(SUFFIXES)})")
    seed = options["split_seed"]
    if path.suffix.lower() in (".npz", ".npy"):
        return arrays.from_numpy_file(path, target=target, task=task, impute=impute, split_seed=seed)
    table = read_csv(path) if path.suffix.lower() == ".csv" else read_parquet(path)
    return columns.build(table, name=path.name, target=target, task=task, impute=impute, split_seed=seed)


def _no_meaning(what: str, **options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise SettingError(f"load_data: {name}= has no meaning for {what}; leave it out.")


def _first_rows(data: Dataset, counts: dict[str, int | None]) -> Dataset:
    """The first rows of each part, copied where that leaves rows out, so that the whole need not stay in memory."""
    cut: dict[str, Any] = {}
    for part, count in counts.items():
        if count is None:
            continue
        if f"X_{part}" not in data:
            raise SettingError(f"load_data: num_{part}= was given, but there is no X_{part}.")
        X, y = data[f"X_{part}"], data[f"y_{part}"]
        count = check_count(f"num_{part}", count, len(X))
        if count < len(X):
            cut |= {f"X_{part}": X[:count].copy(), f"y_{part}": y[:count].copy()}
    return replace(data, **cut) if cut else data
