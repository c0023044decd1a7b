"""Where a study's trainings run: on worker threads of this process, over one copy of the data."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from typing import Any

from chainrule.core.threads import blas_threads, cores
from chainrule.datasets import Dataset
from chainrule.study.plan import Plan
from chainrule.study.result import StudyRun, or_lowest
from chainrule.training.best import Snapshot
from chainrule.training.diagnosis import diagnose
from chainrule.training.evaluation import evaluate
from chainrule.training.progress import bar
from chainrule.training.solver import Solver

Job = tuple[str, int]  # a variant's label and a seed
Done = Callable[[Job, StudyRun], None]


GIL_BOUND = 2e7  # multiply-adds of a step below which NumPy's calls, not its arithmetic, take the time


def usual_workers(plans: list[Plan], data: Dataset) -> int:
    """One training per core; one at a time where the plain engine takes steps so small that threads would wait."""
    rows = max(len(data.X_train) if plan.batch_size == "all" else int(plan.batch_size) for plan in plans)
    largest = max(3 * rows * plan.net(data).summary().multiply_adds for plan in plans)
    compiled = all(plan.engine == "fused" for plan in plans)  # which leaves the interpreter to others
    return cores() if compiled or largest >= GIL_BOUND else 1


@dataclass(frozen=True)
class Outcomes:
    """What the jobs of a pool came to; interrupted ones are left out.

    Attributes:
        runs: by job.
        nets: by label, the job whose net did best on the validation rows, and a copy of that net.
    """

    runs: dict[Job, StudyRun]
    nets: dict[str, tuple[Job, Snapshot]]


@dataclass(frozen=True)
class Pool:
    """Runs trainings at the same time; their results do not depend on how many.

    Attributes:
        data: one copy for all.
        workers: trainings at a time.
        threads: BLAS threads of each.
        verbose: whether a progress bar is shown.
    """

    data: Dataset
    workers: int
    threads: int
    verbose: bool

    def run(self, jobs: dict[Job, Plan], *, what: str, done: Done = lambda job, run: None) -> Outcomes:
        """Carry out every job; `done` is called with each as it ends, in this thread."""
        found, given_up = Outcomes({}, {}), Event()
        epochs = sum(plan.epochs for plan in jobs.values())
        with (
            blas_threads(self.threads),
            bar(epochs, what=what, unit="epoch", verbose=self.verbose) as shown,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            futures = {pool.submit(self._one, plan, shown, given_up): job for job, plan in jobs.items()}
            try:
                for future in as_completed(futures):
                    outcome = future.result()
                    if outcome is not None:
                        self._keep(found, futures[future], *outcome)
                        done(futures[future], outcome[0])
            except BaseException:  # a full disk, for one: the other trainings end too
                given_up.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return found

    def _keep(self, found: Outcomes, job: Job, run: StudyRun, net: Snapshot) -> None:
        """Note a run; of the nets of a label only the best one stays in memory."""

        def rank(job: Job) -> tuple[float, int]:
            return or_lowest(found.runs[job].history.best_val_acc), -job[1]

        found.runs[job] = run
        label = job[0]
        if label not in found.nets or rank(job) > rank(found.nets[label][0]):
            found.nets[label] = job, net

    def _one(self, plan: Plan, shown: Any, given_up: Event) -> tuple[StudyRun, Snapshot] | None:
        """One training, or None where Ctrl-C came first."""
        data = self.data

        def tick(solver: Solver) -> bool:
            if solver.epoch:
                shown.update(1)
            return given_up.is_set()

        solver = plan.solver(data, verbose=False, callbacks=[tick])
        solver.train()
        if solver.interrupted:
            return None
        test = float("nan")
        if "X_test" in data:
            test = evaluate(solver.net, data.X_test, data.y_test, slices=solver.settings.compiled).score
        run = StudyRun(plan.seed, solver.history, test, solver.seconds, diagnose(solver), solver.history.fault)
        return run, Snapshot.of(solver.net)
