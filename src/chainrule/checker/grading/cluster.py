"""Grading on a Dask cluster: a submission goes there with all that it needs, and its record comes back.

Machines of a cluster need not see this one's files. There, a job is done by the very program that does it here, one for
each thread that Dask gives.
"""

import threading
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chainrule.checker.grading import submission
from chainrule.checker.grading.submission import Submission
from chainrule.checker.grading.workers import Workers
from chainrule.study.executors import executor_of

LAID_OUT = ("given", "reference")  # what a job names beside the submission
_own = threading.local()


@dataclass(frozen=True)
class Parcel:
    """A job with the files that it names, as an executor takes it.

    Attributes:
        job: what `one.grade_one` takes.
        files: the contents of what `LAID_OUT` names.
    """

    job: dict[str, Any]
    files: dict[str, Submission]

    def away(self, seconds: float) -> "Parcel":
        """See `study.executors.base.Job`: it is complete, and too short to come back before it is done."""
        return self

    def keep(self, state: Any) -> "Parcel":
        """See `study.executors.base.Job`."""
        return self


class OnCluster:
    """Runs jobs on the workers of a Dask scheduler; a `Runner`.

    Args:
        address: as `study.executors.cluster.check_address` takes it.
        workers: of a scheduler that is started here.

    Raises:
        MissingExtraError: Dask is not installed.
        SettingError: no scheduler is there, or the way there is not protected.
    """

    def __init__(self, address: Any, workers: int) -> None:
        self._folder = TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
        self._files: dict[str, Submission] = {}
        try:
            self._executor = executor_of("cluster", {}, workers, Path(self._folder.name), address)
        except BaseException:
            self._folder.cleanup()
            raise

    def submit(self, job: dict[str, Any]) -> Future:
        """See `Runner.submit`."""
        packed = submission.packed(submission.read(Path(job["path"])))
        for name in LAID_OUT:
            if job[name] and name not in self._files:
                self._files[name] = submission.read(Path(job[name]))
        return self._executor.submit(_graded, Parcel({**job, "packed": packed}, self._files))

    def close(self) -> None:
        """See `Runner.close`."""
        self._executor.close()
        self._folder.cleanup()


def _graded(parcel: Parcel, data: Any, stop: Any) -> dict[str, Any]:
    """On a worker: lay out what a job names, and have it done there."""
    if not hasattr(_own, "workers"):
        _own.workers = Workers(1)
    with ExitStack() as stack:
        places = {name: stack.enter_context(files.laid_out()) for name, files in parcel.files.items()}
        if "reference" in places:
            places["reference"] /= next(iter(parcel.files["reference"].files))
        job = {**parcel.job, **{name: str(place) for name, place in places.items()}}
        record: dict[str, Any] = _own.workers.submit(job).result()
        return record
