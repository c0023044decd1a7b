"""Batch and layer normalization. Batch norm's sums go over all rows, so slices exchange theirs."""

import math

from chainrule.engines.fused.kernels.compiler import clear, kernel, summing
from chainrule.engines.fused.kernels.parts import bounds


@kernel
def column_moments(x, mean, spread):
    """A slice's share of `layers.batch_norm.forward`: its columns' means, and squared distances from them, summed."""
    clear(mean)
    clear(spread)
    if x.shape[0] == 0:
        return
    for i in range(x.shape[0]):
        for j in range(mean.size):
            mean[j] += x[i, j]
    rows = x.dtype.type(x.shape[0])
    for j in range(mean.size):
        mean[j] /= rows
    for i in range(x.shape[0]):
        for j in range(mean.size):
            spread[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j])


@kernel
def joined_moments(means, spreads, rows, mean, var):
    """Means and variances of all rows from those of the slices, (slices, D) each."""
    kind, slices = mean.dtype.type, means.shape[0]
    clear(mean)
    clear(var)
    n = kind(rows)
    for s in range(slices):
        lo, hi = bounds(rows, s, slices)
        for j in range(mean.size):
            mean[j] += kind(hi - lo) / n * means[s, j]
    for s in range(slices):
        lo, hi = bounds(rows, s, slices)
        for j in range(mean.size):
            off = means[s, j] - mean[j]
            var[j] += (spreads[s, j] + kind(hi - lo) * off * off) / n


@kernel
def running(stats, mean, var, momentum):
    """Twin: `layers.batch_norm.update`. `stats` holds the running means, then the running variances."""
    width = mean.size
    kept, new = mean.dtype.type(momentum), mean.dtype.type(1 - momentum)
    for j in range(width):
        stats[j] = kept * stats[j] + new * mean[j]
        stats[width + j] = kept * stats[width + j] + new * var[j]


@kernel
def batch_norm(x, gamma, beta, mean, var, eps, xhat, y, inverse):
    """Twin: `layers.batch_norm.forward` with the statistics at hand; `inverse` becomes 1 / std."""
    one = x.dtype.type(1)
    for j in range(mean.size):
        inverse[j] = one / math.sqrt(var[j] + x.dtype.type(eps))
    for i in range(x.shape[0]):
        for j in range(mean.size):
            normal = (x[i, j] - mean[j]) * inverse[j]
            xhat[i, j] = normal
            y[i, j] = gamma[j] * normal + beta[j]


@kernel
def scale_and_shift_gradients(dy, xhat, dgamma, dbeta):
    """A slice's share of dgamma and dbeta in `batch_norm.backward` and `layer_norm.backward`."""
    clear(dgamma)
    clear(dbeta)
    for i in range(dy.shape[0]):
        for j in range(dgamma.size):
            dgamma[j] += dy[i, j] * xhat[i, j]
            dbeta[j] += dy[i, j]


@kernel
def batch_norm_backward(dy, xhat, gamma, inverse, dgamma, dbeta, n, dx):
    """Twin: `layers.batch_norm.backward`, with dgamma and dbeta of all n rows."""
    share = dy.dtype.type(1) / dy.dtype.type(n)
    for i in range(dy.shape[0]):
        for j in range(gamma.size):
            rest = dy[i, j] - share * dbeta[j] - xhat[i, j] * (share * dgamma[j])
            dx[i, j] = gamma[j] * inverse[j] * rest


@summing
def layer_norm(x, gamma, beta, eps, xhat, y, inverse):
    """Twin: `layers.layer_norm.forward`; `inverse` becomes 1 / std of every row."""
    kind = x.dtype.type
    width = kind(gamma.size)
    for i in range(x.shape[0]):
        total, square = kind(0), kind(0)
        for j in range(gamma.size):
            total += x[i, j]
        mean = total / width
        for j in range(gamma.size):
            square += (x[i, j] - mean) * (x[i, j] - mean)
        inverse[i] = kind(1) / math.sqrt(square / width + kind(eps))
        for j in range(gamma.size):
            xhat[i, j] = (x[i, j] - mean) * inverse[i]
            y[i, j] = gamma[j] * xhat[i, j] + beta[j]


@summing
def layer_norm_backward(dy, xhat, gamma, inverse, dx):
    """Twin: `layers.layer_norm.backward`."""
    kind = dy.dtype.type
    width = kind(gamma.size)
    for i in range(dy.shape[0]):
        total, along = kind(0), kind(0)
        for j in range(gamma.size):
            total += dy[i, j] * gamma[j]
            along += dy[i, j] * gamma[j] * xhat[i, j]
        total, along = total / width, along / width
        for j in range(gamma.size):
            dx[i, j] = (dy[i, j] * gamma[j] - total - xhat[i, j] * along) * inverse[i]
