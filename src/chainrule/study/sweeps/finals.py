"""The finals: the best trials once more, with seeds that the search did not use, compared in pairs; and the winner.

A trial that won a search was partly lucky with its seed, so its score there says too much of it. The test rows are
touched once, by the winner.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule import nets
from chainrule.core import tensorfile
from chainrule.datasets import Dataset
from chainrule.nets.net import Net
from chainrule.study.executors.base import Data, Executor
from chainrule.study.result import Study, StudyRun, Variant
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.legs import Job, Outcome, carry_out
from chainrule.study.sweeps.points import Setup, words
from chainrule.study.sweeps.records import RUNNING, Trial, final_path
from chainrule.study.sweeps.search import GLANCE, Stopped, trial_of
from chainrule.training.history import History

NAN = float("nan")


def finalists(trials: list[Trial], most: int) -> list[Trial]:
    """The best trials, of those with equal settings one; complete ones before others."""
    order = sorted(
        (trial for trial in trials if trial.value is not None),
        key=lambda t: (t.state != "complete", -(t.value or 0.0), t.number),
    )
    found: list[Trial] = []
    for trial in order:
        if all(trial.params != other.params for other in found):
            found.append(trial)
    return found[:most]


def label_of(trial: Trial) -> str:
    """A finalist in tables."""
    return f"trial {trial.number}: {words(trial.params)}"


@dataclass
class Finals:
    """The repetitions of the finalists.

    Args:
        folder: of the study.
        definition: how many finalists and seeds.
        setup: how points become trainings.
        executor: where they run.
        pressed: whether to stop.
        news: called at every glance, and with every repetition that ended.
    """

    folder: Path
    definition: Definition
    setup: Setup
    executor: Executor
    pressed: Callable[[], bool]
    news: Any

    def run(self, chosen: list[Trial]) -> None:
        """Have every repetition's file and net written.

        Raises:
            Stopped: Ctrl-C came.
        """
        running: dict[Future, tuple[Trial, int]] = {}
        for trial in chosen:
            for seed in seeds_of(self.definition):
                if final_path(self.folder, trial.number, seed).exists():
                    self.news.repeated()
                    continue
                training = self.setup.training(trial.params, seed)
                place = self.folder / RUNNING / f"final-{trial.number:05d}-{seed}"
                job = Job(training, {}, place, self.setup.build, keep_net=True)
                running[self.executor.submit(carry_out, job)] = trial, seed
        while running:
            done, _ = wait(running, GLANCE, FIRST_COMPLETED)
            for future in done:
                self._keep(*running.pop(future), future.result())
            if self.pressed():
                raise Stopped
            self.news.glance(None)

    def _keep(self, trial: Trial, seed: int, outcome: Outcome) -> None:
        """Write the net first: a repetition whose file is there is whole."""
        if outcome.stopped:
            raise Stopped
        path = final_path(self.folder, trial.number, seed)
        if outcome.net is not None:
            outcome.net.save(path.with_suffix(".safetensors"), overwrite=True)
        made = trial_of(trial.number, trial.params, seed, outcome)
        made.save(path, outcome.history or History([], []))
        shutil.rmtree(self.folder / RUNNING / f"final-{trial.number:05d}-{seed}", ignore_errors=True)
        self.news.repeated()


def seeds_of(definition: Definition) -> list[int]:
    """The seeds of the repetitions: those after the search's."""
    first = definition.seed + 1
    return list(range(first, first + definition.finals.seeds))


def repetitions(folder: Path, definition: Definition, chosen: list[Trial]) -> Study:
    """The repetitions of some trials as a comparison."""
    variants = []
    for trial in chosen:
        paths = [final_path(folder, trial.number, seed) for seed in seeds_of(definition)]
        runs = [run for run in map(_run, paths) if run is not None]
        if runs:
            variants.append(Variant(label_of(trial), trial.settings, runs))
    return Study("finals", {}, variants, target_acc=0.9)


def _run(path: Path) -> StudyRun | None:
    made, history = Trial.load(path), History.load(path)
    if made.value is None:
        return None
    return StudyRun(made.seed, history, NAN, made.seconds, [], made.fault)


def net_of(setup: Setup, folder: Path, trial: Trial, seed: int, data: Data) -> tuple[Net, Dataset]:
    """The best net of a repetition, and the rows that belong to it."""
    training = setup.training(trial.params, seed)
    rows = training.rows(data)
    net = training.solver(rows, setup.build, verbose=False).net
    path = final_path(folder, trial.number, seed).with_suffix(".safetensors")
    tensors, meta = tensorfile.read(path)
    nets.restore(net, tensors, meta["input"], path)
    return net, rows
