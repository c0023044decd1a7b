"""PyTorch compiled: gather, forward and loss in one graph, backward in another, then the fused update rule."""

from functools import partial

import torch

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.peers.torch_eager import Steps
from chainrule.bench.work import Training


def forms(work: Training, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    torch.set_num_threads(threads)
    return {form: partial(Compiled, work, inputs, form) for form in ("floats", "bytes")}


class Compiled(Steps):
    """Steps whose loss is a compiled function."""

    def __init__(self, work: Training, inputs: Inputs, form: str) -> None:
        super().__init__(work, inputs, form)
        self.compiled = torch.compile(super().loss, dynamic=False)

    def loss(self, net, rows):
        """The loss of a batch."""
        return self.compiled(net, rows)
