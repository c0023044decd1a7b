"""Nearest neighbours: accuracy by their number, and examples with what voted for them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.kinds import having, listed
from chainrule.core.numbers import whole
from chainrule.core.rows import as_numbers, check_finite
from chainrule.plots.images import as_picture
from chainrule.plots.lines import percent_axis
from chainrule.plots.style import PALETTE, WIDTH, line, sheet, short, styled

RIGHT, WRONG = (PALETTE[2], "-"), (PALETTE[1], (0, (3, 1.5)))  # dashes say it without colour
ROW = 1.42  # height of a row, in pictures and the gaps beside them


@styled
def accuracy_by_k(ks: Sequence[int], accuracies: Mapping[str, Any]) -> Any:
    """Draw accuracies over the number of neighbours.

    Args:
        ks: the numbers of neighbours.
        accuracies: by label, the accuracy of each k (len(ks),); or of each k and fold (len(ks), folds), drawn as
            points, their mean as a line, one standard deviation to either side as bars.

    Returns:
        The Figure.

    Raises:
        ArrayError, ArrayTypeError: accuracies that do not fit ks.
    """
    owner = "accuracy_by_k"
    ks = [whole(k, "ks", owner=owner) for k in listed(owner, "ks", ks)]
    having(owner, "accuracies", accuracies, "items", wanted="a dict of accuracies by label")
    ax = sheet(height=3.2).add_subplot()
    places = np.argsort(ks, kind="stable")
    across = np.array(ks)[places]
    for index, (label, values) in enumerate(accuracies.items()):
        shares = as_numbers(owner, "accuracies", values)
        check_finite(owner, "accuracies", shares)
        if shares.ndim not in (1, 2) or len(shares) != len(ks) or not shares.size:
            raise ArrayError(
                f"{owner}: accuracies of {label!r} have shape {shares.shape}; it must be ({len(ks)},) or "
                f"({len(ks)}, folds), a row for each of ks."
            )
        shares, look = shares[places], line(index)
        if shares.ndim == 2:
            ax.errorbar(across, shares.mean(axis=1), shares.std(axis=1), label=label, capsize=2, **look)
            ax.plot(across, shares, ".", color=look["color"], alpha=0.35)
        else:
            ax.plot(across, shares, label=label, **look)
    ax.set_xscale("log")
    ax.set_xticks(_apart(across), [str(k) for k in _apart(across)])
    ax.set_xticks([], minor=True)
    ax.set_xlabel("k, neighbours that vote")
    ax.set_ylabel("accuracy")
    percent_axis(ax)
    if len(accuracies) > 1:
        ax.legend()
    return ax.figure


@styled
def neighbor_examples(examples: Sequence[Mapping[str, Any]]) -> Any:
    """Draw examples, a row each: the query with what it was taken for, then its neighbours, nearest first.

    A solid green frame is round what is right: a query whose prediction is its class, a neighbour of the query's class.
    A dashed red one is round what is wrong.

    Args:
        examples: dicts with "image" (a picture as for `image_grid`), "true", "predicted", and "neighbors": dicts with
            "image" and "true".

    Returns:
        The Figure.

    Raises:
        ArrayError, ArrayTypeError: there is no example, or one lacks something.
    """
    owner = "neighbor_examples"
    examples = listed(owner, "examples", examples)
    if not examples:
        raise ArrayError(f"{owner}: examples is empty, []; at least one is needed.")
    for example in examples:
        for item in (example, *_of(owner, example, "neighbors")):
            _of(owner, item, "image")
            _of(owner, item, "true")
        _of(owner, example, "predicted")
    columns = 1 + max(len(example["neighbors"]) for example in examples)
    width = max(WIDTH, 0.78 * columns)
    figure = sheet(width, width / columns * ROW * len(examples))
    ax = figure.add_subplot()  # one for all: a figure of a hundred axes takes seconds
    for row, example in enumerate(examples):
        right = example["predicted"] == example["true"]
        _cell(ax, 0, row, example, f"{example['predicted']}?", right, "" if right else f"no, {example['true']}")
        for column, near in enumerate(example["neighbors"], start=1):
            _cell(ax, column, row, near, str(near["true"]), near["true"] == example["true"])
    ax.set(xlim=(-0.05, columns - 0.05), ylim=(ROW * len(examples) - 0.2, -0.25))
    ax.set_axis_off()
    return figure


def _cell(ax: Any, column: int, row: int, item: Mapping[str, Any], title: str, right: bool, below: str = "") -> None:
    """One picture in its frame, with a title and what stands below."""
    from matplotlib.patches import Rectangle

    image = as_picture(item["image"], "neighbor_examples", "examples")
    high, wide = (0.9 * side / max(image.shape[:2]) for side in image.shape[:2])
    top, middle = ROW * row, column + wide / 2
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255} if image.ndim == 2 else {}
    ax.imshow(image, interpolation="none", extent=(column, column + wide, top + high, top), **grey)
    color, dashes = RIGHT if right else WRONG
    ax.add_patch(Rectangle((column, top), wide, high, fill=False, edgecolor=color, linestyle=dashes, linewidth=2.2))
    weight = "normal" if column else "bold"
    ax.text(middle, top - 0.05, short(title, 12), ha="center", va="bottom", fontsize=7, weight=weight)
    if below:
        ax.text(middle, top + high + 0.04, short(below, 14), ha="center", va="top", fontsize=7)


def _apart(ks: np.ndarray) -> list[int]:
    """Those of ascending numbers that have room for a name on a logarithmic axis."""
    room = (ks[-1] / ks[0]) ** (1 / 14)
    kept: list[int] = []
    for k in map(int, ks):
        if not kept or k >= kept[-1] * room:
            kept.append(k)
    return kept


def _of(owner: str, item: Any, name: str) -> Any:
    """An entry of a dict, or an error that says that it is missing."""
    having(owner, "examples", item, "keys get", wanted="a list of dicts")
    if name not in item:
        raise ArrayError(
            f"{owner}: examples must each have {name!r}; came one with {', '.join(map(str, item)) or 'nothing'}."
        )
    return listed(owner, "neighbors of examples", item[name]) if name == "neighbors" else item[name]
