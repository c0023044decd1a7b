"""From findings to points: what each line of the rubric earns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chainrule.checker.battery import inputs_of
from chainrule.checker.grading.priced import INPUTS, Own, meant, tasks
from chainrule.checker.grading.rubric import Line
from chainrule.checker.report import WRONG, Fault, Finding
from chainrule.checker.task import Task

WORST = ("missing", "crash", "timeout", "wrong", "convention", "correct")


class Found(NamedTuple):
    """What was found of one role of a task."""

    task: str
    role: str
    finding: Finding


@dataclass(frozen=True)
class Part:
    """A quantity that a line gives points for.

    Attributes:
        name: as the rubric calls it; empty for what is earned by being right in everything.
        points: earned.
        most: that can be.
    """

    name: str
    points: float
    most: float


@dataclass(frozen=True)
class Scored:
    """What a line earned.

    Attributes:
        points: earned.
        verdict: of its functions, the worst.
        parts: quantity by quantity.
        findings: what the points come from.
    """

    points: float
    verdict: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]


def score(line: Line, found: Sequence[Found], *, forgive: bool = False, own: Own = ()) -> Scored:
    """The points of a line that asks for a function.

    Args:
        line: of the rubric.
        found: what was found of its tasks, all roles of each.
        forgive: whether what is wrong only because another function is counts as right.
        own: tasks of the instructor's own functions.
    """
    asked = tasks(line.function, own)
    mine = [item for item in found if any(item.task == task.name and item.role in roles for task, roles in asked)]
    findings = tuple({(item.finding.name, item.finding.message): item.finding for item in mine}.values())
    if not findings:
        names = [name for task, _ in asked for role in task.roles for name in role.names]
        name = line.function if line.function in names else names[0]
        findings = (nothing(name, why=f"There is no {name} that could be tried for {line.title}."),)
    judged = [_forgiven(item) for item in mine] if forgive else mine
    right = bool(mine) and all(item.finding.verdict not in WRONG for item in judged)
    parts = [Part(name, most if _earned(name, asked, judged) else 0.0, most) for name, most in line.quantities.items()]
    return total(line, right, parts, _worst(findings), findings)


def total(line: Line, right: bool, parts: Sequence[Part], verdict: str, findings: tuple[Finding, ...] = ()) -> Scored:
    """The parts, and what a line is worth beyond them where everything is right."""
    rest = line.points - math.fsum(part.most for part in parts)
    if rest > 1e-9:
        parts = [*parts, Part("", rest if right else 0.0, rest)]
    everything = all(part.points == part.most for part in parts) and (right or bool(parts))
    points = line.points if everything else round(math.fsum(part.points for part in parts), 9)
    return Scored(points, verdict, tuple(parts), findings)


def nothing(function: str, verdict: str = "missing", why: str = "") -> Finding:
    """What is found of a function that is not there, or that could not be tried."""
    return Finding(function, "", verdict, (Fault("", (), why or f"There is no {function}.", ()),))


def _worst(findings: Sequence[Finding]) -> str:
    return min((finding.verdict for finding in findings), key=WORST.index)


def _forgiven(item: Found) -> Found:
    """A finding as it counts where what only follows from another function's mistake is no mistake."""
    follows = item.finding.verdict == "wrong" and item.finding.follows
    return item._replace(finding=replace(item.finding, verdict="correct")) if follows else item


def _earned(name: str, asked: list[tuple[Task, frozenset[str]]], found: Sequence[Found]) -> bool:
    """Whether a quantity is right wherever the line's tasks have it."""
    seen = False
    for task, roles in asked:
        by_role = {item.role: item.finding for item in found if item.task == task.name}
        if not by_role:  # a task of another kind of net, say
            continue
        wanted = [(quantity.role, quantity.name) for quantity in meant(name, task, roles)]
        for role, quantity in [(role, inputs_of(role)) for role in by_role] if name == INPUTS else wanted:
            seen = True
            if role not in by_role or not _right(by_role[role], quantity):
                return False
    return seen


def _right(finding: Finding, quantity: str) -> bool:
    if finding.verdict not in WRONG:
        return True
    return bool(finding.wrong) and quantity not in finding.wrong
