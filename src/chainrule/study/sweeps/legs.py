"""What a worker does: a training, or a leg of one, from its last checkpoint on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from chainrule.core.errors import ChainruleError
from chainrule.core.files import output_errors, write_atomically
from chainrule.datasets import Dataset
from chainrule.nets.net import Net
from chainrule.study.executors.base import Data, State, Unfinished
from chainrule.study.sweeps.points import Build, Training
from chainrule.training import checkpoints
from chainrule.training.history import History
from chainrule.training.solver import Solver


@dataclass(frozen=True)
class Job:
    """A training to be done.

    Attributes:
        training: all that it depends on.
        hurdles: epoch -> the best validation score so far below which it ends.
        folder: of its checkpoints.
        build: of a net of one's own.
        keep_net: whether the best net is wanted too.
        state: the name and bytes of a checkpoint to go on from, where the worker has no access to the folder; the
            training then comes back unfinished, with such a state, once `seconds` are over.
        seconds: of a leg.
    """

    training: Training
    hurdles: dict[int, float]
    folder: Path
    build: Build | None = None
    keep_net: bool = False
    state: State | None = None
    seconds: float | None = None

    def away(self, seconds: float) -> "Job":
        """The same, from the checkpoint in its folder, for a worker that cannot see that."""
        found = sorted((self.folder / "checkpoints").glob("*.ckpt"))
        state = (found[-1].name, found[-1].read_bytes()) if found else None
        return replace(self, state=state, seconds=seconds)

    def keep(self, state: State) -> "Job":
        """Put a checkpoint into the folder, in the place of older ones."""
        place = self.folder / "checkpoints"
        with output_errors(place):
            place.mkdir(parents=True, exist_ok=True)
        write_atomically(place / state[0], state[1])
        for older in place.glob("*.ckpt"):
            if older.name < state[0]:
                older.unlink()
        return self


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes:
        history: of every step; None where it could not begin.
        net: the best one, where it was asked for.
        pruned: whether it missed a hurdle.
        stopped: whether it was told to stop before its end; a later one goes on.
        seconds: of training.
        error: in words, where it could not begin or go on.
        settings: with every default written out.
    """

    history: History | None = None
    net: Net | None = None
    pruned: bool = False
    stopped: bool = False
    seconds: float = 0.0
    error: str | None = None
    settings: dict = field(default_factory=dict)


def carry_out(job: Job, data: Data, stop: Callable[[], bool]) -> Outcome | Unfinished:
    """Train; a setting that cannot be trained, or a checkpoint that cannot be read, is an outcome too.

    Args:
        job: what to do.
        data: the rows, by name.
        stop: whether to end early, looked at after every check.
    """
    if job.seconds is None:
        return _train(job, job.folder, data, stop)
    with TemporaryDirectory() as place:
        if job.state is not None:
            path = Path(place, "checkpoints", job.state[0])
            path.parent.mkdir()
            write_atomically(path, job.state[1])
        return _train(job, Path(place), data, stop)


def _train(job: Job, folder: Path, data: Data, stop: Callable[[], bool]) -> Outcome | Unfinished:
    watch = _Watch(job, stop)
    try:
        rows: Dataset = job.training.rows(data)
        solver = job.training.solver(rows, job.build, folder=folder, verbose=False, callbacks=[watch])
        if checkpoints.latest(folder) is not None:
            solver.resume()
    except ChainruleError as error:
        return Outcome(error=str(error))
    solver.train(0 if solver.finished else None)
    if watch.state is not None:
        return Unfinished(watch.state)
    net, stopped = solver.net if job.keep_net else None, watch.stopped or solver.interrupted
    settings = job.training.described(solver, job.build)
    return Outcome(solver.history, net, watch.pruned, stopped, solver.seconds, None, settings)


class _Watch:
    """Called by the solver after each check: says whether the training ends there, and remembers why."""

    def __init__(self, job: Job, stop: Callable[[], bool]) -> None:
        self.job, self.stop, self.began = job, stop, monotonic()
        self.pruned = self.stopped = False
        self.state: State | None = None

    def __call__(self, solver: Solver) -> bool:
        if solver.finished:
            return False
        hurdle = self.job.hurdles.get(solver.epoch)
        self.pruned = hurdle is not None and solver.epoch > 0 and not solver.history.best_val_acc >= hurdle
        if self.pruned:
            return True
        self.stopped = self.stop()
        over = self.job.seconds is not None and monotonic() - self.began >= self.job.seconds
        if self.stopped or over:
            solver.checkpoint()  # now: at the training's end the best net stands in the place of the last one
        if over and solver.folder is not None:
            latest = max((solver.folder / "checkpoints").glob("*.ckpt"))
            self.state = latest.name, latest.read_bytes()
        return self.stopped or over
