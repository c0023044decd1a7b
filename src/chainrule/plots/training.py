"""One training on one sheet: loss, accuracy, gradients and updates."""

from typing import Any

import numpy as np

from chainrule.plots import series
from chainrule.plots.lines import METRICS, averaged, name_below, percent_axis, set_scale
from chainrule.plots.style import INK, WIDTH, line, note, sheet, shorts, styled

MOST_LINES = 8  # layers that a reader can tell apart
MOST_POINTS = 100  # of each layer's line: several lie over one another


@styled
def training_figure(history: Any) -> Any:
    """Draw a training's loss, accuracies, gradient norms and update ratios on one sheet.

    Args:
        history: a `History`; an interrupted or diverged one too.

    Returns:
        The Figure, the four plots two by two.
    """
    series.check_history("training_figure", history)
    figure = sheet(2 * WIDTH, 6.6)
    for place, draw in enumerate(PANELS.values()):
        draw(history, figure.add_subplot(2, 2, place + 1))
    return figure


@styled
def training_panels(history: Any) -> dict[str, Any]:
    """The four plots of `training_figure` as Figures of their own, by name: for narrow pages."""
    series.check_history("training_panels", history)
    figures = {}
    for name, draw in PANELS.items():
        figures[name] = sheet(height=3.2)
        ax = figures[name].add_subplot()
        draw(history, ax)
        ax.set_title("")  # the page has its own heading over each
    return figures


def draw_loss(history: Any, ax: Any) -> None:
    """The training loss over the steps, with the validation loss at the checks."""
    numbers = series.values(history, "loss")
    size = series.block_size(len(numbers), "auto")
    steps = series.blocks(np.arange(1.0, len(numbers) + 1), size)
    middle = series.blocks(numbers, size)
    checks, validation = series.positions(history, "val_loss", "step"), series.values(history, "val_loss")
    _axes(ax, "Loss", "step", "loss" + averaged(size))
    if not np.isfinite(np.concatenate([middle, validation])).any():
        note(ax, "no finite loss recorded")
        return
    look = line(0)
    if size > 1:
        low, high = (series.blocks(numbers, size, reduce) for reduce in (series.lowest, series.highest))
        ax.fill_between(steps, low, high, color=look["color"], alpha=0.16, linewidth=0)
    ax.plot(steps, middle, color=look["color"], label="training, each step")
    ax.plot(checks, validation, label="validation", markevery=_every(checks), markeredgewidth=0, **line(1))
    bad = np.flatnonzero(~np.isfinite(np.asarray(history.loss, dtype=float)))
    if bad.size:
        ax.axvline(bad[0] + 1, color=INK, linewidth=0.8, linestyle=":", label=f"not finite from step {bad[0] + 1}")
    set_scale(ax, "auto", "loss", [middle, validation])
    _finish(ax)


def draw_accuracy(history: Any, ax: Any) -> None:
    """Training and validation accuracy (or R²) at every check, the best epoch marked."""
    metric = METRICS.get(history.metric, history.metric)
    _axes(ax, metric[:1].upper() + metric[1:], "epoch", metric)
    epochs = series.positions(history, "val_acc", "epoch")
    pairs = [("training", series.values(history, "train_acc")), ("validation", series.values(history, "val_acc"))]
    if not any(np.isfinite(numbers).any() for _, numbers in pairs):
        note(ax, "no check recorded")
        return
    for index, (name, numbers) in enumerate(pairs):
        ax.plot(epochs, numbers, label=name, markevery=_every(epochs), markeredgewidth=0, **line(index))
    if np.isfinite(history.best_val_acc):
        ax.plot(
            [history.best_epoch], [history.best_val_acc], "o", markersize=9, fillstyle="none", color=INK, label="best"
        )
    if metric == "accuracy":
        percent_axis(ax)
    _finish(ax)


def draw_gradients(history: Any, ax: Any) -> None:
    """The gradient norm of every layer's weights over the steps."""
    norms = np.asarray(history.grad_norms, dtype=float)
    size = series.block_size(len(norms), "auto", most=MOST_POINTS)
    _axes(ax, "Gradient norm", "step", "norm" + averaged(size))
    _layers(ax, history, series.blocks(np.arange(1.0, len(norms) + 1), size), norms, size)


def draw_updates(history: Any, ax: Any) -> None:
    """How far a step moves each layer's weights, as a share of their size, at every check."""
    _axes(ax, "Update ratio", "epoch", "|update| / |weights|")
    epochs = np.asarray(history.check_epoch, dtype=float)
    _layers(ax, history, epochs, np.asarray(history.update_ratios, dtype=float), 1, usual=1e-3)


PANELS = {"loss": draw_loss, "accuracy": draw_accuracy, "gradients": draw_gradients, "updates": draw_updates}


def _layers(ax, history, x, table, size, usual=None) -> None:
    """One line for each weight matrix of `table` (T, P), on a log axis."""
    names = list(history.param_names)
    chosen = [i for i, name in enumerate(names) if name.startswith("W")] or list(range(len(names)))
    if len(chosen) > MOST_LINES:
        chosen = [chosen[i] for i in np.linspace(0, len(chosen) - 1, MOST_LINES).round().astype(int)]
    table = series.drawable(table)
    columns = [series.blocks(table[:, i], size) for i in chosen] if table.size else []
    if not any(np.isfinite(column).any() for column in columns):
        note(ax, "nothing recorded")
        return
    for index, (name, column) in enumerate(zip(shorts([names[i] for i in chosen]), columns)):
        ax.plot(x, column, label=name, markevery=_every(x), markeredgewidth=0, **line(index))
    if usual is not None:
        ax.axhline(usual, color=INK, linewidth=0.8, linestyle=":", label=f"usual: {usual:g}")
    set_scale(ax, "log", "grad_norm", [*columns, np.array([np.nan if usual is None else usual])])
    _finish(ax)


def _every(x) -> int:
    return max(1, len(x) // 10)


def _axes(ax, title, xlabel, ylabel) -> None:
    ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)


def _finish(ax) -> None:
    ax.locator_params(axis="x", nbins=6)
    name_below(ax, ax.get_legend_handles_labels()[1])
