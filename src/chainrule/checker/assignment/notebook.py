"""The notebook of an assignment: for every chosen function a visible check, and `%check`."""

import json
from typing import Any

from chainrule.checker.assignment.cells import cell
from chainrule.checker.assignment.choices import Choice

START = """%load_ext autoreload
%autoreload 2
%load_ext chainrule.checker

import numpy as np
from gradient_check import *
{imports}

rng = np.random.default_rng(0)
"""
LIBRARY = """import doctest
from importlib import reload

import chainrule as cr
import {module}

print(doctest.testmod(reload({module})))
cr.check({module})
"""


def notebook(choice: Choice) -> bytes:
    """The notebook as a file."""
    cells = [_text(_about(choice))]
    if choice.course is None:
        (module,) = choice.modules
        cells.append(_code(LIBRARY.format(module=module)))
    else:
        imports = "\n".join(f"from {module} import *" for module in choice.modules)
        cells.append(_code(START.format(imports=imports)))
        for name in choice.names:
            cells += [
                _text(f"## {name}"),
                _code(cell(name, choice.course)),
                _code(f"%check {name} --course {choice.course}"),
            ]
    for number, one in enumerate(cells):
        one["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    found = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(found, indent=1) + "\n").encode()


def _about(choice: Choice) -> str:
    files = ", ".join(f"`{module}.py`" for module in choice.modules)
    return (
        f"# Practice\n\nWrite your code in {files}, then run these cells again. The checks here are quick looks; what "
        "`chainrule check` says counts."
    )


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source.rstrip("\n"),
    }
