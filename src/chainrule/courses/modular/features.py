"""Features of images for linear classifiers: a histogram of oriented gradients, and a histogram of hues."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.core.numbers import real, whole
from chainrule.core.rows import as_numbers, check_finite

__all__ = ["color_histogram_hsv", "extract_features", "hog_feature", "np", "rgb2gray"]

LUMA = np.array([0.299, 0.587, 0.114])  # red, green, blue
ORIENTATIONS = 9  # over 180 degrees: an edge from dark to bright counts like one from bright to dark
CELL = 8  # pixels a side
PRINT_EVERY = 1000


def extract_features(imgs: Any, feature_fns: Sequence[Callable], verbose: bool = False) -> np.ndarray:
    """The features of every image, those of all functions side by side.

    Args:
        imgs: (N, h, w, c).
        feature_fns: functions from one image (h, w, c) to a vector.
        verbose: print how far it is, every 1000 images.

    Returns:
        (N, sum of the vectors' lengths) float64.

    Raises:
        ArrayError: no images, or a function whose vectors differ in length.
        ArrayTypeError: no numbers, or feature_fns is no list of functions.

    Example:
        >>> images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3))
        >>> extract_features(images, [hog_feature, lambda image: color_histogram_hsv(image, nbin=10)]).shape
        (5, 154)
    """
    images = as_numbers("extract_features", "imgs", imgs)
    if images.ndim < 3 or not images.size:
        raise ArrayError(
            f"extract_features: imgs has shape {images.shape}; it must be (N, h, w, c), at least one image."
        )
    if not isinstance(feature_fns, list | tuple) or not feature_fns or not all(map(callable, feature_fns)):
        raise ArrayTypeError(f"extract_features: feature_fns must be a list of functions; came {feature_fns!r:.60}.")
    result = np.empty((len(images), 0))
    for i, image in enumerate(images):
        row = np.concatenate([np.ravel(function(image)) for function in feature_fns])
        if i == 0:
            result = np.empty((len(images), len(row)))
        if len(row) != result.shape[1]:
            raise ArrayError(
                f"extract_features: feature_fns gave {len(row)} numbers for image {i}, {result.shape[1]} for the first; "
                f"they should be equally many for every image."
            )
        result[i] = row
        if verbose and (i + 1) % PRINT_EVERY == 0:
            print(f"Done extracting features for {i + 1} / {len(images)} images")
    return result


def rgb2gray(rgb: Any) -> np.ndarray:
    """Luma of an image (..., 3 or more) -> (...): 0.299 red + 0.587 green + 0.114 blue; further channels do not count.

    Raises:
        ArrayError, ArrayTypeError: fewer than three channels, or no numbers.

    Source: ITU-R Recommendation BT.601.
    """
    array = np.asarray(as_numbers("rgb2gray", "rgb", rgb))
    if array.ndim < 1 or array.shape[-1] < 3:
        raise ArrayError(f"rgb2gray: rgb has shape {array.shape}; it must be (..., 3), red, green and blue.")
    return array[..., :3] @ LUMA


def hog_feature(im: Any) -> np.ndarray:
    """A histogram of oriented gradients: how strongly brightness changes in which direction, cell by cell.

    Formula:
        gx, gy = the differences [-1, 0, 1] along x and y, halved; one-sided at the border
        a pixel votes with sqrt(gx**2 + gy**2) for the one of 9 equal ranges of atan2(gy, gx) modulo 180 degrees
        every cell of 8 x 8 pixels gives the 9 sums of its votes, divided by its 64 pixels

    Args:
        im: (h, w, 3), or grey (h, w); rows and columns beyond the last whole cell are left out.

    Returns:
        (h // 8 * w // 8 * 9,) float64, cells row by row: 144 numbers for 32 x 32 pixels.

    Raises:
        ArrayError, ArrayTypeError: no image of at least one cell, or no numbers.

    Convention: a pixel votes for one range alone and cells are not normalized by their neighbours; Dalal and Triggs
        share votes between ranges and cells, and normalize blocks of 2 x 2 cells.

    Source: Dalal, Triggs, Histograms of Oriented Gradients for Human Detection, 2005, section 6.
    """
    image = np.asarray(as_numbers("hog_feature", "im", im), dtype=np.float64)
    if image.ndim not in (2, 3) or min(image.shape[:2]) < CELL:
        raise ArrayError(
            f"hog_feature: im has shape {image.shape}; it must be (h, w, 3) or (h, w), at least {CELL} x {CELL} pixels."
        )
    check_finite("hog_feature", "im", image)
    gray = rgb2gray(image) if image.ndim == 3 else image
    gy, gx = np.gradient(gray)
    angle = np.arctan2(gy, gx) % np.pi  # (h, w), from 0 to below pi
    orientation = np.minimum((angle * (ORIENTATIONS / np.pi)).astype(int), ORIENTATIONS - 1)
    down, across = gray.shape[0] // CELL, gray.shape[1] // CELL
    kept = (slice(down * CELL), slice(across * CELL))
    y, x = np.indices((down * CELL, across * CELL)) // CELL
    bins = (y * across + x) * ORIENTATIONS + orientation[kept]
    votes = np.bincount(bins.ravel(), np.hypot(gx, gy)[kept].ravel(), minlength=down * across * ORIENTATIONS)
    return votes / CELL**2


def color_histogram_hsv(
    im: Any, nbin: int = 10, xmin: float = 0, xmax: float = 255, normalized: bool = True
) -> np.ndarray:
    """How often each hue occurs.

    Args:
        im: (h, w, 3), red, green and blue from 0 to `xmax`.
        nbin: equal ranges between xmin and xmax.
        xmin, xmax: ends of the histogram; a hue goes from 0 (red) round the colour circle to `xmax`.
        normalized: shares that add up to 1, or counts times the width of a range.

    Returns:
        (nbin,) float64.

    Raises:
        ArrayError, ArrayTypeError, SettingError: no colour image, or no histogram of that kind.

    Source: Smith, Color Gamut Transform Pairs, 1978: the hue of HSV.
    """
    image = np.asarray(as_numbers("color_histogram_hsv", "im", im), dtype=np.float64)
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ArrayError(f"color_histogram_hsv: im has shape {image.shape}; it must be (h, w, 3), red, green and blue.")
    nbin = whole(nbin, "nbin", owner="color_histogram_hsv")
    low, high = real(xmin), real(xmax)
    if low is None or high is None or not 0 <= low < high < np.inf:
        raise SettingError(
            f"color_histogram_hsv: xmin and xmax must be numbers with 0 <= xmin < xmax; came {xmin!r:.40}, {xmax!r:.40}."
        )
    if not (np.min(image) >= 0 and np.max(image) <= high):
        raise ArrayError(
            f"color_histogram_hsv: im goes from {np.min(image):g} to {np.max(image):g}; it must be from 0 to xmax = "
            f"{high:g}. Was a mean image subtracted?"
        )
    counts, edges = np.histogram(high * _hue(image), bins=nbin, range=(low, high))
    return counts / max(1, counts.sum()) if normalized else counts * np.diff(edges)


def _hue(rgb: np.ndarray) -> np.ndarray:
    """Place on the colour circle, (..., 3) -> (...) from 0 to below 1: red 0, green 1/3, blue 2/3; grey counts as 0."""
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    top, chroma = rgb.max(axis=-1), np.ptp(rgb, axis=-1)
    divisor = np.where(chroma > 0, chroma, 1)
    sixths = np.where(top == r, (g - b) / divisor, np.where(top == g, 2 + (b - r) / divisor, 4 + (r - g) / divisor))
    return (np.where(chroma > 0, sixths, 0) / 6) % 1
