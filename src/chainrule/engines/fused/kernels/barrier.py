"""Where slices wait for each other: each counts its arrivals, and goes on when all others have counted as far."""

import sys

from numba import types
from numba.extending import intrinsic

from chainrule.engines.fused.kernels.compiler import kernel

LINE = 16  # int64 numbers between two slices' counters, so that they never share a cache line
# A slice that waits looks at a counter, then offers its core to others at every look, then sleeps in between: where
# another process keeps a core busy, whoever spins would only keep the slice that is waited for from running.
LOOKS, OFFERS = 20_000, 20_200
NAP = 1 if sys.platform == "win32" else 20  # milliseconds there, microseconds elsewhere
_offer = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())
_sleep = types.ExternalFunction("Sleep" if sys.platform == "win32" else "usleep", types.int32(types.uint32))


@intrinsic
def _load(typing, array, index):
    """Read an entry so that everything written before its last `_store` is seen."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(builder.gep(data, [arguments[1]]), "acquire", 8)

    return types.int64(array, index), generate


@intrinsic
def _store(typing, array, index, value):
    """Write an entry so that whoever reads it sees everything written before."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        builder.store_atomic(arguments[2], builder.gep(data, [arguments[1]]), "release", 8)
        return context.get_constant(types.int64, 0)

    return types.int64(array, index, value), generate


@kernel
def wait(flags, me, slices):
    """Wait until every slice is here. `flags` ends with a cell that, set to 1, sends everyone on (see `slices`)."""
    if slices == 1:
        return
    turn = flags[me * LINE] + 1
    _store(flags, me * LINE, turn)  # type: ignore[call-arg]
    for other in range(slices):
        looks = 0
        while _load(flags, other * LINE) < turn and _load(flags, slices * LINE) == 0:
            looks += 1
            if looks > OFFERS:
                _sleep(NAP)
            elif looks > LOOKS:
                _offer()
