"""What a study leaves in its folder: a file for every training that ended, and nothing for one that did not."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import FileFormatError, OutputError
from chainrule.core.files import output_errors
from chainrule.core.json_files import parse_json, plain
from chainrule.core.npz import load_npz, save_npz
from chainrule.training.history import History

SETTINGS, RESULT, REPORT, NET, STATUS = (
    "settings.json", "result.json", "report.html", "net.safetensors", "status.json",
)  # fmt: skip
TRIALS, FINALS, RUNNING = "trials", "finals", "running"
DATABASE, LOCK = "study.db", "study.lock"


@dataclass(frozen=True)
class Trial:
    """A training that ended.

    Attributes:
        number: in the order in which trials were drawn.
        params: the point of the space.
        seed: of weights, batches and masks.
        state: "complete", "pruned", or "failed" where there is no result.
        value: its best validation score; None where it failed.
        curve: epoch -> best validation score up to it.
        epochs: how many it trained.
        seconds: of training.
        fault: in words, where a value was not finite or the training could not go on.
        settings: with every default written out.
    """

    number: int
    params: dict[str, Any]
    seed: int
    state: str
    value: float | None
    curve: dict[int, float]
    epochs: int
    seconds: float
    fault: str | None
    settings: dict[str, Any]

    def save(self, path: Path, history: History) -> None:
        """Write the trial with its history; `History.load` reads the latter."""
        about = json.dumps(plain(vars(self) | {"curve": list(self.curve.items())}, exact=True))
        fault = np.array([history.fault or ""], dtype="U200")
        save_npz(path, {**history.arrays(), "fault": fault, "trial": np.array([about])})

    @classmethod
    def load(cls, path: Path) -> "Trial":
        """Read what `save` wrote.

        Raises:
            FileFormatError: the file is damaged, or of another kind.
        """
        try:
            about = parse_json(str(load_npz(path)["trial"][0]).encode(), str(path), exact=True)
            return cls(**about | {"curve": {int(epoch): float(value) for epoch, value in about["curve"]}})
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, FileFormatError):
                raise _lost(path, str(error)) from error
            raise _lost(path, f"it holds no trial of a study ({error})") from error


def _lost(path: Path, why: str) -> FileFormatError:
    return FileFormatError(f"{path}: {why.rstrip('.')}. Remove it, and the same command trains it again.")


def trial_path(folder: Path, number: int) -> Path:
    """Where a trial is kept."""
    return folder / TRIALS / f"{number:05d}.npz"


def final_path(folder: Path, number: int, seed: int) -> Path:
    """Where a finalist's training with another seed is kept."""
    return folder / FINALS / f"{number:05d}-seed-{seed}.npz"


def trials_of(folder: Path) -> list[Trial]:
    """All trials of a study that ended, in the order in which they were drawn."""
    return [Trial.load(path) for path in sorted((folder / TRIALS).glob("[0-9]*.npz"))]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have the folder to oneself; the lock is the system's, and ends with the process, however that ends.

    Raises:
        OutputError: another process works there.
    """
    try:
        import fcntl
    except ImportError:  # a system without such locks
        yield
        return
    path = folder / LOCK
    with output_errors(path), open(path, "a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                f"{folder}: another process is running this study just now. Wait for it, or look at it with --status."
            ) from None
        yield


def tidy(folder: Path) -> None:
    """Remove what workers of a killed run left: copies of the rows, and Dask's own folders; checkpoints stay."""
    for name in ("rows", "dask"):
        shutil.rmtree(folder / RUNNING / name, ignore_errors=True)


def is_running(folder: Path) -> bool:
    """Whether some process works on the study just now."""
    if not (folder / LOCK).exists():
        return False
    try:
        with locked(folder):
            return False
    except OutputError:
        return True
