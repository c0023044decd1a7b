"""Run a course's notebook or script."""

import math
import os
import time
from pathlib import Path

from chainrule.core.errors import DataError, OutputError, SettingError, choose
from chainrule.core.files import free_name
from chainrule.core.numbers import real
from chainrule.core.paths import path_of
from chainrule.courses.running.job import Job
from chainrule.courses.running.outcome import Outcome
from chainrule.courses.table import COURSES
from chainrule.engines import ENGINES


def run(
    course: str,
    path: str | Path,
    *,
    out: str | Path | None = None,
    data: str | Path | None = None,
    engine: str = "plain",
    timeout: float | None = None,
    keep_going: bool = False,
    verbose: bool = True,
) -> Outcome:
    """Run a notebook or a script in a process of its own, with a course's import names in place.

    Its code runs with all rights that you have, as in Jupyter: run only what you trust. The file itself is left as it
    is, and it runs in its own folder. Shell lines, `%cd` and what needs Colab are skipped, with a note.

    Args:
        course: cs231n, cs682, cs182, c147 or cs145.
        path: a notebook (.ipynb) or a script (.py).
        out: for a notebook, the executed notebook to write; for a script, a folder for its output and figures. Refused
            where it exists; where None, a new one under `runs/`.
        data: the folder of CIFAR-10, or the one above it.
        engine: of the course's Solver: "plain", or "fused", which is faster and rounds differently.
        timeout: the longest time that a cell may take, in seconds; for a script, the whole of it.
        keep_going: whether the cells after one that failed run too.
        verbose: whether progress is shown.

    Returns:
        What came of it; `outcome.failures` is empty where all ran.

    Raises:
        SettingError, DataError: something given cannot be used.
        FileFormatError: the file is no notebook.
        OutputError: `out` exists, or cannot be written.
        MissingExtraError: a notebook needs the extra `notebooks`.
    """
    choose(course, COURSES, what="course")
    path = path_of(path, owner="run")
    if path.suffix not in (".ipynb", ".py"):
        raise SettingError(f"run: a notebook (.ipynb) or a script (.py) is wanted; came {path}.")
    if not path.is_file():
        raise DataError(f"cannot read {path}: there is no such file.")
    choose(engine, ["auto", *ENGINES], what="engine")
    if timeout is not None and not 0 < (real(timeout) or 0) < math.inf:
        raise SettingError(f"run: timeout must be a number of seconds above 0; came {timeout!r}.")
    job = Job(course, path, _output(course, path, out), _environment(data), engine, timeout, keep_going, verbose)
    began = time.monotonic()
    if path.suffix == ".py":
        from chainrule.courses.running.script import run_script

        outcome = run_script(job)
    else:
        from chainrule.courses.running.notebook import run_notebook

        outcome = run_notebook(job)
    outcome.seconds = time.monotonic() - began
    return outcome


def _output(course: str, path: Path, out: str | Path | None) -> Path:
    """Where the result goes; a file in the way is refused before anything runs."""
    if out is None:
        folder = free_name("runs", f"course-{course}-{path.stem}")
        return folder / path.name if path.suffix == ".ipynb" else folder
    output = path_of(out, owner="run", name="out")
    if path.suffix == ".ipynb" and output.suffix != ".ipynb":
        raise SettingError(f"run: out must be the name of a notebook, such as {output}.ipynb; came {output}.")
    if os.path.lexists(output):
        raise OutputError(f"{output} exists; nothing is overwritten. Choose another --out.")
    return output


def _environment(data: str | Path | None) -> dict[str, str]:
    """The process's environment variables."""
    environment = dict(os.environ)
    if data is not None:
        folder = path_of(data, owner="run", name="data").expanduser().absolute()
        if not folder.is_dir():
            raise DataError(f"run: data must be a folder with CIFAR-10; there is no folder {folder}.")
        environment |= {"CHAINRULE_DATA": str(folder), "CIFAR10_DIR": str(folder)}
    return environment
