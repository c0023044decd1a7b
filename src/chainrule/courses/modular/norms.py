"""Batch and layer normalization in the courses' manner: settings and running statistics live in a dict."""

from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError
from chainrule.core.shapes import check
from chainrule.courses.modular.checks import floats, number, recall, remember, settings
from chainrule.layers import LAYERS, batch_norm

EPS = 1e-5
MOMENTUM = 0.9  # share of the running statistics that is kept


def batchnorm_forward(x: Any, gamma: Any, beta: Any, bn_param: dict[str, Any]) -> tuple[np.ndarray, tuple]:
    """Normalize each column by the batch's mean and variance (training) or by the running ones (test).

    Args:
        x: (N, D).
        gamma, beta: (D,) scale and shift.
        bn_param: `mode` 'train' or 'test', and where they are to differ from the defaults `eps` (1e-5) and `momentum`
            (0.9, the share kept). `running_mean` and `running_var` (D,) start as zeros and are written back.

    Returns:
        out: (N, D).
        cache: for `batchnorm_backward`.

    Raises:
        ArrayError: shapes that do not fit together, or an empty array.
        ArrayTypeError: something that is no array of numbers.
        SettingError: a mode that is neither, or a setting that is no number.

    Convention: the variance is biased (divided by N), also in the running one.
    """
    owner = "batchnorm_forward"
    x, gamma, beta = floats(owner, x=x, gamma=gamma, beta=beta)
    check(owner, ["x", "gamma", "beta"], [("n", "d"), ("d",), ("d",)], [x, gamma, beta])
    training = settings(owner, "bn_param", bn_param)["mode"] == "train"
    eps, momentum = eps_of(owner, "bn_param", bn_param), momentum_of(owner, bn_param)
    stats = running_of(owner, bn_param, x.shape[1], x.dtype)
    out, cache = LAYERS["batch_norm"].forward(x, gamma, beta, None if training else stats, eps=eps)
    if training:
        stats = batch_norm.update.raw(stats, cache, momentum=momentum)
    bn_param["running_mean"], bn_param["running_var"] = stats
    return out, remember(owner, cache, out)


def batchnorm_backward(dout: Any, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients by x, gamma and beta.

    Args:
        dout: (N, D) upstream gradient.
        cache: from `batchnorm_forward`.
    """
    return LAYERS["batch_norm"].backward(recall("batchnorm_backward", dout, cache), cache)


def batchnorm_backward_alt(dout: Any, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same gradients from the simplified formula, on the same cache: the library derives no other one."""
    return LAYERS["batch_norm"].backward(recall("batchnorm_backward_alt", dout, cache), cache)


def layernorm_forward(x: Any, gamma: Any, beta: Any, ln_param: dict[str, Any]) -> tuple[np.ndarray, tuple]:
    """Normalize each row by its own mean and variance, in training and test alike.

    Args:
        x: (N, D).
        gamma, beta: (D,) scale and shift.
        ln_param: `eps`, where it is to differ from 1e-5.

    Returns:
        out: (N, D).
        cache: for `layernorm_backward`.

    Raises:
        As `batchnorm_forward`.
    """
    owner = "layernorm_forward"
    x, gamma, beta = floats(owner, x=x, gamma=gamma, beta=beta)
    check(owner, ["x", "gamma", "beta"], [("n", "d"), ("d",), ("d",)], [x, gamma, beta])
    settings(owner, "ln_param", ln_param, mode=False)
    out, cache = LAYERS["layer_norm"].forward(x, gamma, beta, eps=eps_of(owner, "ln_param", ln_param))
    return out, remember(owner, cache, out)


def layernorm_backward(dout: Any, cache: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients by x, gamma and beta.

    Args:
        dout: (N, D) upstream gradient.
        cache: from `layernorm_forward`.
    """
    return LAYERS["layer_norm"].backward(recall("layernorm_backward", dout, cache), cache)


def running_of(owner: str, bn_param: dict[str, Any], width: int, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """The running (mean, variance) of a layer: what its dict holds, zeros where it holds none yet."""
    found = []
    for name in ("running_mean", "running_var"):
        given = bn_param.get(name)
        (array,) = [np.zeros(width, dtype)] if given is None else floats(owner, **{name: given})
        if array.shape != (width,):
            raise ArrayError(f"{owner}: {name} in bn_param has shape {array.shape}; it must be ({width},).")
        found.append(array.astype(dtype, copy=False))
    return found[0], found[1]


def eps_of(owner: str, name: str, given: dict[str, Any]) -> float:
    """What is added to the variance."""
    return number(owner, f"{name}['eps']", given.get("eps", EPS), least=0)


def momentum_of(owner: str, bn_param: dict[str, Any]) -> float:
    """The share of the running statistics that one more batch leaves."""
    return number(owner, "bn_param['momentum']", bn_param.get("momentum", MOMENTUM), least=0, most=1)
