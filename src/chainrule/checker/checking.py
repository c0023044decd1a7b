"""`check`: the battery, the diagnosis and the report, put together."""

import math
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chainrule.checker import names
from chainrule.checker.examine import examine
from chainrule.checker.in_process import InProcess, keeping_random_state
from chainrule.checker.report import Report
from chainrule.checker.subject import Failed, Subject
from chainrule.checker.task import Task
from chainrule.checker.tasks import TASKS
from chainrule.core.errors import DataError, SettingError, choose
from chainrule.core.numbers import real, whole
from chainrule.core.streams import generator, key

TRIALS = 20


def check(
    code: Any,
    *,
    course: str | None = None,
    only: str | Sequence[str] = (),
    hints: int = 2,
    timeout: float = 10.0,
    seed: int | None = None,
    reference: Any = None,
    require_sandbox: bool = False,
) -> Report:
    """Find out whether a learner's layers, losses, update rules and nets are right, and if not, what is wrong.

    A file runs in a process of its own. A module, a dict of functions, or functions and classes themselves run in this
    one: quick, but no barrier to anything, so never grade that way.

    Args:
        code: a file's path, a module, a dict of functions, or a list of functions and classes.
        course: cs231n, cs682, cs182, c147 or cs145: then its conventions alone are right.
        only: tasks or functions to be checked; all that are found where empty.
        hints: how much is told of each mistake: 0 (which quantity is wrong) to 3 (the true value in words).
        timeout: seconds that one call may take, for files.
        seed: repeats the trials of an earlier report; fresh ones where None.
        reference: the path of an instructor's own .py file, a module, or functions by name: then those functions, of any
            name and shape, are what the code is compared with (see `chainrule.checker.reference`). It stays in this
            process; the checked code cannot read it.
        require_sandbox: for files, refuse where the system cannot lock the code's process.

    Returns:
        A `Report`: print it, or use `.ok`, `.findings`, `.json()`, `.html(path)`.

    Raises:
        SettingError: an unknown course or task, nothing to check, or a reference that the code could read.
        DataError: a file cannot be read.
        IsolationError: the process cannot be locked although that is required.

    Example:
        >>> def sgd(w, dw, config):
        ...     return w - config["learning_rate"] * dw, config
        >>> check(sgd).ok
        True
    """
    if course is not None:
        choose(course, names.COURSES, what="course")
    if not isinstance(only, str | list | tuple | set | frozenset):
        raise SettingError(f"check: only must name a task or function, or list some; came {only!r}.")
    wanted = [only] if isinstance(only, str) else list(only)
    tasks = TASKS if reference is None else _tasks(reference, code)
    for name in wanted:
        choose(name, names.all_names(tasks), what="task or function")
    if whole(hints, "hints", owner="check", least=0) > 3:
        raise SettingError(f"check: hints must be 0, 1, 2 or 3; came {hints}.")
    if not 0 < (real(timeout) or 0) < math.inf:
        raise SettingError(f"check: timeout must be a number of seconds above 0; came {timeout!r}.")
    seed = secrets.randbits(32) if seed is None else whole(seed, "seed", owner="check", least=0)
    settings: dict[str, Any] = {"course": course, "only": wanted, "hints": hints, "seed": seed, "tasks": tasks}
    if isinstance(code, str | Path):
        from chainrule.checker.isolation import open as isolated

        roots = _own_package(Path(code))
        with isolated(code, timeout=timeout, package_roots=roots, require_sandbox=require_sandbox) as remote:
            try:
                known = len(remote.names)
            except Failed as failure:
                raise DataError(f"cannot check {code}: {failure.message}.") from failure
            if not known:
                raise DataError(f"cannot check {code}: it defines no function and no class.")
            return check_subject(remote, **settings)
    with keeping_random_state():
        return check_subject(InProcess(code), **settings)


def _tasks(reference: Any, code: Any) -> Sequence[Task]:
    """An instructor's functions as tasks.

    Raises:
        SettingError: the checked code could read the file.
    """
    from chainrule.checker.reference import load, tasks_of

    if not isinstance(reference, str | Path):
        return tasks_of(reference)
    path = Path(reference).resolve()
    if isinstance(code, str | Path):
        own = Path(code).resolve()
        for place in (own, *_own_package(own)):
            if path.is_relative_to(place):
                raise SettingError(
                    f"check: the reference {reference} lies in {place}, which the checked code may read; move it."
                )
    return tasks_of(load(path))


def _own_package(path: Path) -> list[Path]:
    """The folder from which a file's own package is imported: the first one up that is no package itself."""
    folder = path.resolve().parent
    if path.is_dir() or not (folder / "__init__.py").exists():
        return []
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return [folder]


def check_subject(
    subject: Subject,
    *,
    course: str | None,
    only: Sequence[str],
    hints: int,
    seed: int,
    trials: int = TRIALS,
    tasks: Sequence[Task] = TASKS,
) -> Report:
    """Check whatever stands behind the window; the settings are those of `check`, and `tasks` is what there is to check."""
    findings = []
    known: set[str] = set()
    for task, asked in names.chosen(tasks, only):
        roles = names.found(task, subject)
        known |= {name for name, _ in roles.values()}
        if (roles and (asked & roles.keys())) or only or tasks is not TASKS:
            subject.renew()
            rng = generator(key(seed, "check", task.name))
            findings += [f for role, f in examine(task, subject, roles, rng, course, trials) if role in asked]
    unknown = () if only else tuple(sorted(name for name in subject.names if name not in known))
    return Report(subject.title, tuple(findings), subject.sandbox, seed, course, hints, unknown)
