"""A run of steps for one slice: the loop of `engines.plain.run`, with two waits a step (and two more per batch norm).

The first layer's weights are cut by features: a slice gathers its features, multiplies them, and later gets their
gradient and moves them, so that all of it stays with one core; only a product of the batch's size is exchanged.
Everything between is cut by rows of the batch, but for the later weights' gradients: a slice gets those of its share of
the weights' rows, over the whole batch, so that no core ever reads another's gradient. Each stretch of weights is moved
while its gradient is in the core's cache; one of the first weights is at once multiplied with the *next* batch's
features, one of the later weights at once transposed for the next backward pass.
"""

import math

import numpy as np

from chainrule.engines.fused.kernels import denormals, dropout
from chainrule.engines.fused.kernels.affine import joined, transposed
from chainrule.engines.fused.kernels.backward import backward, loss_of
from chainrule.engines.fused.kernels.barrier import wait
from chainrule.engines.fused.kernels.compiler import clear, kernel
from chainrule.engines.fused.kernels.forward import forward
from chainrule.engines.fused.kernels.gather import gather
from chainrule.engines.fused.kernels.parts import bounds, rows_of, transposed_weights
from chainrule.engines.fused.kernels.products import product_added, product_left_transposed
from chainrule.engines.fused.kernels.update import added, measured, moved, shortened


def run(me, slices, steps, program, data, batches, update, memory, measures):
    """Take `steps` steps, or fewer where a loss is not finite; returns how many were begun."""
    mode, done = denormals.flush(), steps
    first = program.stages[0]
    bias = memory.params[first.second : first.second + first.width]
    for k in range(steps + 1):
        if k > 0:
            if update.clip_norm < math.inf:
                _collect(me, slices, k - 1, program, batches, update, memory, measures)
                wait(memory.flags, me, slices)
            _move_what_is_no_weight(me, slices, k - 1, program, batches, update, memory, measures)
        _later_layers(me, slices, k, program, batches, update, memory, measures)
        _first_layer(me, slices, k, steps, program, data, batches, update, memory, measures)
        if k == steps:
            break
        wait(memory.flags, me, slices)
        n = batches.counts[k]
        lo, hi = bounds(n, me, slices)
        joined(memory.parts[:, lo:hi], bias, rows_of(memory.outputs, first.y_at, first.y_row, lo, hi))
        stream = dropout.derived(batches.stream, batches.first_step + k)
        forward(program, memory, me, slices, n, stream)
        loss = loss_of(program, memory.outputs, memory.slopes, data, batches.places[k], update.loss, me, slices, n)
        measures.losses[k, me] = loss
        backward(program, memory, me, slices, n)
        wait(memory.flags, me, slices)
        if not math.isfinite(_sum(measures.losses[k])):
            done = k + 1
            break
    denormals.restore(mode)
    return done


@kernel
def _first_layer(me, slices, k, steps, program, data, batches, update, memory, measures):
    """Move the weights of a slice's features by step k - 1, and multiply them with the features of step k."""
    lo, hi = bounds(program.features, me, slices)
    first, n = program.stages[0], batches.counts[k] if k < steps else 0
    part = memory.parts[me, :n]
    clear(part.reshape(part.size))
    for start in range(lo, hi, first.stretch):
        stop = min(hi, start + first.stretch)
        if k > 0:
            _move_weights(me, k - 1, np.int64(0), start, stop, program, batches, update, memory, measures)
        if k < steps:
            x = _features(memory.x, memory.parts.shape[1], start, stop, n)
            gather(data, batches.rows[k], start, x)
            w = rows_of(memory.params, np.int64(0), first.weight_row, start, stop)
            product_added(x, w, part, first.y_columns, memory.units)


@kernel
def _features(x, rows, start, stop, n):
    """The features start to stop of a batch of n, (n, stop - start): each stretch in one piece, with space for `rows`."""
    return x[rows * start : rows * stop].reshape(rows, stop - start)[:n]


@kernel
def _later_layers(me, slices, k, program, batches, update, memory, measures):
    """Move this slice's rows of the later weights by step k - 1, and keep them transposed for the next backward pass."""
    for param in range(1, program.params.shape[0]):
        at = program.params[param, 2]
        if at < 0:
            continue
        stage = program.stages[at]
        into = transposed_weights(memory, stage)
        lo, hi = bounds(stage.features, me, slices)
        for start in range(lo, hi, stage.stretch):
            stop = min(hi, start + stage.stretch)
            if k > 0:
                _move_weights(me, k - 1, param, start, stop, program, batches, update, memory, measures)
            transposed(rows_of(memory.params, stage.first, stage.weight_row, start, stop), into[:, start:stop])


