"""A training's compiled side: its program, its buffers, and some steps at a time."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.rows import all_finite
from chainrule.engines.fused.batches import batches, drawn
from chainrule.engines.fused.buffers import (
    allocate,
    fill_net,
    fill_state,
    flat_stats,
    give_net,
    give_state,
    shapes_of,
    state_names,
)
from chainrule.engines.fused.compiled import compiled
from chainrule.engines.fused.memory import Measures, Memory, Update
from chainrule.engines.fused.padding import aligned
from chainrule.engines.fused.program import LOSS_CODES, RULE_CODES, layout
from chainrule.engines.fused.rows import gathers, stored, transformed
from chainrule.engines.fused.slices import together
from chainrule.engines.task import Task

CALL_SECONDS = 0.1  # of one call of compiled code, about: Ctrl-C is looked at in between
CALL_BYTES = 1 << 25  # of features that are transformed beforehand for one call
FIRST_STEPS = 4  # of the first call, before anything is known


class Odd(Exception):
    """Something that the plain engine should look at: a value that is not finite, a batch that is no row of numbers."""


class Training:
    """Program, buffers and data of a task whose net keeps its shapes.

    Args:
        task: the training; no batch may be larger than its `batch_size`.
    """

    def __init__(self, task: Task) -> None:
        net, rows = task.net, task.batch_size
        self.rows, self.shapes, self.input = rows, shapes_of(net), net.input
        self.layout = layout(net, rows, training=True)
        self.memory: Memory = allocate(
            self.layout,
            aligned((self.layout.size,), net.dtype),
            flat_stats(self.layout, net),
            rows=rows,
            slices=task.slices,
            states=len(state_names(task)),
            whole=task.clip_norm is not None,
            training=True,
        )
        self.gathered = gathers(net, task.X)
        self.data = stored(net, task.X, task.y) if self.gathered else transformed(net, *_batch(task, slice(1)))
        self.update = _update(task)
        self.order = np.array([self.layout.names.index(name) for name in net.params])
        self.pace = FIRST_STEPS  # steps of a call
        self.run: Callable[..., int] | None = None  # compiled for arguments of these types

    def fits(self, task: Task) -> bool:
        """Whether the net is still what this was made for."""
        return self.shapes == shapes_of(task.net) and self.input is task.net.input

    def begin(self, task: Task) -> None:
        """Fill the buffers from net and task, and keep a copy of the rule's state."""
        fill_net(self.memory, self.layout, task.net)
        self.update = self.update._replace(taken=fill_state(self.memory, self.layout, task))
        # What the task had until now goes, and leaves its space to the copy.
        give_state(self.memory, self.layout, task, self.update.taken)
        self.before = self.memory.first.copy(), self.memory.second.copy()

    def undo(self) -> None:
        """Put the rule's state back as it was at the beginning; the net has not been touched."""
        self.memory.first[:], self.memory.second[:] = self.before
        self.memory.params[:] = 0  # what pads the weights may be anything now

    def end(self, task: Task) -> None:
        """Write everything back.

        Raises:
            Odd: a parameter or a running variance is not finite.
        """
        if not (all_finite(self.memory.params) and all_finite(self.memory.stats)):
            raise Odd
        del self.before
        give_net(self.memory, self.layout, task.net)
        give_state(self.memory, self.layout, task, self.update.taken)

    def steps(self, task: Task, most: int, val_history: Sequence[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take some steps, at most `most`, in one call; losses (K,), rates (K,), gradient norms (K, parameters).

        Raises:
            Odd: a loss or a norm is not finite.
        """
        rows = drawn(task, min(most, self.pace))
        if rows is None or max(map(len, rows)) > self.rows:
            raise Odd
        arguments = self._arguments(task, rows, val_history)
        run, slices, measures = self._compiled(task, arguments), task.slices, arguments[-1]
        self.memory.flags[:] = 0
        began = time.perf_counter()
        together(slices, lambda me: run(me, slices, *arguments), self.memory.flags)
        self._learn_pace(task, (time.perf_counter() - began) / len(rows))
        self.update = self.update._replace(taken=self.update.taken + len(rows))
        losses = measures.losses.sum(axis=1) + 0.5 * self.update.reg * measures.weights.sum(axis=1)
        norms = np.sqrt(measures.squares.sum(axis=1))[:, self.order]
        if not (np.isfinite(losses).all() and np.isfinite(norms).all()):
            raise Odd
        return losses, arguments[3].lr, norms

    def prepare(self, task: Task) -> None:
        """Compile, or load from disk, what `steps` calls."""
        self._compiled(task, self._arguments(task, [np.zeros(1, np.int64)], []))

    def _compiled(self, task: Task, arguments: tuple[Any, ...]) -> Callable[..., int]:
        """`run` for arguments like these; their types, which take a while to tell, are always the same here."""
        if self.run is None:
            self.run = compiled("run", (0, task.slices, *arguments))
        return self.run

    def _arguments(self, task: Task, rows: list[np.ndarray], val_history: Sequence[float]) -> tuple[Any, ...]:
        """What the compiled `run` takes after the slices: see `kernels.training`."""
        data, steps = self.data, len(rows)
        if not self.gathered:
            data = transformed(task.net, *_batch(task, np.concatenate(rows)))._replace(
                labels=data.labels, targets=data.targets
            )
        measures = Measures(
            losses=np.zeros((steps, task.slices)),
            squares=np.zeros((steps, task.slices, len(self.order))),
            weights=np.zeros((steps, task.slices)),
            clipped=np.zeros(task.slices),
        )
        given = batches(task, rows, val_history, gathered=self.gathered)
        return steps, self.layout.program, data, given, self.update, self.memory, measures

    def _learn_pace(self, task: Task, seconds: float) -> None:
        self.pace = max(1, min(4 * self.pace, int(CALL_SECONDS / max(seconds, 1e-9)), 1000))
        if not self.gathered:
            size = task.batch_size * task.net.input_dim * task.net.dtype.itemsize
            self.pace = max(1, min(self.pace, CALL_BYTES // size))


def _batch(task: Task, rows: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
    """Features of some rows, and all targets."""
    x, _ = task.net.prepared(task.X[rows])
    return x, task.y


def _update(task: Task) -> Update:
    code, numbers = RULE_CODES[task.rule.name]
    options = {**task.rule.options, **task.options}
    decay, decoupled = task.weight_decay, "weight_decay" in task.rule.options
    padded = np.zeros(4)
    found = numbers(options)
    padded[: len(found)] = found
    return Update(
        rule=code,
        numbers=padded,
        taken=0,
        decay=0.0 if decoupled else float(decay or 0.0),
        pull=float(options["weight_decay"] if decay is None else decay) if decoupled else 0.0,
        clip_value=math.inf if task.clip_value is None else float(task.clip_value),
        clip_norm=math.inf if task.clip_norm is None else float(task.clip_norm),
        reg=float(task.net.reg),
        loss=LOSS_CODES[task.net.loss_name, task.y.ndim],
    )
