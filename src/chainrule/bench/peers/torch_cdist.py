"""PyTorch's exact neighbours: distances of some queries at a time, then the smallest."""

from functools import partial

import torch

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.work import Search

BLOCK = 500  # queries at a time


def forms(work: Search, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    torch.set_num_threads(threads)
    return {form: partial(Neighbours, work, inputs, form) for form in ("cdist", "product")}


class Neighbours:
    """By `cdist`, or by a product and the squared lengths."""

    def __init__(self, work: Search, inputs: Inputs, form: str) -> None:
        self.k, self.form = work.k, form
        self.X, self.Q = (torch.from_numpy(inputs[name]).float() for name in "XQ")
        self.squares = (self.X * self.X).sum(1)

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> None:
        """The neighbours of the first queries."""
        parts = self.Q[:steps].split(BLOCK)
        self.nearest = torch.cat([self._distances(part).topk(self.k, largest=False).indices for part in parts])

    def _distances(self, q):
        if self.form == "cdist":
            return torch.cdist(q, self.X)
        return torch.addmm(self.squares, q, self.X.T, alpha=-2)
