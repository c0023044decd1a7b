"""Update rules over a stretch of a parameter, in place. `a`, `b` are the rule's state; `n` its numbers, see `program`."""

import math

from chainrule.engines.fused.kernels.compiler import kernel


@kernel
def sgd(w, dw, lr):
    """Twin: `optim.sgd.step`."""
    rate = w.dtype.type(lr)
    for i in range(w.size):
        w[i] -= rate * dw[i]


@kernel
def momentum(w, dw, a, lr, n):
    """Twin: `optim.momentum.step`; with the rate outside, the velocity sums gradients and takes the rate at the end."""
    inside = n[1] != 0
    kept = w.dtype.type(n[0])
    pull, push = w.dtype.type(-lr if inside else 1.0), w.dtype.type(1.0 if inside else -lr)
    for i in range(w.size):
        velocity = kept * a[i] + pull * dw[i]
        w[i] += push * velocity
        a[i] = velocity


@kernel
def nesterov(w, dw, a, lr, n):
    """Twin: `optim.nesterov.step`."""
    kept, rate = w.dtype.type(n[0]), w.dtype.type(lr)
    if n[1] != 0:
        for i in range(w.size):
            ahead = kept * a[i] - rate * dw[i]
            w[i] += ahead + kept * (ahead - a[i])
            a[i] = ahead
    else:
        for i in range(w.size):
            velocity = kept * a[i] + dw[i]
            w[i] -= rate * (dw[i] + kept * velocity)
            a[i] = velocity


@kernel
def scaled(w, dw, a, lr, n):
    """Twins: `optim.adagrad.step` (keep 1, add 1) and `optim.rmsprop.step` (keep decay, add 1 - decay)."""
    kept, added, rate = w.dtype.type(n[0]), w.dtype.type(n[1]), w.dtype.type(lr)
    inside, outside = w.dtype.type(n[2]), w.dtype.type(n[3])
    for i in range(w.size):
        square = kept * a[i] + added * dw[i] * dw[i]
        w[i] -= rate * dw[i] / (math.sqrt(square + inside) + outside)
        a[i] = square


@kernel
def adam(w, dw, a, b, lr, n, t, decay):
    """Twins: `optim.adam.step`, and `optim.adamw.step` with its decoupled `decay`."""
    first, second = w.dtype.type(n[0]), w.dtype.type(n[1])
    new_first, new_second = w.dtype.type(1 - n[0]), w.dtype.type(1 - n[1])
    inside, outside = w.dtype.type(n[2]), w.dtype.type(n[3])
    rate = w.dtype.type(lr / (1 - n[0] ** t))
    correction = w.dtype.type(1 / (1 - n[1] ** t))
    shrink = w.dtype.type(lr * decay)
    for i in range(w.size):
        m = first * a[i] + new_first * dw[i]
        v = second * b[i] + new_second * dw[i] * dw[i]
        w[i] -= rate * m / (math.sqrt(v * correction + inside) + outside) + shrink * w[i]
        a[i] = m
        b[i] = v
