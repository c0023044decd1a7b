"""The picture of a benchmark: a bar for each peer, a panel for each work."""

from statistics import median
from typing import Any

from chainrule.bench.measure import Measured
from chainrule.bench.ratios import interval
from chainrule.plots.style import INK, PALETTE, sheet, styled

ROW = 0.26  # inches of a bar
HEAD = 0.75  # of a panel's title and axis


@styled
def picture(measured: list[Measured]) -> Any:
    """Draw the medians, and the 95 % intervals of the medians; a line stands where the arithmetic alone would end.

    Args:
        measured: what came of each work.

    Returns:
        The Figure.
    """
    heights = [HEAD + ROW * len(found.turns) for found in measured]
    figure = sheet(width=7.0, height=sum(heights) + 0.2)
    panels = figure.subplots(len(measured), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, found in zip(panels, measured):
        _panel(ax, found)
    return figure


def _panel(ax: Any, found: Measured) -> None:
    work = found.work
    factor = work.scale / work.parts
    order = sorted(found.turns.values(), key=lambda turns: -median(turns.seconds))
    for place, turns in enumerate(order):
        middle = factor * median(turns.seconds)
        low, high = (factor * x for x in interval(turns.seconds))
        colour = PALETTE[0] if turns.peer.is_own else PALETTE[6]
        ax.barh(place, middle, color=colour, height=0.7)
        ax.plot([low, high], [place, place], color=INK, linewidth=1.2)
        ax.text(max(middle, high), place, f" {middle:.3g}", va="center", fontsize=8)
    ax.set_yticks(range(len(order)), [turns.peer.title for turns in order])
    ax.axvline(work.scale * work.flops / median(found.gflops) / 1e9, color=PALETTE[1], linewidth=1.2, linestyle=":")
    ax.grid(False, axis="y")
    ax.margins(x=0.12)
    ax.set_title(f"{work.name}: {work.told()}", fontsize=9)
    ax.set_xlabel(f"{work.unit}; dotted: the arithmetic alone, at the speed of a large product")
