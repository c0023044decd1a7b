"""A small numeric example of what is wrong, to be redone by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checker.battery import Trial, attempt, is_right, ran
from chainrule.checker.play import described
from chainrule.checker.recipe import Steps, behind
from chainrule.checker.structure import entry
from chainrule.checker.subject import Failed, Subject
from chainrule.checker.task import Case, Quantity, Task


@dataclass(frozen=True)
class Example:
    """One wrong value.

    Attributes:
        given: the inputs, as text by name; empty where they are too large to be shown.
        place: which entry, or in which trial.
        came, wanted: as text.
    """

    given: dict[str, str]
    place: str
    came: str
    wanted: str

    def text(self) -> str:
        """As lines."""
        given = "".join(f"{name} = {value}\n" for name, value in self.given.items())
        place = f"{self.place}:\n" if self.place else ""
        return f"{given}{place}came {self.came}\nwanted {self.wanted}"


def small(task: Task, subject: Subject, roles: Mapping[str, tuple[str, str]], base: Steps) -> Trial | None:
    """The task's own small example, tried."""
    return attempt(task, subject, roles, Case(dict(task.example)), base) if task.example else None


def example(task: Task, quantity: Quantity, tiny: Trial | None, trials: Sequence[Trial]) -> Example | None:
    """The small example where the mistake shows in it, else one entry of a trial in which it does."""
    if tiny and ran(quantity, tiny) and not is_right(quantity, tiny):
        came, wanted = (shown(values.get(quantity.name, "")) for values in (tiny.seen, tiny.wanted))
        if came != wanted:
            needed = behind(task.steps, quantity.name)
            given = task.told or {name: shown(value) for name, value in task.example.items() if name in needed}
            return Example(dict(given), "", came, wanted)
    every = [trial for trial in trials if ran(quantity, trial) and not is_right(quantity, trial)]
    if not every:
        return None
    wrong = next((trial for trial in every if _shows(quantity, trial)), every[0])
    where, came, wanted = entry(wrong.seen[quantity.name], wrong.wanted.get(quantity.name, ""))
    if came == wanted:
        where, came, wanted = entry(wrong.seen[quantity.name], wrong.wanted.get(quantity.name, ""), 12)
    sizes = ", ".join(f"{name} = {value:g}" for name, value in wrong.case.sizes.items() if " " not in name)
    trial = f"in a trial with {' and '.join(part for part in (wrong.case.kind, sizes) if part)}".removesuffix(" with ")
    return Example({}, f"{where}, {trial}" if where else trial, came, wanted)


def _shows(quantity: Quantity, trial: Trial) -> bool:
    """Whether the first digits differ already."""
    _, came, wanted = entry(trial.seen[quantity.name], trial.wanted.get(quantity.name, ""), 4)
    return came != wanted


def shown(value: Any, digits: int = 4) -> str:
    """A value as a person would write it down."""
    if isinstance(value, Failed):
        return f"nothing: {value.message}"
    if isinstance(value, np.ndarray) and value.ndim and value.size <= 40:
        return f"[{', '.join(shown(item, digits) for item in _items(value))}]"
    if isinstance(value, np.ndarray) and value.ndim:
        return described(value)
    if isinstance(value, bool | np.bool_ | str) or value is None:
        return f"{value}" if value != "" else "none"
    if isinstance(value, int | float | np.number | np.ndarray):
        return f"{float(value):.{digits}g}"
    return described(value)


def _items(value: np.ndarray) -> Iterable[Any]:
    return value if value.ndim > 1 else value.tolist()
