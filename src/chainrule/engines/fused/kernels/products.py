"""Matrix products from compiled code: SciPy's BLAS, through the door that Numba's own `np.dot` uses."""

from typing import Any

import numpy as np
from numba import types

from chainrule.engines.fused.kernels.compiler import kernel

_SIZE, _ADDRESS, _CHAR = types.intp, types.uintp, types.int8
# np.dot has no "add to what is there" and takes no part of a row; the function beneath has both.
_gemm: Any = types.ExternalFunction(
    "numba_xxgemm",
    types.int32(
        _CHAR, _CHAR, _CHAR, _SIZE, _SIZE, _SIZE, _ADDRESS, _ADDRESS, _SIZE, _ADDRESS, _SIZE, _ADDRESS, _ADDRESS, _SIZE
    ),
)
_S, _D, _N, _T = (np.int8(ord(letter)) for letter in "sdnt")


# BLAS has a faster way, without packing, for products of up to a million multiply-adds; it is worth a few more calls.
_SMALL, _DEPTH, _NARROW = 1_000_000, 64, 32


@kernel
def product(a, b, c, units):
    """c = a @ b. Rows may be parts of longer ones; `units` holds 0 and 1 in c's dtype."""
    _in_depth(a, b, c, units[:1], units)


@kernel
def product_added(a, b, c, units):
    """c = c + a @ b."""
    _in_depth(a, b, c, units[1:], units)


@kernel
def _in_depth(a, b, c, beta, units):
    """a @ b as a sum of small products, where a has few rows."""
    depth, columns = a.shape[1], _columns(c.shape[0], _DEPTH)
    if columns < _NARROW:
        _call(_N, _N, depth, a, b, c, beta, units)
        return
    for k in range(0, depth, _DEPTH):
        last = min(depth, k + _DEPTH)
        for j in range(0, c.shape[1], columns):
            stop = min(c.shape[1], j + columns)
            _call(_N, _N, last - k, a[:, k:last], b[k:last, j:stop], c[:, j:stop], units[1:] if k else beta, units)


@kernel
def _columns(rows, depth):
    """How many columns a small product may have."""
    return _SMALL // max(1, rows * depth) // _NARROW * _NARROW


@kernel
def product_left_transposed(a, b, c, units):
    """c = a.T @ b, as in `layers.affine.backward`: dW = x.T @ dy. In small products, where a has few rows."""
    n, rows, height = a.shape[0], c.shape[0], _DEPTH
    if _columns(height, n) < 3 * _NARROW:
        height = _NARROW
    columns = _columns(height, n)
    if columns < 3 * _NARROW:
        _call(_T, _N, n, a, b, c, units[:1], units)
        return
    for i in range(0, rows, height):
        last = min(rows, i + height)
        for j in range(0, c.shape[1], columns):
            stop = min(c.shape[1], j + columns)
            _call(_T, _N, n, a[:, i:last], b[:, j:stop], c[i:last, j:stop], units[:1], units)


@kernel
def product_right_transposed(a, b, c, units):
    """c = a @ b.T, as in `layers.affine.backward`: dx = dy @ W.T."""
    _call(_N, _T, a.shape[1], a, b, c, units[:1], units)


@kernel
def _call(a_turned, b_turned, k, a, b, c, beta, units):
    """BLAS counts columns first, so it is given c.T = b.T @ a.T. Where there is nothing to add up, c stays as it is."""
    if c.shape[0] == 0 or c.shape[1] == 0 or k == 0:
        return
    size = c.itemsize
    _gemm(
        _S if size == 4 else _D,
        b_turned,
        a_turned,
        c.shape[1],
        c.shape[0],
        k,
        units[1:].ctypes.data,
        b.ctypes.data,
        max(1, b.strides[0] // size),
        a.ctypes.data,
        max(1, a.strides[0] // size),
        beta.ctypes.data,
        c.ctypes.data,
        c.strides[0] // size,
    )
