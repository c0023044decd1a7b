"""Layers that are used together: affine – ReLU, and affine – norm – ReLU."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError
from chainrule.courses.modular import layers

__all__ = [
    "affine_bn_relu_backward",
    "affine_bn_relu_forward",
    "affine_ln_relu_backward",
    "affine_ln_relu_forward",
    "affine_relu_backward",
    "affine_relu_forward",
]

Gradients = tuple[np.ndarray, np.ndarray, np.ndarray]
NormGradients = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def affine_relu_forward(x: Any, w: Any, b: Any) -> tuple[np.ndarray, tuple]:
    """Affine, then ReLU. Arguments as `affine_forward`; the cache is (affine's, ReLU's)."""
    a, fc_cache = layers.affine_forward(x, w, b)
    out, relu_cache = layers.relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout: Any, cache: tuple) -> Gradients:
    """The gradients by x, w and b, from the gradient by ReLU's output."""
    fc_cache, relu_cache = _caches("affine_relu", cache, 2)
    return layers.affine_backward(layers.relu_backward(dout, relu_cache), fc_cache)


def affine_bn_relu_forward(
    x: Any, w: Any, b: Any, gamma: Any, beta: Any, bn_param: dict[str, Any]
) -> tuple[np.ndarray, tuple]:
    """Affine, batch normalization, ReLU. Arguments as of `affine_forward` and `batchnorm_forward`."""
    return _normed_forward(layers.batchnorm_forward, x, w, b, gamma, beta, bn_param)


def affine_bn_relu_backward(dout: Any, cache: tuple) -> NormGradients:
    """The gradients by x, w, b, gamma and beta, from the gradient by ReLU's output."""
    return _normed_backward(layers.batchnorm_backward, dout, _caches("affine_bn_relu", cache, 3))


def affine_ln_relu_forward(
    x: Any, w: Any, b: Any, gamma: Any, beta: Any, ln_param: dict[str, Any]
) -> tuple[np.ndarray, tuple]:
    """Affine, layer normalization, ReLU. Arguments as of `affine_forward` and `layernorm_forward`."""
    return _normed_forward(layers.layernorm_forward, x, w, b, gamma, beta, ln_param)


def affine_ln_relu_backward(dout: Any, cache: tuple) -> NormGradients:
    """The gradients by x, w, b, gamma and beta, from the gradient by ReLU's output."""
    return _normed_backward(layers.layernorm_backward, dout, _caches("affine_ln_relu", cache, 3))


def _normed_forward(
    norm: Callable, x: Any, w: Any, b: Any, gamma: Any, beta: Any, param: dict[str, Any]
) -> tuple[np.ndarray, tuple]:
    a, fc_cache = layers.affine_forward(x, w, b)
    normed, norm_cache = norm(a, gamma, beta, param)
    out, relu_cache = layers.relu_forward(normed)
    return out, (fc_cache, norm_cache, relu_cache)


def _normed_backward(norm: Callable, dout: Any, cache: tuple) -> NormGradients:
    fc_cache, norm_cache, relu_cache = cache
    da, dgamma, dbeta = norm(layers.relu_backward(dout, relu_cache), norm_cache)
    return (*layers.affine_backward(da, fc_cache), dgamma, dbeta)


def _caches(name: str, cache: Any, count: int) -> tuple:
    if not isinstance(cache, tuple) or len(cache) != count:
        raise ArrayTypeError(
            f"{name}_backward: cache must be the tuple that {name}_forward returned, one of each of its {count} layers; "
            f"came {cache!r:.40} ({type(cache).__name__})."
        )
    return cache
