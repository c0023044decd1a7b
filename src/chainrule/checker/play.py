"""How a task's trial speaks to the learner's code: by role, with a note of every input that was changed."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from chainrule.checker.subject import Answer, Failed, Handle, Subject


class Play:
    """One trial of one task.

    Attributes:
        subject: the learner's code.
        names: the function found for each role.
        styles: how each takes its arguments.
        memory: what an earlier function of the trial left for a later one.
        changed: arguments that came back different, by role.
    """

    def __init__(self, subject: Subject, names: Mapping[str, str], styles: Mapping[str, str]) -> None:
        self.subject, self.names, self.styles = subject, names, styles
        self.memory: dict[str, Any] = {}
        self.changed: dict[str, list[str]] = {}

    def style(self, role: str) -> str:
        """How a role's function takes its arguments: "course" or "library"."""
        return self.styles[role]

    def call(
        self,
        role: str,
        args: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        *,
        kept: Collection[int] | bool = (),
        free: Collection[str] = (),
    ) -> Any:
        """Call a role's function.

        Args:
            role: which function.
            args: positional arguments with the names by which the report speaks of them.
            options: keyword arguments.
            kept: places of the result that stay on the learner's side.
            free: arguments that may be changed.

        Raises:
            Failed: the call gave no result.
        """
        answer = self.subject.call(self.names[role], list(args.values()), options, kept=kept)
        self.note(role, args, answer, free)
        return answer.result

    def note(self, role: str, args: Mapping[str, Any], answer: Answer, free: Collection[str] = ()) -> None:
        """Remember which inputs a call has changed."""
        changed = self.changed.setdefault(role, [])
        for (name, before), after in zip(args.items(), answer.args):
            if isinstance(before, np.ndarray) and name not in free and name not in changed:
                same = isinstance(after, np.ndarray) and np.array_equal(
                    before, after, equal_nan=before.dtype.kind == "f"
                )
                if not same:
                    changed.append(name)


def parts(result: Any, count: int, what: str) -> tuple[Any, ...]:
    """The items of a tuple result.

    Raises:
        Failed: the function returned something else.
    """
    if not isinstance(result, tuple | list) or len(result) != count:
        came = f"{len(result)} values" if isinstance(result, tuple | list) else described(result)
        raise Failed("crash", f"it must return {what}; {came} came back")
    return tuple(result)


def described(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Handle):
        return f"an object of type {value.kind}"
    return "nothing (None)" if value is None else f"{value!r:.40}"
