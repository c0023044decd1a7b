"""Which part of a buffer, or of a count, is whose."""

import numpy as np

from chainrule.engines.fused.kernels.compiler import kernel


@kernel
def rows_of(buffer, start, row, lo, hi):
    """Rows lo to hi, (hi - lo, row), of the matrix that starts at a place of a flat buffer."""
    return buffer[start + lo * row : start + hi * row].reshape(hi - lo, row)


@kernel
def transposed_weights(memory, stage):
    """The transpose, (out, in and what pads it), of a later layer's weights."""
    return rows_of(memory.transposed, stage.transposed, stage.x_row, np.int64(0), stage.width)


@kernel
def bounds(n, me, slices):
    """The rows (or features, or entries) of a slice."""
    return n * me // slices, n * (me + 1) // slices
