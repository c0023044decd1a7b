"""Rows for other processes of a machine: put into a folder once, and read from there by all without a copy."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import FileFormatError
from chainrule.core.files import new_folder
from chainrule.core.json_files import read_json, write_json
from chainrule.datasets import Dataset
from chainrule.nets.input import Column

ABOUT = "about.json"


def put(data: Dataset, folder: Path) -> Path:
    """Write a data set below a folder, under its fingerprint, unless it is there."""
    place = folder / data.fingerprint
    if place.is_dir():
        return place
    columns = None if data.columns is None else [[column.name, column.categories] for column in data.columns]
    about = {
        "name": data.name, "classes": data.classes, "columns": columns, "image_shape": data.image_shape,
        "target": data.target, "measured": data.measured, "parts": data.keys(),
    }  # fmt: skip
    with new_folder(place) as partial:
        for key in data:
            np.save(partial / f"{key}.npy", data[key], allow_pickle=False)
        write_json(partial / ABOUT, about)
    return place


def get(place: Path) -> Dataset:
    """A data set that `put` wrote; its arrays stay in their files, which the machine's processes share.

    Raises:
        FileFormatError: it is not there, or damaged.
    """
    about = read_json(place / ABOUT)
    try:
        columns = about["columns"]
        arrays: dict[str, Any] = {key: np.load(place / f"{key}.npy", mmap_mode="r") for key in about["parts"]}
        return Dataset(
            about["name"],
            **arrays,
            classes=tuple(about["classes"]),
            columns=None if columns is None else tuple(Column(n, None if c is None else tuple(c)) for n, c in columns),
            image_shape=None if about["image_shape"] is None else tuple(about["image_shape"]),
            target=about["target"],
            measured=about["measured"],
        )
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise FileFormatError(f"{place}: it does not hold the rows that were put there ({error}).") from error


def remove(place: Path) -> None:
    """Remove what `put` wrote."""
    shutil.rmtree(place, ignore_errors=True)
