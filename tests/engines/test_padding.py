"""Where rows of matrices begin in the fused engine's buffers."""

import numpy as np
import pytest

from chainrule.engines.fused.padding import (
    LINE_BYTES,
    MORE_ROWS,
    MORE_WEIGHTS,
    VECTOR_BYTES,
    aligned,
    columns,
    row_length,
)

DTYPES = [np.dtype("float32"), np.dtype("float64")]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("more", [0.0, MORE_WEIGHTS, MORE_ROWS])
def test_rows_hold_what_is_computed_and_become_little_longer(dtype, more):
    line, vector = LINE_BYTES // dtype.itemsize, VECTOR_BYTES // dtype.itemsize
    for width in range(1, 2100):
        computed, row = columns(width, dtype, more), row_length(width, dtype, more)
        assert width <= computed <= row <= (1 + more) * width
        assert computed in (width, -(-width // line) * line, -(-width // vector) * vector)
        assert row == width or row % vector == 0


@pytest.mark.parametrize(
    ("width", "more", "computed", "row"),
    [(100, MORE_WEIGHTS, 104, 104), (90, MORE_WEIGHTS, 90, 90), (100, MORE_ROWS, 112, 112), (200, MORE_WEIGHTS, 208, 208),
     (500, MORE_WEIGHTS, 512, 528), (125, MORE_WEIGHTS, 128, 128), (512, 0.0, 512, 512)],
)  # fmt: skip
def test_known_lengths_in_float32(width, more, computed, row):
    """The widths of the benchmarks; 500, since rows of 512 numbers would lie on top of one another in the cache."""
    assert (columns(width, DTYPES[0], more), row_length(width, DTYPES[0], more)) == (computed, row)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(0,), (1,), (3, 5), (2, 100, 100)], ids=str)
def test_zeros_begin_with_a_cache_line(shape, dtype):
    array = aligned(shape, dtype)
    assert (array.shape, array.dtype) == (shape, dtype)
    assert not array.any()
    assert array.ctypes.data % LINE_BYTES == 0 or array.size == 0
    assert array.flags.c_contiguous
    assert array.flags.writeable
