"""Products of small matrices that are summed in a core's registers, without the copies of both that BLAS makes first.

A tile of the result is four rows of three vectors: twelve sums, three vectors of b and one number of a, repeated, take
AVX2's sixteen registers. Two vectors, in six rows, read more for as many products; they are taken where threes would
leave one. Lower and narrower tiles take what is left at the edges.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from chainrule.core.processor import has
from chainrule.engines.fused.kernels.compiler import kernel
from chainrule.engines.fused.kernels.parts import bounds

_LINE_BYTES, _VECTOR_BYTES, _SUMS = 64, 32, 12
# So many rows of b, three vectors of each, stay in a core's first cache while all rows of a pass; half as many where each
# of them comes with a cache line of a, which is so where a is transposed.
_DEPTH = 208


def faster() -> bool:
    """Whether they are on this processor: with AVX-512, BLAS has a way of its own for small products, as fast as this."""
    return has("avx2", "fma") and not has("avx512f")


def _tile(rows: int, vectors: int, part: int) -> Any:
    """A product's tile of so many rows and vectors, or of one vector's 1 / `part`, at least a number."""

    @intrinsic
    def tile(typing, depth, a, a_row, a_step, b, b_row, c, c_row, added, like):
        """c[i, j] (+)= the sum over k of a[i, k] * b[k, j]. Places and distances are in bytes; `like` has c's dtype."""

        def generate(context, builder, signature, arguments):
            depth, a, a_row, a_step, b, b_row, c, c_row, added, _ = arguments
            number, count = context.get_value_type(like.dtype), depth.type
            size = like.dtype.bitwidth // 8
            lanes = max(1, _VECTOR_BYTES // size // part)
            vector = ir.VectorType(number, lanes)
            kind = ir.FunctionType(vector, [vector] * 3)
            fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{lanes}f{8 * size}")

            def at(place, type):
                return builder.inttoptr(place, type.as_pointer())

            def vectors_at(place):
                return [at(builder.add(place, count(j * lanes * size)), vector) for j in range(vectors)]

            def repeated(place):
                one = builder.insert_element(vector(ir.Undefined), builder.load(at(place, number)), ir.IntType(32)(0))
                everywhere = ir.VectorType(ir.IntType(32), lanes)(None)
                return builder.shuffle_vector(one, vector(ir.Undefined), everywhere)

            rows_of_a = [builder.add(a, builder.mul(a_row, count(i))) for i in range(rows)]
            result = [vectors_at(builder.add(c, builder.mul(c_row, count(i)))) for i in range(rows)]
            sums = [[cgutils.alloca_once_value(builder, vector(None)) for _ in line] for line in result]
            with builder.if_then(added):
                for line, sum_line in zip(result, sums):
                    for place, total in zip(line, sum_line):
                        builder.store(builder.load(place, align=size), total)
            with cgutils.for_range(builder, depth) as loop:
                right = [
                    builder.load(place, align=size)
                    for place in vectors_at(builder.add(b, builder.mul(b_row, loop.index)))
                ]
                along = builder.mul(a_step, loop.index)
                for row, sum_line in zip(rows_of_a, sums):
                    left = repeated(builder.add(row, along))
                    for total, other in zip(sum_line, right):
                        builder.store(builder.call(fma, [left, other, builder.load(total)]), total)
            for line, sum_line in zip(result, sums):
                for place, total in zip(line, sum_line):
                    builder.store(builder.load(total), place, align=size)
            return context.get_dummy_value()

        return types.void(*[types.intp] * 8, types.boolean, like), generate

    return tile


def _fetch_of(typing, place):
    """Ask for two cache lines that are wanted soon; nothing happens where there is no such memory."""

    def generate(context, builder, signature, arguments):
        address, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address, *[number] * 3])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        read, second_cache, data = number(0), number(2), number(1)
        for line in (0, _LINE_BYTES):
            place = builder.inttoptr(builder.add(arguments[0], arguments[0].type(line)), address)
            builder.call(prefetch, [place, read, second_cache, data])
        return context.get_dummy_value()

    return types.void(types.intp), generate


_fetch: Any = intrinsic(_fetch_of)  # what it gets from Numba is no argument of those who call it


def _strip(vectors: int, part: int = 1) -> Any:
    """Tiles above one another, for all rows; each fetches a share of what the strip to the right reads of b."""
    tall, width = min(6, _SUMS // vectors), vectors * _VECTOR_BYTES // part
    tallest, two, one = (_tile(rows, vectors, part) for rows in (tall, 2, 1))

    def strip(rows, depth, a, a_row, a_step, b, b_row, c, c_row, added, like):
        share, fetched = depth * tall // rows + 1, 0
        while rows >= tall:
            for k in range(fetched, min(depth, fetched + share)):
                _fetch(b + k * b_row + width)
            fetched += share
            tallest(depth, a, a_row, a_step, b, b_row, c, c_row, added, like)
            a, c, rows = a + tall * a_row, c + tall * c_row, rows - tall
        while rows >= 2:
            two(depth, a, a_row, a_step, b, b_row, c, c_row, added, like)
            a, c, rows = a + 2 * a_row, c + 2 * c_row, rows - 2
        if rows == 1:
            one(depth, a, a_row, a_step, b, b_row, c, c_row, added, like)

    # Machine code that is loaded from disk is known by its name, and must not be taken for another width's.
    strip.__qualname__ = f"strip_{vectors}_{part}"
    return kernel(strip)


_three_vectors, _two_vectors, _vector = _strip(3), _strip(2), _strip(1)
_half, _number = _strip(1, 2), _strip(1, _VECTOR_BYTES)


@kernel
def multiply(transposed, a, b, c, columns, added, units):
    """c = a @ b, with a.T where `transposed`, plus what is in c where `added`; as far as c's first `columns`."""
    a_row, a_step = (a.itemsize, a.strides[0]) if transposed else (a.strides[0], a.itemsize)
    left, right, to = np.intp(a.ctypes.data), np.intp(b.ctypes.data), np.intp(c.ctypes.data)
    _strips(c.shape[0], b.shape[0], columns, left, a_row, a_step, right, b.strides[0], to, c.strides[0], added, units)


@kernel
def _strips(rows, depth, columns, a, a_row, a_step, b, b_row, c, c_row, added, like):
    """The product of matrices that are known by where they begin, so that this is compiled once for all kinds of rows."""
    size, wide = like.itemsize, _VECTOR_BYTES
    deepest = _DEPTH if a_step == size else _DEPTH // 2
    parts = -(-depth // deepest)
    for part in range(parts):
        k, stop = bounds(depth, part, parts)
        deep, more = stop - k, added or k > 0
        left, right, to = a + k * a_step, b + k * b_row, c
        end = to + columns * size
        while to + wide <= end:
            vectors = (end - to) // wide
            if vectors == 3 or vectors > 4:
                _three_vectors(rows, deep, left, a_row, a_step, right, b_row, to, c_row, more, like)
                right, to = right + 3 * wide, to + 3 * wide
            elif vectors > 1:
                _two_vectors(rows, deep, left, a_row, a_step, right, b_row, to, c_row, more, like)
                right, to = right + 2 * wide, to + 2 * wide
            else:
                _vector(rows, deep, left, a_row, a_step, right, b_row, to, c_row, more, like)
                right, to = right + wide, to + wide
        if to + wide // 2 <= end:
            _half(rows, deep, left, a_row, a_step, right, b_row, to, c_row, more, like)
            right, to = right + wide // 2, to + wide // 2
        while to < end:
            _number(rows, deep, left, a_row, a_step, right, b_row, to, c_row, more, like)
            right, to = right + size, to + size
