"""The program that a worker process runs: a job a line on standard input, a record a line on standard output."""

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any

from chainrule.checker.grading.one import grade_one
from chainrule.core.threads import single_blas_thread


def main() -> None:
    """Grade until there is nobody to grade for; what is printed meanwhile goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, _leave)
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    with _home(), single_blas_thread(), suppress(BrokenPipeError):  # whoever asked may be gone
        while True:
            record = grade_one(json.loads(jobs.get()))
            replies.write(json.dumps(record).encode() + b"\n")
            replies.flush()


def _leave(*_: Any) -> None:
    """End in good order, however often that is asked for."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


@contextmanager
def _home() -> Iterator[None]:
    """One folder for all that is laid out for submissions: it goes with this process, at whatever moment that ends."""
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as home:
        tempfile.tempdir = home
        yield


def _listen(jobs: "SimpleQueue[bytes]") -> None:
    """Take jobs; end this process, in the middle of one too, when the one that gives them has ended."""
    for line in sys.stdin.buffer:
        jobs.put(line)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    try:
        main()
    finally:
        sys.stderr.flush()
        os._exit(1)  # at once: the thread that listens holds standard input, which an orderly end would wait for
