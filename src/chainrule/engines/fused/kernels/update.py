"""From gradients to new parameters, stretch by stretch, each while it is in the core's cache."""

import math

import numpy as np

from chainrule.engines.fused.kernels import rules
from chainrule.engines.fused.kernels.compiler import kernel, summing
from chainrule.engines.fused.program import ADAM, MOMENTUM, NESTEROV, SCALED, SGD

LEAST = 1e-24  # a sum of squares from which on float32 does: squares that became 0 in it were too small to count


@kernel
def added(grads, start, stop, dw):
    """dw = the sum of the slices' shares of a stretch of the gradients."""
    for i in range(dw.size):
        dw[i] = grads[0, start + i]
    for s in range(1, grads.shape[0]):
        for i in range(dw.size):
            dw[i] += grads[s, start + i]


@summing
def sum_of_squares(array):
    """In the array's own dtype, or in float64 where squares would be lost. Twin: `optim.gradients.norm`, squared."""
    total = array.dtype.type(0)
    for i in range(array.size):
        total += array[i] * array[i]
    if LEAST < total < math.inf:
        return float(total)
    wide = 0.0
    for i in range(array.size):
        wide += np.float64(array[i]) * np.float64(array[i])
    return wide


@kernel
def plus_share(dw, share, w):
    """dw = dw + share * w. Twin: `optim.gradients.decayed`, and the net's penalty."""
    factor = w.dtype.type(share)
    for i in range(dw.size):
        dw[i] += factor * w[i]


@kernel
def cut(dw, limit):
    """Twin: `optim.gradients.clip_by_value`. A NaN stays a NaN."""
    high, low = dw.dtype.type(limit), dw.dtype.type(-limit)
    for i in range(dw.size):
        dw[i] = high if dw[i] > high else low if dw[i] < low else dw[i]


@kernel
def shortened(dw, factor):
    """Twin: the last line of `optim.gradients.clip_by_norm`."""
    share = dw.dtype.type(factor)
    for i in range(dw.size):
        dw[i] *= share


@kernel
def measured(update, params, measures, k, me, param, reg, start, dw):
    """Add the penalty's gradient, note the sums of squares, and cut values: what `net.gradients` and the engine do."""
    if reg != 0:
        w = params[start : start + dw.size]
        measures.weights[k, me] += sum_of_squares(w)
        plus_share(dw, reg, w)
    measures.squares[k, me, param] += sum_of_squares(dw)
    if update.clip_value < math.inf:
        cut(dw, update.clip_value)
    if update.clip_norm < math.inf:
        measures.clipped[me] += sum_of_squares(dw)


@kernel
def moved(update, memory, decay, pull, start, dw, lr, k):
    """Move a stretch of the parameters, and the rule's state. Twin: `engines.plain.updated`."""
    w = memory.params[start : start + dw.size]
    if decay != 0:
        plus_share(dw, decay, w)
    if update.rule == SGD:
        rules.sgd(w, dw, lr)
        return
    a = memory.first[start : start + dw.size]
    if update.rule == MOMENTUM:
        rules.momentum(w, dw, a, lr, update.numbers)
    elif update.rule == NESTEROV:
        rules.nesterov(w, dw, a, lr, update.numbers)
    elif update.rule == SCALED:
        rules.scaled(w, dw, a, lr, update.numbers)
    elif update.rule == ADAM:
        b = memory.second[start : start + dw.size]
        rules.adam(w, dw, a, b, lr, update.numbers, update.taken + k + 1, pull)
