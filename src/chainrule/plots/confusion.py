"""The confusion matrix: which class was taken for which."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.kinds import listed
from chainrule.core.rows import as_numbers
from chainrule.plots.style import INK, PALETTE, sheet, shorts, styled

MOST_NUMBERED = 20  # classes whose cells still hold a legible count
MOST_NAMED = 30


@styled
def confusion_matrix(matrix: Any, classes: Any = None, *, ax: Any = None) -> Any:
    """Draw how often each true class (row) was predicted as each class (column).

    A cell's depth of colour is its share of the row, so that rare classes read like common ones. Up to 20 classes the
    cells hold their counts; beyond 30 only some of the classes are named.

    Args:
        matrix: (C, C) counts; rows are true classes, columns are predictions.
        classes: the C names; 0 to C - 1 without them.
        ax: a matplotlib Axes to draw on; without it a new Figure is made.

    Returns:
        The Figure.

    Raises:
        ArrayError: the matrix is not square, has negative or non-finite entries, or does not fit the names.
        ArrayTypeError: no numbers, or no list of names.
    """
    counts = as_numbers("confusion_matrix", "matrix", matrix).astype(np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or not counts.size:
        raise ArrayError(
            f"confusion_matrix: matrix has shape {counts.shape}; it must be (C, C), true by predicted class."
        )
    if not np.isfinite(counts).all() or counts.min() < 0:
        raise ArrayError(
            f"confusion_matrix: matrix must hold counts, finite and none below 0; came entries from {counts.min()} to "
            f"{counts.max()}."
        )
    named = range(len(counts)) if classes is None else classes
    names = shorts(listed("confusion_matrix", "classes", named, count=len(counts), of="row of matrix"), limit=14)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if ax is None:
        ax = sheet(height=4.2).add_subplot()
    _paint(ax, share)
    if len(counts) <= MOST_NUMBERED:
        _number(ax, counts, share)
    _name(ax, names)
    return ax.figure


def _paint(ax, share) -> None:
    """One colour, as opaque as the share is large: it reads on a white page and on a dark one."""
    from matplotlib.colors import to_rgb

    cells = np.empty((*share.shape, 4))
    cells[..., :3] = to_rgb(PALETTE[0])
    cells[..., 3] = share**0.6  # a few mistakes in a hundred must still be seen
    ax.imshow(cells, interpolation="none")
    ax.grid(False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set(visible=True, alpha=0.4)


def _number(ax, counts, share) -> None:
    size = min(9.5, 90 / len(counts))
    for row, column in np.argwhere(counts > 0):
        color = "white" if share[row, column] > 0.4 else INK
        ax.text(column, row, f"{counts[row, column]:g}", ha="center", va="center", color=color, fontsize=size)


def _name(ax, names) -> None:
    every = 1 if len(names) <= MOST_NAMED else -(-len(names) // 20)
    at = range(0, len(names), every)
    size = min(9.0, 135 / len(at))
    upright = max(map(len, names)) > 2
    ax.set_xticks(at, [names[i] for i in at], fontsize=size, rotation=90 if upright else 0)
    ax.set_yticks(at, [names[i] for i in at], fontsize=size)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
