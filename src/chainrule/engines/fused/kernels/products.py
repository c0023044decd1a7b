"""Matrix products from compiled code: our own tiles, or SciPy's BLAS through the door that Numba's own `np.dot` uses."""

from typing import Any

import numpy as np
from numba import types

from chainrule.engines.fused.kernels import tiles
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


# BLAS has a faster way, without packing, for products of up to a million multiply-adds; and what a product reads again
# and again, _DEPTH x _WIDTH numbers of b, fits a core's first cache, even where hardware threads share one.
_HEIGHT, _DEPTH, _WIDTH = 200, 64, 64


@kernel
def product(a, b, c, columns, units):
    """c = a @ b, as far as c's first `columns`. Rows may be parts of longer ones; `units` holds 0 and 1 in c's dtype."""
    _multiply(False, a, b, c, columns, False, units)


@kernel
def product_added(a, b, c, columns, units):
    """c = c + a @ b."""
    _multiply(False, a, b, c, columns, True, units)


@kernel
def product_left_transposed(a, b, c, columns, units):
    """c = a.T @ b, as in `layers.affine.backward`: dW = x.T @ dy."""
    _multiply(True, a, b, c, columns, False, units)


@kernel
def by_blas(transposed, a, b, c, columns, added, units):
    """c = a @ b as sums of small products; with a.T where `transposed`, plus what is in c where `added`."""
    rows, depth = c.shape[0], b.shape[0]
    height, deep = _even(rows, _HEIGHT), _even(depth, _DEPTH)
    for i in range(0, rows, height):
        bottom = min(rows, i + height)
        for k in range(0, depth, deep):
            end = min(depth, k + deep)
            part = a[k:end, i:bottom] if transposed else a[i:bottom, k:end]
            keep = units[1:] if added or k > 0 else units[:1]
            for j in range(0, columns, _WIDTH):
                right = min(columns, j + _WIDTH)
                _call(_T if transposed else _N, end - k, part, b[k:end, j:right], c[i:bottom, j:right], keep, units)


@kernel
def _even(size, most):
    """How long the parts are where a size is cut into as few as may be, none longer than `most`, nearly all the same."""
    parts = max(1, -(-size // most))
    return max(1, -(-size // parts))


@kernel
def _call(trans, k, a, b, c, beta, units):
    """BLAS counts columns first, so it is given c.T = b.T @ a.T. Where there is nothing to add up, c stays as it is."""
    if c.shape[0] == 0 or c.shape[1] == 0 or k == 0:
        return
    size = c.itemsize
    _gemm(
        _S if size == 4 else _D,
        _N,
        trans,
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


_multiply = tiles.multiply if tiles.faster() else by_blas
