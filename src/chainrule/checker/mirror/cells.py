"""An instructor's tests as cells: each runs by itself, and says how it ended.

A notebook's code cells are cells. A file of `test_...` functions, of classes with such methods, or of unittest cases has
its own statements for the first cell, and one more for every test. What is run is a module in which every cell stands in a
`with` block that keeps what it prints and what it raises.
"""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from chainrule.core.errors import DataError

HOOK = "chainrule_cell"


@dataclass(frozen=True)
class Cell:
    """A piece of an instructor's tests.

    Attributes:
        title: how the report calls it.
        code: its statements.
        alone: whether no later cell needs what it makes: a test function's call.
    """

    title: str
    code: str
    alone: bool = False


def read(path: Path) -> list[Cell]:
    """The cells of a .py file or a notebook.

    Raises:
        DataError: no such file, or none that can be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return _notebook(text) if path.suffix == ".ipynb" else _file(text)
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise DataError(f"cannot read the tests {path}: {error}.") from error


def module(cells: list[Cell]) -> str:
    """The text of a module that runs them all."""
    body: list[ast.stmt] = [*ast.parse(f"from chainrule.checker.mirror import hook as {HOOK}").body]
    for place, cell in enumerate(cells):
        statements = ast.parse(cell.code).body
        future = [s for s in statements if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
        kept = [s for s in statements if s not in future] or [ast.Pass()]
        call = ast.parse(f"{HOOK}.Cell({place})", mode="eval").body
        block = ast.With(items=[ast.withitem(context_expr=call)], body=kept)
        wanted = ast.parse(f"{HOOK}.is_wanted({place})", mode="eval").body
        body.append(ast.If(test=wanted, body=[block], orelse=[]) if cell.alone else block)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body=body, type_ignores=[])))


def _notebook(text: str) -> list[Cell]:
    cells = []
    for number, cell in enumerate(json.loads(text)["cells"], start=1):
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        lines = ("".join(source) if isinstance(source, list) else str(source)).split("\n")
        code = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
        try:
            ast.parse(code)
        except SyntaxError:
            continue
        title = next((line.strip() for line in lines if line.strip()), "empty")
        cells.append(Cell(f"cell {number}: {title[:60]}", code))
    return cells


def _file(text: str) -> list[Cell]:
    tree = ast.parse(text)
    tree.body = [s for s in tree.body if not _is_main(s)]
    cells = [Cell("the file's own statements", ast.unparse(tree) or "pass")]
    for item in tree.body:
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test") and not _needs(item, 0):
            cells.append(Cell(item.name, f"{item.name}()", alone=True))
        if isinstance(item, ast.ClassDef):
            unit = any("TestCase" in ast.unparse(base) for base in item.bases)
            for method in item.body:
                if isinstance(method, ast.FunctionDef) and method.name.startswith("test") and not _needs(method, 1):
                    call = f"{item.name}({method.name!r}).debug()" if unit else f"{item.name}().{method.name}()"
                    cells.append(Cell(f"{item.name}.{method.name}", call, alone=True))
    return cells


def _needs(function: ast.FunctionDef, given: int) -> bool:
    """Whether a test has arguments that nobody gives: fixtures and parameters are pytest's."""
    return len(function.args.args) - len(function.args.defaults) > given


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
