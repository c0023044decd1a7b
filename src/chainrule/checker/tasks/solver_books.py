"""What a Solver's books must say, given the batches that it has drawn: every iteration counts from where it began."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps
from chainrule.checker.tasks.solver_probe import CLASSES, Step, accuracy

SAMPLE = 1000  # rows of the training accuracy
BLOCKS = (slice(0, -CLASSES), slice(-CLASSES, None))  # W and b in a vector of all parameters
DEFAULTS = {"batch_size": 100, "epochs": 10, "decay": 1.0, "rule": "sgd", "every": 10, "verbose": True}


class Trace:
    """The steps of one training as arrays.

    Attributes:
        steps: as the model has seen them.
        before, after, grads: (T, P) parameters before and after every iteration, and the gradients that were answered.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.before = _stack([step.params for step in steps])
        self.grads = _stack([step.grads for step in steps])
        ends = [step.params if step.after is None else step.after for step in steps[-1:]]
        self.after = _stack([*(step.params for step in steps[1:]), *ends])

    def observed(self, rows: int) -> dict[str, Any]:
        """The quantities that the steps themselves show."""
        batches = [step.rows for step in self.steps]
        checks = [t for t, step in enumerate(self.steps) if any(step.scored)]
        samples = [[len(self.steps[t].scored[place]) for t in checks] for place in (0, 1)]
        return {
            "iterations": len(batches),
            "batch_sizes": np.array([len(batch) for batch in batches]),
            "labelled": "their own" if all(step.labelled for step in self.steps) else "other rows' labels",
            "sampling": sampling(batches, rows),
            "draws": np.concatenate(batches) if batches else np.zeros(0),
            "rates": rates(self.after - self.before, self.grads),
            "moves": self.after - self.before,
            "checks": np.array(checks),
            "train_sample": max(samples[0], default=0),
            "val_sample": max(samples[1], default=0),
        }


def _stack(vectors: Sequence[np.ndarray]) -> np.ndarray:
    return np.array(vectors) if vectors else np.zeros((0, 1))


def rates(moves: np.ndarray, grads: np.ndarray) -> np.ndarray:
    """(T, 2) how far W and b have gone against their gradients, in units of these."""
    made = [-np.sum(moves[:, b] * grads[:, b], axis=1) / np.sum(grads[:, b] ** 2, axis=1) for b in BLOCKS]
    return np.stack(made, axis=1)


