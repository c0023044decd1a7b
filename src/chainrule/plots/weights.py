"""First-layer weights as pictures: what each unit looks for."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.rows import as_numbers
from chainrule.plots.images import as_picture, unflatten
from chainrule.plots.style import WIDTH, sheet, styled

MOST_PICTURES = 100


@styled
def weight_grid(W: Any, image_shape: tuple[int, ...]) -> Any:
    """Draw the weights of each unit as a picture, at most 100 of them, row by row.

    Colour weights are stretched from least to greatest, each unit by itself. Grey ones keep their sign: blue is
    negative, white is zero, red is positive, the deepest colour the unit's own largest weight.

    Args:
        W: (D, H) weights, one column a unit, D the number of pixels (times 3 in colour).
        image_shape: (h, w), (3, h, w) or (h, w, 3), the order in which a picture was made flat.

    Returns:
        The Figure.

    Raises:
        ArrayError: D does not fit the shape, or W has not two axes.
    """
    weights = as_numbers("weight_grid", "W", W)
    if weights.ndim != 2 or not weights.size:
        raise ArrayError(f"weight_grid: W has shape {weights.shape}; it must be (D, H).")
    units = weights.T[:MOST_PICTURES].astype(np.float64)
    pictures = unflatten("weight_grid", "W", units, image_shape)
    color = len(image_shape) == 3 and 3 in (image_shape[0], image_shape[2])
    tiles = np.array([as_picture(p) if color else signed(p) for p in pictures])
    wall = mosaic(tiles)
    figure = sheet(height=min(8.0, WIDTH * wall.shape[0] / wall.shape[1] + 0.35))
    ax = figure.add_subplot()
    ax.imshow(wall, interpolation="none")
    ax.set_axis_off()
    shown = f"{len(tiles)} of {weights.shape[1]} units" if len(tiles) < weights.shape[1] else f"{len(tiles)} units"
    ax.set_title(shown, weight="normal", fontsize=9.5)
    return figure


def signed(picture: np.ndarray) -> np.ndarray:
    """(h, w) weights -> (h, w, 3) uint8 from blue over white to red, zero always white."""
    import matplotlib

    picture = np.nan_to_num(picture.reshape(picture.shape[:2] if picture.shape[-1] == 1 else picture.shape[-2:]))
    largest = np.abs(picture).max()
    unit = picture / largest if largest > 0 else picture
    return matplotlib.colormaps["RdBu_r"](0.5 + 0.5 * unit, bytes=True)[..., :3]


def mosaic(tiles: np.ndarray, gap: int = 1) -> np.ndarray:
    """(n, h, w, 3) uint8 -> one picture with transparent seams, (rows * (h + gap), columns * (w + gap), 4)."""
    n, h, w, _ = tiles.shape
    across = min(n, max(4, int(np.ceil(np.sqrt(n)))))
    down = -(-n // across)
    wall = np.zeros((down * (h + gap) - gap, across * (w + gap) - gap, 4), dtype=np.uint8)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, across)
        spot = wall[row * (h + gap) : row * (h + gap) + h, column * (w + gap) : column * (w + gap) + w]
        spot[..., :3], spot[..., 3] = tile, 255
    return wall
