"""A run of the fused engine: the same steps as the plain engine's, compiled, some at a time."""

from collections.abc import Sequence

import numpy as np

from chainrule.core.threads import blas_threads
from chainrule.engines import plain
from chainrule.engines.fused.coverage import fits
from chainrule.engines.fused.evaluation import evaluate
from chainrule.engines.fused.training import Odd, Training
from chainrule.engines.task import Records, Stop, Task
from chainrule.optim.gradients import norm


def run(task: Task, steps: int, *, val_history: Sequence[float], stop: Stop, measure: bool) -> Records:
    """Take up to `steps` steps. Arguments and result as for `plain.run`.

    `stop` is asked every tenth of a second or so. Where a value is not finite, everything goes back to how it was at
    the beginning, and the plain engine takes the same steps up to the one that it then names.
    """
    if steps < 1 or stop():
        return Records()
    training = _training(task)
    with blas_threads(1):  # each slice has a thread of its own
        if training is None:
            return plain.run(task, steps, val_history=val_history, stop=stop, measure=measure)
        return _run(task, training, steps, val_history, stop, measure)


def _run(
    task: Task, training: Training, steps: int, val_history: Sequence[float], stop: Stop, measure: bool
) -> Records:
    started, records = task.step, Records()
    training.begin(task)
    try:
        while True:
            left = started + steps - task.step
            last = measure and left == 1
            before = training.memory.params.copy() if last else None
            losses, rates, norms = training.steps(task, left - 1 if measure and left > 1 else left, val_history)
            records.loss += losses.tolist()
            records.lr += rates.tolist()
            records.grad_norms += norms.tolist()
            task.step += len(losses)
            if task.step == started + steps or stop():
                break
        training.end(task)
    except Odd:
        training.undo()
        task.step = started
        return plain.run(task, steps, val_history=val_history, stop=stop, measure=measure)
    except BaseException:
        training.undo()
        task.step = started
        raise
    if before is not None:
        records.update_ratios = _ratios(training, before)
    return records


def prepare(task: Task) -> None:
    """Compile, or load from disk, all that a training and its checks need; the first time on a machine says so."""
    training = _training(task)
    if training is not None:
        training.prepare(task)
        evaluate(task.net, task.X[:1], slices=1, asleep=0.0)


def _training(task: Task) -> Training | None:
    """The task's compiled side, made where there is none yet or the net has changed its shapes; None where none can be."""
    if not fits(task.net):
        return None
    if task.memory is None or not task.memory.fits(task):
        task.memory = Training(task)
    return task.memory


def _ratios(training: Training, before: np.ndarray) -> list[float]:
    """|change| / |value| of every parameter, in the net's order; `before` is written over. Twin: `plain._ratio`."""
    table, after = training.layout.program.params, training.memory.params
    ratios = []
    for start, size, _ in table[training.order]:
        old, new = before[start : start + size], after[start : start + size]
        length = norm(old)
        ratios.append(norm(np.subtract(new, old, out=old)) / length if length else float("nan"))
    return ratios
