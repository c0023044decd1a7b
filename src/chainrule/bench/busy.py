"""A process that keeps one core busy, as a neighbour would."""

import os
import subprocess
import sys
import time
from types import TracebackType

CODE = """
import os, sys
parent = int(sys.argv[1])
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
START = 0.3  # seconds until it is under way


class BusyCore:
    """Keeps one core busy while the `with` block runs; it ends with its parent, whatever happens."""

    def __enter__(self) -> "BusyCore":
        self.process = subprocess.Popen([sys.executable, "-c", CODE, str(os.getpid())])
        time.sleep(START)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
