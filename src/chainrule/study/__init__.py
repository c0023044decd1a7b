"""Trainings in folders of their own, comparisons of many, and searches."""

from chainrule.study.compare import compare
from chainrule.study.judge import judge
from chainrule.study.sweeps.sweep import sweep
from chainrule.study.train import resume, train

__all__ = ["compare", "judge", "resume", "sweep", "train"]
