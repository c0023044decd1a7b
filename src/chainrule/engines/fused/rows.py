"""The data road: how a training's rows and targets reach the kernels."""

from typing import Any

import numpy as np

from chainrule.core.shapes import check_labels
from chainrule.engines.fused.memory import Data
from chainrule.nets.net import Net

STORED: dict[str, np.dtype[Any]] = {
    "bytes": np.dtype(np.uint8),
    "singles": np.dtype(np.float32),
    "doubles": np.dtype(np.float64),
}


def gathers(net: Net, X: Any) -> bool:
    """Whether the kernels can read rows from where they lie; others are transformed batch by batch by `net.prepared`.

    They can where each row is a stretch of bytes, float32 or float64 numbers, also in a memory-mapped file, and no
    category codes have to be read.
    """
    return (
        isinstance(X, np.ndarray)
        and X.dtype in STORED.values()
        and X.ndim >= 2
        and X.size > 0
        and X.flags.c_contiguous
        and X.flags.aligned
        and not net.input.has_categories
    )


def stored(net: Net, X: np.ndarray, y: np.ndarray) -> Data:
    """Rows as they lie in memory, with the net's input transform."""
    wide = np.zeros(net.input_dim) if net.input.center is None else net.input.center
    scale = np.ones(1) if net.input.scale is None else net.input.scale
    return Data(
        **_by_kind(X),
        width=X.size // len(X),
        center=wide.astype(net.dtype),
        wide_center=np.array(wide),  # a read-only array would be of another type to the compiler
        factor=np.full(net.input_dim, 1 / scale, net.dtype),
        **_targets(net, y),
    )


def transformed(net: Net, x: np.ndarray, y: np.ndarray) -> Data:
    """Rows that `net.prepared` has made features of."""
    return Data(
        **_by_kind(np.ascontiguousarray(x)),
        width=x.shape[1],
        center=np.zeros(x.shape[1], net.dtype),
        wide_center=np.zeros(x.shape[1]),
        factor=np.ones(x.shape[1], net.dtype),
        **_targets(net, y),
    )


def _targets(net: Net, y: np.ndarray) -> dict[str, np.ndarray]:
    """Labels or real targets; the other is empty, and in an evaluation both are."""
    if y.ndim == 1:
        if y.size:  # the kernels look scores up by them
            check_labels("net", "y", y, net.num_classes)
        return {"labels": y.astype(np.int64), "targets": np.zeros((0, net.num_classes), net.dtype)}
    return {"labels": np.zeros(0, np.int64), "targets": np.ascontiguousarray(y, net.dtype)}


def _by_kind(array: np.ndarray) -> dict[str, np.ndarray]:
    """An array's numbers in one row under the name of their kind; under the other names there is nothing.

    They count as writable, whatever the array says: the kernels are compiled for one kind. Nothing writes there.
    """
    memory = (np.ctypeslib.as_ctypes_type(array.dtype) * array.size).from_address(array.ctypes.data)
    memory.owner = array  # type: ignore[attr-defined]  # which must live as long
    numbers = np.ctypeslib.as_array(memory)
    return {name: numbers if numbers.dtype == kind else np.zeros(0, kind) for name, kind in STORED.items()}
