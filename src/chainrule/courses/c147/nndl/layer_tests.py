"""C147's `nndl.layer_tests`: six functions that compare the layers with numeric gradients, and print how far off they are.

They draw from NumPy's global generator without seeding it. Gradients' errors are below 1e-8 where the layers are right.
"""

from collections.abc import Callable

import numpy as np

from chainrule.core.numeric import rel_error
from chainrule.courses.c147.nndl import fc_net, layer_utils, layers
from chainrule.courses.modular.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array

__all__ = [
    "affine_backward_test",
    "affine_forward_test",
    "affine_relu_test",
    "fc_net_test",
    "rel_error",
    "relu_backward_test",
    "relu_forward_test",
]

AFFINE = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]


def affine_forward_test() -> None:
    """Print the difference of `affine_forward` from the expected output; right: 9.77e-10."""
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
    out, _ = layers.affine_forward(x, w, np.linspace(-0.3, 0.1, num=3))
    print(f"difference: {rel_error(out, np.array(AFFINE))}")


def affine_backward_test() -> None:
    """Print the errors of `affine_backward` against numeric gradients."""
    x, w, b = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5)
    _affine_errors(layers.affine_forward, layers.affine_backward, x, w, b, np.random.randn(10, 5))


def relu_forward_test() -> None:
    """Print the difference of `relu_forward` from the expected output; right: 5.00e-08."""
    out, _ = layers.relu_forward(np.linspace(-0.5, 0.5, num=12).reshape(3, 4))
    expected = [[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]]
    print(f"difference: {rel_error(out, np.array(expected))}")


def relu_backward_test() -> None:
    """Print the error of `relu_backward` against the numeric gradient."""
    x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
    numeric = eval_numerical_gradient_array(lambda x: layers.relu_forward(x)[0], x, dout)
    _, cache = layers.relu_forward(x)
    print(f"dx error: {rel_error(numeric, layers.relu_backward(dout, cache))}")


def affine_relu_test() -> None:
    """Print the errors of `affine_relu_backward` against numeric gradients."""
    x, w, b = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10)
    forward, backward = layer_utils.affine_relu_forward, layer_utils.affine_relu_backward
    _affine_errors(forward, backward, x, w, b, np.random.randn(2, 10))


def fc_net_test() -> None:
    """Print a small net's first loss and its gradients' errors, without and with regularization."""
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    for reg in (0, 3.14):
        model = fc_net.FullyConnectedNet(
            [20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2, dtype=np.float64
        )
        loss, grads = model.loss(X, y)
        print(f"Initial loss: {loss}")
        for name in sorted(grads):
            numeric = eval_numerical_gradient(lambda _: model.loss(X, y)[0], model.params[name], verbose=False)  # noqa: B023
            print(f"{name} relative error: {rel_error(numeric, grads[name])}")


def _affine_errors(
    forward: Callable, backward: Callable, x: np.ndarray, w: np.ndarray, b: np.ndarray, dout: np.ndarray
) -> None:
    _, cache = forward(x, w, b)
    for name, array, analytic in zip(("dx", "dw", "db"), (x, w, b), backward(dout, cache)):
        numeric = eval_numerical_gradient_array(lambda _: forward(x, w, b)[0], array, dout)
        print(f"{name} error: {rel_error(analytic, numeric)}")
