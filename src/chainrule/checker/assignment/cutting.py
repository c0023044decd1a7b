"""Starters: texts with the bodies of chosen functions taken out."""

import ast
from collections.abc import Collection, Sequence

CALLABLE = (ast.FunctionDef, ast.ClassDef)


def lines_of(node: ast.stmt, lines: Sequence[str]) -> list[str]:
    """A definition's own lines, without its decorators."""
    return list(lines[node.lineno - 1 : node.end_lineno])


def definitions(text: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The functions and classes at the top of a text, in their order."""
    return {node.name: node for node in ast.parse(text).body if isinstance(node, CALLABLE)}


def starter(text: str, kept: Collection[str], chosen: Collection[str]) -> str:
    """A module for a learner.

    Args:
        text: the module, written out.
        kept: the functions and classes that stay in it; the others are left out.
        chosen: those of them that lose their bodies: "name", or "Class.method".
    """
    lines = text.splitlines(keepends=True)
    parts = [_head(text, kept)]
    for name, node in definitions(text).items():
        if name not in kept:
            continue
        if isinstance(node, ast.FunctionDef):
            parts.append("".join(_cut(node, lines, name) if name in chosen else lines_of(node, lines)))
        else:
            parts.append(_class(node, lines, chosen))
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts)


def used(text: str, names: Collection[str]) -> set[str]:
    """Every name that some of a text's definitions mention."""
    found = [definitions(text)[name] for name in names]
    return {node.id for one in found for node in ast.walk(one) if isinstance(node, ast.Name)}


def imported(text: str) -> dict[str, str]:
    """What a text takes from other modules of the assignment: name -> module."""
    froms = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module or "" for node in froms for alias in node.names}


def _head(text: str, kept: Collection[str]) -> str:
    """What the module is about, and those of its imports that the kept definitions use."""
    wanted, modules = used(text, kept), imported(text)
    found = [ast.get_source_segment(text, ast.parse(text).body[0]) or ""]
    imports = ["import numpy as np"] if "import numpy" in text else []
    for module in dict.fromkeys(modules.values()):
        names = sorted(name for name, home in modules.items() if home == module and name in wanted)
        line = f"from {module} import {', '.join(names)}"
        if names:
            imports.append(line if len(line) <= 120 else f"from {module} import (\n    {_listed(names)},\n)")
    return "\n\n".join([*found, "\n".join(imports)])


def _listed(names: Sequence[str]) -> str:
    return ",\n    ".join(names)


def _class(node: ast.ClassDef, lines: Sequence[str], chosen: Collection[str]) -> str:
    """A class whose chosen methods are empty; its private methods belong to the body of the others."""
    methods = [child for child in node.body if isinstance(child, ast.FunctionDef)]
    open_ones = {method.name for method in methods if f"{node.name}.{method.name}" in chosen}
    parts = ["".join(lines[node.lineno - 1 : methods[0].lineno - 1]).rstrip("\n") + "\n"]
    for method in methods:
        if method.name in open_ones:
            parts.append("".join(_cut(method, lines, f"{node.name}.{method.name}")))
        elif not (open_ones and _is_private(method)):
            parts.append("".join(lines_of(method, lines)))
    return "\n".join(parts)


def _is_private(method: ast.FunctionDef) -> bool:
    return method.name.startswith("_") and not method.name.endswith("__")


def _cut(node: ast.FunctionDef, lines: Sequence[str], name: str) -> list[str]:
    """A function's lines down to its docstring's end, and an error for whoever calls it before it is written."""
    docstring, indent = node.body[0], " " * node.body[0].col_offset
    head = list(lines[node.lineno - 1 : docstring.end_lineno])
    return [*head, f"{indent}# Your code here.\n", f'{indent}raise NotImplementedError("{name} is not written yet")\n']
