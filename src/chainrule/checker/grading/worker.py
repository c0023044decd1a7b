"""The program that a worker process runs: a job a line on standard input, a record a line on standard output."""

import json
import os
import signal
import sys
from contextlib import suppress

from chainrule.checker.grading.one import grade_one
from chainrule.core.threads import single_blas_thread


def main() -> None:
    """Grade until there is no more to grade; what is printed meanwhile goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is laid out for the submission in work is removed
    with single_blas_thread(), suppress(BrokenPipeError):  # whoever asked may be gone
        for line in sys.stdin.buffer:
            replies.write(json.dumps(grade_one(json.loads(line))).encode() + b"\n")
            replies.flush()


if __name__ == "__main__":
    main()
