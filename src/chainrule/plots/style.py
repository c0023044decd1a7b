"""One calm look for every figure: set while a figure is drawn or saved, and never left behind."""

import functools
import gc
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

INK = "#24292f"  # text, axes and grid; a page may replace it by its own text colour
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#c26a9b", "#c48400", "#3a97d0", "#767676", "#8c6239")
WIDTH = 4.4  # inches of a figure: filling a telephone's screen, its text is still 10 pixels high
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (2.6, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "*", ">")

RC: dict[str, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 110,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same layout on every machine
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a class name is a dollar sign
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.formatter.useoffset": False,
    "grid.color": INK,
    "grid.alpha": 0.12,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "legend.handlelength": 2.6,
    "legend.columnspacing": 1.4,
    "svg.fonttype": "none",
    "svg.hashsalt": "chainrule",
}

_LOCK = threading.RLock()  # matplotlib's settings belong to the process: two threads take turns
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


@contextmanager
def style() -> Iterator[None]:
    """The library's look inside the `with` block; the user's own settings outside it, untouched."""
    import matplotlib

    with _LOCK, matplotlib.rc_context(), _uncollected():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)  # type: ignore[arg-type]
        yield


@contextmanager
def _uncollected() -> Iterator[None]:
    """What matplotlib makes in thousands lives as long as the figure: looking for garbage in between takes a fifth more."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def styled(function: Callable) -> Callable:
    """Decorate a drawing function: it runs with the library's look."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with style():
            return function(*args, **kwargs)

    return wrapper


def sheet(width: float = WIDTH, height: float = 2.9) -> Any:
    """A new empty Figure outside pyplot's state, `width` by `height` inches; a notebook shows it as it is."""
    from matplotlib.figure import Figure

    from chainrule.plots.files import render

    figure = Figure(figsize=(width, height), layout="constrained")
    figure._repr_png_ = functools.partial(render, figure, "png")  # type: ignore[attr-defined]
    return figure


def line(index: int) -> dict[str, Any]:
    """Colour, dashes and marker of the line number `index`: no two of ten agree in dashes and marker."""
    return {
        "color": PALETTE[index % len(PALETTE)],
        "linestyle": DASHES[index % len(DASHES)],
        "marker": MARKERS[index % len(MARKERS)],
    }


def short(label: Any, limit: int = 34) -> str:
    """A label on one line and of at most `limit` characters, its middle left out where it is longer."""
    text = _UNPRINTABLE.sub("\ufffd", " ".join(str(label).split()))
    if not text or text.startswith("_"):
        text = "\u200a" + text  # matplotlib hides labels that are empty or start with an underscore
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}"


def shorts(labels: Any, limit: int = 34) -> list[str]:
    """`short` for every label, numbered where two would then read the same."""
    texts = [short(label, limit) for label in labels]
    if len(set(texts)) == len(texts):
        return texts
    return [f"{number}. {short(label, limit - 4)}" for number, label in enumerate(labels, start=1)]


def note(ax: Any, words: str) -> None:
    """Say inside an empty plot why it is empty."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center", alpha=0.7)
