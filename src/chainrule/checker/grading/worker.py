"""The program that a worker process runs: a job a line on standard input, a record a line on standard output."""

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue

from chainrule.checker.grading.one import grade_one
from chainrule.core.threads import single_blas_thread


def main() -> None:
    """Grade until there is nobody to grade for; what is printed meanwhile goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is laid out for the submission in work is removed
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    with single_blas_thread(), suppress(BrokenPipeError):  # whoever asked may be gone
        while True:
            record = grade_one(json.loads(jobs.get()))
            replies.write(json.dumps(record).encode() + b"\n")
            replies.flush()


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
