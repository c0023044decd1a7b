"""Ctrl-C ends trainings between two steps; a second one ends the process's work at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_pressed = threading.Event()


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Give a function that says, within the block, whether Ctrl-C was pressed since the main thread's outermost one began.

    Other threads see what the main thread saw, so that a study's workers stop too.
    """
    before = signal.getsignal(signal.SIGINT)
    elsewhere = threading.current_thread() is not threading.main_thread()
    if elsewhere or before in (_note, signal.SIG_IGN):  # a process told to ignore Ctrl-C does
        yield _pressed.is_set
        return
    _pressed.clear()
    signal.signal(signal.SIGINT, _note)
    try:
        yield _pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
        _pressed.clear()


def _note(number: int, frame: object) -> None:
    if _pressed.is_set():
        raise KeyboardInterrupt
    _pressed.set()
