"""What all executors have in common, in the manner of `concurrent.futures`."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from chainrule.core.errors import ChainruleError
from chainrule.datasets import Dataset

Data = dict[str, Dataset]
State = tuple[str, bytes]  # the name and the content of a checkpoint
MOST_DEATHS = 20  # of workers that had a certain job, before the job is held to be what kills them


class WorkerLost(ChainruleError, RuntimeError):
    """A job's workers died again and again."""

    def __init__(self) -> None:
        super().__init__(
            f"its worker died {MOST_DEATHS} times. Does it need more memory than there is? Try fewer workers."
        )


class SchedulerLost(ChainruleError, RuntimeError):
    """A cluster's scheduler ended, or cannot be reached any more."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"cluster: the connection to the Dask scheduler at {address} was lost, and it does not come back. Is it still "
            f"running? Start it again and give the same command; no trial is lost, and those that ran go on from their "
            f"last checkpoint."
        )


class Job(Protocol):
    """What an executor carries out; it can go on elsewhere from a state."""

    def away(self, seconds: float) -> "Job":
        """The same job for a worker that cannot see this machine's files, with the state that lies there.

        It comes back `Unfinished` after about so many seconds.
        """

    def keep(self, state: State) -> "Job":
        """Put a state where this machine finds it again; gives the job that goes on from there."""


@dataclass(frozen=True)
class Unfinished:
    """What a job came to that is to go on, perhaps elsewhere."""

    state: State


Work = Callable[[Any, Data, Callable[[], bool]], Any]  # (job, the data there, whether to stop) -> result


class Executor(Protocol):
    """Carries out jobs, a few at a time. Their results do not depend on which executor it is, nor on how many."""

    workers: int

    def submit(self, work: Work, job: Any) -> Future:
        """Have `work(job, data, stop)` done; its result, or its exception, comes through the future."""

    def close(self) -> None:
        """Tell running jobs to stop, forget waiting ones, and let go of everything."""
