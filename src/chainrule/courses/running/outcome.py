"""What came of a notebook or script."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.core.json_files import plain
from chainrule.courses.table import COURSES


@dataclass(frozen=True)
class Failure:
    """A cell that ended with an error.

    Attributes:
        cell: its number, from 1, empty cells not counted; for a script, 0.
        first_line: the first line of its code.
        error: the error's class and message.
        todo: the number of the last cell up to this one that says TODO or YOUR CODE; None where none does.
    """

    cell: int
    first_line: str
    error: str
    todo: int | None = None

    def told(self) -> str:
        """The failure in a line."""
        where = f"cell {self.cell} ({self.first_line})" if self.cell else self.first_line
        return f"{where} failed: {self.error}"

    def hint(self) -> list[str]:
        """Where the reason may lie."""
        missing = re.match(r"ModuleNotFoundError: No module named '(\w+)", self.error)
        for course in COURSES.values():
            if missing and missing[1] in course.imports:
                return [f"  {missing[1]!r} is a package of another course: chainrule course {course.name} run ..."]
        if self.todo is None:
            return []
        which = "This cell" if self.todo == self.cell else f"Cell {self.todo} before it"
        return [f"  {which} has a part for you to fill in (TODO)."]


@dataclass
class Outcome:
    """What came of a notebook or script.

    Attributes:
        course: whose names were in place.
        input: the file that was run.
        output: the executed notebook; for a script, the folder of its output and figures.
        cells: how many cells with code it has; a script counts as one.
        ran: how many of them ran to their end without an error.
        failures: the cells that did not.
        notes: what was skipped, and what else the reader should know.
        interrupted: whether Ctrl-C ended it.
        seconds: how long it took.
    """

    course: str
    input: Path
    output: Path
    cells: int
    ran: int = 0
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0: all cells ran; 1: a cell failed; 130: interrupted."""
        return 130 if self.interrupted else 1 if self.failures else 0

    def described(self) -> dict[str, Any]:
        """The outcome as plain numbers and texts."""
        return plain({**vars(self), "failures": [vars(failure) for failure in self.failures]})

    def told(self) -> str:
        """The outcome in a few lines."""
        lines = list(self.notes)
        for failure in self.failures:
            lines += [failure.told(), *(failure.hint() if failure is self.failures[0] else [])]
        what = f"{self.ran} of {self.cells} cells ran" if self.input.suffix == ".ipynb" else ""
        if self.interrupted:
            lines.append(f"interrupted{'; ' if what else '.'}{what}")
        elif what:
            lines.append(what)
        lines.append(f"The {'notebook' if what else 'output'}: {self.output}")
        return "\n".join(lines)