def sampling(batches: Sequence[np.ndarray], rows: int) -> str:
    """How batches seem to be drawn."""
    if len(batches) < 2:
        return "at random"
    if all(np.array_equal(batch, batches[0]) for batch in batches[1:]) and len(batches[0]) < rows:
        return "the same rows in every iteration"
    if all(np.all(np.diff(batch) % rows == 1) for batch in batches if len(batch) > 1):
        return "in the order of the data"
    first = np.concatenate(batches)
    for length in range(2, len(batches) // 2 + 1):
        period = sum(len(batch) for batch in batches[:length])
        if len(batches[0]) < rows and np.array_equal(first[period:], first[:-period]):
            return "the same batches in every epoch"
    return "at random"


def decayed(count: int, start: float, factor: float, decays: Sequence[int], power: Any) -> np.ndarray:
    """(T, 2) learning rates that shrink after the iterations `decays`, `power` times at once."""
    times = np.array([sum(end < t for end in decays) for t in range(count)])
    return start * factor ** (times[:, None] * np.ones(2) * power)


def moved(trace: Trace, rate: np.ndarray, push: np.ndarray, momentum: float) -> np.ndarray:
    """(T, P) every iteration's step: against `push`, and on with the step before by momentum."""
    wide = np.concatenate([np.repeat(rate[:, i : i + 1], push[:1, b].size, axis=1) for i, b in enumerate(BLOCKS)], 1)
    steps = trace.after - trace.before
    return momentum * np.concatenate([np.zeros_like(steps[:1]), steps[:-1]]) - wide * push


def measured(evaluated: np.ndarray, checks: Sequence[int], rows: Any, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Accuracies after some iterations, on `rows(t)`."""
    return np.array([accuracy(evaluated[t], X[rows(t)], y[rows(t)]) for t in checks])


def train_rows(trace: Trace, N: int) -> Any:
    """The training rows of a check: all, or those that were scored."""
    return lambda t: np.arange(N) if N <= SAMPLE else np.array(trace.steps[t].scored[0], dtype=int)


def norms(grads: np.ndarray) -> np.ndarray:
    """The mean length of the gradients of W and b, by iteration."""
    return np.mean([np.sqrt(np.sum(grads[:, block] ** 2, axis=1)) for block in BLOCKS], axis=0)


def first_highest(val_acc: np.ndarray) -> int:
    """Which check is the best: the first of equals."""
    return int(np.argmax(val_acc))


STEPS: Steps = {
    "trace": lambda seen: seen["trace"],
    "s": lambda settings: {**DEFAULTS, **settings},
    "N": lambda data: len(data["y_train"]),
    "refusal": lambda seen: seen["refusal"],
    "size": lambda s: s["batch_size"],
    "per_epoch": lambda N, size: max(N // size, 1),
    "total": lambda s, per_epoch: s["epochs"] * per_epoch,
    "iterations": lambda total: total,
    "batch_sizes": lambda size, iterations: np.full(iterations, size),
    "labelled": lambda: "their own",
    "sampling": lambda: "at random",
    "draws": lambda seen: seen["draws"],
    "ends": lambda trace, per_epoch: range(per_epoch - 1, len(trace.steps), per_epoch) if per_epoch else (),
    "decays": lambda ends: ends,
    "power": lambda: 1,
    "factor": lambda s: s["decay"],
    "start_rate": lambda s: s["learning_rate"],
    "rate": lambda trace, start_rate, factor, decays, power: decayed(
        len(trace.steps), start_rate, factor, decays, power
    ),
    "push": lambda trace: trace.grads,
    "momentum": lambda s: s.get("momentum", 0.0),
    "only": lambda: 1.0,
    "moves": lambda trace, rate, push, momentum, only: only * moved(trace, rate, push, momentum),
    "rates": lambda moves, trace: rates(moves, trace.grads),
    "losses": lambda trace: np.array([step.loss for step in trace.steps]),
    "first_check": lambda: True,
    "checks": lambda ends, first_check, trace: np.unique([*ends, *([0] if first_check and trace.steps else [])]),
    "train_sample": lambda N, seen: N if seen["train_sample"] == N else min(N, SAMPLE),
    "val_sample": lambda data: len(data["y_val"]),
    "evaluated": lambda trace: trace.after,
    "acc_of_train": lambda trace, evaluated, checks, N, data: measured(
        evaluated, checks, train_rows(trace, N), data["X_train"], data["y_train"]
    ),
    "acc_of_val": lambda evaluated, checks, data: measured(
        evaluated, checks, lambda t: slice(None), data["X_val"], data["y_val"]
    ),
    "train_acc": lambda acc_of_train: acc_of_train,
    "val_acc": lambda acc_of_val: acc_of_val,
    "best_at": lambda val_acc: first_highest(val_acc),
    "best_val_acc": lambda val_acc, best_at, seen: None if seen["best_val_acc"] is None else val_acc[best_at],
    "kept": lambda evaluated, checks, best_at: evaluated[checks[best_at]],
    "last": lambda trace: trace.after[-1],
    "best_params": lambda kept, seen: None if seen["best_params"] is None else kept,
    "final": lambda kept: kept,
    "epoch": lambda s, seen: None if seen["epoch"] is None else s["epochs"],
    "grad_norms": lambda trace, seen: None if seen["grad_norms"] is None else norms(trace.grads),
    "config": lambda: "as it was",
    "kept_data": lambda: "as they were",
    "quiet": lambda: "",
    "lines": lambda seen: seen["lines"],
}
