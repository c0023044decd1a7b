"""The library's own modules as plain NumPy: what a learner writes who takes the library's names."""

import ast
import inspect
import re
from importlib import import_module

from chainrule.checker.assignment.cutting import lines_of

FOLDERS = {
    **dict.fromkeys(("affine", "relu", "batch_norm", "layer_norm", "dropout"), "layers"),
    **dict.fromkeys(("softmax", "svm"), "losses"),
    **dict.fromkeys(("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"), "optim"),
}
PUBLIC = ("each", "forward", "backward", "update", "init", "step")
SECTIONS = ("Raises", "Derivation")  # learners need not refuse, and a derivation gives the code away
NUMPY = (
    (r"    xp = namespace\(\w+\)\n", ""),
    (r"namespace\(\w+\)\.", "np."),
    (r"\bxp\.", "np."),
    (r"\.raw\(", "("),
    (r"one_hot\((\w+), (.+?), (\w+)\)", r"np.eye(\2, dtype=\3.dtype)[\1]"),
)
SAMPLE = '''

def sample(stream, shape, *, keep, dtype="float64"):
    """Draw a mask: each entry is 1 / keep with probability keep, else 0.

    Args:
        stream: a whole number; the same number gives the same mask.
        shape: (N, D).
        keep: the share of units that stay.
        dtype: of the mask.
    """
    drawn = np.random.default_rng(stream).random(shape)
    return ((drawn < keep) / keep).astype(dtype)
'''


def module(name: str) -> str:
    """One of the library's modules without decorators, for NumPy alone."""
    source = inspect.getsource(import_module(f"chainrule.{FOLDERS[name]}.{name}"))
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    about = inspect.cleandoc(ast.get_docstring(tree) or "")
    parts = [f'"""{about}"""\n\nimport numpy as np\n']
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in PUBLIC:
            parts.append("\n\n" + _without_sections("".join(lines_of(node, lines))))
    text = "".join(parts) + (SAMPLE if name == "dropout" else "")
    for pattern, new in NUMPY:
        text = re.sub(pattern, new, text)
    return text


def _without_sections(text: str) -> str:
    """A function's text without the sections of its docstring that a learner does not need."""
    for section in SECTIONS:
        text = re.sub(rf"\n\n    {section}:\n(?:        .*\n?)+(?=\n|    \"\"\")", "\n", text)
    return text
