"""What a running study tells: the database its trials, a progress bar the terminal, and status.json whoever looks on."""

import time
from pathlib import Path
from typing import Any

from chainrule.core.errors import FileFormatError
from chainrule.core.json_files import read_json, write_json
from chainrule.study.sweeps.database import Database
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.records import STATUS, Trial
from chainrule.training.progress import bar

EVERY = 2.0  # seconds between two writings of status.json


class News:
    """Passes on what happens.

    Args:
        folder: of the study.
        definition: of the study.
        database: where trials are entered.
        verbose: whether a bar is shown.

    Attributes:
        spent: seconds of the study's earlier runs.
    """

    def __init__(self, folder: Path, definition: Definition, database: Database, verbose: bool) -> None:
        self.folder, self.database = folder, database
        self.spent = spent_in(folder)
        self.planned, self.repetitions = definition.budget.trials, 0
        self.best: float | None = None
        self.running: dict[int, dict[str, Any]] = {}
        self.began = self.written = time.monotonic()
        self.bar = bar(definition.budget.trials or 0, what=definition.name, unit="trial", verbose=verbose)

    def drawn(self, number: int, params: dict[str, Any]) -> None:
        """A trial was drawn."""
        self.running[number] = params
        self.database.drawn(number, params)

    def ended(self, trial: Trial) -> None:
        """A trial ended and was noted."""
        self.running.pop(trial.number, None)
        self.database.ended(trial)
        if trial.value is not None and (self.best is None or trial.value > self.best):
            self.best = trial.value
            self.bar.set_postfix_str(f"best validation {trial.value:.4f} in trial {trial.number}")
        self.bar.update(1)

    def repeated(self) -> None:
        """A repetition of a finalist ended."""
        self.repetitions += 1
        self.bar.set_postfix_str(f"finals: {self.repetitions} repetitions")

    def glance(self, search: Any) -> None:
        """Time passed."""
        self.database.check()
        if time.monotonic() - self.written >= EVERY:
            self.write()

    def write(self) -> None:
        """Write status.json."""
        self.written = time.monotonic()
        seconds = self.spent + self.written - self.began
        running = {str(number): params for number, params in self.running.items()}
        status = {"seconds": seconds, "planned": self.planned, "running": running, "repetitions": self.repetitions}
        write_json(self.folder / STATUS, status)

    def close(self) -> None:
        """The study ends, or stops."""
        self.bar.close()
        self.write()


def spent_in(folder: Path) -> float:
    """Seconds of a study's earlier runs."""
    try:
        return float(read_json(folder / STATUS)["seconds"])
    except (FileFormatError, KeyError, TypeError, ValueError):
        return 0.0  # nothing else hangs on this file
