"""Writing an assignment's folder: whole, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.checker.assignment import texts
from chainrule.checker.assignment.cells import wants_data
from chainrule.checker.assignment.choices import Choice, chosen
from chainrule.checker.assignment.cutting import starter
from chainrule.checker.assignment.needs import kept
from chainrule.checker.assignment.notebook import notebook
from chainrule.checker.assignment.readme import command, readme
from chainrule.checker.assignment.rubric import rubric
from chainrule.checker.grading.rubric import write
from chainrule.core.errors import SettingError
from chainrule.core.files import new_folder, write_atomically
from chainrule.core.paths import path_of

HANDOUT = "handout"


@dataclass(frozen=True)
class Assignment:
    """An assignment that was written.

    Attributes:
        handout: the folder for learners.
        rubric: the file of points, beside it.
        course: whose names and conventions; None for the library's.
        functions: what is to be written.
        files: the names of the files in the handout, beside its README.md.
        check: the command that checks what was written.
    """

    handout: Path
    rubric: Path
    course: str | None
    functions: tuple[str, ...]
    files: tuple[str, ...]
    check: str


def assignment(
    functions: str | Sequence[str] = (), *, out: str | Path, preset: str | None = None, course: str | None = None
) -> Assignment:
    """Write a folder to practise with, or to hand out: functions without their bodies, and what belongs to them.

    Every starter has its signature and a docstring with shapes and formulas, and raises NotImplementedError. Beside it
    are what it needs written out, numeric gradients, a notebook with visible checks and a page for the learner: all in
    `handout/`. The rubric for `chainrule grade` is next to it. The solution of what was chosen is in neither.

    Args:
        functions: names as `choices` lists them ("batchnorm_backward", "TwoLayerNet"; "affine.backward" without a course).
        out: the folder to make, of `handout/` and `rubric.toml`.
        preset: a set of functions that belong together ("batchnorm"), in addition.
        course: cs231n, cs682, cs182, c147 or cs145: its names and conventions; None for the library's own names.

    Returns:
        What was written, and where.

    Raises:
        SettingError: an unknown course, function or preset, nothing chosen, or several of the library's own modules.
        OutputError: the folder exists, or cannot be written.

    Example:
        >>> written = assignment(preset="batchnorm", course="cs231n", out="practice")  # doctest: +SKIP
        >>> written.functions  # doctest: +SKIP
        ('batchnorm_forward', 'batchnorm_backward', 'batchnorm_backward_alt')
    """
    if not isinstance(functions, str | list | tuple):
        raise SettingError(f"assignment: functions must be a name or a list of names; came {functions!r}.")
    names = [functions] if isinstance(functions, str) else list(functions)
    choice = chosen(names, preset, course)
    out = path_of(out, owner="assignment", name="out")
    files = {name: text.encode() for name, text in _modules(choice).items()} | {"practice.ipynb": notebook(choice)}
    with new_folder(out) as folder:
        (folder / HANDOUT).mkdir()
        for name, data in {"README.md": readme(choice, list(files)), **files}.items():
            write_atomically(folder / HANDOUT / name, data)
        write(rubric(choice, HANDOUT), folder / "rubric.toml")
    handout = out / HANDOUT
    return Assignment(handout, out / "rubric.toml", course, choice.names, tuple(files), command(choice, handout))


def _modules(choice: Choice) -> dict[str, str]:
    """The Python files: starters first, then what is given."""
    found = {
        f"{module}.py": starter(
            texts.module(module, choice.course), names, choice.cut(module) if module in choice.modules else ()
        )
        for module, names in kept(choice).items()
    }
    if any(wants_data(name, choice.course) for name in choice.names):
        found["data.py"] = texts.module("data", choice.course)
    return dict(sorted(found.items(), key=lambda pair: (pair[0].removesuffix(".py") not in choice.modules, pair[0])))
