"""Assignments: starter files for chosen functions, with what belongs to them, to practise with or to hand out."""

from chainrule.checker.assignment.choices import modules, presets
from chainrule.checker.assignment.writing import Assignment, assignment

__all__ = ["Assignment", "assignment", "modules", "presets"]
