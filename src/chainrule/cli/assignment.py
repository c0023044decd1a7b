"""`chainrule assignment`: starter files to practise with, or to hand out."""

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, Json
from chainrule.cli.texts import emit
from chainrule.core.errors import SettingError

CHOICE = Group("Choice", sort_key=0)


def assignment(
    *,
    functions: Annotated[str | None, Parameter(group=CHOICE)] = None,
    preset: Annotated[str | None, Parameter(group=CHOICE)] = None,
    course: Annotated[Literal["cs231n", "cs682", "cs182", "c147", "cs145"] | None, Parameter(group=CHOICE)] = None,
    show: Annotated[bool, Parameter(name="--list", group=CHOICE)] = False,
    out: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
) -> int:
    """Write starter files for chosen functions, to practise with or to hand out.

    DIR/handout has the functions without their bodies, what they need, a notebook with small checks and a page for the
    learner; DIR/rubric.toml has the points, for `chainrule grade`. The solution is in neither.

    Examples:

    `chainrule assignment --preset batchnorm --course cs231n --out practice`

    `chainrule assignment --functions affine_forward,affine_backward,TwoLayerNet --course cs682 --out homework`

    `chainrule assignment --preset adam --out practice`

    `chainrule assignment --list --course c147`

    Parameters
    ----------
    functions
        What is to be written, with commas.
    preset
        A set of functions that belong together.
    course
        Its names and conventions.  [the library's own names]
    show
        Show what can be chosen, and write nothing.
    out
        The folder to write; refused if it exists.
    """
    from chainrule.checker import assignment as making

    if show:
        return _listed(course, json)
    if out is None:
        raise SettingError("assignment: --out DIR is missing: the folder to write. --list shows what can be chosen.")
    names = [name.strip() for name in functions.split(",")] if functions else []
    made = making.assignment(names, preset=preset, course=course, out=out)
    told = [
        f"{made.handout}: {', '.join(made.functions)}",
        f"Read {made.handout / 'README.md'} first, write your code, and check it with",
        f"  {made.check}",
        f"To grade others by {made.rubric}, see chainrule grade.",
    ]
    emit(
        {name: str(item) if isinstance(item, Path) else item for name, item in vars(made).items()},
        json,
        "\n".join(told),
    )
    return 0


def _listed(course: str | None, json: str | None) -> int:
    from chainrule.checker import assignment as making

    presets, modules = making.presets(course), making.modules(course)
    result: dict[str, Any] = {"course": course, "presets": presets, "modules": modules}
    width = max(map(len, (*presets, *modules)))
    lines = ["Functions, by file:", *(f"  {name:{width}}  {', '.join(names)}" for name, names in modules.items())]
    if course is not None:
        lines += ["Presets:", *(f"  {name:{width}}  {', '.join(names)}" for name, names in presets.items())]
    else:
        lines += ["A file's name is a preset too. With --course these are the functions of a course."]
    emit(result, json, "\n".join(lines))
    return 0
