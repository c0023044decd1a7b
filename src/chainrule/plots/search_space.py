"""A search's figures: what each setting was worth, and how settings go together."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.plots.heat_map import heat_map
from chainrule.plots.lines import METRICS, percent_axis
from chainrule.plots.searches import MOST_LINES, dots, named, score_axis, scored_of, worded
from chainrule.plots.style import INK, PALETTE, note, sheet, short, shorts, styled

BINS = 6  # of a range in a heat map
MOST_NAMED = 8  # choices, all of which are named


@styled
def slice_figure(trials: Sequence[Any], dimension: Any, metric: str) -> Any:
    """Draw every trial's score by one setting.

    Args:
        trials: each with `.params`, `.value`, `.state`.
        dimension: has `.name`, `.choices`, `.log`.
        metric: "accuracy" or "r2".

    Returns:
        The Figure.
    """
    ax = sheet(height=2.6).add_subplot()
    scored = [t for t in scored_of(trials) if dimension.name in t.params]
    ax.set_xlabel(named(dimension.name))
    if not scored:
        note(ax, "never drawn")
        return ax.figure
    if dimension.choices is None:
        dots(ax, [t.params[dimension.name] for t in scored], scored)
        if dimension.log:
            _log_axis(ax)
        elif dimension.whole:
            ax.locator_params(axis="x", integer=True)
    else:
        words = [worded(choice) for choice in dimension.choices]
        places = [words.index(worded(t.params[dimension.name])) for t in scored]
        dots(ax, np.array(places) + _spread(scored), scored)
        ax.set_xticks(range(len(words)), shorts(words, limit=max(4, 44 // len(words))))
        ax.grid(axis="x", visible=False)
    score_axis(ax, metric, scored)
    return ax.figure


@styled
def parallel_figure(trials: Sequence[Any], dimensions: Sequence[Any], metric: str) -> Any:
    """Draw every trial as a line through its settings to its score; the better, the stronger.

    Args:
        trials: each with `.params`, `.value`.
        dimensions: each with `.name`, `.choices`, `.low`, `.high`, `.log`.
        metric: "accuracy" or "r2".

    Returns:
        The Figure. A setting that a trial did not have is passed below its axis.
    """
    ax = sheet(width=min(9.0, 2.2 + 0.95 * len(dimensions)), height=3.4).add_subplot()
    scored = sorted(scored_of(trials), key=lambda t: t.value)[-MOST_LINES:]
    ax.axis("off")
    if not scored:
        note(ax, "nothing recorded")
        return ax.figure
    low, high = scored[0].value, scored[-1].value
    for place, trial in enumerate(scored):
        share = place / max(1, len(scored) - 1)
        heights = [_height(d, trial.params) for d in dimensions] + [(trial.value - low) / (high - low or 1)]
        best = trial is scored[-1]
        color = PALETTE[1] if best else PALETTE[0]
        ax.plot(heights, color=color, alpha=1.0 if best else 0.06 + 0.6 * share**3, linewidth=2.2 if best else 1.0)
    ends = [_ends(d) for d in dimensions] + [(_percent(low, metric), _percent(high, metric))]
    for x, ((bottom, top), name) in enumerate(
        zip(ends, [*(named(d.name) for d in dimensions), METRICS.get(metric, metric)])
    ):
        ax.plot([x, x], [0, 1], color=INK, linewidth=0.8, alpha=0.6)
        ax.text(x, 1.14, short(name, 14), ha="center", va="bottom", fontweight="bold", fontsize=8.5)
        ax.text(x, 1.04, short(top, 12), ha="center", va="bottom", fontsize=8)
        ax.text(x, -0.05, short(bottom, 12), ha="center", va="top", fontsize=8)
    _name_choices(ax, dimensions)
    ax.set_ylim(-0.22, 1.25)
    return ax.figure


@styled
def importance_figure(importance: dict[str, float]) -> Any:
    """Draw how much of reaching the best quarter of all scores hung on each setting.

    Args:
        importance: setting -> share of all.

    Returns:
        The Figure.
    """
    ax = sheet(height=0.9 + 0.3 * max(2, len(importance))).add_subplot()
    if not importance:
        note(ax, "too few trials to tell")
        return ax.figure
    names = sorted(importance, key=importance.__getitem__)
    ax.barh(range(len(names)), [importance[name] for name in names], color=PALETTE[0], height=0.6)
    ax.set_yticks(range(len(names)), shorts([named(name) for name in names], limit=24))
    ax.set_xlabel("importance, share of all")
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    percent_axis(ax, axis="x")
    return ax.figure


@styled
def interaction_figure(trials: Sequence[Any], first: Any, second: Any, metric: str, title: str = "") -> Any:
    """Draw the best score of every pair of values of two settings as a heat map; ranges are cut into a few parts.

    Args:
        trials: each with `.params`, `.value`.
        first, second: settings, as for `parallel_figure`; rows and columns.
        metric: "accuracy" or "r2".
        title: of the figure.

    Returns:
        The Figure; numbers are percent where scores are accuracies.
    """
    sides = [_parts(dimension) for dimension in (first, second)]
    table = np.full([len(words) for words, _ in sides], np.nan)
    for trial in scored_of(trials):
        if first.name in trial.params and second.name in trial.params:
            cell = tuple(place(trial.params[d.name]) for (_, place), d in zip(sides, (first, second)))
            score = 100 * trial.value if metric == "accuracy" else trial.value
            table[cell] = np.nanmax([table[cell], score])
    return heat_map(
        table, sides[0][0], sides[1][0], row_name=named(first.name), column_name=named(second.name), title=title
    )


def _log_axis(ax: Any) -> None:
    """A logarithmic horizontal axis with plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def _spread(trials: Sequence[Any]) -> np.ndarray:
    """Small steps to the side, so that dots of one choice do not hide each other."""
    return (np.arange(len(trials)) * 0.618 % 1 - 0.5) * 0.4


