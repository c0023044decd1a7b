"""The plain engine: one step after another, each layer as it stands in its file. Every other engine must agree with it."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.core.arrays import Array, namespace
from chainrule.engines.task import Fault, Records, Stop, Task
from chainrule.layers import batch_norm
from chainrule.nets.trace import Trace
from chainrule.optim.gradients import clip_by_norm, clip_by_value, decayed, norm
from chainrule.optim.schedules import learning_rate


def run(task: Task, steps: int, *, val_history: Sequence[float], stop: Stop, measure: bool) -> Records:
    """Take up to `steps` steps, moving `task.net`, `task.state` and `task.step`.

    Args:
        task: the training.
        steps: how many to take at most.
        val_history: validation accuracies so far, for schedules that look at them.
        stop: asked before every step; a true answer ends the run between two steps.
        measure: whether the last step's update ratios are wanted.

    Returns:
        What was measured; `records.fault` is set where a value was not finite, and that step was not taken.
    """
    records = Records()
    with np.errstate(all="ignore"):  # what is not finite is found and named below
        for left in range(steps, 0, -1):
            if stop():
                break
            records.fault = _step(task, records, val_history, measure=measure and left == 1)
            if records.fault:
                break
            task.step += 1
    return records


def _step(task: Task, records: Records, val_history: Sequence[float], *, measure: bool) -> Fault | None:
    """One step: batch, forward, backward, update; or the fault that kept it from being taken."""
    net, rows = task.net, task.rows(task.step)
    x, y = map(task.place, net.prepared(task.X[rows], task.y[rows]))
    masks = {name: task.place(mask) for name, mask in net.masks(len(rows), step=task.step, seed=task.seed).items()}
    weights = None if task.weights is None else task.place(task.weights[rows])
    loss, grads, caches = net.gradients(x, y, masks, weights)
    norms = {name: norm(grad) for name, grad in grads.items()}
    lr = learning_rate(
        task.schedule,
        task.lr,
        step=task.step,
        steps_per_epoch=task.steps_per_epoch,
        total_steps=task.total_steps,
        val_history=val_history,
    )
    records.loss.append(float(loss))
    records.lr.append(lr)
    records.grad_norms.append(list(norms.values()))
    if not (math.isfinite(records.loss[-1]) and all(map(math.isfinite, norms.values()))):
        return _fault(task, net.walked(x, y, masks), norms)
    state = dict(task.state)
    moved, overflow = {}, None
    for name, w in updated(task, clipped(task, grads), lr):
        moved[name] = w
        if not _finite(w):  # asked while w is still in the processor's cache
            overflow = overflow or (name, "new value")
    stats = {
        stage.name: batch_norm.update.raw(net.stats[stage.name], cache)
        for stage, cache in zip(net.stages, caches)
        if stage.name in net.stats
    }
    overflow = overflow or _overflow(stats)
    if overflow:
        task.state = state
        return Fault(task.step + 1, task.step // task.steps_per_epoch + 1, *overflow)
    if measure:
        records.update_ratios = [ratio(net.params[name], moved[name]) for name in net.params]
    net.params.update(moved)
    net.stats.update(stats)
    return None


def clipped(task: Task, grads: dict[str, Array]) -> dict[str, Array]:
    """Gradients within the task's limits: first every entry, then their common norm."""
    if task.clip_value is not None:
        grads = clip_by_value(grads, task.clip_value)
    return grads if task.clip_norm is None else clip_by_norm(grads, task.clip_norm)[0]


def updated(task: Task, grads: dict[str, Array], lr: float) -> Iterator[tuple[str, Array]]:
    """Every parameter's name and new value, one after the other; the task's optimizer state moves on."""
    weights = set(task.net.weight_names)
    decoupled = "weight_decay" in task.rule.options
    for name, w in task.net.params.items():
        dw, options = grads[name], dict(task.options)
        decay = task.weight_decay if name in weights else 0.0
        if decoupled and decay is not None:
            options["weight_decay"] = decay
        elif decay:
            dw = decayed(dw, w, decay)
        if name not in task.state:
            task.state[name] = task.rule.init(w)
        new, task.state[name] = task.rule.step(w, dw, task.state[name], lr=lr, **options)
        yield name, new


def ratio(old: Array, new: Array) -> float:
    """|change| / |value| of a parameter; NaN where it was all zeros."""
    size = norm(old)
    return norm(new - old) / size if size else math.nan


def _fault(task: Task, trace: Trace, norms: dict[str, float]) -> Fault:
    """Name the first value on the way that is not finite; `trace` walked the step again with every output kept."""
    step, epoch = task.step + 1, task.step // task.steps_per_epoch + 1
    for moment in trace:
        if not _finite(moment.output):
            return Fault(step, epoch, moment.name, "output")
    if trace.loss is None or not math.isfinite(trace.loss):
        return Fault(step, epoch, "loss", "loss")
    wrong = [name for name, size in norms.items() if not math.isfinite(size)]
    return Fault(step, epoch, wrong[-1] if wrong else "loss", "gradient")


def _overflow(stats: dict[str, tuple[Array, Array]]) -> tuple[str, str] | None:
    """Which new running statistics are not finite; a variance is not where its mean is not."""
    return next(((name, "running statistics") for name, (_, var) in stats.items() if not _finite(var)), None)


def _finite(array: Any) -> bool:
    """Whether every entry is finite. A finite sum of squares proves it in one pass."""
    if type(array) is np.ndarray:
        flat = array.ravel(order="K")
        if math.isfinite(flat.dot(flat)):
            return True
    xp = namespace(array)
    return bool(xp.all(xp.isfinite(array)))
