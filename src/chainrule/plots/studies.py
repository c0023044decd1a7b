"""A study's figures: every variant's curves, by epoch and by step, and every seed's result."""

from typing import Any

import numpy as np

from chainrule.core.kinds import having
from chainrule.plots import series
from chainrule.plots.lines import METRICS, curves, percent_axis
from chainrule.plots.style import INK, line, note, sheet, shorts, styled

QUANTITIES = ("loss", "train_acc", "val_acc", "grad_norm")
MOST_VARIANTS = 10  # that a reader can tell apart


def shown(study: Any) -> list[Any]:
    """The variants that the figures show: all, or the ten best by validation accuracy, in the study's order."""
    having("plots", "study", study, "variants", wanted="a Study, such as compare() returns")
    if len(study.variants) <= MOST_VARIANTS:
        return list(study.variants)
    order = sorted(study.variants, key=lambda v: -np.nan_to_num(_final(v), nan=-np.inf))
    best = {id(variant) for variant in order[:MOST_VARIANTS]}
    return [variant for variant in study.variants if id(variant) in best]


@styled
def study_figures(study: Any) -> dict[str, Any]:
    """Draw a study.

    Args:
        study: has `.variants`, each with `.label` and `.runs`, each run with `.history`.

    Returns:
        name -> Figure: "ranking", then "loss_by_epoch", "train_acc_by_epoch", "val_acc_by_epoch", "grad_norm_by_epoch";
        and the same four "_by_step" where epochs differ in their number of steps, since the curves are else the same. Of
        more than ten variants the ten best are drawn.
    """
    groups = {variant.label: [run.history for run in variant.runs] for variant in shown(study)}
    figures = {"ranking": ranking(study)}
    for by in ("epoch",) if epoch_length(study) else series.AXES:
        for quantity in QUANTITIES:
            figures[f"{quantity}_by_{by}"] = curves(groups, quantity, by=by)
    return figures


def epoch_length(study: Any) -> float | None:
    """The steps of an epoch, where that is one number for all variants that are shown; else None."""
    runs = [run for variant in shown(study) for run in variant.runs]
    return series.steps_per_epoch([run.history for run in runs if run.history is not None])


@styled
def ranking(study: Any) -> Any:
    """Draw the final validation accuracy of every seed, a row for each variant, the best on top; the bar is the mean.

    Args:
        study: as for `study_figures`.

    Returns:
        The Figure.
    """
    variants = shown(study)
    looks = {id(variant): line(index) for index, variant in enumerate(variants)}
    order = sorted(variants, key=lambda v: np.nan_to_num(_final(v), nan=-np.inf))
    ax = sheet(height=1.0 + 0.32 * max(2, len(order))).add_subplot()
    histories = [run.history for variant in order for run in variant.runs if run.history is not None]
    metric = METRICS.get(histories[0].metric, histories[0].metric) if histories else "accuracy"
    ax.set_xlabel(f"validation {metric}")
    if not any(np.isfinite(_final(variant)) for variant in order):
        note(ax, "nothing recorded")
        return ax.figure
    for row, variant in enumerate(order):
        numbers = finals(variant)
        look = {**looks[id(variant)], "linestyle": "none", "alpha": 0.75, "markersize": 6, "markeredgewidth": 0}
        ax.plot(numbers, np.full(len(numbers), row), **look)
        ax.plot([_final(variant)], [row], "|", color=INK, markersize=13, markeredgewidth=1.6)
    ax.set_yticks(range(len(order)), shorts([variant.label for variant in order], limit=24))
    ax.set_ylim(-0.6, len(order) - 0.4)
    ax.grid(axis="x", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if metric == "accuracy":
        percent_axis(ax, axis="x")
    return ax.figure


def finals(variant: Any) -> np.ndarray:
    """The last validation accuracy of every seed that has one."""
    numbers = [series.last(run.history, "val_acc") for run in variant.runs if run.history is not None]
    return np.array([number for number in numbers if np.isfinite(number)])


def _final(variant) -> float:
    numbers = finals(variant)
    return float(numbers.mean()) if numbers.size else float("nan")
