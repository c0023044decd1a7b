"""Losses over a slice's rows: each adds up its rows' share of the loss and writes the gradient by the scores."""

import math

from chainrule.engines.fused.kernels.compiler import kernel


@kernel
def softmax(scores, labels, rows, dscores, classes, n):
    """Twin: `losses.softmax`. Of n rows in all; `rows` are the places of these rows' labels."""
    one, total = scores.dtype.type(1), 0.0
    for i in range(scores.shape[0]):
        peak = scores[i, 0]
        for j in range(classes):
            if not scores[i, j] <= peak:  # a NaN wins, and stays
                peak = scores[i, j]
        norm = scores.dtype.type(0)
        for j in range(classes):
            e = math.exp(scores[i, j] - peak)
            dscores[i, j] = e
            norm += e
        label = labels[rows[i]]
        total += math.log(norm) - (scores[i, label] - peak)
        for j in range(classes):
            share = dscores[i, j] / norm
            dscores[i, j] = (share - one if j == label else share) / scores.dtype.type(n)
    return total / n


@kernel
def svm(scores, labels, rows, dscores, classes, n, margin):
    """Twin: `losses.svm`."""
    zero, one, wanted = scores.dtype.type(0), scores.dtype.type(1), scores.dtype.type(margin)
    share, total = one / scores.dtype.type(n), 0.0
    for i in range(scores.shape[0]):
        label = labels[rows[i]]
        violating = zero
        for j in range(classes):
            short = scores[i, j] - scores[i, label] + wanted
            counts = j != label and short > zero
            if j != label and not short <= zero:  # a NaN adds itself, so that the loss shows it
                total += short
            dscores[i, j] = share if counts else zero
            violating += one if counts else zero
        dscores[i, label] = -violating / scores.dtype.type(n)
    return total / n


@kernel
def mse_labels(scores, labels, rows, dscores, classes, n):
    """Twin: `losses.mse` with labels, which stand for one-hot rows."""
    zero, one, total = scores.dtype.type(0), scores.dtype.type(1), 0.0
    for i in range(scores.shape[0]):
        label = labels[rows[i]]
        for j in range(classes):
            difference = scores[i, j] - (one if j == label else zero)
            total += difference * difference
            dscores[i, j] = difference / scores.dtype.type(n)
    return total / (2 * n)


@kernel
def mse_targets(scores, targets, rows, dscores, classes, n):
    """Twin: `losses.mse` with real targets."""
    total = 0.0
    for i in range(scores.shape[0]):
        target = targets[rows[i]]
        for j in range(classes):
            difference = scores[i, j] - target[j]
            total += difference * difference
            dscores[i, j] = difference / scores.dtype.type(n)
    return total / (2 * n)
