"""Where rows of matrices begin in the fused engine's buffers."""

import numpy as np
import pytest

from chainrule.engines.fused import padding
from chainrule.engines.fused.padding import LINE_BYTES, MORE_ROWS, MORE_WEIGHTS, aligned, columns, row_length

DTYPES = [np.dtype("float32"), np.dtype("float64")]
AVX2, AVX512 = (32,), (64, 32)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("more", [0.0, MORE_WEIGHTS, MORE_ROWS])
@pytest.mark.parametrize("vectors", [AVX2, AVX512], ids=str)
def test_rows_hold_what_is_computed_and_become_little_longer(vectors, dtype, more, monkeypatch):
    monkeypatch.setattr(padding, "VECTORS_BYTES", vectors)
    numbers = [size // dtype.itemsize for size in vectors]
    for width in range(1, 2100):
        computed, row = columns(width, dtype, more), row_length(width, dtype, more)
        assert width <= computed <= row <= (1 + more) * width
        assert computed in (width, *(-(-width // vector) * vector for vector in numbers))
        assert row == width or row % min(numbers) == 0


@pytest.mark.parametrize(
    ("width", "more", "by_avx2", "by_avx512", "row"),
    [(100, MORE_WEIGHTS, 104, 104, 104), (90, MORE_WEIGHTS, 90, 90, 90), (100, MORE_ROWS, 104, 112, 112),
     (200, MORE_WEIGHTS, 200, 208, 208), (500, MORE_WEIGHTS, 504, 512, 528), (125, MORE_WEIGHTS, 128, 128, 128),
     (512, 0.0, 512, 512, 512)],
)  # fmt: skip
def test_known_lengths_in_float32(width, more, by_avx2, by_avx512, row, monkeypatch):
    """The widths of the benchmarks; 500, since rows of 512 numbers would lie on top of one another in the cache."""
    for vectors, computed in ((AVX2, by_avx2), (AVX512, by_avx512)):
        monkeypatch.setattr(padding, "VECTORS_BYTES", vectors)
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
