"""A word to whoever waits."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds
_silences: list[None] = []  # one for every block of `silence` that has not ended


@contextmanager
def said(text: str) -> Iterator[None]:
    """Say on standard error what is going on, where the block takes more than a second and nobody wants silence."""
    timer = threading.Timer(PATIENCE, _say, [text])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def silence() -> Iterator[None]:
    """Say nothing in this process while the block runs."""
    _silences.append(None)
    try:
        yield
    finally:
        _silences.pop()


def _say(text: str) -> None:
    if not _silences:
        print(f"chainrule: {text}", file=sys.stderr, flush=True)
