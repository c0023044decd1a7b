"""How many threads the matrix products of this process have: one owner for all trainings and searches that run at once.

Threads that fight for cores cost a factor of 2 to 70, and a training's results depend on the number. So a training
states its number, which holds while it runs; a search, whose results do not depend on it, only wishes for one thread
each, and makes do with what a training that runs beside it has stated.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from chainrule.core.errors import SettingError


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Limits:
    """The numbers that are asked for just now, and what is in force."""

    lock = threading.Lock()
    stated = 0  # by trainings, which all state the same number
    trainings = 0
    searches = 0
    in_force: Any = None


@contextmanager
def blas_threads(n: int) -> Iterator[None]:
    """Limit every BLAS of this process to `n` threads while the block runs; blocks may overlap if they agree on `n`.

    Raises:
        SettingError: another training of this process runs with another number just now.
    """
    with _Limits.lock:
        if _Limits.trainings and _Limits.stated != n:
            raise SettingError(
                f"Solver: threads={n}, but a training that runs in this process at the same time has threads="
                f"{_Limits.stated}, and a process has one number for all. Give both the same."
            )
        _Limits.stated = n
        _Limits.trainings += 1
        _enforce()
    try:
        yield
    finally:
        with _Limits.lock:
            _Limits.trainings -= 1
            _enforce()


@contextmanager
def single_blas_thread() -> Iterator[None]:
    """Give every BLAS of this process one thread while the block runs, unless a training has stated another number."""
    with _Limits.lock:
        _Limits.searches += 1
        _enforce()
    try:
        yield
    finally:
        with _Limits.lock:
            _Limits.searches -= 1
            _enforce()


def _enforce() -> None:
    """Put in force what the blocks that run now ask for; what was before them comes back after the last."""
    wanted = _Limits.stated if _Limits.trainings else 1 if _Limits.searches else None
    found, limiter = _Limits.in_force or (None, None)
    if wanted == found:
        return
    if limiter is not None:
        limiter.restore_original_limits()
    _Limits.in_force = None if wanted is None else (wanted, _controller().limit(limits=wanted, user_api="blas"))


@cache
def _controller() -> Any:
    import scipy.linalg.cython_blas  # noqa: F401  compiled code's BLAS, apart from NumPy's: loaded, it can be limited
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
