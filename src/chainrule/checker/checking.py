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

    Returns:
        A `Report`: print it, or use `.ok`, `.findings`, `.json()`, `.html(path)`.

    Raises:
        SettingError: an unknown course or task, or nothing to check.
        DataError: the file cannot be read.

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
    for name in wanted:
        choose(name, names.all_names(TASKS), what="task or function")
    if whole(hints, "hints", owner="check", least=0) > 3:
        raise SettingError(f"check: hints must be 0, 1, 2 or 3; came {hints}.")
    if not 0 < (real(timeout) or 0) < math.inf:
        raise SettingError(f"check: timeout must be a number of seconds above 0; came {timeout!r}.")
    seed = secrets.randbits(32) if seed is None else whole(seed, "seed", owner="check", least=0)
    settings: dict[str, Any] = {"course": course, "only": wanted, "hints": hints, "seed": seed}
    if isinstance(code, str | Path):
        from chainrule.checker.isolation import open as isolated

        with isolated(code, timeout=timeout) as remote:
            try:
                known = len(remote.names)
            except Failed as failure:
                raise DataError(f"cannot check {code}: {failure.message}.") from failure
            if not known:
                raise DataError(f"cannot check {code}: it defines no function and no class.")
            return check_subject(remote, **settings)
    with keeping_random_state():
        return check_subject(InProcess(code), **settings)


def check_subject(
    subject: Subject, *, course: str | None, only: Sequence[str], hints: int, seed: int, trials: int = TRIALS
) -> Report:
    """Check whatever stands behind the window; the settings are those of `check`."""
    findings = []
    known: set[str] = set()
    for task, asked in names.chosen(TASKS, only):
        roles = names.found(task, subject)
        known |= {name for name, _ in roles.values()}
        if (roles and (asked & roles.keys())) or only:
            subject.renew()
            rng = generator(key(seed, "check", task.name))
            findings += [f for role, f in examine(task, subject, roles, rng, course, trials) if role in asked]
    unknown = () if only else tuple(sorted(name for name in subject.names if name not in known))
    return Report(subject.title, tuple(findings), subject.sandbox, seed, course, hints, unknown)
