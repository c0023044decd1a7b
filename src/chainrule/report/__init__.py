"""A run or a study as one self-contained page: no script, nothing loaded from elsewhere, readable on a telephone."""

from chainrule.report.run import write_run
from chainrule.report.study import write_study
from chainrule.report.sweep import write_sweep

__all__ = ["write_run", "write_study", "write_sweep"]
