"""Forward through the stages for a slice's rows. Twin: `nets.chain.forward`."""

import numpy as np

from chainrule.engines.fused.kernels import activations, dropout, norms
from chainrule.engines.fused.kernels.affine import biased
from chainrule.engines.fused.kernels.barrier import wait
from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.kernels.parts import bounds, rows_of
from chainrule.engines.fused.kernels.products import product
from chainrule.engines.fused.program import AFFINE, BATCH_NORM, DROPOUT, LAYER_NORM, LEAKY_RELU, RELU, SIGMOID, TANH


@kernel
def forward(program, memory, me, slices, n, stream):
    """Carry this slice's rows of the first stage's output through all further stages.

    `n` rows are in the batch; `stream` is the key of the step's dropout masks.
    """
    lo, hi = bounds(n, me, slices)
    for i in range(1, program.stages.shape[0]):
        stage, option = program.stages[i], program.options[i]
        code, width = stage.code, stage.width
        x = rows_of(memory.outputs, stage.x_at, stage.x_row, lo, hi)
        y = rows_of(memory.outputs, stage.y_at, stage.y_row, lo, hi)
        if code == AFFINE:
            _affine(memory.params, stage, x, y, memory.units)
        elif code == RELU:
            activations.relu(x.reshape(x.size), y.reshape(y.size))
        elif code == LEAKY_RELU:
            activations.leaky_relu(x.reshape(x.size), y.reshape(y.size), option)
        elif code == SIGMOID:
            activations.sigmoid(x.reshape(x.size), y.reshape(y.size))
        elif code == TANH:
            activations.tanh(x.reshape(x.size), y.reshape(y.size))
        elif code == DROPOUT:
            mask = rows_of(memory.caches, stage.cache, stage.y_row, lo, hi)
            dropout.sample(mask, width, dropout.derived(stream, stage.mask), lo, program.keep)
            dropout.times(x.reshape(x.size), mask.reshape(mask.size), y.reshape(y.size))
        elif code == LAYER_NORM:
            gamma, beta = scale_and_shift(memory.params, stage)
            xhat = rows_of(memory.caches, stage.cache, stage.y_row, lo, hi)
            norms.layer_norm(x, gamma, beta, option, xhat, y, memory.spreads[me, stage.spread :])
        elif code == BATCH_NORM:
            if program.training:
                _exchange_moments(memory, stage, me, slices, n, x, program.momentum)
            xhat = rows_of(memory.caches, stage.cache, stage.y_row, lo, hi)
            _batch_norm(memory, stage, me, x, y, xhat, option, program.training)


@kernel
def _affine(params, stage, x, y, units):
    w = rows_of(params, stage.first, stage.weight_row, np.int64(0), stage.features)
    product(x, w, y, stage.y_columns, units)
    biased(y, params[stage.second : stage.second + stage.width])


@kernel
def scale_and_shift(params, stage):
    """gamma and beta of a norm."""
    width = stage.width
    gamma, beta = stage.first, stage.second
    return params[gamma : gamma + width], params[beta : beta + width]


@kernel
def _exchange_moments(memory, stage, me, slices, n, x, momentum):
    """Means and variances over all rows, into this slice's own place; slice 0 moves the running ones."""
    width, start = stage.width, stage.sums
    middle, end = start + width, start + 2 * width
    norms.column_moments(x, memory.sums[me, start:middle], memory.sums[me, middle:end])
    wait(memory.flags, me, slices)
    mean, var = memory.moments[me, start:middle], memory.moments[me, middle:end]
    norms.joined_moments(memory.sums[:, start:middle], memory.sums[:, middle:end], n, mean, var)
    if me == 0:
        norms.running(memory.stats[stage.stats : stage.stats + 2 * width], mean, var, momentum)


@kernel
def _batch_norm(memory, stage, me, x, y, xhat, eps, training):
    width = stage.width
    gamma, beta = scale_and_shift(memory.params, stage)
    inverse = memory.spreads[me, stage.spread : stage.spread + width]
    if training:
        own = memory.moments[me, stage.sums : stage.sums + 2 * width]
    else:
        own = memory.stats[stage.stats : stage.stats + 2 * width]
    norms.batch_norm(x, gamma, beta, own[:width], own[width:], eps, xhat, y, inverse)
