"""Progress on standard error: a bar in a terminal or notebook, a line an epoch (thinned) in a log."""

import sys
from typing import Any

LOG_LINES = 20  # of a whole training, where there is no terminal


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
            from tqdm import tqdm

            self.bar = tqdm(total=total, initial=done, unit="step", file=sys.stderr, dynamic_ncols=True, leave=True)

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
