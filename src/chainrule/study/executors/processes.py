"""Processes of this machine, each with an interpreter of its own: for plain nets, and for nets of one's own.

Each is served by a thread here, that starts another one where it dies; the job then goes on from its last checkpoint.
Rows are read from one copy in files. A process ends when this one does, however that ends.
"""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from chainrule.study.executors import rows
from chainrule.study.executors.base import MOST_DEATHS, Data, Work, WorkerLost

PRELOAD = [
    "__main__",
    "chainrule.study.sweeps.legs",
    "chainrule.engines.fused",
]  # so that a further process starts at once
MOST_STARTS = 100  # one after the other, without a single one that lives
GRACE = 3.0  # seconds that a process has to write a checkpoint before it is ended


class Processes:
    """Runs jobs in worker processes.

    Args:
        data: the rows, by name.
        workers: processes.
        folder: where the rows are put for them.
    """

    def __init__(self, data: Data, workers: int, folder: Path) -> None:
        self.workers, self._folder = workers, folder / "running" / "rows"
        self._places = {name: rows.put(one, self._folder) for name, one in data.items()}
        here = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context: Any = multiprocessing.get_context(here)
        if here == "forkserver":
            self._context.set_forkserver_preload(PRELOAD)
        self._pool, self._own = ThreadPoolExecutor(workers), threading.local()
        self._children: list[_Child] = []
        self._running: set[Future] = set()
        self._closed = False

    def submit(self, work: Work, job: Any) -> Future:
        """Have a job done."""
        future = self._pool.submit(self._one, work, job)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def _one(self, work: Work, job: Any) -> Any:
        deaths = starts = 0  # that had the job in hand, and that did not get so far
        while deaths < MOST_DEATHS and starts < MOST_STARTS:
            child = self._child()
            try:
                return child.do(work, job)
            except (EOFError, OSError):
                if self._closed:
                    raise CancelledError from None
                deaths, starts = (deaths + 1, 0) if child.begun else (deaths, starts + 1)
                child.end()
                self._own.child = None
        raise WorkerLost

    def _child(self) -> "_Child":
        """This thread's process, a new one where it has none that lives."""
        child: _Child | None = getattr(self._own, "child", None)
        if child is None:
            child = self._own.child = _Child(self._context, self._places)
            self._children.append(child)
        return child

    def close(self) -> None:
        """Stop the jobs at their next check, or end their processes."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in self._children:
            child.stop()
        wait(list(self._running), GRACE)
        for child in self._children:
            child.end()
        self._pool.shutdown()
        rows.remove(self._folder)


class _Child:
    """A process, the pipe that jobs go through, and the one whose end tells it that we are gone."""

    def __init__(self, context: Any, places: dict[str, Path]) -> None:
        self.pipe, theirs = context.Pipe()
        life, self.lifeline = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(theirs, life, places), daemon=True)
        self.process.start()
        self.begun = False
        theirs.close()
        life.close()

    def do(self, work: Work, job: Any) -> Any:
        self.begun = False
        self.pipe.send((work, job))
        self.begun = self.pipe.recv()
        result, error = self.pipe.recv()
        if error is not None:
            raise error
        return result

    def stop(self) -> None:
        try:
            self.lifeline.send_bytes(b"stop")
        except OSError:
            return  # it is gone

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self.lifeline.close()


def _serve(pipe: Connection, life: Connection, places: dict[str, Path]) -> None:
    """The process's main: jobs, one after the other, until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the controlling process says when to stop
    stopped = threading.Event()
    threading.Thread(target=_watch, args=(life, stopped), daemon=True).start()
    data = {name: rows.get(place) for name, place in places.items()}
    while True:
        try:
            work, job = pipe.recv()
        except EOFError:
            return
        pipe.send(True)
        answer: tuple[Any, Exception | None]
        try:
            answer = work(job, data, stopped.is_set), None
        except Exception as error:
            answer = None, error
        pipe.send(answer)


def _watch(life: Connection, stopped: threading.Event) -> None:
    """Notes that jobs are to stop; ends the process where the controlling one has died."""
    try:
        while life.recv_bytes():
            stopped.set()
    except (EOFError, OSError):
        os._exit(1)
