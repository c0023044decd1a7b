"""`chainrule grade`: a class's submissions, by a rubric."""

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, Json, Quiet, whole_in
from chainrule.cli.texts import emit
from chainrule.core.errors import SettingError

GRADING = Group("Grading", sort_key=0)


def grade(
    submissions: Annotated[list[Path], Parameter(help="Files, notebooks and folders, one a learner.", negative=())],
    /,
    *,
    rubric: Annotated[Path, Parameter(group=GRADING)],
    out: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    gradescope: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    workers: Annotated[int | None, whole_in(GRADING)] = None,
    cluster: Annotated[str | None, Parameter(group=GRADING)] = None,
    require_sandbox: Annotated[bool, Parameter(group=GRADING)] = False,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Grade learners' files, notebooks and folders by a rubric, each in a locked process of its own.

    The same command goes on where an earlier one was interrupted. The exit status is 0 where all were graded, whatever
    their points, and 2 where one could not be.

    Examples:

    `chainrule grade submissions/* --rubric rubric.toml --out grades`

    `chainrule grade /autograder/submission --rubric rubric.toml --gradescope /autograder/results/results.json`

    Parameters
    ----------
    rubric
        The TOML file that says what counts.
    out
        The folder of the grades: a new one, or one with grades of the same rubric.
    gradescope
        For a single submission: write Gradescope's results.json there.
    workers
        Submissions at a time; the grades do not depend on it.  [one for each core]
    cluster
        Address of a Dask scheduler, on this machine or with TLS, whose workers grade; local starts one here.
    require_sandbox
        Refuse to grade where the system cannot lock the processes.
    """
    from chainrule.checker.grading import grade as grade_all

    if out is None and gradescope is None and json is None:
        raise SettingError("grade: where to? Give --out DIR, or --gradescope PATH for a single submission.")
    grades = grade_all(
        submissions,
        rubric,
        out=out,
        gradescope=gradescope,
        workers=workers,
        cluster=cluster,
        require_sandbox=require_sandbox,
        verbose=not quiet,
    )
    emit(grades.json(), json, grades.text())
    return grades.exit_code
