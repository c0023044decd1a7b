"""The distance of two rows of bytes, exact in whole numbers, by the processor's own instruction where it has one.

Importing this file imports Numba.
"""

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.types import int32
from numba.extending import intrinsic

from chainrule.core.processor import has
from chainrule.neighbors.dots import I64, added_up
from chainrule.neighbors.kernels import OPTIONS

PART = 1024  # numbers of a row between two looks at whether it can still be near
INSTRUCTION = "llvm.x86.avx2.pmadd.wd"  # multiplies 16 numbers of two bytes, and adds neighbours
LANES = 16  # numbers of an instruction
STRIDE = 4 * LANES  # numbers of a turn of the loop, which keeps four sums that do not wait for each other
BYTES, NUMBERS, SUMS = (
    ir.VectorType(ir.IntType(bits), count) for bits, count in ((8, LANES), (16, LANES), (32, LANES // 2))
)


def _vectors_of(typing, a, b, wide):
    """The sum of (a - b)² over `wide` bytes, a multiple of 64, of two rows given by address."""

    def generate(context, builder, signature, arguments):
        a, b, wide = arguments
        kind = ir.FunctionType(SUMS, [NUMBERS, NUMBERS])
        multiply = cgutils.get_or_insert_function(builder.module, kind, INSTRUCTION)
        sums = [cgutils.alloca_once_value(builder, ir.Constant(SUMS, None)) for _ in range(0, STRIDE, LANES)]
        with cgutils.for_range_slice(builder, ir.Constant(I64, 0), wide, ir.Constant(I64, STRIDE)) as (at, _):
            for i, place in enumerate(sums):
                where = builder.add(at, ir.Constant(I64, i * LANES))
                left, right = (builder.inttoptr(builder.add(row, where), BYTES.as_pointer()) for row in (a, b))
                left, right = (builder.zext(builder.load(one, align=1), NUMBERS) for one in (left, right))
                difference = builder.sub(left, right)
                squares = builder.call(multiply, [difference, difference])
                builder.store(builder.add(builder.load(place), squares), place)
        whole = builder.load(sums[0])
        for place in sums[1:]:
            whole = builder.add(whole, builder.load(place))
        return added_up(builder, whole)

    return types.int32(types.uintp, types.uintp, types.int64), generate


_vectors: Any = intrinsic(_vectors_of)  # what it gets from Numba is no argument of those who call it


@njit(**OPTIONS)
def one_by_one(a, b, limit):
    """The squared distance of two rows of bytes; any number above `limit` where it is above that."""
    total = 0.0
    for start in range(0, len(a), PART):
        one, other, part = a[start : start + PART], b[start : start + PART], int32(0)
        for j in range(len(one)):  # cast again, since wider numbers would take four times as long
            difference = int32(int32(one[j]) - int32(other[j]))
            part = int32(part + int32(difference * difference))
        total += part
        if total > limit:
            break
    return total


@njit(**OPTIONS)
def by_instruction(a, b, limit):
    """The same, as far as the instruction goes; the rest one by one."""
    total, whole, left, right = 0.0, len(a) // STRIDE * STRIDE, a.ctypes.data, b.ctypes.data
    for start in range(0, whole, PART):
        total += _vectors(left + start, right + start, min(PART, whole - start))
        if total > limit:
            return total
    return total + one_by_one(a[whole:], b[whole:], limit - total) if whole < len(a) else total


squared = by_instruction if has("avx2") else one_by_one
