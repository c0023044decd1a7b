"""Whether a wrong gradient is the derivative of the learner's own, wrong forward: then it only follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.checker.battery import Trial, observed, ran
from chainrule.checker.compare import is_numeric
from chainrule.checker.subject import Subject
from chainrule.checker.task import Quantity, Task
from chainrule.core.errors import ChainruleError
from chainrule.core.numeric import numeric_gradient

LARGEST = 120  # entries of an input that are moved one by one


def of_own(
    task: Task,
    subject: Subject,
    roles: Mapping[str, tuple[str, str]],
    trials: Sequence[Trial],
    quantity: Quantity,
    wrong: Sequence[Quantity],
) -> str:
    """The wrong output whose derivative a gradient is, or an empty text."""
    if quantity.name not in task.gradients:
        return ""
    output, moved, upstream = task.gradients[quantity.name]
    if output not in [q.name for q in wrong]:
        return ""
    forward = next(q.role for q in task.quantities if q.name == output)
    alone = {forward: roles[forward]}
    fitting = [trial for trial in trials if ran(quantity, trial) and trial.case.inputs[moved].size <= LARGEST]
    plain = [trial for trial in fitting if not trial.case.kind][:2] or fitting[:1]
    if plain and all(
        _is_derivative(task, subject, alone, trial, quantity.name, output, moved, upstream) for trial in plain
    ):
        return output
    return ""


def _is_derivative(
    task: Task, subject: Subject, roles: Any, trial: Trial, gradient: str, output: str, moved: str, upstream: str | None
) -> bool:
    came = trial.seen[gradient]
    x = np.array(trial.case.inputs[moved], dtype=np.float64)
    if not is_numeric(came) or np.shape(came) != x.shape:
        return False
    df = None if upstream is None else trial.case.inputs[upstream]
    try:
        numeric = numeric_gradient(
            lambda moved_x: observed(task, subject, roles, {**trial.case.inputs, moved: moved_x})[output],
            x,
            df,
            order=2,
        )
    except (ChainruleError, TypeError, ValueError):
        return False
    return bool(np.allclose(came, numeric, rtol=1e-4, atol=1e-6 * max(1.0, float(np.abs(numeric).max()))))
