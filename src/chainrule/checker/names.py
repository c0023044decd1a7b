"""Which of a learner's functions are which: the names of five courses, and the library's own."""

from collections.abc import Collection

from chainrule.checker.subject import Subject
from chainrule.checker.task import Role, Task

COURSES = ("cs231n", "cs682", "cs182", "c147", "cs145")


def found(task: Task, subject: Subject) -> dict[str, tuple[str, str]]:
    """The roles of a task that the learner has written: role -> (name, style)."""
    pairs = ((role.name, _name(role, subject)) for role in task.roles)
    return {role: match for role, match in pairs if match}


def _name(role: Role, subject: Subject) -> tuple[str, str] | None:
    for known, style in role.names.items():
        module, dot, function = known.partition(".")
        name = function if dot and subject.title == module else known
        if name in subject.names:
            style = _marked(role, name, style, subject) if role.marks else style
            return (name, style) if style else None
    return None


def _marked(role: Role, name: str, style: str, subject: Subject) -> str:
    """The style that a name's own parameters and methods show, or the one that the name says; "" for another thing."""
    return next((shown for mark, shown in role.marks.items() if mark in subject.traits(name)), style)


def chosen(tasks: Collection[Task], only: Collection[str]) -> list[tuple[Task, frozenset[str]]]:
    """The tasks that were asked for, each with its roles: by a task's name or by a function's."""
    wanted = []
    for task in tasks:
        every = frozenset(role.name for role in task.roles)
        named = frozenset(role.name for role in task.roles if set(only) & set(role.names))
        if not only or task.name in only:
            wanted.append((task, every))
        elif named:
            wanted.append((task, named))
    return wanted


def all_names(tasks: Collection[Task]) -> list[str]:
    """What `only` may name."""
    functions = [name for task in tasks for role in task.roles for name in role.names if "." not in name]
    return sorted({*(task.name for task in tasks), *functions})