@kernel
def _move_what_is_no_weight(me, slices, k, program, batches, update, memory, measures):
    """Move this slice's part of biases, scales and shifts by step k."""
    for param in range(1, program.params.shape[0]):
        first, size, stage = program.params[param]
        if stage >= 0:
            continue
        lo, hi = bounds(size, me, slices)
        dw = _held(me, first + lo, first + hi, update, memory)
        if update.clip_norm < math.inf:
            shortened(dw, _factor(update, measures))
        else:
            _shared_gradient(me, k, param, first + lo, program, update, memory, measures, dw)
        moved(update, memory, 0.0, 0.0, first + lo, dw, batches.lr[k], k)


@kernel
def _move_weights(me, k, param, start, stop, program, batches, update, memory, measures):
    """Move some rows of a weight matrix by step k."""
    first, _, stage = program.params[param]
    row = program.stages[stage].weight_row
    begin = first + start * row
    dw = _held(me, begin, first + stop * row, update, memory)
    if update.clip_norm < math.inf:
        shortened(dw, _factor(update, measures))
    else:
        _weight_gradient(me, k, param, start, stop, batches.counts[k], program, update, memory, measures, dw)
    moved(update, memory, update.decay, update.pull, begin, dw, batches.lr[k], k)


@kernel
def _held(me, start, stop, update, memory):
    """Where the gradient by the parameters start to stop is held: until all are known, or only until they have moved."""
    if update.clip_norm < math.inf:
        return memory.whole[start:stop]
    own = memory.scratch[me]  # in two steps, so that Numba knows it is in one piece
    return own[: stop - start]


@kernel
def _weight_gradient(me, k, param, start, stop, n, program, update, memory, measures, dw):
    """dW = x.T @ dy over the whole batch for some rows of a weight matrix, measured. Twin: `layers.affine.backward`."""
    first, _, at = program.params[param]
    stage = program.stages[at]
    columns, row = stage.y_columns, stage.weight_row
    dy = rows_of(memory.slopes, stage.y_at, stage.y_row, np.int64(0), n)
    if at == 0:
        x = _features(memory.x, memory.parts.shape[1], start, stop, n)[:, 0 : stop - start]
    else:
        x = rows_of(memory.outputs, stage.x_at, stage.x_row, np.int64(0), n)[:, start:stop]
    rows = dw.reshape(stop - start, row)
    product_left_transposed(x, dy, rows, columns, memory.units)
    _clear_from(rows, columns)
    measured(update, memory.params, measures, k, me, param, update.reg, first + start * row, dw)


@kernel
def _clear_from(rows, column):
    for i in range(rows.shape[0]):
        for j in range(column, rows.shape[1]):
            rows[i, j] = 0


@kernel
def _shared_gradient(me, k, param, start, program, update, memory, measures, dw):
    """The sum of all slices' shares of the gradient by a part of what is no weight, measured."""
    added(memory.grads, start - program.weights, start - program.weights + dw.size, dw)
    measured(update, memory.params, measures, k, me, param, 0.0, start, dw)


@kernel
def _collect(me, slices, k, program, batches, update, memory, measures):
    """Write a slice's part of all gradients out in full, since their common norm is wanted before anything moves."""
    measures.clipped[me] = 0.0
    for param in range(program.params.shape[0]):
        first, size, stage = program.params[param]
        if stage >= 0:
            lo, hi = bounds(program.stages[stage].features, me, slices)
            row, stretch = program.stages[stage].weight_row, program.stages[stage].stretch
            for start in range(lo, hi, stretch):
                stop = min(hi, start + stretch)
                dw = memory.whole[first + start * row : first + stop * row]
                _weight_gradient(me, k, param, start, stop, batches.counts[k], program, update, memory, measures, dw)
        else:
            lo, hi = bounds(size, me, slices)
            dw = memory.whole[first + lo : first + hi]
            _shared_gradient(me, k, param, first + lo, program, update, memory, measures, dw)


@kernel
def _factor(update, measures):
    """What all gradients are multiplied by, so that their common norm keeps its limit."""
    length = math.sqrt(_sum(measures.clipped))
    return update.clip_norm / length if length > update.clip_norm else 1.0


@kernel
def _sum(shares):
    """In the order of the slices."""
    total = 0.0
    for share in shares:
        total += share
    return total
