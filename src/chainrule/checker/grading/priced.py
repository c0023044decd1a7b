"""What a rubric's line can name: functions, an instructor's own ones too, artefacts, and the quantities of each."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.checker.names import all_names, chosen
from chainrule.checker.reference import load, tasks_of
from chainrule.checker.task import Quantity, Task
from chainrule.checker.tasks import TASKS

INPUTS = "inputs"  # the quantity that says that no input was changed
ARTEFACTS: dict[str, tuple[str, ...]] = {  # CS182's files: what of each is looked at
    "histories": ("train_losses", "train_accs", "val_accs"),
    "w_stds": ("he", "random", "zero"),
    "results": ("settings", "val_acc", "test_acc"),
}


Own = tuple[Task, ...]


def own_tasks(reference: Path) -> Own:
    """The tasks of an instructor's own functions.

    Raises:
        DataError: the file is not there, or cannot be run.
        SettingError: nothing in it can be compared with.
    """
    known = {task.name for task in TASKS}
    found = tasks_of(load(reference))
    return tuple(replace(task, name=f"own {task.name}") if task.name in known else task for task in found)


def functions(own: Own = ()) -> list[str]:
    """Every name of a function or a task that a line may have."""
    return all_names([*own, *TASKS])


def tasks(function: str, own: Own = ()) -> list[tuple[Task, frozenset[str]]]:
    """The tasks that a line's function belongs to, each with the roles that the line is about: own ones come first."""
    return chosen(own, [function]) or chosen(TASKS, [function])


def quantities(line: Any, own: Own = ()) -> list[str]:
    """What a line may give points for."""
    if line.artefact:
        return list(ARTEFACTS[line.artefact])
    names = [
        name
        for task, roles in tasks(line.function, own)
        for quantity in task.quantities
        if quantity.role in roles
        for name in (quantity.name, quantity.title)
        if name.isidentifier()
    ]
    return [*dict.fromkeys(names), INPUTS]


def meant(name: str, task: Task, roles: frozenset[str]) -> list[Quantity]:
    """The quantities of a task that a name in a line stands for: those of that name, else those of that title."""
    own = [quantity for quantity in task.quantities if quantity.role in roles]
    return [q for q in own if q.name == name] or [q for q in own if q.title == name]
