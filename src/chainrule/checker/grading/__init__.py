"""Grading: a rubric, many submissions, a grade each, found the way `check` finds it."""

from chainrule.checker.grading.result import Grades
from chainrule.checker.grading.rubric import Line, Rubric
from chainrule.checker.grading.run import grade

__all__ = ["Grades", "Line", "Rubric", "grade"]
