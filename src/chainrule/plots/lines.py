"""Curves over a training: one line a label, a band over its seeds."""

from typing import Any

import numpy as np

from chainrule.core.errors import choose
from chainrule.plots import series
from chainrule.plots.style import line, note, sheet, shorts, styled

NAMES = {
    "loss": "training loss",
    "grad_norm": "mean gradient norm",
    "lr": "learning rate",
    "train_acc": "training {metric}",
    "val_acc": "validation {metric}",
    "train_loss": "training loss",
    "val_loss": "validation loss",
}
METRICS = {"r2": "R²"}
SCALES = ("auto", "linear", "log")
LEGEND_CHARACTERS = 58  # of a legend's row in a sheet of the usual width


@styled
def curves(
    histories: Any,
    quantity: str,
    *,
    by: str = "epoch",
    smooth: int | str | None = "auto",
    band: str | None = "std",
    scale: str = "auto",
    legend: bool = True,
    ax: Any = None,
) -> Any:
    """Draw one quantity of many trainings: a line for every label, the mean over its seeds, and a band about it.

    Args:
        histories: label -> list of histories (one a seed), or label -> history, or one history.
        quantity: "loss", "grad_norm", "lr" (per step), "train_acc", "val_acc", "train_loss" or "val_loss" (per check).
        by: "epoch" or "step", the horizontal axis.
        smooth: steps averaged into one point of a per-step quantity; "auto" leaves at most 300 points, None none out.
        band: "std", one standard deviation to either side; "range", from the least to the greatest seed; or None.
        scale: "linear", "log" (values that are not positive are left out), or "auto": log for gradient norms and for
            losses that span more than a factor of 50.
        legend: name the lines below the plot.
        ax: a matplotlib Axes to draw on; without it a new Figure is made.

    Returns:
        The Figure.

    Raises:
        SettingError: an unknown quantity, axis, band or scale.
        ArrayError: a history whose arrays do not belong together.

    Convention: the standard deviation divides by the number of seeds less one. Values that are not finite are left
        out, and the legend counts the seeds that have them.

    Example:
        >>> curves({"adam": [first, second], "sgd": [third]}, "val_acc", by="epoch")  # doctest: +SKIP
    """
    choose(by, series.AXES, what="axis of curves, by")
    choose(scale, SCALES, what="scale of curves")
    choose("none" if band is None else band, series.BANDS, what="band of curves")
    groups = series.as_groups(histories)
    lines = {label: series.gather(group, quantity, by, smooth) for label, group in groups.items()}
    names = [name + _lost(groups[label], quantity) for name, label in zip(shorts(groups), groups)]
    named = legend and list(groups) != [""]
    if ax is None:
        rows = -(-len(names) // columns(names)) if named else 0
        ax = sheet(height=2.7 + 0.19 * rows).add_subplot()
    metric = next((METRICS.get(h.metric, h.metric) for group in groups.values() for h in group), "accuracy")
    ax.set_xlabel({"epoch": "epoch", "step": "step"}[by])
    ax.set_ylabel(
        NAMES[quantity].format(metric=metric) + averaged(max((size for *_, size in lines.values()), default=1))
    )
    middles = [series.mean(runs) for _, runs, _ in lines.values()]
    if not any(np.isfinite(middle).any() for middle in middles):
        note(ax, "nothing recorded")
        return ax.figure
    set_scale(ax, scale, quantity, middles)
    for index, (name, (x, runs, _)) in enumerate(zip(names, lines.values())):
        _draw(ax, index, name, x, runs, band)
    _limits(ax, quantity, metric)
    if named:
        name_below(ax, names)
    return ax.figure


def _draw(ax, index, name, x, runs, band) -> None:
    """One label: its line, a few markers on it, and its band."""
    look = line(index)
    middle = series.mean(runs)
    gap = max(1, len(x) // 8)
    every = 1 if len(x) <= 12 else (index * gap // 5 % gap, gap)
    ax.plot(x, middle, label=name, markevery=every, markeredgewidth=0, **look)
    if band not in (None, "none") and len(runs) > 1:
        low, high = series.band(runs, band)
        if ax.get_yscale() == "log":
            low = np.where(low > 0, low, series.lowest(runs))  # mean less deviation may not be positive
        ax.fill_between(x, low, high, color=look["color"], alpha=0.16, linewidth=0)


def _lost(group, quantity) -> str:
    """What the legend says of seeds that diverged or recorded nothing."""
    if quantity in series.PER_CHECK or not group:
        return "" if group else " (no data)"
    lost = sum(not np.isfinite(np.asarray(getattr(history, quantity), dtype=float)).all() for history in group)
    if not lost:
        return ""
    return " (diverged)" if len(group) == 1 else f" ({lost} of {len(group)} diverged)"


def averaged(size: int) -> str:
    """What an axis says where its points are means."""
    return f"\n(means of {size} steps)" if size > 1 else ""


def set_scale(ax: Any, scale: str, quantity: str, numbers: list[np.ndarray]) -> None:
    """A linear or logarithmic vertical axis; "auto" goes by the quantity and by how far the numbers reach."""
    everything = np.concatenate([n[np.isfinite(n)] for n in numbers])
    positive = everything[everything > 0]
    if not positive.size or scale == "linear":
        return
    wide = positive.size == everything.size and positive.max() > 50 * positive.min()
    if scale == "log" or quantity == "grad_norm" or (quantity.endswith("loss") and wide):
        log_axis(ax, positive.min(), positive.max())


def log_axis(ax: Any, low: float, high: float) -> None:
    """A logarithmic vertical axis with plain numbers at its ticks, and enough of them over a short range."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_yscale("log", nonpositive="mask")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 100 * low else (1.0,), numticks=8))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _limits(ax, quantity, metric) -> None:
    """Accuracies in percent; an R² far below zero does not squeeze the rest flat."""
    from matplotlib.ticker import FuncFormatter

    if quantity.endswith("_acc") and metric == "accuracy":
        percent_axis(ax)
    elif quantity.endswith("_acc") and ax.get_ylim()[0] < -1:
        ax.set_ylim(-1, 1.05)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}".replace(",", "\u2009")))
    ax.locator_params(axis="x", nbins=6)


def percent_axis(ax: Any, axis: str = "y") -> None:
    """Fractions as percent, no space wasted beyond 0 and 100 %."""
    from matplotlib.ticker import FuncFormatter

    low, high = getattr(ax, f"get_{axis}lim")()
    getattr(ax, f"set_{axis}lim")(max(low, -0.02), min(high, 1.02))
    getattr(ax, f"{axis}axis").set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g} %"))


def columns(names: list[str]) -> int:
    """How many names stand side by side in a legend."""
    widest = max((len(name) for name in names), default=0) + 9
    return max(1, min(len(names), LEGEND_CHARACTERS // widest))


def name_below(ax: Any, names: list[str]) -> None:
    """The legend, under the axes, where it covers nothing."""
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=3.6, ncols=columns(names))
