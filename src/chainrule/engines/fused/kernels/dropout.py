"""Dropout masks in the kernel: the same counter-based streams, bit by bit, as `core.streams`."""

import math

import numpy as np

from chainrule.core import streams
from chainrule.engines.fused.kernels.compiler import kernel

_GOLDEN, _ORDERED = np.uint64(streams.GOLDEN), np.uint64(streams.ORDERED)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_27, _30, _31, _11, _1 = (np.uint64(n) for n in (27, 30, 31, 11, 1))


@kernel
def mix(z):
    """Spread every bit of a uint64 over all of them; different ones stay different. Twin: `core.streams._mix`."""
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@kernel
def derived(stream, number):
    """The key of a path that is one number longer. Twin: a turn of the loop in `core.streams.key`."""
    return mix(stream * _ORDERED + mix(np.uint64(number) + _GOLDEN))


@kernel
def sample(mask, width, stream, first, keep):
    """Fill rows of a mask of `width` numbers each, from its row `first` on. Twin: `layers.dropout.sample`."""
    limit = np.uint64(math.ceil(keep * 2.0**53))  # u / 2**53 < keep exactly where u < limit
    zero, kept = mask.dtype.type(0), mask.dtype.type(1.0 / keep)
    for i in range(mask.shape[0]):
        counter = stream + np.uint64((first + i) * width) * _GOLDEN
        for j in range(width):
            draw = mix(counter + (np.uint64(j) + _1) * _GOLDEN) >> _11
            mask[i, j] = kept if draw < limit else zero


@kernel
def times(x, mask, y):
    """Twin: `layers.dropout.forward`, and `backward` too."""
    for i in range(x.size):
        y[i] = x[i] * mask[i]
