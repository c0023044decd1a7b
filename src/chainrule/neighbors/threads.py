"""One BLAS thread for each worker thread of a search."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


class _Limit:
    """The limit in force, which all searches that run at once share."""

    lock = threading.Lock()
    users = 0
    stack = ExitStack()


@contextmanager
def single_blas_thread() -> Iterator[None]:
    """Limit every BLAS of this process to one thread while the block runs: more would fight the workers for cores."""
    from threadpoolctl import threadpool_limits

    with _Limit.lock:
        if not _Limit.users:
            _Limit.stack.enter_context(threadpool_limits(limits=1, user_api="blas"))
        _Limit.users += 1
    try:
        yield
    finally:
        with _Limit.lock:
            _Limit.users -= 1
            if not _Limit.users:
                _Limit.stack.close()
