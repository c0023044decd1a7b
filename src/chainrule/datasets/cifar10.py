"""CIFAR-10: 60,000 photographs of 32 x 32 pixels in ten classes, from a folder in either official layout.

Rows keep the official order. Training: the first 49,000 images of the five batches; validation: the next 1,000; test:
all 10,000 of the test batch (the courses use its first 1,000).

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import DataError
from chainrule.core.files import reading
from chainrule.datasets.archive import unpack
from chainrule.datasets.batch_file import PIXELS, ROWS, Batch, check_size, read_batch, whole
from chainrule.datasets.dataset import Dataset
from chainrule.datasets.download import Remote, fetch, verify

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
IMAGE_SHAPE = (3, 32, 32)
SIZES = (49_000, 1_000, 10_000)  # training, validation, test


def read_bin(path: str | Path, *, rows: int = ROWS) -> Batch:
    """Read one file of the binary release: for every image a byte with its label, then its pixels.

    Raises:
        DataError: missing, truncated, or not such a file.
    """
    size = rows * (1 + PIXELS)
    with reading(path, DataError) as (stream, found):
        check_size(str(path), found, least=size, most=size)
        records = np.frombuffer(whole(stream, size, str(path)), np.uint8).reshape(rows, 1 + PIXELS)
    if records[:, 0].max() > 9:
        raise DataError(f"{path}: a label is {records[:, 0].max()}; labels go from 0 to 9. It is not a CIFAR-10 file.")
    return Batch(records[:, 1:], records[:, 0].astype(np.int64))


@dataclass(frozen=True)
class Layout:
    """One of the two official forms: the folder's name, its six batches, how one is read, and the archive of it all."""

    folder: str
    suffix: str
    read: Callable[..., Batch]
    remote: Remote
    least: int  # bytes of a batch file
    most: int
    others: tuple[str, ...]  # small files beside the batches
    md5: tuple[
        str, ...
    ] = ()  # of the official batches, in order: damage is found by it, forgery by the archive's SHA-256

    @property
    def files(self) -> tuple[str, ...]:
        """The batches' names: five for training, then the test batch."""
        return (*(f"data_batch_{i}{self.suffix}" for i in range(1, 6)), f"test_batch{self.suffix}")

    @property
    def members(self) -> dict[str, tuple[int, int]]:
        """The eight files of the archive, each with its least and largest size."""
        return dict.fromkeys(self.files, (self.least, self.most)) | dict.fromkeys(self.others, (0, 1 << 16))


PYTHON = Layout(
    "cifar-10-batches-py",
    "",
    read_batch,
    Remote(
        "cifar-10-python.tar.gz",
        170_498_071,
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            "https://cave.cs.toronto.edu/kriz/cifar-10-python.tar.gz",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/cifar-10-python.tar.gz",
        ),
    ),
    least=ROWS * PIXELS,
    most=32_000_000,
    others=("batches.meta", "readme.html"),
    md5=(
        "c99cafc152244af753f735de768cd75f",
        "d4bba439e000b95fd0a9bffe97cbabec",
        "54ebc095f3ab1f0389bbae665268c751",
        "634d18415352ddfa80567beed471001a",
        "482c414d41f54cd18b22e5b47cb7c3cb",
        "40351d587109b95175f43aff81a1287e",
    ),
)
BINARY = Layout(
    "cifar-10-batches-bin",
    ".bin",
    read_bin,
    Remote(
        "cifar-10-binary.tar.gz",
        170_052_171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
        ),
    ),
    least=ROWS * (1 + PIXELS),
    most=ROWS * (1 + PIXELS),
    others=("batches.meta.txt", "readme.html"),
)
LAYOUTS = (PYTHON, BINARY)


def load(*, folder: str | Path | None = None, download: bool = True, progress: bool = True) -> Dataset:
    """CIFAR-10 as stored: uint8, (N, 3, 32, 32).

    Args:
        folder: the folder with the batches, or the one above it; else $CHAINRULE_DATA, else the user's cache.
        download: fetch the official archive where the folder is not there (170 MB).
        progress: show a progress bar while downloading.

    Raises:
        DataError: not found, and not to be downloaded; a file that is truncated, damaged or hostile.
    """
    where, layout = obtain(folder, download=download, progress=progress)
    (X_train, y_train), (X_val, y_val), (X_test, y_test) = read_parts(where, layout, SIZES)
    return Dataset(
        "cifar10",
        X_train=X_train, y_train=y_train,
        X_val=X_val, y_val=y_val,
        X_test=X_test, y_test=y_test,
        classes=CLASSES, image_shape=IMAGE_SHAPE,
    )  # fmt: skip


