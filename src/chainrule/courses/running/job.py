"""What is to be run, and how."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """A notebook or script to run; everything was checked before.

    Attributes:
        course: whose import names are put in place.
        path: the notebook or script.
        output: the notebook or folder to write, which does not exist yet.
        environment: the environment variables of its process.
        engine: of the course's Solver.
        timeout: seconds that a cell (or a script) may take, or None.
        keep_going: whether the cells after one that failed run too.
        verbose: whether progress is shown.
    """

    course: str
    path: Path
    output: Path
    environment: dict[str, str]
    engine: str
    timeout: float | None
    keep_going: bool
    verbose: bool
