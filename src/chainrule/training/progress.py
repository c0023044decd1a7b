"""How far a training is: a bar in a terminal or a notebook, a line an epoch (thinned) in a log."""

import math
import sys
from typing import Any

LOG_LINES = 20  # of a whole training, where there is no terminal
PAUSE = 0.2  # seconds between two changes of a bar, at least


class CellLine:
    """A file in a notebook's output: what is written takes the place of what was there, in the saved notebook too."""

    encoding = "utf-8"  # whose blocks the bar is drawn with

    def __init__(self) -> None:
        from IPython.display import display

        self.line = display({"text/plain": ""}, raw=True, display_id=True)

    def write(self, text: str) -> None:
        """Show a text instead of the one before; a bar's line feeds and returns are none."""
        if text.strip():
            self.line.update({"text/plain": text.strip()}, raw=True)

    def flush(self) -> None:
        """Nothing waits."""


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in shell.config


def bar(total: int, *, done: int = 0, what: str | None = None, unit: str, verbose: bool) -> Any:
    """A tqdm bar of this process: in a notebook in its cell's output, else on standard error."""
    from tqdm import tqdm

    file: Any = CellLine() if verbose and in_notebook() else sys.stderr
    return tqdm(
        total=total, initial=done, desc=what, unit=unit, disable=not verbose, file=file, dynamic_ncols=True,
        mininterval=PAUSE,
    )  # fmt: skip


class Progress:
    """Shows how far a training is, and the last check's figures.

    Args:
        total: steps in all.
        done: steps taken before, in a training that goes on.
        epochs: in all, for the log's thinning.
        verbose: whether to show anything.
    """

    def __init__(self, total: int, done: int, epochs: int, *, verbose: bool) -> None:
        self.verbose, self.epochs, self.bar = verbose, epochs, None
        self.lines = not (sys.stderr.isatty() or in_notebook())
        if verbose and not self.lines:
            self.bar = bar(total, done=done, unit="step", verbose=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *exception: Any) -> None:
        if self.bar is not None:
            self.bar.close()

    def steps(self, n: int) -> None:
        """So many more steps are done."""
        if self.bar is not None:
            self.bar.update(n)

    def check(self, epoch: int, loss: float, train: float, val: float) -> None:
        """A check was made; val is NaN where there are no validation rows."""
        figures = {"loss": loss, "train": train} | ({} if math.isnan(val) else {"val": val})
        if self.bar is not None:
            shown = ", ".join(f"{name} {figure:.3f}" for name, figure in figures.items())
            self.bar.set_postfix_str(f"epoch {epoch}, {shown}", refresh=False)
        elif self.verbose and (epoch % max(1, self.epochs // LOG_LINES) == 0 or epoch == self.epochs):
            shown = "  ".join(f"{name} {figure:.4f}" for name, figure in figures.items())
            print(f"epoch {epoch}/{self.epochs}  {shown}", file=sys.stderr, flush=True)