def read_parts(
    folder: Path, layout: Layout, sizes: Sequence[int], *, on_file: Callable[[Path], Any] | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Images and labels in the official order, training batches first, cut into parts of the given sizes.

    Each part is filled as the batches come, one batch in memory at a time.

    Args:
        folder: with the six batches.
        layout: PYTHON or BINARY.
        sizes: number of images of every part; together at most 60,000.
        on_file: called with the path of each file before it is read.

    Returns:
        For every part, images (n, 3, 32, 32) uint8 and labels (n,) int64.
    """
    parts = [(np.empty((n, PIXELS), np.uint8), np.empty(n, np.int64)) for n in sizes]
    batches = _batches(folder, layout, on_file)
    left = nothing = Batch(np.empty((0, PIXELS), np.uint8), np.empty(0, np.int64))
    for pixels, labels in parts:
        filled = 0
        while filled < len(labels):
            if not len(left.labels):
                left = nothing  # one batch goes before the next comes
                left = next(batches)
            count = min(len(labels) - filled, len(left.labels))
            pixels[filled : filled + count], labels[filled : filled + count] = left.pixels[:count], left.labels[:count]
            left = Batch(left.pixels[count:], left.labels[count:])
            filled += count
    return [(pixels.reshape(-1, *IMAGE_SHAPE), labels) for pixels, labels in parts]


def _batches(folder: Path, layout: Layout, on_file: Callable[[Path], Any] | None) -> Iterator[Batch]:
    for name in layout.files:
        if on_file is not None:
            on_file(folder / name)
        yield layout.read(folder / name)


def home() -> Path:
    """Where data sets are kept: $CHAINRULE_DATA, else the user's cache folder."""
    named = os.environ.get("CHAINRULE_DATA")
    return Path(named).expanduser() if named else _cache()


def locate(folder: str | Path | None = None) -> tuple[Path, Layout] | None:
    """The folder with the batches and its layout, or None; looks in `folder`, or else in `home()` and in the cache."""
    if folder is not None:
        return _within(Path(folder).expanduser())
    return _within(home()) or _within(_cache())


def _cache() -> Path:
    import pooch

    return Path(pooch.os_cache("chainrule"))


def _within(place: Path) -> tuple[Path, Layout] | None:
    for layout in LAYOUTS:
        for candidate in (place, place / layout.folder):
            if any((candidate / name).is_file() for name in layout.files):
                return candidate, layout
    return None


def obtain(folder: str | Path | None = None, *, download: bool = True, progress: bool = True) -> tuple[Path, Layout]:
    """The folder with the batches and its layout, unpacked or downloaded where needed."""
    found = locate(folder)
    if found is not None:
        return found
    place = home() if folder is None else Path(folder).expanduser()
    for layout in LAYOUTS:
        archive = place / layout.remote.name
        if archive.is_file():
            verify(archive, layout.remote)
            return unpack(archive, place / layout.folder, layout.members), layout
    remote = PYTHON.remote
    if not download:
        raise DataError(
            f"CIFAR-10 is not in {place}: a folder {PYTHON.folder} or {BINARY.folder} with six batches was expected, "
            f"or {remote.name}. Fetch it with `chainrule data fetch cifar10`, or put {remote.urls[0]} "
            f"({remote.size:,} bytes, SHA-256 {remote.sha256}) at {place / remote.name}. "
            f"folder= or CHAINRULE_DATA names another place."
        )
    archive = fetch(remote, place, progress=progress)
    return unpack(archive, place / PYTHON.folder, PYTHON.members), PYTHON


def check_files(folder: Path, layout: Layout) -> list[dict[str, Any]]:
    """What each batch file is: its size, whether it can be read, and whether it has the official bytes."""
    report = []
    for i, name in enumerate(layout.files):
        path, state = folder / name, "readable"
        try:
            layout.read(path)
            if layout.md5:
                with open(path, "rb") as stream:
                    digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
                state = "official" if digest == layout.md5[i] else "readable, but not the official bytes"
        except DataError as error:
            state = str(error)
        size = path.stat().st_size if path.is_file() else 0
        report.append({"file": name, "bytes": size, "ok": state.startswith(("official", "readable")), "state": state})
    return report
