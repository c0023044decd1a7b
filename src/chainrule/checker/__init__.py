"""Checking a learner's code: cases, the catalogue of mistakes, diagnosis, isolation, grading."""

from typing import Any

from chainrule.checker.checking import check
from chainrule.checker.report import Report

__all__ = ["Report", "check"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext chainrule.checker` brings the `%check` magic."""
    from chainrule.checker.magics import load_ipython_extension as load

    load(shell)
