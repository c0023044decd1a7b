"""A look at the data: a few pictures of every class."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.kinds import listed
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers
from chainrule.core.shapes import as_integers, check_labels
from chainrule.plots.images import CAPTION, as_picture, show, unflatten
from chainrule.plots.style import WIDTH, sheet, shorts, styled

MOST_CLASSES = 20


@styled
def samples_per_class(X: Any, y: Any, classes: Any, image_shape: tuple[int, ...], *, each: int = 7) -> Any:
    """Draw the first pictures of every class, one column a class (the first 20 classes).

    Args:
        X: (N, D) flat pictures, or of the pictures' own shape.
        y: (N,) integer labels.
        classes: the names, by label.
        image_shape: (h, w), (3, h, w) or (h, w, 3).
        each: pictures of a class.

    Returns:
        The Figure.

    Raises:
        ArrayError: X and y differ in length, or the pictures do not fit the shape.
    """
    owner = "samples_per_class"
    each = whole(each, "each", owner=owner)
    X, y = as_numbers(owner, "X", X), as_numbers(owner, "y", y)
    if X.ndim < 2 or 0 in X.shape or y.shape != X.shape[:1]:
        raise ArrayError(f"{owner}: X has shape {X.shape} but y {y.shape}; X must hold rows and y one label for each.")
    as_integers(owner, "y", y)
    classes = listed(owner, "classes", classes)
    if not classes:
        raise ArrayError(f"{owner}: classes is empty, []; at least one name is needed.")
    check_labels(owner, "y", y, len(classes))
    across = min(len(classes), MOST_CLASSES)
    width = max(WIDTH, 0.5 * across)
    figure = sheet(width, width / max(across, 5) * each + 0.3)
    for label, name in enumerate(shorts(classes[:across], limit=12)):
        rows = np.flatnonzero(y == label)[:each]
        pictures = unflatten(owner, "X", X[rows], image_shape)
        for place in range(each):
            ax = figure.add_subplot(each, across, place * across + label + 1)
            ax.set_axis_off()
            if place == 0:
                ax.set_title(name, fontsize=max(5, 10 - across / 4), **CAPTION)
            if place < len(pictures):
                show(ax, as_picture(pictures[place], owner, "X"))
    return figure
