"""Figures of a class: how the scores are spread, and which mistakes most of it made."""

from collections.abc import Sequence
from typing import Any

from chainrule.plots.style import PALETTE, note, sheet, shorts, styled

MOST_BARS = 15


@styled
def score_histogram(scores: Sequence[float], most: float) -> Any:
    """How many learners have how many points.

    Args:
        scores: one for each learner.
        most: the points that can be had.

    Returns:
        a matplotlib Figure.
    """
    figure = sheet()
    ax = figure.subplots()
    if not scores or not most:
        note(ax, "No grades yet")
        return figure
    ax.hist([min(score, most) for score in scores], bins=20, range=(0, most), color=PALETTE[0], edgecolor="white")
    ax.set_xlabel("points")
    ax.set_ylabel("learners")
    ax.yaxis.get_major_locator().set_params(integer=True)
    return figure


@styled
def mistake_bars(names: Sequence[str], counts: Sequence[int]) -> Any:
    """The most frequent mistakes, the most frequent on top.

    Args:
        names: of the mistakes.
        counts: learners who made each.

    Returns:
        a matplotlib Figure.
    """
    names, counts = list(names)[:MOST_BARS], list(counts)[:MOST_BARS]
    figure = sheet(height=0.7 + 0.27 * max(len(names), 4))
    ax = figure.subplots()
    if not names:
        note(ax, "No mistakes")
        return figure
    places = range(len(names))
    bars = ax.barh(places, counts, color=PALETTE[1])
    ax.bar_label(bars, padding=3)
    ax.set_yticks(places, shorts(names, 40))
    ax.invert_yaxis()
    ax.set_xlabel("learners")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(False, axis="y")
    ax.margins(x=0.12)
    return figure
