"""The search: draws trials, has them carried out, and notes their ends, in an order that no worker can change.

A trial is drawn once all but the last `ahead - 1` trials before it have ended and been noted, and they are noted in the
order in which they were drawn. So what a trial is drawn from, and the hurdles that it meets, depend on its number alone.
A trial that ended early waits to be noted, but its file is written at once.

A stopped study goes through the same steps again: a trial whose file is there has its result at once, one that was
running goes on from its checkpoint, and the rest are drawn as they would have been.
"""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.core.errors import FileFormatError
from chainrule.study.executors.base import Executor
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.hurdles import hurdles
from chainrule.study.sweeps.legs import Job, Outcome, carry_out
from chainrule.study.sweeps.points import Setup
from chainrule.study.sweeps.records import RUNNING, Trial, trial_path
from chainrule.study.sweeps.samplers import sampler_of
from chainrule.training.history import History

GLANCE = 0.5  # seconds between two looks at Ctrl-C, the clock and the database


class Stopped(Exception):
    """Ctrl-C came; everything is where a further run finds it."""


@dataclass
class Search:
    """A search that runs.

    Args:
        folder: of the study.
        definition: what is searched, and how.
        setup: how points become trainings.
        executor: where they run.
        pressed: whether to stop.
        news: called with every trial that was drawn (number, params), that ended (the trial), and at every glance.
        spent: seconds of the study's earlier runs.
    """

    folder: Path
    definition: Definition
    setup: Setup
    executor: Executor
    pressed: Callable[[], bool]
    news: Any
    spent: float = 0.0
    trials: list[Trial] = field(default_factory=list)  # noted, in their order

    def __post_init__(self) -> None:
        self.sampler = sampler_of(self.definition, self.setup.space)
        self.began = time.monotonic()
        self.drawn: dict[int, dict[str, Any]] = {}  # running, or ended and not yet noted
        self.running: dict[Future, int] = {}
        self.ended: dict[int, Trial] = {}
        self.number, self.exhausted = 0, False

    @property
    def seconds(self) -> float:
        """Of this run of the study and of those before it."""
        return self.spent + time.monotonic() - self.began

    def run(self) -> list[Trial]:
        """All trials, in the order in which they were drawn.

        Raises:
            Stopped: Ctrl-C came.
            OutputError: a file or the database cannot be written.
        """
        while True:
            while self._may_draw():
                self._draw()
            if not self.drawn:
                return self.trials
            first = min(self.drawn)
            while first not in self.ended:
                self._wait()
            self._note(first)

    def _may_draw(self) -> bool:
        """Whether there is room, and budget, for a further trial."""
        if self.exhausted or len(self.drawn) >= self.definition.ahead:
            return False
        budget, known = self.definition.budget, trial_path(self.folder, self.number).exists()
        if budget.trials is not None and self.number >= budget.trials:
            return False
        if budget.seconds is not None and not known and self.seconds >= budget.seconds:
            return False
        if budget.epochs is None:
            return True
        used = sum(trial.epochs for trial in self.trials) + sum(self._epochs(params) for params in self.drawn.values())
        return used + min(self._epochs({}), budget.epochs) <= budget.epochs

    def _epochs(self, params: dict[str, Any]) -> int:
        """The most that a trial trains."""
        return int({**self.setup.space.shared, **params}.get("epochs", 10))

    def _draw(self) -> None:
        number, path = self.number, trial_path(self.folder, self.number)
        known = Trial.load(path) if path.exists() else None
        params = self.sampler.draw(number, known.params if known else None)
        if params is None:
            self.exhausted = True
            return
        if known and known.params != params:
            raise FileFormatError(
                f"{path} is of a trial with {known.params}, but trial {number} of this study has {params}. Was the file "
                f"put there from another study? Give this one a folder of its own."
            )
        self.number += 1
        self.drawn[number] = params
        self.news.drawn(number, params)
        if known:
            self.ended[number] = known
            shutil.rmtree(self._place(number), ignore_errors=True)
            return
        training = self.setup.training(params)
        limits = hurdles(self.definition.pruner, self.trials, training.plan.epochs)
        job = Job(training, limits, self._place(number), self.setup.build)
        self.running[self.executor.submit(carry_out, job)] = number

    def _place(self, number: int) -> Path:
        return self.folder / RUNNING / f"{number:05d}"

    def _wait(self) -> None:
        """Until a trial ends, or for a glance; every one that ended has its file then."""
        done, _ = wait(self.running, GLANCE, FIRST_COMPLETED)
        for future in done:
            number = self.running.pop(future)
            outcome: Outcome = future.result()
            if outcome.stopped:
                raise Stopped
            trial = trial_of(number, self.drawn[number], self.definition.seed, outcome)
            trial.save(trial_path(self.folder, number), outcome.history or History([], []))
            shutil.rmtree(self._place(number), ignore_errors=True)
            self.ended[number] = trial
        if self.pressed():
            raise Stopped
        self.news.glance(self)

    def _note(self, number: int) -> None:
        trial = self.ended.pop(number)
        del self.drawn[number]
        self.trials.append(trial)
        self.sampler.tell(trial)
        self.news.ended(trial)


def trial_of(number: int, params: dict[str, Any], seed: int, outcome: Outcome) -> Trial:
    """What is kept of an outcome."""
    history, curve, best = outcome.history, {}, float("-inf")
    if history is not None:
        for epoch, value in zip(history.check_epoch, history.val_acc):
            best = max(best, float(value)) if value == value else best
            if epoch > 0 and best > float("-inf"):
                curve[int(epoch)] = best
    value = None if history is None or history.best_check is None else history.best_val_acc
    return Trial(
        number=number, params=params, seed=seed,
        state="failed" if value is None else "pruned" if outcome.pruned else "complete", value=value, curve=curve,
        epochs=0 if history is None or not len(history.check_epoch) else int(history.check_epoch[-1]),
        seconds=outcome.seconds, fault=outcome.error or (history.fault if history else None), settings=outcome.settings,
    )  # fmt: skip
