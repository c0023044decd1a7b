"""How many threads the matrix products may use: a setting of a training, since results depend on it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from chainrule.core.errors import SettingError


@cache
def _controller() -> Any:
    import scipy.linalg.cython_blas  # noqa: F401  compiled code's BLAS, apart from NumPy's: loaded, it can be limited
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _Limit:
    """The limit in force, which all trainings that run at once in this process share."""

    lock = threading.Lock()
    users = 0
    threads = 0
    stack = ExitStack()


@contextmanager
def blas_threads(n: int) -> Iterator[None]:
    """Limit every BLAS of this process to `n` threads while the block runs; blocks may overlap if they agree on `n`.

    Raises:
        SettingError: another training of this process runs with another number just now.
    """
    with _Limit.lock:
        if _Limit.users and _Limit.threads != n:
            raise SettingError(
                f"Solver: threads={n}, but a training that runs in this process at the same time has threads="
                f"{_Limit.threads}, and a process has one number for all. Give both the same."
            )
        if not _Limit.users:
            _Limit.threads = n
            _Limit.stack.enter_context(_controller().limit(limits=n, user_api="blas"))
        _Limit.users += 1
    try:
        yield
    finally:
        with _Limit.lock:
            _Limit.users -= 1
            if not _Limit.users:
                _Limit.stack.close()
