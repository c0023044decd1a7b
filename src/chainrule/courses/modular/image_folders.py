"""Tiny ImageNet from its folders of photographs."""

from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import DataError
from chainrule.core.files import cause
from chainrule.core.paths import path_of

SIDE = 64  # pixels of a Tiny ImageNet photograph


def load_tiny_imagenet(path: str | Path, dtype: Any = np.float32, subtract_mean: bool = True) -> dict[str, Any]:
    """A folder in the layout of Tiny ImageNet (also of the reduced sets TinyImageNet-100-A, -B).

    Args:
        path: the folder with wnids.txt, words.txt, train/, val/ and test/.
        dtype: of the images.
        subtract_mean: whether the mean training image is subtracted from all parts.

    Returns:
        class_names: a list with the list of names of every class, by label.
        X_train, X_val, X_test: (N, 3, 64, 64); y_train, y_val, and y_test (None where the labels are not published).
        mean_image: (3, 64, 64).

    Raises:
        DataError: the folder or one of its files is missing, or an image cannot be read.
    """
    root = path_of(path, owner="load_tiny_imagenet")
    wnids = [line.strip() for line in _lines(root / "wnids.txt")]
    labels = {wnid: i for i, wnid in enumerate(wnids)}
    words = dict(line.split("\t", 1) for line in _lines(root / "words.txt"))
    train = [
        (root / "train" / wnid / "images" / line.split("\t")[0], labels[wnid])
        for wnid in wnids
        for line in _lines(root / "train" / wnid / f"{wnid}_boxes.txt")
    ]
    val = _annotated(root / "val", labels)
    test_labels = root / "test" / "test_annotations.txt"
    test_files = sorted((root / "test" / "images").glob("*"))
    test = _annotated(root / "test", labels) if test_labels.is_file() else [(file, -1) for file in test_files]
    data = {f"X_{name}": _images(rows, dtype) for name, rows in (("train", train), ("val", val), ("test", test))}
    mean_image = data["X_train"].mean(axis=0)
    if subtract_mean:
        for images in data.values():
            images -= mean_image
    return {
        "class_names": [[name.strip() for name in words.get(wnid, wnid).split(",")] for wnid in wnids],
        **data,
        "y_train": np.array([label for _, label in train]),
        "y_val": np.array([label for _, label in val]),
        "y_test": np.array([label for _, label in test]) if test_labels.is_file() else None,
        "mean_image": mean_image,
    }


def _annotated(folder: Path, labels: dict[str, int]) -> list[tuple[Path, int]]:
    """Images and labels from `val_annotations.txt` or `test_annotations.txt`: file, class, then a box."""
    rows = [line.split("\t") for line in _lines(folder / f"{folder.name}_annotations.txt")]
    return [(folder / "images" / row[0], labels[row[1]]) for row in rows if row[1] in labels]


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = cause(error) if isinstance(error, OSError) else "it is no text"
        raise DataError(f"cannot read {path}: {why}. Is it a folder in Tiny ImageNet's layout?") from error
    return [line for line in lines if line.strip()]


def _images(rows: list[tuple[Path, int]], dtype: Any) -> np.ndarray:
    """(N, 3, 64, 64); grey photographs get three equal channels."""
    from PIL import Image

    images = np.empty((len(rows), 3, SIDE, SIDE), dtype)
    for i, (path, _) in enumerate(rows):
        try:
            with Image.open(path) as image:
                if image.size != (SIDE, SIDE):
                    raise DataError(f"{path}: {image.size} pixels; Tiny ImageNet's images must be {SIDE} x {SIDE}.")
                images[i] = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
        except (OSError, SyntaxError) as error:
            raise DataError(f"{path}: it should be an image, but cannot be read ({error}).") from error
    return images
