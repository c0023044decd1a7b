"""Which part of a buffer, or of a count, is whose."""

from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.program import FIRST, IN, OUT


@kernel
def rows_of(buffer, start, width, lo, hi):
    """Rows lo to hi of the (N, width) matrix that starts at a place of a flat buffer."""
    return buffer[start + lo * width : start + hi * width].reshape(hi - lo, width)


@kernel
def transposed_weights(program, memory, stage):
    """The transpose, (out, in), of a later layer's weights."""
    start = stage[FIRST] - program.features * program.width
    return memory.transposed[start : start + stage[OUT] * stage[IN]].reshape(stage[OUT], stage[IN])


@kernel
def bounds(n, me, slices):
    """The rows (or features, or entries) of a slice."""
    return n * me // slices, n * (me + 1) // slices
