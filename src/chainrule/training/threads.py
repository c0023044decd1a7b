"""How many threads the matrix products may use: a setting of a training, since results depend on it."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def blas_threads(n: int) -> AbstractContextManager:
    """Limit every BLAS of this process to `n` threads while the block runs."""
    return _controller().limit(limits=n, user_api="blas")
