"""`chainrule check`: is a learner's file right, and if not, why? And what do an instructor's own tests let pass?"""

import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, Json, Quiet, whole_in
from chainrule.cli.texts import columns, emit
from chainrule.core.errors import SettingError

CHECKING = Group("Checking", sort_key=0)
Course = Literal["cs231n", "cs682", "cs182", "c147", "cs145"]


def check(
    file: Annotated[Path | None, Parameter(help="A .py file, a notebook, or a folder.")] = None,
    /,
    *,
    course: Annotated[Course | None, Parameter(group=CHECKING)] = None,
    only: Annotated[str | None, Parameter(group=CHECKING)] = None,
    reference: Annotated[Path | None, Parameter(group=CHECKING)] = None,
    tests: Annotated[Path | None, Parameter(group=CHECKING)] = None,
    hints: Annotated[int, whole_in(CHECKING)] = 2,
    timeout: Annotated[float | None, Parameter(group=CHECKING)] = None,
    require_sandbox: Annotated[bool, Parameter(group=CHECKING)] = False,
    seed: Annotated[int | None, whole_in(CHECKING)] = None,
    html: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Check a learner's layers, losses, update rules, nets and Solver, and say what is wrong with them.

    The file runs in a locked process of its own. The exit status is 0 where all is right, 1 where something is wrong,
    and 2 where nothing could be checked.

    Examples:

    `chainrule check layers.py`

    `chainrule check layers.py --only batchnorm --course cs231n --hints 3`

    `chainrule check theirs.py --reference mine.py` compares functions of any name with an instructor's own: every
    public function of mine.py, with inputs drawn by `samples_for_NAME(rng)` or by its annotations.

    `chainrule check --tests my_tests.ipynb` looks in the mirror: it makes every known mistake in turn in the functions
    that the tests import, and lists those that the tests let pass.

    Parameters
    ----------
    course
        Its conventions alone are right.  [every known convention; with --tests, the course whose packages they import]
    only
        Tasks or functions, with commas: affine, relu, softmax, svm, batchnorm, adam, solver, ...  [all that are found]
    reference
        An instructor's .py file whose functions are what is right. The checked code cannot read it.
    tests
        An instructor's .py file or notebook of tests, checked instead of a learner's file.
    hints
        How much is told: 0 (which quantity is wrong) to 3 (the true value in words).  [2]
    timeout
        Seconds that one call may take; with --tests, one cell.  [10; 20 with --tests]
    require_sandbox
        Check nothing where the system cannot lock the file's process.
    seed
        Repeats the trials of an earlier report.  [fresh ones]
    html
        Write the report there as a page too; refused if it exists.
    """
    names = [name.strip() for name in only.split(",")] if only else []
    if (file is None) == (tests is None):
        raise SettingError(
            "check: give one thing to check: a learner's file (`chainrule check layers.py`), or an instructor's tests "
            "(`chainrule check --tests tests.py`)."
        )
    if tests is not None:
        from chainrule.checker.mirror import mirror

        report: Any = mirror(
            tests,
            course=course or _course_of(tests),
            courses="chainrule.courses",
            only=names,
            timeout=20.0 if timeout is None else timeout,
            verbose=not quiet,
        )
    else:
        from chainrule.checker import check as check_code

        report = check_code(
            file,
            course=course,
            only=names,
            hints=hints,
            timeout=10.0 if timeout is None else timeout,
            seed=seed,
            reference=reference,
            require_sandbox=require_sandbox,
        )
    if html is not None:
        report.html(html)
    emit(report.json(), json, report.text(colour=sys.stdout.isatty(), width=min(columns() or 100, 100)))
    return report.exit_code


def _course_of(tests: Path) -> str | None:
    """The course whose packages a file imports; None where it imports none."""
    from chainrule.courses.table import COURSES

    try:
        text = tests.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None  # which is said where the tests are read
    found = re.findall(r"(?:from|import)\s+(\w+)", text)
    packages = {package: name for name, course in COURSES.items() for package in course.imports}
    return next((packages[word] for word in found if word in packages and word not in ("utils", "data")), None)
