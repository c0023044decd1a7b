"""Writing figures: the same figure gives the same bytes, and nothing is overwritten unless that was asked for."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from chainrule.core.errors import OutputError, SettingError, choose
from chainrule.core.files import output_errors, write_atomically
from chainrule.core.kinds import having
from chainrule.core.numbers import limited
from chainrule.core.paths import path_of
from chainrule.plots.style import style

FORMATS = ("png", "svg")
_svgs: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()  # by Figure


def render(figure: Any, format: str = "png", *, transparent: bool = False, dpi: float = 160) -> bytes:
    """A figure as the bytes of a file, without a date or a program's name in it.

    Args:
        figure: a matplotlib Figure.
        format: "png" or "svg".
        transparent: leave the background out.
        dpi: points per inch of a PNG.

    Raises:
        SettingError: an unknown format, or a dpi that is no number above 0.
        ArrayTypeError: no Figure.
    """
    choose(format, FORMATS, what="figure format")
    having("render", "figure", figure, "savefig", wanted="a matplotlib Figure, such as the functions of plots give")
    dpi = limited("dpi", dpi, owner="render")
    if format == "png":
        return _drawn(figure, format="png", metadata={"Software": None}, transparent=transparent, dpi=dpi)
    svg = _svg(figure)
    if transparent:
        return svg
    begin = svg.index(b">", svg.index(b"<svg")) + 1
    return svg[:begin] + b'\n <rect width="100%" height="100%" fill="white"/>' + svg[begin:]


def _svg(figure: Any) -> bytes:
    """A figure as SVG without a background; one that has not changed since the last time is not drawn again."""
    if figure.stale or figure not in _svgs:
        metadata = {"Date": None, "Creator": None}
        _svgs[figure] = _drawn(figure, format="svg", metadata=metadata, transparent=True, dpi=72)
        figure.stale = False  # leaving the background out for a moment has set it
    return _svgs[figure]


def _drawn(figure: Any, *, format: str, dpi: float, **options: Any) -> bytes:
    buffer = io.BytesIO()
    with style(), warnings.catch_warnings():
        # A class may be named in a script that the font lacks; a browser finds the letters, a PNG shows a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        with _laid_out(figure, format, dpi):
            figure.savefig(buffer, format=format, dpi=dpi, **options)
    return buffer.getvalue()


@contextmanager
def _laid_out(figure: Any, format: str, dpi: float) -> Iterator[None]:
    """Place what a figure shows, within `style`. `savefig` would draw all of it a first time for that."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    engine = figure.get_layout_engine() if isinstance(figure, Figure) and figure.axes else None
    if engine is None:  # also what is no Figure, but can save itself
        yield
        return
    canvas, own_dpi = figure.canvas, figure.dpi
    try:
        {"png": FigureCanvasAgg, "svg": FigureCanvasSVG}[format](figure)  # which measure text in their own ways
        figure.dpi = dpi
        with suppress(ValueError):  # then it is drawn as it stands, as `Figure.draw` has it
            engine.execute(figure)
        figure.set_layout_engine(None)  # "none" would leave something that makes `savefig` draw twice all the same
        yield
    finally:
        figure.set_layout_engine(engine)
        figure.dpi = own_dpi
        figure.set_canvas(canvas)


def save(figure: Any, path: str | Path, *, overwrite: bool = False, dpi: float = 160) -> Path:
    """Write a figure to a .png or .svg file; equal figures give equal bytes.

    Args:
        figure: a matplotlib Figure.
        path: where to; folders on the way are made.
        overwrite: replace a file that is there.
        dpi: points per inch of a PNG.

    Returns:
        The path written.

    Raises:
        SettingError: the path ends in neither .png nor .svg.
        OutputError: the file is there already, or cannot be written.

    Example:
        >>> save(curves(history, "loss"), "loss.svg")  # doctest: +SKIP
    """
    path = path_of(path, owner="plots.save")
    format = path.suffix.lower().lstrip(".")
    if format not in FORMATS:
        raise SettingError(f"plots.save: path must end in .png or .svg; came {path}.")
    refuse_existing(path, overwrite)
    return write_bytes(path, render(figure, format, dpi=dpi), overwrite=overwrite)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Fail early, before the work of drawing, where a file is in the way.

    Raises:
        OutputError: the file is there and was not to be replaced.
    """
    if path.exists() and not overwrite:
        raise OutputError(
            f"{path} exists already, and nothing is overwritten. Choose another name, or pass overwrite=True."
        )


def write_bytes(path: str | Path, content: bytes, *, overwrite: bool = False) -> Path:
    """Write a file whole or not at all; folders on the way are made.

    Raises:
        OutputError: the file is there and `overwrite` is not set, or it cannot be written.
    """
    path = Path(path)
    refuse_existing(path, overwrite)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    return path
