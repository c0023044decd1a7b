"""How kernels are compiled: without the interpreter's lock, without checks that stop loops from being vectorized.

Numba optimizes every function that it compiles and makes machine code of it. A kernel is only ever called from compiled
code, into which it is linked: so kernels stay as they come, and all is optimized once, in the function that Python calls.
That takes 30 % less time and memory, and the result is the same. What Python calls is an entry, which no other function
is compiled with: what Numba would keep for that, more than the machine code, would take 12 MB wherever it is loaded.
"""

from typing import Any

import llvmlite.binding as llvm
from numba import _dynfunc, njit  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, Flags
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import (
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import FixupArgs, GenericRewrites, IRProcessing, ReconstructSSA, TranslateByteCode


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


class EntryLibrary(JITCodeLibrary):
    """The machine code of an entry."""

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        """What is kept on disk: the machine code, and of LLVM's language only the names of the functions in it."""
        self._ensure_finalized()
        names = [one.name for one in self._final_module.functions if one.linkage == llvm.Linkage.external]
        named = llvm.parse_assembly("".join(f'define void @"{name}"() {{ unreachable }}\n' for name in names))
        return self.name, "object", (self._get_compiled_object(), named.as_bitcode())


@register_pass(mutates_CFG=True, analysis_only=False)
class EntryLowering(NativeLowering):
    """Numba's own step to LLVM's language, into such a library."""

    _name = "entry_lowering"

    def run_pass(self, state: Any) -> bool:
        """The pass."""
        state.library = EntryLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


class Settings(Flags):
    """Numba's settings of a function, compared as they were given: Numba does so 15,000 times while it compiles `run`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if isinstance(other, Settings) else NotImplemented

    def __hash__(self) -> int:
        return len(self._values)


class _Compiler(CompilerBase):
    """Of Numba's passes those that are needed where there is no closure, `with`, exception or expression of arrays."""

    lowering: type[NativeLowering]

    def __init__(
        self, typingctx: Any, targetctx: Any, library: Any, args: Any, return_type: Any, flags: Flags, locals: Any
    ) -> None:
        super().__init__(typingctx, targetctx, library, args, return_type, Settings(flags), locals)

    def define_pipelines(self) -> list[Any]:
        """The passes."""
        passes = PassManager("fused")
        passes.add_pass(TranslateByteCode, "analyzing bytecode")
        passes.add_pass(FixupArgs, "fix up args")
        passes.add_pass(IRProcessing, "processing IR")
        passes.add_pass(GenericRewrites, "nopython rewrites")
        passes.add_pass(ReconstructSSA, "ssa")
        passes.add_pass(NopythonTypeInference, "nopython frontend")
        passes.add_pass(PreLowerStripPhis, "remove phis nodes")
        passes.add_pass(IRLegalization, "ensure IR is legal prior to lowering")
        passes.add_pass(self.lowering, "native lowering")
        passes.add_pass(NoPythonBackend, "nopython mode backend")
        passes.finalize()
        return [passes]


class KernelCompiler(_Compiler):
    """Compiles kernels."""

    lowering = KernelLowering


class EntryCompiler(_Compiler):
    """Compiles entries."""

    lowering = EntryLowering


# "numpy": a division by zero gives inf, as everywhere in NumPy; a check for it would keep loops from being vectorized.
# "contract": a * b + c may be one instruction. NaN and inf keep their meaning: what is not finite must be found.
# Kernels are called by kernels alone, so that none needs a wrapper for Python, which would take longer to compile.
_settings: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_of_kernels = {**_settings, "no_cpython_wrapper": True, "pipeline_class": KernelCompiler}
kernel: Any = njit(**_of_kernels, fastmath={"contract"})

# Sums may be added up in several lanes at once; which is fixed when the kernel is compiled.
summing: Any = njit(**_of_kernels, fastmath={"contract", "reassoc"})


def entry(function: Any, *, cache: bool) -> Any:
    """A function that Python calls, compiled and, with `cache`, kept on disk.

    Raises:
        RuntimeError: it is to be kept, but no folder can be written.
    """
    return njit(function, **_settings, pipeline_class=EntryCompiler, cache=cache)


@kernel
def clear(array):
    """Fill a stretch with zeros (a loop compiles ten times as fast as an assignment to a slice)."""
    for i in range(array.size):
        array[i] = 0
