"""The steps of a fully connected net of any depth: affine - [norm] - ReLU, ..., affine, softmax, L2 penalty."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps, needing
from chainrule.checker.tasks.draws import one_hot
from chainrule.layers import LAYERS
from chainrule.losses import softmax

NORMS = {"batchnorm": "batch_norm", "layernorm": "layer_norm"}


def net_steps(depth: int, norm: str | None = None) -> Steps:
    """Every step from X to the loss and back.

    Args:
        depth: affine layers.
        norm: None, "batchnorm" or "layernorm", in every hidden layer.
    """
    steps: dict[str, Callable[..., Any]] = {"h0": lambda X: X.reshape(len(X), -1), "relu": lambda: _relu}
    for i in range(1, depth):
        steps |= _hidden(i, norm)
    last = depth
    steps |= {
        "scores": needing(f"h{last - 1}", f"W{last}", f"b{last}")(_affine),
        "data_loss": lambda scores, y: softmax.forward.raw(scores, y)[0],
        "squares": needing(*(f"W{i}" for i in range(1, depth + 1)))(lambda *weights: [np.sum(W * W) for W in weights]),
        "half": lambda: 0.5,
        "penalty": lambda half, reg, squares: half * reg * sum(squares),
        "loss": lambda data_loss, penalty: data_loss + penalty,
        "own_loss": lambda loss: loss,
        "built_loss": lambda seen, own_loss: None if seen["built_loss"] is None else own_loss,
        "gamma_beta": lambda: np.array([1.0, 1.0, 0.0, 0.0]),
        "start": lambda seen, gamma_beta: None if seen["start"] is None else gamma_beta,
        "pull": lambda reg: reg,
        "dscores": lambda scores, y: (_p(scores) - one_hot(y, scores.shape[1])) / len(y),
        f"da{last}": lambda dscores: dscores,
    }
    for i in range(depth, 0, -1):
        steps[f"dW{i}"] = needing(f"h{i - 1}", f"da{i}", "pull", f"W{i}")(lambda h, da, pull, W: h.T @ da + pull * W)
        steps[f"db{i}"] = needing(f"da{i}")(lambda da: da.sum(axis=0))
        steps[f"dh{i - 1}"] = needing(f"da{i}", f"W{i}")(lambda da, W: da @ W.T)
    if norm == "batchnorm":
        steps |= _evaluation(depth)
    return {**steps, "keys": lambda: " ".join(sorted(keys(depth, norm)))}


def _hidden(i: int, norm: str | None) -> dict[str, Callable[..., Any]]:
    steps: dict[str, Callable[..., Any]] = {
        f"a{i}": needing(f"h{i - 1}", f"W{i}", f"b{i}")(_affine),
        f"h{i}": needing("relu", f"n{i}")(lambda relu, n: relu(n)),
        f"dn{i}": needing(f"dh{i}", f"n{i}")(lambda dh, n: dh * (n > 0)),
    }
    if norm is None:
        return steps | {f"n{i}": needing(f"a{i}")(_same), f"da{i}": needing(f"dn{i}")(_same)}
    layer = LAYERS[NORMS[norm]]
    return steps | {
        f"normed{i}": needing(f"a{i}", f"gamma{i}", f"beta{i}")(layer.forward),
        f"n{i}": needing(f"normed{i}")(lambda normed: normed[0]),
        f"back{i}": needing(f"dn{i}", f"normed{i}")(lambda dn, normed: layer.backward(dn, normed[1])),
        f"da{i}": needing(f"back{i}")(lambda back: back[0]),
        f"dgamma{i}": needing(f"back{i}")(lambda back: back[1]),
        f"dbeta{i}": needing(f"back{i}")(lambda back: back[2]),
    }


def _evaluation(depth: int) -> dict[str, Callable[..., Any]]:
    """The pass in test mode after one training step, with running statistics that began at 0."""
    layer = LAYERS["batch_norm"]
    steps: dict[str, Callable[..., Any]] = {
        "test_h0": lambda h0: h0,
        "running": lambda: lambda cache, ta: (0.1 * cache[3], 0.1 * cache[4]),
    }

    def normalized(h, W, b, gamma, beta, normed, running):
        a = h @ W + b
        return np.maximum(layer.forward(a, gamma, beta, running(normed[1], a))[0], 0)

    for i in range(1, depth):
        needs = [f"test_h{i - 1}", *(f"{name}{i}" for name in ("W", "b", "gamma", "beta", "normed")), "running"]
        steps[f"test_h{i}"] = needing(*needs)(normalized)
    return steps | {"test_scores": needing(f"test_h{depth - 1}", f"W{depth}", f"b{depth}")(_affine)}


def keys(depth: int, norm: str | None) -> list[str]:
    """The names of all parameters."""
    normed = [f"{name}{i}" for i in range(1, depth) for name in ("gamma", "beta")] if norm else []
    return [f"{name}{i}" for i in range(1, depth + 1) for name in ("W", "b")] + normed


def gradients(depth: int, norm: str | None) -> list[str]:
    """The gradients in the order in which backward meets them."""
    found = []
    for i in range(depth, 0, -1):
        found += [f"dgamma{i}", f"dbeta{i}"] if norm and i < depth else []
        found += [f"dW{i}", f"db{i}"]
    return found


def draw_params(rng: np.random.Generator, sizes: Sequence[int], norm: str | None) -> dict[str, np.ndarray]:
    """Parameters that leave no unit without a say."""
    params: dict[str, np.ndarray] = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
        params[f"W{i}"] = rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)
        params[f"b{i}"] = 0.3 * rng.standard_normal(fan_out)
        if norm and i < len(sizes) - 1:
            params[f"gamma{i}"] = rng.uniform(0.5, 1.5, fan_out)
            params[f"beta{i}"] = 0.3 * rng.standard_normal(fan_out)
    return params


def _relu(n: np.ndarray) -> np.ndarray:
    return np.maximum(n, 0)


def _affine(h: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    return h @ W + b


def _same(value: Any) -> Any:
    return value


def _p(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