def _height(dimension: Any, params: dict[str, Any]) -> float:
    """Where a value stands on its axis, from 0 to 1; below it where there is none."""
    if dimension.name not in params:
        return -0.16
    value = params[dimension.name]
    if dimension.choices is not None:
        words = [worded(choice) for choice in dimension.choices]
        return (words.index(worded(value)) + 0.5) / len(words)
    low, high = dimension.low, dimension.high
    if dimension.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _ends(dimension: Any) -> tuple[str, str]:
    if dimension.choices is not None:
        return worded(dimension.choices[0]), worded(dimension.choices[-1])
    return f"{dimension.low:.3g}", f"{dimension.high:.3g}"


def _name_choices(ax: Any, dimensions: Sequence[Any]) -> None:
    """The choices between the first and the last, where they are few."""
    for x, dimension in enumerate(dimensions):
        choices = dimension.choices or ()
        for choice in choices[1:-1] if len(choices) <= MOST_NAMED else ():
            height = _height(dimension, {dimension.name: choice})
            ax.text(x + 0.05, height, short(worded(choice), 12), ha="left", va="center", fontsize=8)


def _percent(value: float, metric: str) -> str:
    return f"{100 * value:.1f} %" if metric == "accuracy" else f"{value:.3f}"


def _parts(dimension: Any) -> tuple[list[str], Any]:
    """The rows or columns that a setting becomes in a heat map: their names, and the function value -> place."""
    if dimension.choices is not None:
        words = [worded(choice) for choice in dimension.choices]
        return words, lambda value: words.index(worded(value))
    if dimension.whole and dimension.high - dimension.low < BINS:
        return [f"{n:g}" for n in np.arange(dimension.low, dimension.high + 1)], lambda value: int(
            value - dimension.low
        )
    space = np.geomspace if dimension.log else np.linspace
    edges = space(dimension.low, dimension.high, BINS + 1)
    middles = np.sqrt(edges[:-1] * edges[1:]) if dimension.log else (edges[:-1] + edges[1:]) / 2
    return [f"{m:.2g}" for m in middles], lambda value: int(
        np.clip(np.searchsorted(edges, value, "right") - 1, 0, BINS - 1)
    )
