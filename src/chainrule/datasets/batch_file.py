"""CIFAR-10's Python batches, read as data: nothing that the file names is ever imported or called."""

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from chainrule.core.errors import DataError
from chainrule.core.files import reading
from chainrule.datasets import opcodes
from chainrule.datasets.stack_machine import Array, kind_of

ROWS, PIXELS = 10_000, 3 * 32 * 32  # of an official batch
STEPS = 10  # opcodes an image: a label, a file name and what leads to them; 3 in the official files
EXTRA = 1000  # bytes, an image and a file, for what is not pixels


@dataclass(frozen=True, eq=False)
class Batch:
    """One batch: `pixels` (N, 3072) uint8, channel by channel, a view of the bytes read; `labels` (N,) int64."""

    pixels: np.ndarray
    labels: np.ndarray


def read_batch(path: str | Path, *, rows: int = ROWS) -> Batch:
    """Read one batch file.

    Args:
        path: the file.
        rows: the number of images that it must hold.

    Raises:
        DataError: missing, truncated, damaged, hostile, or not a CIFAR-10 batch.
    """
    with reading(path, DataError) as (stream, size):
        check_size(str(path), size, least=rows * PIXELS, most=rows * (2 * PIXELS + EXTRA) + EXTRA)
        return parse_batch(whole(stream, size, str(path)), name=str(path), rows=rows)


def whole(stream: BinaryIO, size: int, name: str) -> mmap.mmap:
    """A file's bytes in pages of their own, which go back to the system with the last view of them.

    Six files as plain bytes would leave two of them in the heap: much memory beside the images.
    """
    pages = mmap.mmap(-1, size)
    check_size(name, stream.readinto(pages), least=size, most=size)  # type: ignore[attr-defined]
    return pages


def check_size(name: str, found: int, *, least: int, most: int) -> None:
    """Fail before anything is read where a file cannot be what it should be."""
    if least <= found <= most:
        return
    expected = f"at least {least:,}" if found < least else f"at most {most:,}"
    likely = "it is truncated; fetch it again" if found < least else "it is another file, or damaged"
    raise DataError(f"{name}: {expected} bytes expected, {found:,} found: {likely}.")


def parse_batch(data: bytes | mmap.mmap, *, name: str = "batch", rows: int = ROWS) -> Batch:
    """The batch in a file's bytes; see `read_batch`."""
    check_size(name, len(data), least=rows * PIXELS, most=rows * (2 * PIXELS + EXTRA) + EXTRA)
    content = opcodes.run(data, name=name, limit=STEPS * (rows + 20), pixels=rows * PIXELS)
    if not isinstance(content, dict):
        raise DataError(f"{name}: a batch is a dictionary; found {kind_of(content)}.")
    return Batch(
        _pixels(_entry(content, "data", name), name, rows), _labels(_entry(content, "labels", name), name, rows)
    )


def _entry(content: dict, key: str, name: str) -> Any:
    for spelling in (key.encode(), key):
        if spelling in content:
            return content[spelling]
    raise DataError(f"{name}: no entry {key!r}; it is not a CIFAR-10 batch (CIFAR-100's labels have other names).")


def _pixels(array: Any, name: str, rows: int) -> np.ndarray:
    if not isinstance(array, Array) or array.shape != (rows, PIXELS) or array.dtype is None or array.data is None:
        found = f"shape {array.shape}" if isinstance(array, Array) else kind_of(array)
        raise DataError(f"{name}: 'data' must be a uint8 array of shape ({rows}, {PIXELS}); found {found}.")
    if len(array.data) != rows * PIXELS:
        raise DataError(f"{name}: {rows * PIXELS:,} bytes of pixels expected, {len(array.data):,} found.")
    return np.frombuffer(array.data, np.uint8).reshape(rows, PIXELS)


def _labels(labels: Any, name: str, rows: int) -> np.ndarray:
    if not isinstance(labels, list) or len(labels) != rows:
        raise DataError(f"{name}: 'labels' must be a list of {rows} numbers; found {kind_of(labels)}.")
    if not all(type(label) is int and 0 <= label <= 9 for label in labels):
        raise DataError(f"{name}: every label must be a whole number from 0 to 9.")
    return np.array(labels, dtype=np.int64)
