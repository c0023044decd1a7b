"""A heat map: one number for every pair of two settings, as a search over both finds them."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.kinds import listed
from chainrule.core.rows import as_numbers
from chainrule.plots.style import INK, PALETTE, sheet, short, shorts, styled

MOST_NUMBERED = 12  # columns whose cells still hold a legible number
MOST_NAMED = 30


@styled
def heat_map(
    table: Any,
    rows: Any = None,
    columns: Any = None,
    *,
    row_name: str = "",
    column_name: str = "",
    title: str = "",
    ax: Any = None,
) -> Any:
    """Draw a table of numbers as cells, the deeper in colour the larger; a cell that is not finite stays empty.

    Up to 12 columns and 30 rows the cells hold their numbers to three digits; beyond 30 only some of either are named.

    Args:
        table: (R, C) numbers, such as the accuracy by learning rate and weight scale.
        rows: the R values of the setting that changes from row to row; 0 to R - 1 without them.
        columns: the C values of the other setting.
        row_name, column_name: what the two settings are called.
        title: what the numbers are, and in which unit.
        ax: a matplotlib Axes to draw on; without it a new Figure is made.

    Returns:
        The Figure.

    Raises:
        ArrayError: the table has not two axes, is empty, or does not fit the values of rows or columns.
        ArrayTypeError: no numbers, or no list of values.

    Example:
        >>> heat_map([[31.0, 44.5]], [0.01], [1e-3, 1e-2], row_name="scale", column_name="rate")  # doctest: +SKIP
    """
    numbers = as_numbers("heat_map", "table", table)
    if numbers.ndim != 2 or 0 in numbers.shape:
        raise ArrayError(f"heat_map: table has shape {tuple(numbers.shape)}; it must be (R, C), rows by columns.")
    numbers = np.asarray(numbers, dtype=np.float64)
    row_words = _words("rows", rows, len(numbers), "row of table")
    column_words = _words("columns", columns, numbers.shape[1], "column of table")
    if ax is None:
        ax = sheet(height=min(8.0, 1.3 + 0.38 * len(numbers))).add_subplot()
    depth = _depth(numbers)
    _paint(ax, depth)
    if numbers.shape[1] <= MOST_NUMBERED and len(numbers) <= MOST_NAMED:
        _number(ax, numbers, depth)
    _name(ax, row_words, column_words)
    ax.set_ylabel(short(row_name) if row_name else "")
    ax.set_xlabel(short(column_name) if column_name else "")
    ax.set_title(short(title, 60) if title else "")
    return ax.figure


def _words(name: str, values: Any, count: int, of: str) -> list[str]:
    """The values as texts, numbers in their shortest form."""
    given = listed("heat_map", name, range(count) if values is None else values, count=count, of=of)
    return shorts(
        [f"{v:g}" if isinstance(v, float | np.floating) else v for v in given],
        limit=14,
    )


def _depth(numbers: np.ndarray) -> np.ndarray:
    """(R, C) from 0.08 at the least finite number to 0.9 at the greatest; 0 where there is none."""
    finite = np.isfinite(numbers)
    if not finite.any():
        return np.zeros(numbers.shape)
    low, high = numbers[finite].min(), numbers[finite].max()
    reach = high / 2 - low / 2  # halves: no overflow
    share = (np.where(finite, numbers, low) / 2 - low / 2) / reach if reach > 0 else np.full(numbers.shape, 0.5)
    return np.where(finite, 0.08 + 0.82 * share, 0)


def _paint(ax: Any, depth: np.ndarray) -> None:
    """One colour, more or less opaque: it reads on a white page and on a dark one."""
    from matplotlib.colors import to_rgb

    cells = np.empty((*depth.shape, 4))
    cells[..., :3] = to_rgb(PALETTE[0])
    cells[..., 3] = depth
    ax.imshow(cells, interpolation="none", aspect="auto")
    ax.grid(False)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set(visible=True, alpha=0.4)


def _number(ax: Any, numbers: np.ndarray, depth: np.ndarray) -> None:
    size = min(9.5, 60 / numbers.shape[1])
    for (row, column), number in np.ndenumerate(numbers):
        color = "white" if depth[row, column] > 0.5 else INK
        words = f"{number:.3g}" if np.isfinite(number) else "–"
        ax.text(column, row, words, ha="center", va="center", color=color, fontsize=size)


def _name(ax: Any, rows: list[str], columns: list[str]) -> None:
    for words, name in ((columns, ax.set_xticks), (rows, ax.set_yticks)):
        at = range(0, len(words), 1 if len(words) <= MOST_NAMED else -(-len(words) // 20))
        upright = words is columns and max(map(len, words)) * len(at) > 40
        name(at, [words[i] for i in at], fontsize=min(9.0, 135 / len(at)), rotation=90 if upright else 0)
