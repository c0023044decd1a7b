"""What the processor can do for which code is compiled."""

import os


def has(*features: str) -> bool:
    """Whether it has all of these, by LLVM's names; never where Numba is told to compile for another processor."""
    import llvmlite.binding as llvm

    told = "NUMBA_CPU_NAME" in os.environ or "NUMBA_CPU_FEATURES" in os.environ
    known = llvm.get_host_cpu_features()
    return not told and all(known.get(name) for name in features)
