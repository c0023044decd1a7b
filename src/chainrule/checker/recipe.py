"""A computation as named steps, so that a mistake is a step that is done differently.

Every step is a function; the names of its arguments say which inputs and which other steps it takes. Replacing steps
gives a wrong variant, and replacing the steps of two mistakes at once gives what somebody computes who made both.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from chainrule.checker.subject import Failed

Steps = Mapping[str, Callable[..., Any]]


class Values(Mapping[str, Any]):
    """The value of every step and input, computed when it is asked for.

    A step that raises has a `Failed` for its value, and so has every step that needs it.
    """

    def __init__(self, steps: Steps, inputs: Mapping[str, Any]) -> None:
        self._steps, self._inputs = steps, inputs
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._value(self._steps[name]) if name in self._steps else self._inputs[name]
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._inputs, **self._steps})

    def __len__(self) -> int:
        return len({**self._inputs, **self._steps})

    def _value(self, step: Callable[..., Any]) -> Any:
        needed = [self[name] for name in arguments(step)]
        broken = next((value for value in needed if isinstance(value, Failed)), None)
        if broken is not None:
            return broken
        try:
            with np.errstate(all="ignore"):
                return step(*needed)
        except Exception as error:  # a wrong variant may fail in any way, as the code it stands for would
            return Failed("crash", one_line(error))


def run(steps: Steps, inputs: Mapping[str, Any], replaced: Steps | None = None) -> Values:
    """The value of every step.

    Args:
        steps: the computation.
        inputs: what it starts from.
        replaced: steps that are done differently, and inputs that are taken for something else.
    """
    return Values({**steps, **(replaced or {})}, inputs)


def behind(steps: Steps, name: str) -> frozenset[str]:
    """A step, and all steps and inputs from which it is computed."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += arguments(steps[name]) if name in steps else ()
    return frozenset(found)


def one_line(error: Exception) -> str:
    """An error as a message without line breaks."""
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message':.200}"


def needing(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a step of a function whose arguments have other names: of one layer of many."""

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*values: Any) -> Any:
            return function(*values)

        step.needs = names  # type: ignore[attr-defined]
        return step

    return made


@cache
def arguments(step: Callable[..., Any]) -> tuple[str, ...]:
    """What a step takes: the names of its arguments."""
    return getattr(step, "needs", None) or tuple(inspect.signature(step).parameters)
