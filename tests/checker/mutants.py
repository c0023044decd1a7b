"""Syntax-tree mutants of the correct files: an operator, an axis, a constant, a term, a transpose changed."""

import ast
import copy
from dataclasses import dataclass

import variants

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult, ast.Pow: ast.Mult,
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
EQUIVALENT = set((variants.HERE / "equivalent.txt").read_text().splitlines())


@dataclass(frozen=True)
class Mutant:
    """One mutant: the function, what was changed, and the whole source."""

    style: str
    function: str
    change: str
    source: str

    def __str__(self):
        return f"{self.style}:{self.function}:{self.change}"


def changes(node):
    """The ways to change one node of the tree: (what, a function that changes a node like it in place)."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        yield "operator", lambda n: setattr(n, "op", OPERATORS[type(n.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield "comparison", lambda n: setattr(n, "ops", [OPERATORS[type(n.ops[0])]()])
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "constant", lambda n: setattr(n, "value", n.value + (1 if isinstance(n.value, int) else n.value))
    if isinstance(node, ast.keyword) and node.arg == "axis" and isinstance(node.value, ast.Constant):
        yield "axis", lambda n: setattr(n, "value", ast.Constant(1 - n.value.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.Attribute) and node.attr in SWAPS:
        yield "function", lambda n: setattr(n, "attr", SWAPS[n.attr])


SWAPS = {"sum": "mean", "mean": "sum", "max": "min", "var": "std", "sqrt": "square", "exp": "log1p", "maximum": "minimum",
         "zeros_like": "ones_like", "zeros": "ones"}  # fmt: skip


def replacements(node):
    """The nodes that may stand in a node's place: one operand alone (a term dropped), or what is transposed."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield "left alone", lambda n: n.left
        yield "right alone", lambda n: n.right
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "not transposed", lambda n: n.value


def mutants(style):
    """Every mutant of one file's functions."""
    text = variants.STYLES[style]
    lines = text.splitlines(keepends=True)
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef):
            before, after = "".join(lines[: function.lineno - 1]), "".join(lines[function.end_lineno :])
            for what, changed in _changed(function):
                body = ast.unparse(ast.fix_missing_locations(changed))
                yield Mutant(style, function.name, what, f"{before}{body}\n{after}"), body


def _changed(function):
    for place, node in enumerate(ast.walk(function)):
        for what, change in changes(node):
            twin = copy.deepcopy(function)
            target = list(ast.walk(twin))[place]
            before = ast.unparse(_shown(node))
            change(target)
            yield f"{what} of {before} at {node.lineno - function.lineno + 1}:{node.col_offset}", twin
        for what, chosen in replacements(node):
            twin = copy.deepcopy(function)
            target = list(ast.walk(twin))[place]
            yield f"{what} in {ast.unparse(node)}", _Replace(target, chosen(target)).visit(twin)


def _shown(node):
    return node.value if isinstance(node, ast.keyword) else node


class _Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def every_mutant():
    """Of all files, without those that read the same as the original or as one another."""
    for style, text in variants.STYLES.items():
        seen = {ast.unparse(node) for node in ast.parse(text).body}
        for mutant, body in mutants(style):
            if body not in seen:
                seen.add(body)
                yield mutant
