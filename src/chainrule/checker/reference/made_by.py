"""Inputs that another function makes: a backward's cache, which every learner writes differently."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import choose


@dataclass(frozen=True, eq=False)
class MadeBy:
    """What a function gives for some inputs: the learner's own for the learner, the reference's for the reference.

    Attributes:
        name: the function.
        args: its inputs.
        part: which item of its tuple; None for the whole result.
    """

    name: str
    args: tuple[Any, ...]
    part: int | None

    def by(self, functions: Mapping[str, Callable[..., Any]]) -> Any:
        """As these functions make it."""
        function = functions[choose(self.name, functions, what="function of the reference")]
        result = function(*self.args)
        return result if self.part is None else result[self.part]


def made_by(name: str, *args: Any, part: int | None = 1) -> Any:
    """In `samples_for_...`: an input that the function `name` makes, by each side with its own.

    Args:
        name: a function of the reference.
        args: what it is given.
        part: which item of what it returns; None for all of it. A forward's cache is item 1.

    Example:
        def samples_for_swish_backward(rng):
            x, dout = rng.standard_normal((2, 3, 4))
            return {"dout": dout, "cache": made_by("swish_forward", x)}
    """
    return MadeBy(name, args, part)
