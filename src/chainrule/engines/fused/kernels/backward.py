"""Backward through the stages for a slice's rows. Twin: `nets.chain.backward`."""

from chainrule.engines.fused.kernels import activations, dropout, losses, norms
from chainrule.engines.fused.kernels.affine import bias_gradient
from chainrule.engines.fused.kernels.barrier import wait
from chainrule.engines.fused.kernels.compiler import clear, kernel
from chainrule.engines.fused.kernels.forward import scale_and_shift
from chainrule.engines.fused.kernels.parts import bounds, rows_of, transposed_weights
from chainrule.engines.fused.kernels.products import product
from chainrule.engines.fused.program import (
    AFFINE,
    BATCH_NORM,
    DROPOUT,
    LAYER_NORM,
    LEAKY_RELU,
    MSE_LABELS,
    RELU,
    SIGMOID,
    SOFTMAX,
    SVM,
    TANH,
)


@kernel
def loss_of(program, outputs, slopes, data, places, code, me, slices, n):
    """This slice's share of the loss; the gradient by its rows' scores goes where the last stage's output gradient is."""
    lo, hi = bounds(n, me, slices)
    last = program.stages[program.stages.shape[0] - 1]
    classes = last.width
    scores = rows_of(outputs, last.y_at, last.y_row, lo, hi)
    dscores = rows_of(slopes, last.y_at, last.y_row, lo, hi)
    if code == SOFTMAX:
        return losses.softmax(scores, data.labels, places[lo:hi], dscores, classes, n)
    if code == SVM:
        return losses.svm(scores, data.labels, places[lo:hi], dscores, classes, n, program.margin)
    if code == MSE_LABELS:
        return losses.mse_labels(scores, data.labels, places[lo:hi], dscores, classes, n)
    return losses.mse_targets(scores, data.targets, places[lo:hi], dscores, classes, n)


@kernel
def backward(program, memory, me, slices, n):
    """The gradients by this slice's rows; its share of those by what is no weight goes into its row of `memory.grads`."""
    lo, hi = bounds(n, me, slices)
    skipped = program.weights
    grads = memory.grads[me]
    for i in range(program.stages.shape[0] - 1, 0, -1):
        stage, option = program.stages[i], program.options[i]
        code, width = stage.code, stage.width
        dy = rows_of(memory.slopes, stage.y_at, stage.y_row, lo, hi)
        y = rows_of(memory.outputs, stage.y_at, stage.y_row, lo, hi)
        dx = rows_of(memory.slopes, stage.x_at, stage.x_row, lo, hi)
        if code == AFFINE:
            bias_gradient(dy, grads[stage.second - skipped : stage.second - skipped + width])
            product(dy, transposed_weights(memory, stage), dx, stage.x_columns, memory.units)
        elif code == RELU:
            activations.relu_backward(dy.reshape(dy.size), y.reshape(y.size), dx.reshape(dx.size))
        elif code == LEAKY_RELU:
            activations.leaky_relu_backward(dy.reshape(dy.size), y.reshape(y.size), dx.reshape(dx.size), option)
        elif code == SIGMOID:
            activations.sigmoid_backward(dy.reshape(dy.size), y.reshape(y.size), dx.reshape(dx.size))
        elif code == TANH:
            activations.tanh_backward(dy.reshape(dy.size), y.reshape(y.size), dx.reshape(dx.size))
        elif code == DROPOUT:
            mask = rows_of(memory.caches, stage.cache, stage.y_row, lo, hi)
            dropout.times(dy.reshape(dy.size), mask.reshape(mask.size), dx.reshape(dx.size))
        else:
            xhat = rows_of(memory.caches, stage.cache, stage.y_row, lo, hi)
            dgamma = grads[stage.first - skipped : stage.first - skipped + width]
            dbeta = grads[stage.second - skipped : stage.second - skipped + width]
            norms.scale_and_shift_gradients(dy, xhat, dgamma, dbeta)
            if code == LAYER_NORM:
                gamma = scale_and_shift(memory.params, stage)[0]
                norms.layer_norm_backward(dy, xhat, gamma, memory.spreads[me, stage.spread :], dx)
            elif code == BATCH_NORM:
                _batch_norm(memory, stage, me, slices, n, skipped, dy, xhat, dx)
    first = program.stages[0]
    db = grads[first.second - skipped : first.second - skipped + first.width]
    bias_gradient(rows_of(memory.slopes, first.y_at, first.y_row, lo, hi), db)


@kernel
def _batch_norm(memory, stage, me, slices, n, skipped, dy, xhat, dx):
    """The sums dgamma and dbeta of all rows, out of every slice's, and then dx."""
    width = stage.width
    start = stage.sums
    wait(memory.flags, me, slices)
    dgamma, dbeta = memory.moments[me, start : start + width], memory.moments[me, start + width : start + 2 * width]
    clear(dgamma)
    clear(dbeta)
    for s in range(slices):
        for j in range(width):
            dgamma[j] += memory.grads[s, stage.first - skipped + j]
            dbeta[j] += memory.grads[s, stage.second - skipped + j]
    inverse = memory.spreads[me, stage.spread : stage.spread + width]
    norms.batch_norm_backward(dy, xhat, scale_and_shift(memory.params, stage)[0], inverse, dgamma, dbeta, n, dx)
