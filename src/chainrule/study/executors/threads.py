"""Threads of this process, over one copy of the data: compiled trainings leave the interpreter to each other."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

from chainrule.study.executors.base import Data, Work


class Threads:
    """Runs jobs on worker threads.

    Args:
        data: one copy for all.
        workers: jobs at a time.
    """

    def __init__(self, data: Data, workers: int) -> None:
        self.data, self.workers = data, workers
        self._pool, self._given_up = ThreadPoolExecutor(workers), Event()

    def submit(self, work: Work, job: Any) -> Future:
        """Have a job done."""
        return self._pool.submit(work, job, self.data, self._given_up.is_set)

    def close(self) -> None:
        """Stop the jobs at their next check, and wait for that."""
        self._given_up.set()
        self._pool.shutdown(cancel_futures=True)
