"""The batches of some steps at once: drawn by the same functions as the plain engine's."""

from collections.abc import Sequence

import numpy as np

from chainrule.core.streams import key
from chainrule.engines.fused.memory import Batches
from chainrule.engines.task import Task
from chainrule.optim.schedules import learning_rate


def drawn(task: Task, steps: int) -> list[np.ndarray] | None:
    """Row numbers, counted from 0, of the next batches; None where a sampler gives what is not one row of numbers.

    A sampler may give any index that NumPy takes: negative numbers, a mask.
    """
    every = np.arange(len(task.X))
    rows = [every[task.rows(task.step + k)] for k in range(steps)]
    return rows if all(batch.ndim == 1 and batch.size for batch in rows) else None


def batches(task: Task, drawn: list[np.ndarray], val_history: Sequence[float], *, gathered: bool) -> Batches:
    """Batches as the kernels take them, with the steps' learning rates.

    Args:
        task: where the training is.
        drawn: row numbers of every step.
        val_history: as an engine's `run` takes it.
        gathered: whether the kernels read rows where they lie; else they come one after the other as they are used.
    """
    counts = np.array([len(rows) for rows in drawn], np.int64)
    places = np.zeros((len(drawn), counts.max()), np.int64)
    for line, rows in zip(places, drawn):
        line[: len(rows)] = rows
    following = (np.cumsum(counts) - counts)[:, None] + np.arange(counts.max())
    rates = [
        learning_rate(
            task.schedule,
            task.lr,
            step=task.step + k,
            steps_per_epoch=task.steps_per_epoch,
            total_steps=task.total_steps,
            val_history=val_history,
        )
        for k in range(len(drawn))
    ]
    return Batches(
        rows=places if gathered else following,
        places=places,
        counts=counts,
        lr=np.array(rates),
        first_step=task.step,
        stream=np.uint64(key(task.seed, "dropout")),
    )
