"""What is checked, seen through a narrow window: names that can be called, with data in and data out.

A learner's code may run in this process or in a locked one of its own; the battery cannot tell. Data are arrays, numbers,
texts, None, and dicts, lists and tuples of these. Everything else (caches, nets, solvers) stays where the learner's code
runs and is spoken of by a `Handle`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np


@dataclass(frozen=True)
class Handle:
    """Something on the learner's side, by number; `kind` is the name of its type."""

    number: int
    kind: str = ""


class Answer(NamedTuple):
    """What a call gave.

    Attributes:
        result: data, with handles for what is kept and for what is no data.
        args: the positional arguments as they are after the call (handles stay handles).
        peak: the most memory in bytes that the call held at once; None where it was not measured.
    """

    result: Any
    args: tuple[Any, ...]
    peak: int | None = None


class Failed(Exception):
    """A call on the learner's side that gave no result.

    Attributes:
        verdict: "crash", "timeout" or "missing".
        message: what happened, in the learner's own error's words.
        line: the line of the learner's file, where known.
    """

    def __init__(self, verdict: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.verdict, self.message, self.line = verdict, message, line


class Subject(Protocol):
    """The window.

    Attributes:
        title: the file's or module's name without folders and suffix.
        sandbox: how the code is kept apart, in words for the report.
    """

    title: str
    sandbox: str

    @property
    def names(self) -> Collection[str]:
        """Functions and classes that can be called.

        Raises:
            Failed: the code cannot be loaded.
        """

    @property
    def output(self) -> str:
        """What the code has printed on standard output since it was last renewed."""

    def traits(self, name: str) -> frozenset[str]:
        """The parameters of a function or a class, and the public methods of a class: what tells two styles apart."""

    def call(
        self,
        target: str | tuple[Handle, str],
        args: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        *,
        kept: Collection[int] | bool = (),
        measured: bool = False,
    ) -> Answer:
        """Call a function, a class, or a method as (handle, name); the learner's side gets copies of all data.

        Args:
            kept: places of a tuple result that stay on the learner's side; True for the whole result.
            measured: whether the call's memory is measured.

        Raises:
            Failed: no such name, an exception, or the time is up.
        """

    def keep(self, value: Any) -> Handle:
        """Put data on the learner's side."""

    def stand_in(self, params: Mapping[str, np.ndarray], answer: Callable[..., Any]) -> Handle:
        """Put a model on the learner's side: `params`, and `loss(X, y=None)`, which is `answer(X, y, params)` out here."""

    def value(self, handle: Handle) -> Any:
        """What a handle stands for now, as data."""

    def get(self, handle: Handle, name: str, *, kept: bool = False) -> Any:
        """An attribute as data, or as a handle of its own."""

    def set(self, handle: Handle, name: str, value: Any) -> None:
        """Assign an attribute."""

    def set_item(self, handle: Handle, key: Any, value: Any) -> None:
        """Assign an entry of a dict, a list or an array."""

    def seed(self, number: int) -> None:
        """Seed NumPy's global generator on the learner's side."""

    def renew(self) -> None:
        """Go on as if nothing had run yet, where that can be had; handles end."""

    def draw(self) -> float:
        """The next number of NumPy's global generator on the learner's side."""


def as_data(value: Any, keep: Any) -> Any:
    """A copy of data; what is no data goes through `keep`, which returns its handle."""
    if value is None or isinstance(value, str | bool | int | float | np.bool_ | np.number | Handle):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "buif":
        return np.array(value, subok=False)
    if type(value) is dict:
        return {key: as_data(item, keep) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(as_data(item, keep) for item in value)
    return keep(value)
