"""How kernels are compiled: without the interpreter's lock, without checks that stop loops from being vectorized."""

from typing import Any

from numba import njit

# "numpy": a division by zero gives inf, as everywhere in NumPy; a check for it would keep loops from being vectorized.
# "contract": a * b + c may be one instruction. NaN and inf keep their meaning: what is not finite must be found.
# Kernels are called by kernels alone, so that none needs a wrapper for Python, which would take longer to compile.
_settings: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
kernel: Any = njit(**_settings, fastmath={"contract"})

# Sums may be added up in several lanes at once; which is fixed when the kernel is compiled.
summing: Any = njit(**_settings, fastmath={"contract", "reassoc"})


@kernel
def clear(array):
    """Fill a stretch with zeros (a loop compiles ten times as fast as an assignment to a slice)."""
    for i in range(array.size):
        array[i] = 0
