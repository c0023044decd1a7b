"""exp in a form that the compiler can vectorize, which it cannot do with a call of the C library."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from chainrule.engines.fused.kernels.compiler import kernel

_TURNS = 1.4426950408889634  # 1 / ln 2
_HIGH, _LOW = (
    0.693147180369123816490,
    1.90821492927058770002e-10,
)  # ln 2 in two parts: n * _HIGH is exact in float64
_LEAST = -87.0  # below, float32 has no exp(y); it is nothing beside the 1 that it is added to


@intrinsic
def _power_of_two(typing, n):
    """2 ** n for a whole n from -126 to 127, by writing n where a floating-point number keeps its exponent."""

    def generate(context, builder, signature, arguments):
        wide, bias, shift = (64, 1023, 52) if signature.args[0] == types.float64 else (32, 127, 23)
        whole = builder.fptosi(arguments[0], ir.IntType(32))
        placed = builder.add(whole, ir.Constant(ir.IntType(32), bias))
        placed = builder.sext(placed, ir.IntType(64)) if wide == 64 else placed
        placed = builder.shl(placed, ir.Constant(ir.IntType(wide), shift))
        return builder.bitcast(placed, arguments[0].type)

    return n(n), generate


@kernel
def exp_of_minus(x, share, less, y):
    """y = exp(-share |x|) - less, where less is 0 or 1. Twins: `numpy.exp` and `expm1`, to rounding; a NaN stays a NaN.

    The exponent is n ln 2 + r with |r| <= ln 2 / 2. The series of exp(r) - 1 ends where float64 does, and keeps all
    digits where the exponent is near 0.
    """
    kind = x.dtype.type
    least, turns, high, low = kind(_LEAST), kind(_TURNS), kind(_HIGH), kind(_LOW)
    for i in range(x.size):
        e = -kind(share) * abs(x[i])
        e = e if not e < least else least
        n = np.floor(e * turns + kind(0.5))
        r = e - n * high - n * low
        p = kind(1 / 479001600) + r * kind(1 / 6227020800)
        p = kind(1 / 3628800) + r * (kind(1 / 39916800) + r * p)
        p = kind(1 / 40320) + r * (kind(1 / 362880) + r * p)
        p = kind(1 / 720) + r * (kind(1 / 5040) + r * p)
        p = kind(1 / 24) + r * (kind(1 / 120) + r * p)
        p = r + r * r * (kind(1 / 2) + r * (kind(1 / 6) + r * p))
        power = _power_of_two(n)  # type: ignore[call-arg, var-annotated]
        y[i] = power * p + (power - kind(less))
