"""scikit-learn's MLPClassifier, some steps a call, on batches drawn as everyone's."""

import numpy as np
from sklearn.neural_network import MLPClassifier

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.work import Training

CHUNK = 5  # steps of a call: it looks through its data each time


def forms(work: Training, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    return {"floats": lambda: Steps(work, inputs)}


class Steps:
    """Steps of one net."""

    def __init__(self, work: Training, inputs: Inputs) -> None:
        self.work, self.inputs = work, inputs
        self.X, self.y, self.batches = inputs.features(), inputs["y"], inputs["batches"]
        self.reset()

    def reset(self) -> None:
        """A new net; it is shaped by a first call, and then gets its starting weights."""
        work, weights = self.work, self.inputs.weights(0)
        rule = {"solver": "sgd", "nesterovs_momentum": False} if work.rule == "momentum" else {"solver": "adam"}
        self.net = MLPClassifier(
            work.hidden, alpha=0.0, batch_size=work.batch, learning_rate_init=work.lr, shuffle=False, **rule
        )
        rows = np.arange(work.batch)
        self.net.partial_fit(self.X[rows], self.y[rows], classes=np.arange(work.classes))
        for i, (w, b) in enumerate(zip(self.net.coefs_, self.net.intercepts_), start=1):
            w[...], b[...] = weights[f"W{i}"], weights[f"b{i}"]
        del self.net._optimizer  # the next call makes a new one

    def turn(self, first: int, steps: int) -> float:
        """Rows gathered for a few steps, and one call for them."""
        losses = []
        for start in range(first, first + steps, CHUNK):
            rows = self.batches[start : min(start + CHUNK, first + steps)].reshape(-1)
            self.net.partial_fit(self.X[rows], self.y[rows])
            losses.append(self.net.loss_ * len(rows))
        return sum(losses) / (steps * self.work.batch)
