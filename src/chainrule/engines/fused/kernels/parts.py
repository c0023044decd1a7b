"""Which part of a buffer, or of a count, is whose."""

from chainrule.engines.fused.kernels.compiler import kernel


@kernel
def rows_of(buffer, start, width, lo, hi):
    """Rows lo to hi of the (N, width) matrix that starts at a place of a flat buffer."""
    return buffer[start + lo * width : start + hi * width].reshape(hi - lo, width)


@kernel
def bounds(n, me, slices):
    """The rows (or features, or entries) of a slice."""
    return n * me // slices, n * (me + 1) // slices
