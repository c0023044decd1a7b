"""Nets of random architectures, with random numbers everywhere."""

import numpy as np

import chainrule as cr
from chainrule.nets.input import Input

FEATURES, CLASSES = 6, 4


def a_net(draw: int, dtype: str) -> cr.FullyConnectedNet:
    """The net of that draw: parameters, running statistics and input transform are random too."""
    rng = np.random.default_rng(draw)
    depth = int(rng.integers(1, 4)) if draw else 0  # the first is a linear classifier
    activations = ["relu", "leaky_relu", "sigmoid", "tanh"]
    net = cr.FullyConnectedNet(
        [int(width) for width in rng.integers(2, 9, depth)],
        input_dim=FEATURES,
        num_classes=CLASSES,
        activation=[str(name) for name in rng.choice(activations, depth)],
        norm=[None, "batch", "layer"][draw % 3],
        keep=[1.0, 0.7][draw // 3 % 2],
        output_activation=[None, "tanh"][draw // 2 % 2],
        loss=["softmax", "svm", "mse"][draw % 3],
        dtype=dtype,
        seed=draw,
    )
    for name, value in net.params.items():
        net.params[name] = rng.standard_normal(value.shape).astype(dtype)
    for name, (mean, var) in net.stats.items():
        net.stats[name] = (rng.standard_normal(mean.shape).astype(dtype), (rng.random(var.shape) + 0.5).astype(dtype))
    if draw % 4:
        net.input = Input(center=rng.standard_normal(FEATURES), scale=rng.random(FEATURES) + 0.5)
    return net
