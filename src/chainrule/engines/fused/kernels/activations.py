"""Activations, entry by entry. Their backward passes need the output alone."""

from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.kernels.exponential import exp_of_minus


@kernel
def relu(x, y):
    """Twin: `layers.relu.forward`. A NaN stays a NaN."""
    zero = x.dtype.type(0)
    for i in range(x.size):
        y[i] = zero if x[i] < zero else x[i]


@kernel
def relu_backward(dy, y, dx):
    """Twin: `layers.relu.backward`."""
    zero, one = y.dtype.type(0), y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * (one if y[i] > zero else zero)


@kernel
def leaky_relu(x, y, slope):
    """Twin: `layers.leaky_relu.forward`."""
    zero, share = x.dtype.type(0), x.dtype.type(slope)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else share * x[i]


@kernel
def leaky_relu_backward(dy, y, dx, slope):
    """Twin: `layers.leaky_relu.backward`; the output is above 0 exactly where the input is."""
    zero, share = y.dtype.type(0), y.dtype.type(slope)
    for i in range(y.size):
        dx[i] = dy[i] if y[i] > zero else share * dy[i]


@kernel
def sigmoid(x, y):
    """Twin: `layers.sigmoid.forward`."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    exp_of_minus(x, 1, 0, y)
    for i in range(x.size):
        y[i] = (y[i] if x[i] < zero else one) / (one + y[i])


@kernel
def sigmoid_backward(dy, y, dx):
    """Twin: `layers.sigmoid.backward`."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (one - y[i])


@kernel
def tanh(x, y):
    """Twin: `layers.tanh.forward`; tanh |x| = -m / (2 + m) with m = exp(-2 |x|) - 1."""
    zero, two = x.dtype.type(0), x.dtype.type(2)
    exp_of_minus(x, 2, 1, y)
    for i in range(x.size):
        size = (zero - y[i]) / (two + y[i])
        y[i] = -size if x[i] < zero else size


@kernel
def tanh_backward(dy, y, dx):
    """Twin: `layers.tanh.backward`."""
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * (one - y[i] * y[i])
