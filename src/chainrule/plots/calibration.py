"""The calibration curve: whether a net's confidence means what it says."""

from typing import Any

import numpy as np

from chainrule.core.kinds import having
from chainrule.plots.lines import percent_axis
from chainrule.plots.style import INK, PALETTE, sheet, styled


@styled
def calibration_curve(found: Any, *, ax: Any = None) -> Any:
    """Draw the share of right predictions over their confidence; a dot's area is its share of the rows.

    On the diagonal, of the predictions made with a confidence of 80 % just 80 % are right; below it a net is too sure.

    Args:
        found: the `calibration` of what `chainrule.judge` returned.
        ax: a matplotlib Axes to draw on; without it a new Figure is made.

    Returns:
        The Figure.

    Raises:
        ArrayTypeError: something else.
    """
    wanted = "the calibration of a Judgement, which nets with the softmax loss have"
    having("calibration_curve", "found", found, "confidence accuracy rows error", wanted=wanted)
    ax = sheet(height=3.6).add_subplot() if ax is None else ax
    low = float(np.floor(10 * min(found.confidence.min(), found.accuracy.min())) / 10)
    ax.plot([low, 1], [low, 1], color=INK, alpha=0.4, linewidth=1)
    ax.plot(found.confidence, found.accuracy, color=PALETTE[0])
    area = 12 + 160 * found.rows / found.rows.sum()
    ax.scatter(found.confidence, found.accuracy, s=area, color=PALETTE[0], zorder=3)
    ax.set_xlabel("confidence of the predictions")
    ax.set_ylabel("share that were right")
    ax.set_title(f"mean distance from the line: {100 * found.error:.1f} %")
    percent_axis(ax, "x")
    percent_axis(ax)
    return ax.figure
