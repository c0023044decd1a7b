"""Scores of many rows in evaluation mode, a block at a time. Twin: `training.evaluation.evaluate`."""

import numpy as np

from chainrule.engines.fused.kernels import denormals
from chainrule.engines.fused.kernels.affine import biased
from chainrule.engines.fused.kernels.compiler import clear, kernel
from chainrule.engines.fused.kernels.forward import forward
from chainrule.engines.fused.kernels.gather import gather
from chainrule.engines.fused.kernels.parts import rows_of
from chainrule.engines.fused.kernels.products import product_added
from chainrule.engines.fused.program import LEAKY_RELU, RELU, SIGMOID, TANH


def evaluate(me, slices, program, data, rows, memory, scores, awake, asleep):
    """Every `slices`-th block of rows: their scores, and which units have a slope of at least `asleep` somewhere.

    Args:
        me, slices, program, data: as in a training; `memory` is this slice's own, for blocks of one size.
        rows: (N,) int64, the rows to look at.
        scores: (N, C), filled.
        awake: (slices, units of all stages) bool, filled for activation stages, one place per unit.
        asleep: the least slope that counts.
    """
    mode = denormals.flush()
    first = program.stages[0]
    block, width = memory.parts.shape[1], first.width
    for start in range(me * block, rows.size, slices * block):
        n = min(block, rows.size - start)
        y = rows_of(memory.outputs, first.y_at, first.y_row, np.int64(0), n)
        _first_layer(program, data, rows[start : start + n], memory, y)
        biased(y, memory.params[first.second : first.second + width])
        forward(program, memory, np.int64(0), np.int64(1), n, np.uint64(0))
        _note(program, memory, n, scores[start : start + n], awake[me], asleep)
    denormals.restore(mode)


@kernel
def _first_layer(program, data, rows, memory, y):
    """y = x @ W, some features at a time: a block of whole rows, and the weights, would not stay in a core's cache."""
    first, n = program.stages[0], y.shape[0]
    stretch = first.stretch
    clear(y.reshape(y.size))
    for start in range(0, program.features, stretch):
        stop = min(program.features, start + stretch)
        x = memory.x[: n * (stop - start)].reshape(n, stop - start)
        gather(data, rows, start, x)
        w = rows_of(memory.params, np.int64(0), first.weight_row, start, stop)
        product_added(x, w, y, first.y_columns, memory.units)


@kernel
def _note(program, memory, n, scores, awake, asleep):
    last = program.stages[program.stages.shape[0] - 1]
    y = rows_of(memory.outputs, last.y_at, last.y_row, np.int64(0), n)
    for row in range(n):
        for j in range(last.width):
            scores[row, j] = y[row, j]
    place = 0
    for i in range(program.stages.shape[0]):
        stage = program.stages[i]
        y = rows_of(memory.outputs, stage.y_at, stage.y_row, np.int64(0), n)
        _wake(stage.code, y, program.options[i], asleep, awake[place : place + stage.width])
        place += stage.width


@kernel
def _wake(code, y, option, asleep, awake):
    """Which units of an activation have a slope in some row, by its output. Twin: the activations' `backward` of ones."""
    if awake.all():
        return
    one = y.dtype.type(1)
    least, slope = y.dtype.type(asleep), y.dtype.type(option)
    for row in y:
        if code in (RELU, LEAKY_RELU):
            for j in range(awake.size):
                awake[j] |= (one if row[j] > 0 else slope) >= least
        elif code == SIGMOID:
            for j in range(awake.size):
                awake[j] |= row[j] * (one - row[j]) >= least
        elif code == TANH:
            for j in range(awake.size):
                awake[j] |= one - row[j] * row[j] >= least
