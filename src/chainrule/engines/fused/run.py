"""A run of the fused engine: the same steps as the plain engine's, compiled, some at a time."""

from collections.abc import Sequence

from chainrule.core.threads import blas_threads
from chainrule.engines import plain
from chainrule.engines.fused.coverage import fits
from chainrule.engines.fused.elsewhere import smallest
from chainrule.engines.fused.evaluation import evaluate
from chainrule.engines.fused.training import Odd, Training
from chainrule.engines.task import Records, Stop, Task


def run(task: Task, steps: int, *, val_history: Sequence[float], stop: Stop, measure: bool) -> Records:
    """Take up to `steps` steps. Arguments and result as for `plain.run`.

    `stop` is asked every tenth of a second or so. Where a value is not finite, everything goes back to how it was at
    the beginning, and the plain engine takes the same steps up to the one that it then names. A last step that is
    measured is a run of its own, so that the parameters before it need no further copy.
    """
    if steps < 1 or stop():
        return Records()
    training = _training(task)
    with blas_threads(1):  # each slice has a thread of its own
        if training is None:
            return plain.run(task, steps, val_history=val_history, stop=stop, measure=measure)
        if not measure:
            return _run(task, training, steps, val_history, stop)
        records = Records()
        if steps > 1:
            records = _run(task, training, steps - 1, val_history, stop)
            if records.fault or len(records.loss) < steps - 1 or stop():
                return records
        before = dict(task.net.params)
        last = _run(task, training, 1, val_history, stop)
        if not last.fault:
            last.update_ratios = [plain.ratio(before[name], new) for name, new in task.net.params.items()]
        return records.followed_by(last)


def _run(task: Task, training: Training, steps: int, val_history: Sequence[float], stop: Stop) -> Records:
    started, records = task.step, Records()
    training.begin(task)
    try:
        while task.step < started + steps and not (task.step > started and stop()):
            losses, rates, norms = training.steps(task, started + steps - task.step, val_history)
            records.loss += losses.tolist()
            records.lr += rates.tolist()
            records.grad_norms += norms.tolist()
            task.step += len(losses)
        training.end(task)
    except Odd:
        training.undo()
        task.step = started
        return plain.run(task, steps, val_history=val_history, stop=stop, measure=False)
    except BaseException:
        training.undo()
        task.step = started
        raise
    return records


def prepare(task: Task) -> None:
    """Compile, or load from disk, all that a training and its checks need; the first time on a machine says so."""
    training = _training(task)
    if training is not None:
        training.prepare(task)
        # An evaluation of the task's own net would take memory in pieces that do not fit later.
        small = smallest(task.net.dtype.name)
        evaluate(small.net, small.X, slices=1, asleep=0.0)


def _training(task: Task) -> Training | None:
    """The task's compiled side, made where there is none yet or the net has changed its shapes; None where none can be."""
    if not fits(task.net):
        return None
    if task.memory is None or not task.memory.fits(task):
        task.memory = Training(task)
    return task.memory
