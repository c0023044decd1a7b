"""The data road: how a training's rows and targets reach the kernels."""

import ctypes
from typing import Any

import numpy as np

from chainrule.core.shapes import check_labels
from chainrule.engines.fused.memory import Data
from chainrule.engines.fused.program import BYTES, DOUBLES, SINGLES
from chainrule.nets.net import Net

KINDS = {"|u1": BYTES, "<f4": SINGLES, "<f8": DOUBLES}


def gathers(net: Net, X: Any) -> bool:
    """Whether the kernels can read rows from where they lie; others are transformed batch by batch by `net.prepared`.

    They can where each row is a stretch of bytes, float32 or float64 numbers, also in a memory-mapped file, and no
    category codes have to be read.
    """
    return (
        isinstance(X, np.ndarray)
        and X.dtype.str in KINDS
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
        X=_bytes(X),
        kind=KINDS[X.dtype.str],
        width=X.size // len(X),
        center=wide.astype(net.dtype),
        wide_center=np.array(wide),  # a read-only array would be of another type to the compiler
        factor=np.full(net.input_dim, 1 / scale, net.dtype),
        **_targets(net, y),
    )


def transformed(net: Net, x: np.ndarray, y: np.ndarray) -> Data:
    """Rows that `net.prepared` has made features of."""
    return Data(
        X=_bytes(np.ascontiguousarray(x)),
        kind=SINGLES if net.dtype == np.float32 else DOUBLES,
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


def _bytes(array: np.ndarray) -> np.ndarray:
    """An array's memory as bytes that count as writable, whatever the array says: the kernels are compiled for one kind.

    Nothing writes there.
    """
    memory = (ctypes.c_uint8 * array.nbytes).from_address(array.ctypes.data)
    memory.owner = array  # type: ignore[attr-defined]  # which must live as long
    return np.ctypeslib.as_array(memory)
