"""Where in a submission a line's function is to be found: its files as the sandbox opens them."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from chainrule.checker import isolation
from chainrule.checker.grading.limit import Clock, Limited
from chainrule.checker.grading.submission import CODE, Submission
from chainrule.checker.names import found
from chainrule.checker.subject import Failed
from chainrule.checker.task import Task

NOTEBOOKS = 8  # of a folder that are opened in search of a function
Place = tuple[str, str]  # what is opened, and the folder that it imports from; both inside the submission


class Sources:
    """A submission, laid out in a folder; its files are opened when they are first needed.

    Args:
        submission: what was read.
        folder: where it is laid out.
        given: a folder of files that were handed out, or None.
        open: opens a file for a battery; `chainrule.checker.isolation.open` with its settings.
        clock: the time for all of it.
    """

    def __init__(self, submission: Submission, folder: Path, given: Path | None, open: Callable, clock: Clock) -> None:
        self.submission, self.folder, self.given = submission, folder, given
        self._open, self._clock = open, clock
        self._opened: dict[Place, Limited] = {}
        self._stack = ExitStack()
        self.tier = ""

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def of(self, task: Task, file: str) -> Limited:
        """The source that has most of a task's functions.

        Raises:
            Failed: there is none, or none can be loaded.
        """
        best, most, broken = None, -1, None
        for place in self.places(file):
            subject = self.opened(place)
            try:
                number = len(found(task, subject))
            except Failed as failure:
                broken = broken or failure
                continue
            if number > most:
                best, most = subject, number
        if best is None:
            raise broken or Failed("missing", self._nothing(file))
        if broken and most == 0:
            raise broken
        return best

    def places(self, file: str) -> list[Place]:
        """What may hold a function that is expected in `file`, or anywhere where that is empty."""
        names = [name for name in self.submission.files if PurePosixPath(name).suffix in CODE]
        if self.submission.single:
            return [(name, "") for name in names]
        if file:
            ends = [name for name in names if name == file or name.endswith(f"/{file}")]
            nearest = sorted(ends, key=lambda name: (name.count("/"), name))[:1]
            return [(name, name.removesuffix(file)) for name in nearest]
        notebooks = sorted((n for n in names if n.endswith(".ipynb")), key=lambda name: (name.count("/"), name))
        modules = [("", "")] if any(name.endswith(".py") for name in names) else []
        return modules + [(name, str(PurePosixPath(name).parent)) for name in notebooks[:NOTEBOOKS]]

    def opened(self, place: Place) -> Limited:
        """A source in a process of its own."""
        if place not in self._opened:
            name, root = place
            path = self.folder / name
            roots = [] if self.submission.single or path == self.folder else [self.folder / root]
            roots += [self.given] if self.given else []
            remote: isolation.Remote = self._stack.enter_context(self._open(path, package_roots=roots))
            self.tier = self.tier or remote.tier
            self._opened[place] = Limited(remote, self._clock)
        return self._opened[place]

    def failures(self) -> list[str]:
        """Modules that could not be imported, in sentences."""
        said = []
        for subject in self._opened.values():
            failures = sorted(subject.remote.failures.items())[:10]
            said += [f"{module}.py cannot be imported: {why}." for module, why in failures]
        return said

    def _nothing(self, file: str) -> str:
        if file and not self.submission.single:
            return f"There is no {file} in the submission"
        return "There is no Python file and no notebook that could be read in the submission"
