"""A look at the data: a few pictures of every class."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.plots.images import CAPTION, as_picture, show, unflatten
from chainrule.plots.style import WIDTH, sheet, shorts, styled

MOST_CLASSES = 20


@styled
def samples_per_class(X: Any, y: Any, classes: Any, image_shape: tuple[int, ...], *, each: int = 7) -> Any:
    """Draw the first pictures of every class, one column a class (the first 20 classes).

    Args:
        X: (N, D) flat pictures, or (N, *image_shape).
        y: (N,) integer labels.
        classes: the names, by label.
        image_shape: (h, w), (3, h, w) or (h, w, 3).
        each: pictures of a class.

    Returns:
        The Figure.

    Raises:
        ArrayError: X and y differ in length, or the pictures do not fit the shape.
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim < 2 or y.shape != X.shape[:1]:
        raise ArrayError(f"samples_per_class: X has shape {X.shape} but y {y.shape}; each row needs one label.")
    if each < 1 or not len(classes):
        raise ArrayError(f"samples_per_class: {each} pictures of {len(classes)} classes; both must be at least 1.")
    across = min(len(classes), MOST_CLASSES)
    width = max(WIDTH, 0.5 * across)
    figure = sheet(width, width / max(across, 5) * each + 0.3)
    for label, name in enumerate(shorts(list(classes)[:across], limit=12)):
        rows = np.flatnonzero(y == label)[:each]
        pictures = unflatten("samples_per_class", X[rows], image_shape)
        for place in range(each):
            ax = figure.add_subplot(each, across, place * across + label + 1)
            ax.set_axis_off()
            if place == 0:
                ax.set_title(name, fontsize=max(5, 10 - across / 4), **CAPTION)
            if place < len(pictures):
                show(ax, as_picture(pictures[place]))
    return figure
