"""Many small images as one, for imshow."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers
from chainrule.courses.modular.checks import number

__all__ = ["np", "vis_grid", "vis_nn", "visualize_grid"]


def visualize_grid(Xs: Any, ubound: float = 255.0, padding: int = 1) -> np.ndarray:
    """Images in a square of ceil(sqrt(N)) cells a side, row by row, each stretched to its own range.

    Args:
        Xs: (N, h, w, c).
        ubound: what the largest value of every image becomes; the smallest becomes 0, as does an image of one value.
        padding: zeros between two cells.

    Returns:
        (side * h + (side - 1) * padding, ..., c) float64.

    Raises:
        ArrayError, ArrayTypeError, SettingError: not four axes, no image, no numbers, a negative padding.

    Example:
        >>> visualize_grid(np.random.default_rng(0).random((50, 32, 32, 3)), padding=3).shape
        (277, 277, 3)
    """
    images = _images("visualize_grid", Xs)
    top = number("visualize_grid", "ubound", ubound, least=0)
    gap = whole(padding, "padding", owner="visualize_grid", least=0)
    side = math.ceil(math.sqrt(len(images)))
    stretched = np.array([_stretched(image, top) for image in images])
    wall = _wall(stretched, side, side, gap)
    return wall[: len(wall) - gap, : wall.shape[1] - gap]


def vis_grid(Xs: Any) -> np.ndarray:
    """Images in a square, row by row, all of them stretched together to 0..1; seams and empty cells are 0.

    Args:
        Xs: (N, h, w, c).

    Returns:
        (side * (h + 1), side * (w + 1), c) float64, side = ceil(sqrt(N)): a seam of one pixel after every cell.

    Raises:
        ArrayError, ArrayTypeError: not four axes, no image, no numbers.
    """
    images = _images("vis_grid", Xs)
    side = math.ceil(math.sqrt(len(images)))
    return _wall(_stretched(images, 1.0), side, side, 1)


def vis_nn(rows: Sequence[Any]) -> np.ndarray:
    """Lists of images, one list a row (such as an image and its nearest neighbours), stretched together to 0..1.

    Args:
        rows: each a list of as many images (h, w, c).

    Returns:
        (number of rows * (h + 1), images of a row * (w + 1), c) float64: a seam of zeros after every cell.

    Raises:
        ArrayError, ArrayTypeError: no image, rows of unequal length, images of unequal shape, no numbers.
    """
    array = np.asarray(as_numbers("vis_nn", "rows", rows))
    if array.ndim != 5 or not array.size:
        raise ArrayError(
            f"vis_nn: rows have shape {array.shape}; they must be lists of images, (n, k, h, w, c) together."
        )
    images = array.reshape(-1, *array.shape[2:]).astype(np.float64)
    return _wall(_stretched(images, 1.0), array.shape[0], array.shape[1], 1)


def _images(owner: str, Xs: Any) -> np.ndarray:
    array = np.asarray(as_numbers(owner, "Xs", Xs))
    if array.ndim != 4 or not array.size:
        raise ArrayError(f"{owner}: Xs has shape {array.shape}; it must be (N, h, w, c), with at least one image.")
    return array.astype(np.float64)


def _stretched(image: np.ndarray, top: float) -> np.ndarray:
    """Smallest value 0, largest `top`; all 0 where they are equal."""
    low, high = np.min(image), np.max(image)
    return top * (image - low) / (high - low) if low != high else np.zeros_like(image)


def _wall(images: np.ndarray, down: int, across: int, gap: int) -> np.ndarray:
    """(N, h, w, c) -> `down` rows of `across` cells, zeros of width `gap` below and to the right of every one."""
    _, h, w, c = images.shape
    wall = np.zeros((down * (h + gap), across * (w + gap), c))
    for i, image in enumerate(images):
        y, x = (i // across) * (h + gap), (i % across) * (w + gap)
        wall[y : y + h, x : x + w] = image
    return wall
