"""Wrong implementations, made of right ones: a table of texts to replace in a function of one of three styles."""

import ast
import types
from dataclasses import dataclass
from pathlib import Path

from chainrule.checker.tasks import TASKS

HERE = Path(__file__).parent
STYLES = {path.stem: path.read_text() for path in sorted((HERE / "right").glob("*.py"))}


@dataclass(frozen=True)
class Wrong:
    """One wrong implementation.

    Attributes:
        function: which function is wrong; `Class.method` for a method.
        cause: the mistake's name in the catalogue; None for one that is on no list.
        convention: whether it is only another convention.
        style: the file that it is made of.
        source: the whole file with the mistake in it.
        where: table and line.
    """

    function: str
    cause: str | None
    convention: bool
    style: str
    source: str
    where: str

    def __str__(self):
        return f"{self.where}-{self.function}-{self.cause}-{self.style}"


def table(path):
    """The wrong implementations of one table."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        function, cause, style, changes = (part.strip(" ") for part in line.split(" | ", 3))
        source = STYLES[style]
        for change in changes.split(" && "):
            old, new = (part.replace("\\n", "\n") for part in change.split(" =>", 1))
            source = replaced(source, function, old.strip(" "), new.removeprefix(" "), f"{path.name}:{number}")
        name = cause.strip("[]")
        yield Wrong(
            function, None if name == "?" else name, cause.startswith("["), style, source, f"{path.stem}:{number}"
        )


def replaced(source, function, old, new, where):
    """A file's text with a change in one function."""
    node = definition(ast.parse(source), function)
    lines = source.splitlines(keepends=True)
    before, body, after = lines[: node.lineno - 1], lines[node.lineno - 1 : node.end_lineno], lines[node.end_lineno :]
    text = "".join(body)
    assert old in text, f"{where}: {old!r} does not stand in {function}"
    return "".join(before) + text.replace(old, new) + "".join(after)


def definition(tree, name):
    """A function or a method of a syntax tree."""
    node = tree
    for part in name.split("."):
        node = next(n for n in node.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part)
    return node


def module(source, name="layers"):
    """A source text as a module."""
    made = types.ModuleType(name)
    exec(compile(source, name, "exec"), made.__dict__)
    return made


def tasks_of(function):
    """The tasks to which a function or class belongs."""
    name = function.split(".")[0]
    return [task.name for task in TASKS if any(name in role.names for role in task.roles)]


def every_wrong():
    """All tables."""
    return [wrong for path in sorted((HERE / "wrong").glob("*.txt")) for wrong in table(path)]
