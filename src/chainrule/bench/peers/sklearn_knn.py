"""scikit-learn's exact neighbours."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.work import Search


def forms(work: Search, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    return {"floats": lambda: Neighbours(work, inputs)}


class Neighbours:
    """By brute force."""

    def __init__(self, work: Search, inputs: Inputs) -> None:
        self.Q = inputs["Q"].astype(np.float32)
        self.search = NearestNeighbors(n_neighbors=work.k, algorithm="brute").fit(inputs["X"].astype(np.float32))

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> None:
        """The neighbours of the first queries."""
        self.nearest = self.search.kneighbors(self.Q[:steps], return_distance=False)
