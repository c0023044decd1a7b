"""The data road: rows as stored become a slice's features, without a float copy of the data."""

import numpy as np

from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.program import BYTES, DOUBLES, SINGLES


@kernel
def gather(data, rows, first, x):
    """Fill x (n, part of the features, from `first` on) with rows of the data. Twin: `nets.input.Input.apply`."""
    last = first + x.shape[1]
    factor = data.factor[first:last]
    if data.kind == BYTES:
        _bytes(data.X, data.center[first:last], factor, rows, data.width, first, x)
    elif data.kind == SINGLES:
        _floats(data.X.view(np.float32), data.center[first:last], factor, rows, data.width, first, x)
    elif data.kind == DOUBLES:  # centred in their own precision before they are cast
        _floats(data.X.view(np.float64), data.wide_center[first:last], factor, rows, data.width, first, x)


@kernel
def _bytes(X, center, factor, rows, width, first, x):
    kind = x.dtype.type
    for i in range(x.shape[0]):
        start = rows[i] * width + first
        row = X[start : start + x.shape[1]]
        for j in range(x.shape[1]):
            x[i, j] = (kind(row[j]) - center[j]) * factor[j]


@kernel
def _floats(X, center, factor, rows, width, first, x):
    kind = x.dtype.type
    for i in range(x.shape[0]):
        start = rows[i] * width + first
        row = X[start : start + x.shape[1]]
        for j in range(x.shape[1]):
            x[i, j] = kind(row[j] - center[j]) * factor[j]
