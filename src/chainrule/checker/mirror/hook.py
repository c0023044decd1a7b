"""What a cell of an instructor's tests runs in: it ends where the tests fail, and what is printed is kept."""

import contextlib
import io
from collections.abc import Callable, Collection
from typing import Any

PRINTED = 50_000  # characters kept of a cell


class Enough(BaseException):
    """A cell has failed: the others need not run."""


class Run:
    """One run of all cells, set by whoever starts it.

    Attributes:
        report: takes every cell's beginning and result.
        fails: whether a result is a failure, after which nothing more is run.
        skipped: cells that stand alone and are not run.
        called: what was called since the cell began.
    """

    report: Callable[[dict[str, Any]], None]
    fails: Callable[[dict[str, Any]], bool]
    skipped: Collection[int] = ()
    called: set[str]


class Cell(contextlib.AbstractContextManager):
    """The `with` block of a cell; what it raises is kept."""

    def __init__(self, place: int) -> None:
        self.place, self.output = place, io.StringIO()

    def __enter__(self) -> "Cell":
        Run.report({"begins": self.place})
        Run.called.clear()
        self.redirected = contextlib.redirect_stdout(self.output)
        self.redirected.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.redirected.__exit__(kind, error, trace)
        if kind is not None and not issubclass(kind, Exception | SystemExit):
            return False
        said = "" if error is None else f"{kind.__name__}: {' '.join(str(error).split())}"[:300]
        result = {"cell": self.place, "error": said, "printed": self.output.getvalue()[:PRINTED]}
        Run.report({**result, "called": sorted(Run.called)})
        if Run.fails(result):
            raise Enough
        return True


def is_wanted(place: int) -> bool:
    """Whether a cell that stands alone is run."""
    return place not in Run.skipped
