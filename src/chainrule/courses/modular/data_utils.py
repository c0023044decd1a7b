"""CIFAR-10 as the courses' notebooks get it: float64 arrays in official order, channels first or last."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError, DataError, SettingError
from chainrule.core.numbers import whole
from chainrule.core.paths import path_of
from chainrule.datasets import cifar10
from chainrule.datasets.batch_file import ROWS, parse_batch, read_batch
from chainrule.datasets.cifar10 import Layout

TRAIN_ROWS = 5 * ROWS
OnFile = Callable[[Path], Any] | None


def find_cifar10(course_folder: str | Path) -> tuple[Path, Layout]:
    """The folder with CIFAR-10's batches: the course's own place, $CIFAR10_DIR, $CHAINRULE_DATA, the cache, a download.

    Args:
        course_folder: where the course's hand-out keeps it, relative to the working directory.

    Raises:
        DataError: it is nowhere, and cannot be downloaded.
    """
    for place in (course_folder, os.environ.get("CIFAR10_DIR")):
        found = cifar10.locate(place) if place else None
        if found is not None:
            return found
    return cifar10.obtain()


def get_CIFAR10_data(
    num_training: int = 49000,
    num_validation: int = 1000,
    num_test: int = 1000,
    subtract_mean: bool = True,
    *,
    course_folder: str | Path = "datasets/cifar-10-batches-py",
    on_file: OnFile = None,
) -> dict[str, np.ndarray]:
    """CIFAR-10 as the modular courses train on it.

    Args:
        num_training: the first rows of the five training batches.
        num_validation: the rows after them.
        num_test: the first rows of the test batch.
        subtract_mean: whether the mean image of the training rows is subtracted from all three parts.
        course_folder: where the course keeps the batches; see `find_cifar10`.
        on_file: called with the path of each batch file before it is read.

    Returns:
        X_train, y_train, X_val, y_val, X_test, y_test, in this order: images (N, 3, 32, 32) float64, not scaled to 0..1,
        and labels (N,) int64.

    Raises:
        SettingError, ArrayTypeError: counts that are no whole numbers, or more rows than there are.
        DataError: the batches are nowhere to be found, truncated or damaged.
    """
    names = ("num_training", "num_validation", "num_test")
    counts = [
        whole(count, name, owner="get_CIFAR10_data", least=least)
        for name, count, least in zip(names, (num_training, num_validation, num_test), (1, 0, 0))
    ]
    if counts[0] + counts[1] > TRAIN_ROWS or counts[2] > ROWS:
        raise SettingError(
            f"get_CIFAR10_data: num_training + num_validation must be at most {TRAIN_ROWS} and num_test at most {ROWS}; "
            f"came {counts[0]} + {counts[1]} and {counts[2]}."
        )
    left_out = TRAIN_ROWS - counts[0] - counts[1]
    train, val, _, test = cifar10.read_parts(
        *find_cifar10(course_folder), (counts[0], counts[1], left_out, counts[2]), on_file=on_file
    )
    shift = train[0].mean(axis=0, dtype=np.float64) if subtract_mean else 0.0  # sums of whole numbers: exact
    data: dict[str, np.ndarray] = {}
    for name, (images, labels) in (("train", train), ("val", val), ("test", test)):
        data[f"X_{name}"] = np.subtract(images, shift, dtype=np.float64)
        data[f"y_{name}"] = labels
    return data


def load_CIFAR10(ROOT: str | Path, *, on_file: OnFile = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All of CIFAR-10 with channels last.

    Args:
        ROOT: the folder with the six batches. Where it has none, the other places of `find_cifar10` are looked through,
            and a line on standard error says which was taken.
        on_file: called with the path of each batch file before it is read.

    Returns:
        X_train (50000, 32, 32, 3) float64 from 0 to 255, y_train (50000,) int64, X_test (10000, 32, 32, 3), y_test (10000,).

    Raises:
        DataError: the batches are nowhere to be found, truncated or damaged.
    """
    root = path_of(ROOT, owner="load_CIFAR10", name="ROOT")
    folder, layout = find_cifar10(root)
    if folder not in (root.expanduser(), root.expanduser() / layout.folder):
        print(f"CIFAR-10 is not in {root}; read from {folder}.", file=sys.stderr)
    train, test = cifar10.read_parts(folder, layout, (TRAIN_ROWS, ROWS), on_file=on_file)
    return _channels_last(train[0]), train[1], _channels_last(test[0]), test[1]


def load_CIFAR_batch(filename: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """One batch file: images (10000, 32, 32, 3) float64 from 0 to 255, and labels (10000,) int64.

    Raises:
        DataError: missing, truncated, damaged, hostile, or not a CIFAR-10 batch.
    """
    batch = read_batch(path_of(filename, owner="load_CIFAR_batch", name="filename"))
    return _channels_last(batch.pixels.reshape(-1, *cifar10.IMAGE_SHAPE)), batch.labels


def load_pickle(f: Any) -> dict[str, Any]:
    """A CIFAR-10 batch from an open file, as a dict; nothing that the file names is imported or called.

    Args:
        f: a file opened with "rb", or a path.

    Returns:
        "data": (10000, 3072) uint8, channel by channel; "labels": list of 10000 ints.

    Raises:
        DataError: any other file. A pickle can run whatever code its writer put in, so no other is read.
        ArrayTypeError: `f` is no file.
    """
    is_path = isinstance(f, str | os.PathLike)
    content = None if is_path or not callable(getattr(f, "read", None)) else f.read()
    if not is_path and not isinstance(content, bytes):
        raise ArrayTypeError(f'load_pickle: f must be a file opened with open(path, "rb"), or a path; came {f!r:.60}.')
    try:
        batch = (
            read_batch(Path(f)) if content is None else parse_batch(content, name=str(getattr(f, "name", "the file")))
        )
    except DataError as error:
        raise DataError(
            f"{error} load_pickle reads CIFAR-10 batches alone: a pickle can run whatever code its writer put in, so no "
            f"other is opened. Keep arrays in .npz or .safetensors files instead."
        ) from error
    return {"data": batch.pixels, "labels": batch.labels.tolist()}


def _channels_last(images: np.ndarray) -> np.ndarray:
    """(N, 3, 32, 32) uint8 -> (N, 32, 32, 3) float64, rows before columns."""
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1), dtype=np.float64)
