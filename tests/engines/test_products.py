"""Products of the compiled engine, by tiles and by BLAS, beside NumPy's."""

import numpy as np
import pytest
from numba import njit

from chainrule.engines.fused.kernels import products, tiles


def _compiled(multiply):
    @njit(error_model="numpy")
    def call(transposed, a, b, c, columns, added, units):
        multiply(transposed, a, b, c, columns, added, units)

    return call


WAYS = {"tiles": _compiled(tiles.multiply), "blas": _compiled(products.by_blas)}
# Rows, depth and columns: whole tiles; each edge of one; depths of several parts; single numbers.
SHAPES = [(6, 4, 16), (12, 32, 32), (13, 7, 29), (10, 300, 7), (5, 257, 10), (3, 65, 1), (1, 1, 1), (100, 600, 23)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("added", [False, True])
def test_products_are_those_of_numpy_in_parts_of_longer_rows(way, dtype, transposed, added):
    rng = np.random.default_rng(7)
    units = np.array([0, 1], dtype)
    for rows, depth, columns in SHAPES:
        a = rng.standard_normal((depth, rows + 3) if transposed else (rows, depth + 3)).astype(dtype)
        a = a[:, : rows if transposed else depth]
        b = rng.standard_normal((depth, columns + 5)).astype(dtype)[:, : columns + 2]
        c = rng.standard_normal((rows, columns + 9)).astype(dtype)
        if not added:
            c[:, :columns] = np.nan  # what was there may be anything
        result = c.copy()
        WAYS[way](transposed, a, b, result, columns, added, units)
        wanted = (a.T if transposed else a).astype(np.float64) @ b[:, :columns].astype(np.float64)
        if added:
            wanted += c[:, :columns]
        rounding = 16 * depth * np.finfo(dtype).eps  # of sums of numbers near 1, in whatever order
        np.testing.assert_allclose(result[:, :columns], wanted, rtol=0, atol=rounding)
        np.testing.assert_array_equal(result[:, columns:], c[:, columns:])


def test_tiles_tell_what_is_not_finite():
    a, b, c = (np.ones((7, 7), np.float32) for _ in range(3))
    a[3, 2], b[5, 6] = np.inf, np.nan
    WAYS["tiles"](False, a, b, c, 7, False, np.array([0, 1], np.float32))
    assert np.isinf(c[3, :6]).all()
    assert np.isnan(c[:, 6]).all()
    assert np.isfinite(np.delete(c[:, :6], 3, axis=0)).all()


def test_strips_of_different_width_have_names_of_their_own():
    """Machine code from disk is known by its name: one strip's must not be taken for another's."""
    strips = (tiles._two_vectors, tiles._vector, tiles._half, tiles._number)
    assert len({strip.py_func.__qualname__ for strip in strips}) == len(strips)
