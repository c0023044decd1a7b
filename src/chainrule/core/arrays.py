"""Array namespaces: the same explicit code runs on NumPy, PyTorch and CuPy arrays."""

import sys
from typing import Any

import array_api_compat
import numpy as np

Array = Any  # an array of any namespace that follows the array API standard


def namespace(x: Array) -> Any:
    """The module whose functions work on `x`: NumPy itself for an ndarray, else the array API's namespace."""
    return np if type(x) is np.ndarray else array_api_compat.array_namespace(x)


def is_masked(value: Any) -> bool:
    """Whether it is one of NumPy's masked arrays; whoever made one has imported their module, which takes a while."""
    masked = sys.modules.get("numpy.ma")
    return masked is not None and isinstance(value, masked.MaskedArray)


def one_hot(labels: Array, num_classes: int, like: Array) -> Array:
    """Rows of the identity: (N,) integer labels -> (N, C) of `like`'s dtype and device."""
    xp = namespace(like)
    classes = xp.arange(num_classes, dtype=labels.dtype, device=array_api_compat.device(like))
    return xp.astype(labels[:, None] == classes[None, :], like.dtype)
