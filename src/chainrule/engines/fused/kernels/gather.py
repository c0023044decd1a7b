"""The data road: rows as stored become a slice's features, without a float copy of the data."""

from chainrule.engines.fused.kernels.compiler import kernel


@kernel
def gather(data, rows, first, x):
    """Fill x (n, part of the features, from `first` on) with rows of the data. Twin: `nets.input.Input.apply`."""
    last = first + x.shape[1]
    factor = data.factor[first:last]
    if data.bytes.size > 0:
        _bytes(data.bytes, data.center[first:last], factor, rows, data.width, first, x)
    elif data.singles.size > 0:
        _floats(data.singles, data.center[first:last], factor, rows, data.width, first, x)
    else:  # centred in their own precision before they are cast
        _floats(data.doubles, data.wide_center[first:last], factor, rows, data.width, first, x)


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
