"""Pictures side by side."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.kinds import listed
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers
from chainrule.plots.style import WIDTH, sheet, short, styled

CAPTION: dict[str, Any] = {"loc": "center", "weight": "normal", "pad": 3}  # a picture's title is no heading


@styled
def image_grid(images: Any, titles: Any = None, *, columns: int = 8) -> Any:
    """Draw pictures in rows.

    Args:
        images: sequence of arrays (h, w), (h, w, 3) or (3, h, w). uint8 is drawn as it is, anything else stretched from
            its own least to its own greatest value.
        titles: one line for each picture, or None.
        columns: pictures in a row.

    Returns:
        The Figure.

    Raises:
        ArrayError: there is no picture, one has another shape, or the number of titles differs.
    """
    columns = whole(columns, "columns", owner="image_grid")
    if isinstance(images, np.ndarray):
        images = as_numbers("image_grid", "images", images)
    images = listed("image_grid", "images", images)
    if not images:
        raise ArrayError("image_grid: images came with shape (0,); at least one picture is needed.")
    if titles is not None:
        titles = listed("image_grid", "titles", titles, count=len(images), of="picture of images")
    pictures = [as_picture(image, "image_grid", "images") for image in images]
    width = min(columns, len(pictures))
    rows = -(-len(pictures) // width)
    figure = sheet(height=WIDTH / width * rows * (1.3 if titles is not None else 1))
    for place, picture in enumerate(pictures):
        ax = figure.add_subplot(rows, width, place + 1)
        show(ax, picture)
        if titles is not None:
            ax.set_title(short(titles[place], 80 // width), fontsize=max(5, 10.5 - width / 2), **CAPTION)
    return figure


def show(ax: Any, picture: np.ndarray, **options: Any) -> None:
    """A picture alone in its axes, its pixels square and sharp."""
    if picture.ndim == 2 and not options:
        options = {"cmap": "gray", "vmin": 0, "vmax": 255}
    ax.imshow(picture, interpolation="none", **options)
    ax.set_axis_off()


def as_picture(image: Any, owner: str = "picture", name: str = "image") -> np.ndarray:
    """(h, w), (h, w, 3) or (3, h, w) of any real dtype -> uint8 (h, w) or (h, w, 3)."""
    array = as_numbers(owner, name, image)
    if array.ndim == 3 and array.shape[2] != 3 and array.shape[0] == 3:
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or not array.size:
        raise ArrayError(
            f"{owner}: a picture of {name} must be (h, w), (h, w, 3) or (3, h, w); came shape {np.shape(image)}."
        )
    return array if array.dtype == np.uint8 else stretch(array)


def stretch(array: np.ndarray) -> np.ndarray:
    """Real numbers as uint8, the least finite one 0 and the greatest 255."""
    array = np.asarray(array, dtype=np.float64)
    finite = np.where(np.isfinite(array), array, np.nan)
    if np.isnan(finite).all():
        return np.zeros(array.shape, dtype=np.uint8)
    low, high = np.nanmin(finite), np.nanmax(finite)
    unit = (finite / 2 - low / 2) / max(high / 2 - low / 2, np.finfo(float).tiny)  # halves: no overflow
    return np.nan_to_num(unit * 255).round().astype(np.uint8)


def unflatten(owner: str, name: str, rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(n, D) -> (n, *shape).

    Raises:
        ArrayError: D is not the size of a picture, or the shape is none of a picture's.
    """
    shape = tuple(whole(side, "image_shape", owner=owner) for side in listed(owner, "image_shape", shape))
    if len(shape) != 2 and not (len(shape) == 3 and {1, 3} & {shape[0], shape[2]}):
        raise ArrayError(f"{owner}: image_shape must be (h, w), (3, h, w) or (h, w, 3); came {shape}.")
    size = int(np.prod(shape))
    if rows.shape[1:] != (size,) and rows.shape[1:] != shape:
        raise ArrayError(
            f"{owner}: pictures of image_shape {shape} have {size} numbers, which those of {name} must have too; came "
            f"shape {rows.shape[1:]}."
        )
    return rows.reshape(len(rows), *shape)
