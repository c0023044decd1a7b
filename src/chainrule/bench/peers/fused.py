"""This library: compiled steps and search."""

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms, library
from chainrule.bench.work import Work


def forms(work: Work, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    return library.forms(work, inputs, threads, "fused")
