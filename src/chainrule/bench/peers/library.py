"""This library's own runners, for either engine."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.bench.inputs import Inputs, net_of
from chainrule.bench.peers import Forms
from chainrule.bench.work import Compared, Search, Training, Work


def forms(work: Work, inputs: Inputs, threads: int, engine: str) -> Forms:
    """The runner of a work: the data stay bytes."""
    if isinstance(work, Training):
        return {"bytes": lambda: Steps(work, inputs, threads, engine)}
    if isinstance(work, Search):
        return {"bytes": lambda: Neighbours(work, inputs, engine)}
    return {"bytes": lambda: Comparison(work, inputs, threads, engine)}


class Steps:
    """Steps of one net on all threads, or of several nets, one on each thread."""

    def __init__(self, work: Training, inputs: Inputs, threads: int, engine: str) -> None:
        from chainrule.core.threads import blas_threads

        self.work, self.inputs, self.engine = work, inputs, engine
        self.threads = threads if work.nets == 1 else 1
        self.pool = ThreadPoolExecutor(threads)
        self.X, self.y = inputs["X"], inputs["y"]
        self.reset()
        self.limit = ExitStack()  # kept, since a limit that nobody holds is gone
        self.limit.enter_context(blas_threads(self.solvers[0].settings.threads))

    def reset(self) -> None:
        """New nets."""
        self.solvers = [self._solver(net) for net in self.inputs.nets]

    def _solver(self, seed: int) -> Any:
        from chainrule.nets.input import Input
        from chainrule.training.solver import Solver

        net = net_of(self.work, seed=seed)
        net.input = Input(center=self.inputs["center"], scale=self.inputs["scale"])
        shares: dict[str, Any] = {"threads": self.threads} if self.engine == "plain" else {"slices": self.threads}
        solver = Solver(
            net, {"X_train": self.X, "y_train": self.y}, rule=self.work.rule, lr=self.work.lr, epochs=1_000_000,
            batch_size=self.work.batch, engine=self.engine, seed=0, verbose=False, **shares,
        )  # fmt: skip
        solver.settings.prepare(solver.task)
        return solver

    def turn(self, first: int, steps: int) -> float:
        """The engine's own loop, as the Solver calls it; it draws the same batches itself."""

        def run(solver: Any) -> float:
            records = solver.settings.steps(solver.task, steps, val_history=[], stop=lambda: False, measure=False)
            return float(np.mean(records.loss))

        if len(self.solvers) == 1:
            return run(self.solvers[0])
        return float(np.mean(list(self.pool.map(run, self.solvers))))


class Neighbours:
    """Nearest neighbours of all queries."""

    def __init__(self, work: Search, inputs: Inputs, engine: str) -> None:
        from chainrule.neighbors import KNN

        self.work, self.engine, self.Q = work, engine, inputs["Q"]
        X = inputs["X"]
        self.knn = KNN(k=work.k).fit(X, np.zeros(len(X), np.int64))
        self.nearest = np.zeros((0, 0), np.int64)

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> None:
        """All distances and then the smallest (plain), or the compiled search."""
        if self.engine == "fused":
            _, self.nearest = self.knn.kneighbors(self.Q[:steps])
            return
        from chainrule.neighbors.vote import nearest

        parts = np.split(self.Q[:steps], range(500, steps, 500))
        self.nearest = np.concatenate([nearest(self.knn.distances(part), self.work.k) for part in parts])


class Comparison:
    """The whole of `chainrule.compare`, the page that it writes included."""

    def __init__(self, work: Compared, inputs: Inputs, threads: int, engine: str) -> None:
        from chainrule.datasets import Dataset

        arrays: dict[str, Any] = {f"{n}_{part}": inputs[f"{n}{end}"] for part, end in PARTS.items() for n in ("X", "y")}
        self.data = Dataset("bench", **arrays, classes=tuple(map(str, range(work.classes))))
        self.work, self.threads, self.engine = work, threads, engine
        self.last = work.rows // work.batch  # steps of the last epoch

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> float:
        """The study, into a folder that is removed again."""
        from chainrule.study import compare

        work, folder = self.work, Path(tempfile.mkdtemp())
        study = compare(
            self.data, hidden=list(work.hidden), rules=list(work.rules), seeds=work.seeds, epochs=work.epochs,
            batch_size=work.batch, engine=self.engine, workers=self.threads, out=folder / "study", verbose=False,
        )  # fmt: skip
        shutil.rmtree(folder)
        return float(np.mean([run.history.loss[-self.last :] for variant in study.variants for run in variant.runs]))


PARTS = {"train": "", "val": "_val", "test": "_test"}
