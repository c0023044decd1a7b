"""What a rubric's line can name: functions, artefacts, and the quantities of each."""

from typing import Any

from chainrule.checker.names import all_names, chosen
from chainrule.checker.task import Quantity, Task
from chainrule.checker.tasks import TASKS

INPUTS = "inputs"  # the quantity that says that no input was changed
ARTEFACTS: dict[str, tuple[str, ...]] = {  # CS182's files: what of each is looked at
    "histories": ("train_losses", "train_accs", "val_accs"),
    "w_stds": ("he", "random", "zero"),
    "results": ("settings", "val_acc", "test_acc"),
}


def functions() -> list[str]:
    """Every name of a function or a task that a line may have."""
    return all_names(TASKS)


def tasks(function: str) -> list[tuple[Task, frozenset[str]]]:
    """The tasks that a line's function belongs to, each with the roles that the line is about."""
    return chosen(TASKS, [function])


def quantities(line: Any) -> list[str]:
    """What a line may give points for."""
    if line.artefact:
        return list(ARTEFACTS[line.artefact])
    names = [
        name
        for task, roles in tasks(line.function)
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
