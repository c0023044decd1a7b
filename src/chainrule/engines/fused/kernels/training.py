"""A run of steps for one slice: the loop of `engines.plain.run`, with two waits a step (and two more per batch norm).

The first layer's weights are cut by features: a slice gathers its features, multiplies them, and later gets their
gradient and moves them, so that all of it stays with one core; only a product of the batch's size is exchanged.
Everything between is cut by rows of the batch. Each stretch of the first weights is moved and then, while it is in the
core's cache, at once multiplied with the *next* batch's features.
"""

import math
from collections.abc import Callable

import numpy as np

from chainrule.engines.fused.kernels import denormals, dropout
from chainrule.engines.fused.kernels.affine import joined
from chainrule.engines.fused.kernels.backward import backward, loss_of
from chainrule.engines.fused.kernels.barrier import wait
from chainrule.engines.fused.kernels.compiler import clear, kernel
from chainrule.engines.fused.kernels.forward import forward
from chainrule.engines.fused.kernels.gather import gather
from chainrule.engines.fused.kernels.parts import bounds, rows_of
from chainrule.engines.fused.kernels.products import product_added, product_left_transposed
from chainrule.engines.fused.kernels.update import added, measured, moved, shortened
from chainrule.engines.fused.program import AT, OUT, SECOND, WEIGHT

STRETCH = 192  # rows of the first weights that are worked on at a time: a core's cache holds them
ENTRIES = 1024  # of a later parameter that are moved at a time


def run_of(version: int) -> Callable[..., int]:
    """`run`, to be compiled; a constant that it closes over is part of its key on disk."""

    def run(me, slices, steps, program, data, batches, update, memory, measures):
        """Take `steps` steps, or fewer where a loss is not finite; returns how many were begun."""
        mode, done = denormals.flush(), steps
        first = program.stages[0]
        bias = memory.params[first[SECOND] : first[SECOND] + first[OUT]]
        for k in range(steps + 1):
            if k > 0:
                if update.clip_norm < math.inf:
                    _collect(me, slices, k - 1, program, batches, update, memory, measures)
                    wait(memory.flags, me, slices)
                _move_later_layers(me, slices, k - 1, program, batches, update, memory, measures)
            _first_layer(me, slices, k, steps, program, data, batches, update, memory, measures)
            if k == steps:
                break
            wait(memory.flags, me, slices)
            n = batches.counts[k]
            lo, hi = bounds(n, me, slices)
            joined(memory.parts[:, lo:hi], bias, rows_of(memory.outputs, first[AT], first[OUT], lo, hi))
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
        return done + 0 * version

    return run


@kernel
def _first_layer(me, slices, k, steps, program, data, batches, update, memory, measures):
    """Move the weights of a slice's features by step k - 1, and multiply them with the features of step k."""
    lo, hi = bounds(program.features, me, slices)
    width, n = program.width, batches.counts[k] if k < steps else 0
    part = memory.parts[me, :n]
    clear(part.reshape(part.size))
    for start in range(lo, hi, STRETCH):
        stop = min(hi, start + STRETCH)
        if k > 0:
            dw = _first_gradient(me, k - 1, start, stop, batches.counts[k - 1], program, memory, update, measures)
            moved(update, memory, program.params[0, WEIGHT] != 0, start * width, dw, batches.lr[k - 1], k - 1)
        if k < steps:
            x = _features(memory.x, memory.parts.shape[1], start, stop, n)
            gather(data, batches.rows[k], start, x)
            w = memory.params[start * width : stop * width].reshape(stop - start, width)
            product_added(x, w, part, memory.units)


@kernel
def _features(x, rows, start, stop, n):
    """The features start to stop of a batch of n, (n, stop - start): each stretch in one piece, with space for `rows`."""
    return x[rows * start : rows * stop].reshape(rows, stop - start)[:n]


@kernel
def _first_gradient(me, k, start, stop, n, program, memory, update, measures):
    """The gradient of the first weights' rows start to stop, measured; or as it was collected."""
    width = program.width
    if update.clip_norm < math.inf:
        dw = memory.whole[start * width : stop * width]
        shortened(dw, _factor(update, measures))
        return dw
    dw = memory.scratch[me][: (stop - start) * width]  # in two steps, so that Numba knows it is in one piece
    _product_of_first(me, start, stop, n, width, memory, dw)
    measured(update, memory.params, measures, k, me, np.int64(0), program.params[0, WEIGHT] != 0, start * width, dw)
    return dw


@kernel
def _product_of_first(me, start, stop, n, width, memory, dw):
    """dW = x.T @ dy for some rows of the first weights."""
    dy = memory.slopes[: n * width].reshape(n, width)
    product_left_transposed(
        _features(memory.x, memory.parts.shape[1], start, stop, n), dy, dw.reshape(stop - start, width), memory.units
    )


@kernel
def _move_later_layers(me, slices, k, program, batches, update, memory, measures):
    """Move this slice's share of everything but the first weights."""
    skipped, end = program.features * program.width, memory.params.size
    lo, hi = bounds(end - skipped, me, slices)
    for param in range(1, program.params.shape[0]):
        first, size, is_weight = program.params[param]
        last = min(first + size, skipped + hi)
        for start in range(max(first, skipped + lo), last, ENTRIES):
            stop = min(last, start + ENTRIES)
            if update.clip_norm < math.inf:
                dw = memory.whole[start:stop]
                shortened(dw, _factor(update, measures))
            else:
                dw = memory.scratch[me][: stop - start]
                added(memory.grads, start - skipped, stop - skipped, dw)
                measured(update, memory.params, measures, k, me, param, is_weight != 0, start, dw)
            moved(update, memory, is_weight != 0, start, dw, batches.lr[k], k)


@kernel
def _collect(me, slices, k, program, batches, update, memory, measures):
    """Write a slice's share of all gradients out in full, since their common norm is wanted before anything moves."""
    measures.clipped[me] = 0.0
    lo, hi = bounds(program.features, me, slices)
    width = program.width
    for start in range(lo, hi, STRETCH):
        stop = min(hi, start + STRETCH)
        dw = memory.whole[start * width : stop * width]
        _product_of_first(me, start, stop, batches.counts[k], width, memory, dw)
        measured(update, memory.params, measures, k, me, np.int64(0), program.params[0, WEIGHT] != 0, start * width, dw)
    skipped, end = program.features * program.width, memory.params.size
    lo, hi = bounds(end - skipped, me, slices)
    for param in range(1, program.params.shape[0]):
        first, size, is_weight = program.params[param]
        start, stop = max(first, skipped + lo), min(first + size, skipped + hi)
        if start < stop:
            dw = memory.whole[start:stop]
            added(memory.grads, start - skipped, stop - skipped, dw)
            measured(update, memory.params, measures, k, me, param, is_weight != 0, start, dw)


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
