"""The machine that a benchmark ran on: what it is, how fast it multiplies, and what else it was doing."""

import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.threads import blas_threads, cores

SIDE = 2048  # of the matrices whose product is timed
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def machine() -> dict[str, Any]:
    """Processor, cores, system, versions and the time, as plain texts and numbers."""
    from importlib.metadata import version

    return {
        "processor": _processor(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("chainrule", "numpy", "scipy", "numba")},
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


class Product:
    """Times a product of two float32 matrices, which bounds what any of the works can reach.

    Args:
        threads: of the product.
    """

    def __init__(self, threads: int) -> None:
        rng = np.random.default_rng(3)
        self.a, self.b = (rng.standard_normal((SIDE, SIDE), np.float32) for _ in range(2))
        self.out = np.empty_like(self.a)
        self.threads = threads
        self.gflops()

    def gflops(self) -> float:
        """Billions of additions and multiplications in a second: the better of two tries."""
        spent = []
        with blas_threads(self.threads):
            for _ in range(2):
                began = time.perf_counter()
                np.matmul(self.a, self.b, out=self.out)
                spent.append(time.perf_counter() - began)
        return 2e-9 * SIDE**3 / min(spent)


class Load:
    """How many cores other processes keep busy."""

    def __init__(self) -> None:
        self.before = _busy(), time.perf_counter()

    def others(self, own: float) -> float | None:
        """Since the last call (or the beginning), in cores; `own` is processor time of the processes that are measured.

        None where the system does not say.
        """
        now = _busy(), time.perf_counter()
        (busy, at), self.before = self.before, now
        if busy is None or now[0] is None:
            return None
        return max(0.0, (now[0] - busy - own) / max(now[1] - at, 1e-9))


def _busy() -> float | None:
    """Seconds of processor time of the whole machine, spent on anything or taken away from it."""
    path = Path("/proc/stat")
    if not path.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal = map(int, path.read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS
