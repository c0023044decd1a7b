"""Grading on several cores: processes, each asked for one submission at a time, in the manner of `concurrent.futures`.

A worker is a program of its own that reads jobs and writes records as lines of JSON: nothing is pickled, the caller's main
module is not run again, and a worker that dies takes only its own submission with it.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

ATTEMPTS = 2  # a worker may be killed for want of memory that another job took
GRACE = 10.0  # seconds that a worker has to remove what it laid out, on a busy machine
HOUSE = Path(__file__).resolve().parents[3]  # what holds this package


class Runner(Protocol):
    """What grading needs of whatever carries it out: processes of this machine, or a cluster."""

    def submit(self, job: dict[str, Any]) -> Future:
        """Have `one.grade_one(job)` done; its record comes through the future."""

    def close(self) -> None:
        """Forget waiting jobs, end running ones, let go of everything."""


class WorkerDied(Exception):
    """A worker ended in the middle of a job."""


class Workers:
    """Runs jobs in `number` processes of this machine."""

    def __init__(self, number: int) -> None:
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker() for _ in range(number)]
        for worker in self._all:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="grading")
        self._closed = False

    def submit(self, job: dict[str, Any]) -> Future:
        """See `Runner.submit`; a job whose workers die again and again raises `WorkerDied`."""
        return self._threads.submit(self._done, job)

    def close(self) -> None:
        """See `Runner.close`."""
        self._closed = True
        for worker in self._all:
            worker.end()
        self._threads.shutdown(cancel_futures=True)

    def _done(self, job: dict[str, Any]) -> dict[str, Any]:
        worker = self._free.get()
        try:
            for attempt in range(ATTEMPTS):
                try:
                    return worker.ask(job)
                except WorkerDied:
                    worker.end()
                    if self._closed or attempt + 1 == ATTEMPTS:
                        raise
            raise WorkerDied
        finally:
            self._free.put(worker)


class _Worker:
    """A process that grades; started when it is first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        process = self._process = self._process or _start()
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except (OSError, ValueError):
            line = b""
        if not line.endswith(b"\n"):
            raise WorkerDied("the process that graded this submission was ended from outside, or ran out of memory")
        return json.loads(line)

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


def _start() -> subprocess.Popen:
    """A worker, out of reach of Ctrl-C (its owner ends it), and importing nothing from the folder it is started in."""
    known = os.environ.get("PYTHONPATH")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HOUSE), *([known] if known else [])])}
    command = [sys.executable, "-P", "-m", "chainrule.checker.grading.worker"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, start_new_session=True)
