"""Slices on threads: one compiled function runs once per slice, all at the same time."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

LINE = 16  # as in `kernels.barrier`, which waits on these flags


def flags(slices: int) -> np.ndarray:
    """Counters for the slices to wait on, a cache line each, and a cell that calls everything off."""
    return np.zeros(slices * LINE + 1, np.int64)


def together(slices: int, work: Callable[[int], Any], flags: np.ndarray | None = None) -> None:
    """`work(slice)` for every slice at once, the first in this thread.

    Args:
        slices: how many.
        work: what each does; it lets go of the interpreter's lock.
        flags: what the slices wait on. Where one of them fails, or a second Ctrl-C comes, nobody may wait for a slice
            that never comes.
    """
    errors: list[BaseException] = []

    def one(me: int) -> None:
        try:
            work(me)
        except BaseException as error:
            errors.append(error)
            if flags is not None:
                flags[-1] = 1

    threads = [threading.Thread(target=one, args=(me,), daemon=True) for me in range(1, slices)]
    try:
        for thread in threads:
            thread.start()
        one(0)
    except BaseException:
        if flags is not None:
            flags[-1] = 1
        raise
    finally:
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    if errors:
        raise errors[0]
