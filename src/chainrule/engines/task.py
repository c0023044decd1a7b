"""What an engine is given, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.registry import Rule
from chainrule.engines.batches import Sampler
from chainrule.nets.net import Net


def _as_it_is(array: Any) -> Any:
    return array


@dataclass
class Task:
    """A training, as its steps see it: fixed settings, and the state that steps move on.

    Attributes:
        net: its `params` and `stats` are moved.
        X, y: training rows as stored, and targets.
        rule: the update rule, with its `options`.
        lr: the base learning rate.
        schedule: as `optim.schedules` takes it.
        weight_decay: L2 strength added to the gradients of weight matrices; rules with a decay of their own get it.
        clip_norm, clip_value: limits for the gradients, or None.
        sampler: draws the row numbers of a step.
        batch_size, seed, steps_per_epoch, total_steps: as they say.
        slices: into how many parts the fused engine cuts a step's work; results depend on it.
        state: the rule's state by parameter name.
        step: how many steps have been taken.
        weights: (N,) how much each row counts, of mean 1, in the net's dtype; None where all count alike.
        array, device: the library whose arrays the plain engine computes with, and where they are.
        place: makes the engine's arrays of a batch's.
        memory: what an engine keeps from run to run.
    """

    net: Net
    X: Any
    y: Any
    rule: Rule
    options: dict[str, Any]
    lr: float
    schedule: dict[str, Any]
    weight_decay: float | None
    clip_norm: float | None
    clip_value: float | None
    sampler: Sampler
    batch_size: int
    seed: int
    steps_per_epoch: int
    total_steps: int
    slices: int = 1
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    step: int = 0
    weights: np.ndarray | None = None
    array: str = "numpy"
    device: str = "cpu"
    place: Callable[[Any], Any] = _as_it_is
    memory: Any = field(default=None, repr=False)

    def rows(self, step: int) -> np.ndarray:
        """The row numbers of a step's batch."""
        return self.sampler(seed=self.seed, step=step, rows=len(self.X), batch_size=self.batch_size)


@dataclass(frozen=True)
class Fault:
    """The first value of a training that was not finite.

    Attributes:
        step: counted from 1, the step that met it (and was not taken).
        epoch: counted from 1.
        layer: the stage, parameter or "loss" where it appeared first on the way.
        quantity: "output", "loss", "gradient", "new value" (of a parameter) or "running statistics".
    """

    step: int
    epoch: int
    layer: str
    quantity: str

    def __str__(self) -> str:
        where = "the loss" if self.quantity == "loss" else f"the {self.quantity} of {self.layer}"
        return f"{where} is not finite at step {self.step} (epoch {self.epoch})"


@dataclass
class Records:
    """What the steps of one run of an engine measured.

    Attributes:
        loss: of every step, regularization included.
        lr: the learning rate of every step.
        grad_norms: of every step, the L2 norm of each parameter's gradient before clipping, in the order of `net.params`.
        update_ratios: of the last step, each parameter's |change| / |value|; empty where it was not asked for.
        fault: where a value was not finite; that step was measured but not taken.
    """

    loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    grad_norms: list[list[float]] = field(default_factory=list)
    update_ratios: list[float] = field(default_factory=list)
    fault: Fault | None = None

    def followed_by(self, more: "Records") -> "Records":
        """These records and those of the steps after them."""
        return Records(
            self.loss + more.loss, self.lr + more.lr, self.grad_norms + more.grad_norms, more.update_ratios, more.fault
        )


Stop = Callable[[], bool]
