"""The page that a learner reads first."""

from collections.abc import Collection
from pathlib import Path

from chainrule.checker.assignment.choices import Choice
from chainrule.checker.task import Role, Task
from chainrule.checker.tasks import TASKS

PAGE = """# Write it yourself

| Write | in | The idea |
| --- | --- | --- |
{rows}

Every one of them says in its docstring what comes in, what must come out, and in which shapes; take out the line that
raises `NotImplementedError`, and put your code there. What else stands in these files is given: use it, and leave it
as it is.{conventions}

## Check it

```
{command}
```

says for each function whether it is right and, if not, why: which number is wrong first, what was measured, and a hint.
`--only NAME` looks at one function, `--hints 0` tells less and `--hints 3` more. `practice.ipynb` has smaller checks
that you can read and change.

## What is here

{files}
"""
IMPORTING = ("fc_net", "layer_utils")  # modules that import others of the folder
ABOUT = {
    "gradient_check.py": "numeric gradients, to compare yours with",
    "data.py": "pictures of digits, to train on",
    "practice.ipynb": "small checks, to read and change",
}


def readme(choice: Choice, files: Collection[str]) -> bytes:
    """The page, as a file.

    Args:
        choice: what is to be written.
        files: the names of the other files.
    """
    rows = [
        f"| `{name}` | `{module}.py` | `docs/lessons/{_lesson(name)}.md` |"
        for module, names in choice.modules.items()
        for name in names
    ]
    listed = [f"- `{name}`: {_about(name, choice)}" for name in files]
    course = choice.course
    conventions = f" Conventions and names are those of {course}." if course else ""
    page = PAGE.format(
        rows="\n".join(rows),
        conventions=conventions,
        command=command(choice),
        files="\n".join(listed),
    )
    return page.encode()


def command(choice: Choice, folder: Path = Path()) -> str:
    """How to check it: the one file to write in, or the folder where files import each other."""
    (first, *others) = choice.modules
    alone = not others and first not in IMPORTING
    course = f" --course {choice.course}" if choice.course else ""
    return f"chainrule check {folder / f'{first}.py' if alone else folder}{course}"


def _about(file: str, choice: Choice) -> str:
    if file.removesuffix(".py") in choice.modules:
        return "for you to write in"
    return ABOUT.get(file, "given")


def _lesson(name: str) -> str:
    """The page that explains a function."""
    return next((task.lesson for task in TASKS for role in task.roles if _is_meant(name, role, task)), "affine")


def _is_meant(name: str, role: Role, task: Task) -> bool:
    return name in role.names or name == f"{task.name}.backward"
