"""`chainrule check`: is a learner's file right, and if not, why?"""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, Json, whole_in
from chainrule.cli.texts import columns, emit

CHECKING = Group("Checking", sort_key=0)


def check(
    file: Annotated[Path, Parameter(help="A .py file, a notebook, or a folder.")],
    /,
    *,
    course: Annotated[Literal["cs231n", "cs682", "cs182", "c147", "cs145"] | None, Parameter(group=CHECKING)] = None,
    only: Annotated[str | None, Parameter(group=CHECKING)] = None,
    hints: Annotated[int, whole_in(CHECKING)] = 2,
    timeout: Annotated[float, Parameter(group=CHECKING)] = 10.0,
    seed: Annotated[int | None, whole_in(CHECKING)] = None,
    html: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
) -> int:
    """Check a learner's layers, losses, update rules and nets, and say what is wrong with them.

    The file runs in a locked process of its own. The exit status is 0 where all is right, 1 where something is wrong,
    and 2 where nothing could be checked.

    Examples:

    `chainrule check layers.py`

    `chainrule check layers.py --only batchnorm --course cs231n --hints 3`

    Parameters
    ----------
    course
        Its conventions alone are right.  [every known convention]
    only
        Tasks or functions, with commas: affine, relu, softmax, svm, batchnorm, adam, ...  [all that are found]
    hints
        How much is told: 0 (which quantity is wrong) to 3 (the true value in words).  [2]
    timeout
        Seconds that one call may take.  [10]
    seed
        Repeats the trials of an earlier report.  [fresh ones]
    html
        Write the report there as a page too; refused if it exists.
    """
    from chainrule.checker import check as check_code

    names = [name.strip() for name in only.split(",")] if only else []
    report = check_code(file, course=course, only=names, hints=hints, timeout=timeout, seed=seed)
    if html is not None:
        report.html(html)
    emit(report.json(), json, report.text(colour=sys.stdout.isatty(), width=min(columns() or 100, 100)))
    return report.exit_code
