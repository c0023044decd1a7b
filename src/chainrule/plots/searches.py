"""A search's figures: how the trials went, one after the other, epoch by epoch, and by the time they took."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.plots.lines import METRICS, percent_axis
from chainrule.plots.style import PALETTE, note, sheet, styled

LOOKS = {"complete": (PALETTE[0], "o"), "pruned": (PALETTE[6], "x")}
MOST_LINES = 250  # of trials in one figure, the best of them


@styled
def progress_figure(trials: Sequence[Any], metric: str) -> Any:
    """Draw the score of every trial in the order in which they were drawn, and the best so far.

    Args:
        trials: each with `.number`, `.value`, `.state`.
        metric: "accuracy" or "r2".

    Returns:
        The Figure.
    """
    ax = sheet().add_subplot()
    scored = scored_of(trials)
    if not scored:
        note(ax, "nothing recorded")
        return ax.figure
    dots(ax, [t.number for t in scored], scored)
    best = np.maximum.accumulate([t.value if t.state == "complete" else -math.inf for t in scored])
    ax.step([t.number for t in scored], np.where(np.isfinite(best), best, np.nan), where="post", color=PALETTE[1])
    ax.set_xlabel("trial")
    score_axis(ax, metric, scored)
    _legend(ax, {t.state for t in scored})
    return ax.figure


@styled
def cost_figure(trials: Sequence[Any], metric: str) -> Any:
    """Draw the best score by the training time that had been spent on it, all trials together.

    Args:
        trials: as for `progress_figure`, with `.seconds`.
        metric: "accuracy" or "r2".

    Returns:
        The Figure.
    """
    ax = sheet().add_subplot()
    scored = scored_of(trials)
    if not scored:
        note(ax, "nothing recorded")
        return ax.figure
    seconds = np.cumsum([t.seconds for t in scored])
    best = np.maximum.accumulate([t.value if t.state == "complete" else -math.inf for t in scored])
    unit, size = ("hours", 3600) if seconds[-1] >= 7200 else ("minutes", 60) if seconds[-1] >= 120 else ("seconds", 1)
    ax.step(seconds / size, np.where(np.isfinite(best), best, np.nan), where="post", color=PALETTE[1])
    ax.set_xlabel(f"{unit} of training")
    ax.set_xlim(left=0)
    score_axis(ax, metric, [t for t in scored if t.state == "complete"] or scored)
    return ax.figure


@styled
def learning_figure(trials: Sequence[Any], metric: str) -> Any:
    """Draw the best score so far of every trial by epoch; where a pruned one ends, there is a cross.

    Args:
        trials: each with `.curve`, epoch -> score, and `.state`.
        metric: "accuracy" or "r2".

    Returns:
        The Figure.
    """
    ax = sheet(height=3.2).add_subplot()
    drawn = sorted((t for t in trials if t.curve), key=lambda t: t.value)[-MOST_LINES:]
    if not drawn:
        note(ax, "nothing recorded")
        return ax.figure
    for trial in sorted(drawn, key=lambda t: t.state == "complete"):
        color, _ = LOOKS.get(trial.state, LOOKS["pruned"])
        epochs, values = list(trial.curve), list(trial.curve.values())
        ax.plot(epochs, values, color=color, alpha=0.35, linewidth=1.1)
        if trial.state == "pruned":
            ax.plot(epochs[-1:], values[-1:], "x", color=color, alpha=0.8, markersize=4)
    best = max((t for t in drawn if t.state == "complete"), key=lambda t: t.value, default=None)
    if best is not None:
        ax.plot(list(best.curve), list(best.curve.values()), color=PALETTE[1], linewidth=2)
    ax.set_xlabel("epoch")
    ax.locator_params(axis="x", integer=True)
    score_axis(ax, metric, drawn)
    _legend(ax, {t.state for t in drawn}, best="best" if best else None)
    return ax.figure


def named(name: str) -> str:
    """A setting as figures call it."""
    return {"lr": "learning rate"}.get(name, name.replace("_", " ").replace(".", " "))


def worded(value: Any) -> str:
    """A value as figures have it."""
    if isinstance(value, list | tuple):
        return "–".join(map(worded, value)) or "none"
    if isinstance(value, dict):
        return " ".join(map(worded, value.values()))
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower()


def scored_of(trials: Sequence[Any]) -> list[Any]:
    """The trials that have a score."""
    return [trial for trial in trials if trial.value is not None and math.isfinite(trial.value)]


def dots(ax: Any, places: Any, trials: Sequence[Any]) -> None:
    """Trials as dots, pruned ones as crosses."""
    for state, (color, marker) in LOOKS.items():
        chosen = [i for i, trial in enumerate(trials) if trial.state == state]
        look = {"linestyle": "none", "marker": marker, "color": color, "alpha": 0.65, "markersize": 4.5}
        ax.plot([places[i] for i in chosen], [trials[i].value for i in chosen], **look)


def score_axis(ax: Any, metric: str, trials: Sequence[Any]) -> None:
    """Scores from the poorest that matters to the best: one trial that diverged does not squeeze the rest flat."""
    values = np.array([trial.value for trial in trials])
    low = max(values.min(), min(np.quantile(values, 0.05), values.max() - 0.05) - 0.1)
    ax.set_ylim(low - 0.02, values.max() + 0.02)
    ax.set_ylabel(f"validation {METRICS.get(metric, metric)}")
    if metric == "accuracy":
        percent_axis(ax)


def _legend(ax: Any, states: set[str], best: str | None = None) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=color, marker=marker, linestyle="none", label=state)
        for state, (color, marker) in LOOKS.items()
        if state in states
    ]
    lines.append(Line2D([], [], color=PALETTE[1], label=best or "best so far"))
    ax.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=3.6, ncols=3)
