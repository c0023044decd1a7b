"""Progress on standard error: a bar in a terminal or notebook, a line an epoch (thinned) in a log."""

import sys
import warnings
from typing import Any

LOG_LINES = 20  # of a whole training, where there is no terminal


def bar(total: int, *, done: int = 0, what: str | None = None, unit: str, verbose: bool) -> Any:
    """A tqdm bar of this process: in a notebook a widget (a text bar where it has no widgets), else on standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm warns where a notebook has no widgets, and then does without
        from tqdm.auto import tqdm
    return tqdm(
        total=total, initial=done, desc=what, unit=unit, disable=not verbose, file=sys.stderr, dynamic_ncols=True,
        mininterval=0.2,
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
        self.lines = not (sys.stderr.isatty() or "ipykernel" in sys.modules)
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
        """A check was made."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"epoch {epoch}, loss {loss:.3f}, train {train:.3f}, val {val:.3f}")
        elif self.verbose and (epoch % max(1, self.epochs // LOG_LINES) == 0 or epoch == self.epochs):
            print(
                f"epoch {epoch}/{self.epochs}  loss {loss:.4f}  train {train:.4f}  val {val:.4f}",
                file=sys.stderr,
                flush=True,
            )
