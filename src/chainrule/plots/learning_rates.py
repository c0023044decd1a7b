"""A run with a climbing learning rate: the losses that it met, and the rate to begin with."""

from typing import Any

import numpy as np

from chainrule.core.kinds import having
from chainrule.plots.lines import set_scale
from chainrule.plots.series import drawable
from chainrule.plots.style import PALETTE, note, sheet, styled


@styled
def learning_rates(found: Any, *, ax: Any = None) -> Any:
    """Draw each step's loss and their running mean over the learning rate, and mark the rate that is suggested.

    Args:
        found: what `chainrule.find_learning_rate` returned.
        ax: a matplotlib Axes to draw on; without it a new Figure is made.

    Returns:
        The Figure.

    Raises:
        ArrayTypeError: something else.
    """
    wanted = "what find_learning_rate returns"
    having("learning_rates", "found", found, "rates losses smooth suggested rule", wanted=wanted)
    ax = sheet().add_subplot() if ax is None else ax
    ax.set_xlabel(f"learning rate of {found.rule}")
    ax.set_ylabel("loss of a batch")
    losses, smooth = drawable(found.losses), drawable(found.smooth)
    if not np.isfinite(smooth).any():
        note(ax, "nothing finite")
        return ax.figure
    set_scale(ax, "auto", "loss", [losses, smooth])
    ax.set_xscale("log")
    ax.plot(found.rates, losses, ".", color=PALETTE[6], markersize=3, label="of each step")
    ax.plot(found.rates, smooth, color=PALETTE[0], label="running mean")
    if found.suggested is not None:
        ax.axvline(found.suggested, color=PALETTE[1], linestyle=(0, (5, 2)), label=f"begin with {found.suggested:.2g}")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=3.6, ncols=3)
    return ax.figure
