"""The full texts that starters are cut from: each course's modules, in its own conventions."""

from functools import cache
from pathlib import Path

from chainrule.checker.assignment import plain
from chainrule.checker.assignment.variants import CHANGES

SOLUTIONS = Path(__file__).parent / "solutions"  # texts, not modules: nothing imports them


@cache
def module(name: str, course: str | None) -> str:
    """A module's text with every function written out.

    Args:
        name: the module's name, without its package ("layers").
        course: whose conventions; None for the library's own names.
    """
    if course is None:
        return plain.module(name)
    text = (SOLUTIONS / f"{name}.txt").read_text(encoding="utf-8")
    for old, new in CHANGES.get(course, {}).get(name, ()):
        text = text.replace(old, new)
    return text
