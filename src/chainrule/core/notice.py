"""A word to whoever waits."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds


@contextmanager
def said(text: str) -> Iterator[None]:
    """Say on standard error what is going on, where the block takes more than a second."""
    timer = threading.Timer(PATIENCE, lambda: print(f"chainrule: {text}", file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
