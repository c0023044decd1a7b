"""One task, from its trials to its findings."""

from dataclasses import replace

import numpy as np

from chainrule.checker.battery import Trial, attempt, precisions
from chainrule.checker.diagnosis import conventions
from chainrule.checker.explain import Examination, Roles
from chainrule.checker.recipe import Steps
from chainrule.checker.report import Fault, Finding
from chainrule.checker.subject import Failed, Subject
from chainrule.checker.task import Case, Role, Task


def examine(
    task: Task, subject: Subject, roles: Roles, rng: np.random.Generator, course: str | None, number: int
) -> list[tuple[str, Finding]]:
    """The findings of a task's functions, with their roles.

    Args:
        task: what is examined.
        subject: the learner's code.
        roles: the functions that are there.
        rng: draws the trials.
        course: whose conventions count, or None.
        number: of trials.
    """
    missing = [(role.name, _missing(task, role)) for role in task.roles if role.name not in roles and not role.optional]
    if not roles:
        return missing
    base = conventions(task, course)
    cases = task.cases(rng, number)
    trials: list[Trial] = []
    for case in cases:
        trials.append(attempt(task, subject, roles, case, base))
        if any(isinstance(value, Failed) and value.verdict == "timeout" for value in trials[-1].seen.values()):
            break
    found = Examination(task, subject, roles, course, trials)
    findings = {role: found.finding(role) for role in roles}
    for role, finding in findings.items():
        if finding.verdict == "correct" and task.single:
            findings[role] = _precision(task, subject, roles, role, finding, cases[0], base)
    order = [role.name for role in task.roles]
    return sorted([*findings.items(), *missing], key=lambda pair: order.index(pair[0]))


def _missing(task: Task, role: Role) -> Finding:
    names = list(dict.fromkeys(name for name in role.names if "." not in name))
    others = f" (or {', '.join(names[1:])})" if names[1:] else ""
    message = f"There is no {names[0]}{others}."
    return Finding(names[0], task.name, "missing", (Fault("", (), message, ()),), lesson=task.page)


def _precision(
    task: Task, subject: Subject, roles: Roles, role: str, finding: Finding, case: Case, base: Steps
) -> Finding:
    """What a function that is right for float64 makes of float32."""
    dtypes, wrong = precisions(task, subject, roles, case, base)
    own = [quantity.name for quantity in task.quantities_of(role)]
    off = [name for name in own if name in wrong]
    if off:
        message = f"{off[0]} is wrong for float32 inputs, and right for float64."
        evidence = ("The same trial was run in both precisions",)
        return replace(finding, verdict="wrong", faults=(Fault(off[0], (), message, evidence),), wrong=tuple(off))
    grown = [name for name in own if dtypes.get(name) == "float64"]
    if not grown:
        return finding
    message = f"{' and '.join(grown)} came as {dtypes[grown[0]]} for float32 inputs"
    if not task.dtype_counts:
        return replace(finding, remarks=(f"{message}: right, at twice the memory",))
    hints = (
        "Which array inside has a dtype of its own?",
        "What enters as float32 must leave as float32: bring it to the dtype of x.",
    )
    evidence = ("One trial was run in float32",)
    fault = Fault(grown[0], ("dtype",), f"{message}: the dtype of x is not kept.", evidence, None, hints)
    lesson = task.page
    return replace(finding, verdict="wrong", faults=(fault,), lesson=lesson, wrong=tuple(grown))
