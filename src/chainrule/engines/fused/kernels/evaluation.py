"""Scores of many rows in evaluation mode, a block at a time. Twin: `training.evaluation.evaluate`."""

from collections.abc import Callable

import numpy as np

from chainrule.engines.fused.kernels import denormals
from chainrule.engines.fused.kernels.affine import biased
from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.kernels.forward import forward
from chainrule.engines.fused.kernels.gather import gather
from chainrule.engines.fused.kernels.parts import rows_of
from chainrule.engines.fused.kernels.products import product
from chainrule.engines.fused.program import AT, CODE, LEAKY_RELU, OUT, RELU, SECOND, SIGMOID, TANH


def evaluate_of(version: int) -> Callable[..., int]:
    """`evaluate`, to be compiled; a constant that it closes over is part of its key on disk."""

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
        block, width = memory.parts.shape[1], program.width
        first = program.stages[0]
        w = memory.params[: program.features * width].reshape(program.features, width)
        for start in range(me * block, rows.size, slices * block):
            n = min(block, rows.size - start)
            x = memory.x[: n * program.features].reshape(n, program.features)
            gather(data, rows[start : start + n], np.int64(0), x)
            y = rows_of(memory.outputs, first[AT], width, np.int64(0), n)
            product(x, w, y, memory.units)
            biased(y, memory.params[first[SECOND] : first[SECOND] + width])
            forward(program, memory, np.int64(0), np.int64(1), n, np.uint64(0))
            _note(program, memory, n, scores[start : start + n], awake[me], asleep)
        denormals.restore(mode)
        return 0 * version

    return evaluate


@kernel
def _note(program, memory, n, scores, awake, asleep):
    last = program.stages[program.stages.shape[0] - 1]
    y = rows_of(memory.outputs, last[AT], last[OUT], np.int64(0), n)
    for row in range(n):
        for j in range(last[OUT]):
            scores[row, j] = y[row, j]
    place = 0
    for i in range(program.stages.shape[0]):
        stage = program.stages[i]
        y = rows_of(memory.outputs, stage[AT], stage[OUT], np.int64(0), n)
        for row in range(n):
            for j in range(stage[OUT]):
                awake[place + j] |= _slope(stage[CODE], y[row, j], program.options[i]) >= asleep
        place += stage[OUT]


@kernel
def _slope(code, y, option):
    """The slope of an activation from its output; 0 for other stages. Twin: the activations' `backward` of ones."""
    one = y * 0 + 1
    if code == RELU:
        return one if y > 0 else one * 0
    if code == LEAKY_RELU:
        return one if y > 0 else one * option
    if code == SIGMOID:
        return y * (one - y)
    if code == TANH:
        return one - y * y
    return one * 0
