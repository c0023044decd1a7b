"""The fused engine: the same steps as the plain one's, compiled, with the work cut into slices.

A net becomes a short program (`program`), its arrays flat buffers (`buffers`), and a compiled function (`compiled`)
interprets the program for some steps at a time (`run`). The kernels stand in `kernels/`, one job each, each naming the
function of the plain engine whose twin it is.
"""

from chainrule.engines.fused.coverage import covers
from chainrule.engines.fused.evaluation import evaluate
from chainrule.engines.fused.run import prepare, run

__all__ = ["covers", "evaluate", "prepare", "run"]
