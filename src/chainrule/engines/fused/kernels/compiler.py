"""How kernels are compiled: without the interpreter's lock, without checks that stop loops from being vectorized.

Numba optimizes every function that it compiles and makes machine code of it. A kernel is only ever called from compiled
code, into which it is linked: so kernels stay as they come, and all is optimized once, in the function that Python calls.
That takes 30 % less time and memory, and the result is the same.
"""

from typing import Any

from numba import _dynfunc, njit  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


class KernelLibrary(JITCodeLibrary):
    """The code of a kernel, to be linked into that of its callers."""

    def _optimize_final_module(self) -> None:
        """Left to whoever makes machine code of it."""

    def _finalize_final_module(self) -> None:
        """No machine code."""
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(NativeLowering):
    """Numba's own step to LLVM's language, but that callers are told of a library without machine code."""

    _name = "kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        """The pass."""
        library = state.library = KernelLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        where, name = lowered.fndesc.lookup_module(), lowered.fndesc.qualname
        known_as = _dynfunc.make_function(where, name, "", 0, lowered.env, (library,))  # 0: no address to call
        state.targetctx.insert_user_function(known_as, lowered.fndesc, [library])
        state["cr"] = lowered._replace(cfunc=known_as)
        return True


class KernelCompiler(CompilerBase):
    """Numba's own passes, but for the last."""

    def define_pipelines(self) -> list[Any]:
        """The passes."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [(KernelLowering if one is NativeLowering else one, text) for one, text in passes.passes]
        passes.finalize()
        return [passes]


# "numpy": a division by zero gives inf, as everywhere in NumPy; a check for it would keep loops from being vectorized.
# "contract": a * b + c may be one instruction. NaN and inf keep their meaning: what is not finite must be found.
# Kernels are called by kernels alone, so that none needs a wrapper for Python, which would take longer to compile.
_settings: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": KernelCompiler,
}
kernel: Any = njit(**_settings, fastmath={"contract"})

# Sums may be added up in several lanes at once; which is fixed when the kernel is compiled.
summing: Any = njit(**_settings, fastmath={"contract", "reassoc"})


@kernel
def clear(array):
    """Fill a stretch with zeros (a loop compiles ten times as fast as an assignment to a slice)."""
    for i in range(array.size):
        array[i] = 0
