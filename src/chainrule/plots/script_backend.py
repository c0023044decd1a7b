"""A matplotlib backend for scripts that nobody watches: what `plt.show()` would show goes into numbered PNG files.

Chosen by MPLBACKEND=module://chainrule.plots.script_backend; the folder is in CHAINRULE_FIGURES.
"""

import os
from pathlib import Path
from typing import Any

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class FigureManager(FigureManagerBase):
    """Keeps figures instead of showing them."""

    @classmethod
    def pyplot_show(cls, *, block: Any = None) -> None:
        """Write every open figure as figure-1.png, figure-2.png, ... and close it, as a closed window would be."""
        folder = Path(os.environ.get("CHAINRULE_FIGURES", "."))
        for manager in Gcf.get_all_fig_managers():
            number = 1 + len(list(folder.glob("figure-*.png")))
            manager.canvas.figure.savefig(folder / f"figure-{number}.png")
        Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """Draws in memory."""

    manager_class = FigureManager  # type: ignore[assignment]
