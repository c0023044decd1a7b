"""What an update rule is given, checked where a person calls it; engines take the unchecked `step.raw`."""

import functools
from collections.abc import Callable
from typing import Any

from chainrule.core.errors import ArrayError, ArrayTypeError
from chainrule.core.numbers import checked_options
from chainrule.core.shapes import as_floats


def starting(function: Callable) -> Callable:
    """Decorate an `init(w)`: w must be an array of floats."""
    owner = function.__module__.rsplit(".", 1)[-1]

    @functools.wraps(function)
    def checked(w):
        as_floats(owner, "w", w)
        return function(w)

    return checked


def stepping(function: Callable) -> Callable:
    """Decorate a `step(w, dw, state, *, lr, ...)`: all arrays have one shape, where NumPy would broadcast in silence.

    The decorated function has `.raw`, itself unchecked.
    """
    owner = function.__module__.rsplit(".", 1)[-1]

    @functools.wraps(function)
    def checked(w, dw, state, **options):
        as_floats(owner, "w", w)
        as_floats(owner, "dw", dw)
        if tuple(dw.shape) != tuple(w.shape) or dw.dtype != w.dtype:
            raise ArrayError(
                f"{owner}: dw is {dw.dtype}, shape {tuple(dw.shape)}, but w is {w.dtype}, shape {tuple(w.shape)}; a "
                f"gradient must have the shape and dtype of its parameter. Is it the gradient of another one?"
            )
        _check_state(owner, state, tuple(w.shape))
        options = checked_options(owner, function, options)
        try:
            return function(w, dw, state, **options)
        except KeyError as missing:
            raise ArrayError(f"{owner}: state came without {missing}; {WANTED}") from missing

    checked.raw = function  # type: ignore[attr-defined]
    return checked


WANTED = "it must be what init(w) or the step before returned."


def _check_state(owner: str, state: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(state, dict):
        raise ArrayTypeError(f"{owner}: state came as {type(state).__name__}, {state!r:.40}; {WANTED}")
    for name, value in state.items():
        if isinstance(value, int) and not isinstance(value, bool):
            continue
        as_floats(owner, f"state[{name!r}]", value)
        if tuple(value.shape) != shape:
            raise ArrayError(f"{owner}: state[{name!r}] has shape {tuple(value.shape)} but w has {shape}; {WANTED}")
