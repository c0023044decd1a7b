"""Trainings in folders of their own, and comparisons of many."""

from chainrule.study.compare import compare
from chainrule.study.judge import judge
from chainrule.study.train import resume, train

__all__ = ["compare", "judge", "resume", "train"]
