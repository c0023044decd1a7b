"""The layers, each a module with `forward` and `backward` (and its derivation). To add one: a file, and a row here."""

import numpy as np

from chainrule.core.registry import Layer
from chainrule.layers import affine, batch_norm, dropout, layer_norm, leaky_relu, relu, sigmoid, tanh

N, D, M = 5, 4, 3  # three different sizes, so that a transpose cannot hide


def _off_zero(rng: np.random.Generator) -> np.ndarray:
    """(N, D) numbers of scale 1 that stay away from the kink at 0."""
    x = rng.standard_normal((N, D))
    return x + np.copysign(0.1, x)


def _normed(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "x": 3 * rng.standard_normal((N, D)) + 1,
        "gamma": rng.standard_normal(D) + 2,
        "beta": rng.standard_normal(D),
    }


LAYERS: dict[str, Layer] = {
    row.name: row
    for row in (
        Layer(
            "affine",
            affine,
            kind="affine",
            params=("W", "b"),
            sample=lambda rng: {
                "x": rng.standard_normal((N, D)),
                "W": rng.standard_normal((D, M)),
                "b": rng.standard_normal(M),
            },
        ),
        Layer("relu", relu, kind="activation", sample=lambda rng: {"x": _off_zero(rng)}),
        Layer("leaky_relu", leaky_relu, kind="activation", sample=lambda rng: {"x": _off_zero(rng)}),
        Layer("sigmoid", sigmoid, kind="activation", sample=lambda rng: {"x": rng.standard_normal((N, D))}),
        Layer("tanh", tanh, kind="activation", sample=lambda rng: {"x": rng.standard_normal((N, D))}),
        Layer(
            "batch_norm",
            batch_norm,
            kind="norm",
            params=("gamma", "beta"),
            needs="stats",
            rowwise=False,
            sample=_normed,
        ),
        Layer("layer_norm", layer_norm, kind="norm", params=("gamma", "beta"), sample=_normed),
        Layer(
            "dropout",
            dropout,
            kind="dropout",
            needs="mask",
            sample=lambda rng: {
                "x": rng.standard_normal((N, D)),
                "mask": dropout.sample(int(rng.integers(1 << 32)), (N, D), keep=0.7),
            },
        ),
    )
}
