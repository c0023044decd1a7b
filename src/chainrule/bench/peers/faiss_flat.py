"""FAISS's exact index."""

import faiss
import numpy as np

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.work import Search


def forms(work: Search, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    faiss.omp_set_num_threads(threads)
    return {"floats": lambda: Neighbours(work, inputs)}


class Neighbours:
    """By brute force."""

    def __init__(self, work: Search, inputs: Inputs) -> None:
        self.k, self.Q = work.k, inputs["Q"].astype(np.float32)
        self.index = faiss.IndexFlatL2(work.features)
        self.index.add(inputs["X"].astype(np.float32))

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> None:
        """The neighbours of the first queries."""
        self.nearest = self.index.search(self.Q[:steps], self.k)[1]
