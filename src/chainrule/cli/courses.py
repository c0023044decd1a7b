"""`chainrule course`: list, show and run."""

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from chainrule.cli.options import DATA, OUTPUT, TRAINING, Json, Quiet
from chainrule.cli.texts import emit, wrapped
from chainrule.courses.table import COURSES

app = App(
    name="course",
    help="Run the notebooks of five courses with their packages' names leading to Chainrule.",
    sort_key=10,
)


@app.command(name="list")
def list_courses(*, json: Json = None) -> int:
    """The courses, and the packages that their notebooks import."""
    rows = [{"name": c.name, "title": c.title, "imports": list(c.imports), "page": c.page} for c in COURSES.values()]
    lines = [f"{row['name']:8} {', '.join(row['imports']):14} {row['title']}" for row in rows]
    emit(rows, json, "\n".join(lines))
    return 0


def _course(name: str) -> App:
    """The commands of one course."""
    course = App(name=name, help=f"{COURSES[name].title}.", sort_key=list(COURSES).index(name))

    @course.command
    def show(*, json: Json = None) -> int:
        """Its modules, what is in them, and where its conventions differ from the other courses'."""
        from chainrule.courses.conventions import told
        from chainrule.courses.inventory import contents

        emit({"modules": contents(name), "conventions": told(name)}, json, _shown(name))
        return 0

    @course.command
    def run(
        notebook: Path,
        /,
        *,
        out: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
        data: Annotated[Path | None, Parameter(group=DATA)] = None,
        engine: Annotated[str, Parameter(group=TRAINING)] = "plain",
        timeout: Annotated[float | None, Parameter(group=TRAINING)] = None,
        keep_going: Annotated[bool, Parameter(group=TRAINING)] = False,
        json: Json = None,
        quiet: Quiet = False,
    ) -> int:
        """Run a notebook (.ipynb) or a script (.py) as it is; keep its outputs and figures.

        Its code runs as you, with all your rights, as in Jupyter: run only what you trust. Shell lines, %cd and what
        needs Colab are skipped, with a note. Exit status: 0 where all cells ran, 1 where one failed, 2 where nothing
        could be run.

        Parameters
        ----------
        notebook
            The notebook or script; it runs in its own folder, and is itself left as it is.
        out
            For a notebook: the executed notebook to write; for a script: a folder for its output and figures. Refused
            if it exists.  [a new one under runs/]
        data
            The folder of CIFAR-10, or the one above it.  [the course's own place, $CIFAR10_DIR, $CHAINRULE_DATA]
        engine
            Of the course's Solver: plain keeps the printed digits, fused is faster.  [plain]
        timeout
            The longest time for a cell, in seconds; for a script, for the whole of it.
        keep_going
            Run the cells after one that failed, too.
        """
        from chainrule.courses.running import run as run_file

        with redirect_stdout(sys.stderr) if json == "-" else nullcontext():
            outcome = run_file(
                name, notebook, out=out, data=data, engine=engine, timeout=timeout, keep_going=keep_going,
                verbose=not quiet,
            )  # fmt: skip
        emit(outcome.described(), json, outcome.told())
        return outcome.exit_code

    return course


for _name in COURSES:
    app.command(_course(_name))


def _shown(name: str) -> str:
    """What a course offers, as text for the terminal."""
    from chainrule.courses.conventions import told
    from chainrule.courses.inventory import contents

    lines = [COURSES[name].title]
    for module in contents(name):
        lines += ["", wrapped(f"{module['module']}: {module['about']}", indent="")]
        lines += [wrapped(f"{found}{signature}") for found, signature in module["names"].items()]
    lines += ["", "Conventions"]
    for row in told(name):
        lines += ["", wrapped(f"{row['what']}: {row['here']}", indent="  ")]
        lines += [wrapped(f"{others}: {value}", indent="    ") for others, value in row["elsewhere"].items()]
    return "\n".join([*lines, "", f"More: {COURSES[name].page}"])
