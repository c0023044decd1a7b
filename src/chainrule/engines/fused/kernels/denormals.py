"""Numbers below the smallest normal one count as zero while a kernel runs.

Under a penalty the weights of units that died shrink for ever, and processors need a hundred times as long for numbers
below 1e-38 (float32): a training would take twice its time at the end. The difference is less than those numbers.
"""

import platform

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from chainrule.engines.fused.kernels.compiler import kernel

X86 = platform.machine().lower() in ("x86_64", "amd64")
FLUSH = 0x8040  # of the control register MXCSR: results flushed to zero, operands taken as zero


def _call(builder, name, word):
    """Have the register stored to, or loaded from, a word in memory."""
    kind = ir.FunctionType(ir.VoidType(), [word.type])
    builder.call(builder.module.declare_intrinsic(name, (), kind), [word])


@intrinsic
def _control(typing):
    """The register of this thread; 0 on other processors."""

    def generate(context, builder, signature, arguments):
        if not X86:
            return context.get_constant(types.int32, 0)
        word = builder.alloca(ir.IntType(32))
        _call(builder, "llvm.x86.sse.stmxcsr", word)
        return builder.load(word)

    return types.int32(), generate


@intrinsic
def _set_control(typing, value):
    def generate(context, builder, signature, arguments):
        if X86:
            word = builder.alloca(ir.IntType(32))
            builder.store(arguments[0], word)
            _call(builder, "llvm.x86.sse.ldmxcsr", word)
        return context.get_constant(types.int32, 0)

    return types.int32(types.int32), generate


@kernel
def flush():
    """From here on in this thread; what `restore` wants comes back."""
    before = _control()  # type: ignore[call-arg,var-annotated]
    _set_control(before | FLUSH)  # type: ignore[call-arg]
    return before


@kernel
def restore(before):
    """As it was."""
    _set_control(before)  # type: ignore[call-arg]
