"""Copies of a net's learnt state: the best that a training saw, kept whole with its running statistics."""

import math
from dataclasses import dataclass

import numpy as np

from chainrule.nets.net import Net


@dataclass(frozen=True)
class Snapshot:
    """Copies of a net's parameters and running statistics."""

    params: dict[str, np.ndarray]
    stats: dict[str, tuple[np.ndarray, np.ndarray]]

    @classmethod
    def of(cls, net: Net) -> "Snapshot":
        """The net as it is now."""
        stats = {name: (np.array(mean), np.array(var)) for name, (mean, var) in net.stats.items()}
        return cls({name: np.array(value) for name, value in net.params.items()}, stats)

    def put_in(self, net: Net, what: str = "all") -> None:
        """Give a net these parameters, and with "all" the running statistics that belong to them."""
        net.params.update({name: np.array(value) for name, value in self.params.items()})
        if what == "all":
            net.stats.update(self.stats)


@dataclass
class Best:
    """The best net so far.

    Attributes:
        score: its validation score; -inf before the first.
        net: a copy of it; None before the first.
    """

    score: float = -math.inf
    net: Snapshot | None = None

    def offer(self, net: Net, score: float) -> None:
        """Keep a copy of the net if its score is strictly above the best so far."""
        if score > self.score:
            self.net = None  # two copies at a time would be the most memory that a training ever takes
            self.net, self.score = Snapshot.of(net), score
