"""Execute the `Formula:` of a docstring: what the library claims in prose is the oracle for what it computes."""

import inspect
import re
import textwrap

import numpy as np

NAMES = {
    name: getattr(np, name)
    for name in ("exp", "log", "sqrt", "sum", "mean", "maximum", "minimum", "abs", "where", "zeros_like")
}


def lines(function, heading="Formula:"):
    """The lines under a heading of a function's docstring, dedented."""
    doc = inspect.cleandoc(function.__doc__)
    match = re.search(rf"^{re.escape(heading)}\n((?:    .*\n?|\n)+)", doc, re.MULTILINE)
    if match is None:
        raise AssertionError(f"{function.__module__}.{function.__name__} has no {heading!r}")
    return textwrap.dedent(match.group(1)).split("\n\n")[0].strip().splitlines()


def execute(function, values, heading="Formula:"):
    """All names that the formula defines, starting from `values`."""
    scope = {**NAMES, "range": range, "len": len, **values}
    exec("\n".join(lines(function, heading)), {"__builtins__": {}}, scope)
    return scope
