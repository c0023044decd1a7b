"""Which learning rate to begin with: a short run in which it climbs, and where the loss fell furthest on the way."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import SettingError
from chainrule.core.html import paragraphs
from chainrule.core.numbers import limited, whole
from chainrule.core.threads import blas_threads
from chainrule.nets.net import Net
from chainrule.training.solver import Solver

SMOOTH = 0.9  # share of the running mean of the losses that each step keeps
LOST = 4.0  # times the least loss so far at which nothing more is to be learnt
FELL = 0.98  # of the first loss: what has not fallen below has not learnt
BACK = 10.0  # from where the loss was least: there it is about to rise again


@dataclass(frozen=True, eq=False)
class LearningRates:
    """What a run with a climbing learning rate showed.

    Attributes:
        rates: (T,) learning rates tried, each for one step.
        losses: (T,) the loss of each step's batch; the last may not be finite.
        smooth: (T,) their running mean.
        suggested: the rate to begin with; None where the loss never fell.
        rule: the update rule that it is for.
    """

    rates: np.ndarray
    losses: np.ndarray
    smooth: np.ndarray
    suggested: float | None
    rule: str

    def describe(self) -> dict[str, Any]:
        """The figures as plain numbers and texts."""
        columns = {name: getattr(self, name).tolist() for name in ("rates", "losses", "smooth")}
        return {"rule": self.rule, "suggested": self.suggested, **columns}

    def __str__(self) -> str:
        tried = f"{len(self.rates)} rates from {self.rates[0]:.3g} to {self.rates[-1]:.3g}"
        if self.suggested is None:
            return (
                f"{self.rule}: with {tried} the loss never fell below its start. Try a wider range, another batch size, "
                f"or chainrule.overfit_one_batch, which says whether the net can learn at all."
            )
        return f"{self.rule}: begin with lr={self.suggested:.2g} ({tried}; the loss was least at ten times that)."

    def _repr_html_(self) -> str:
        return paragraphs([str(self)])


def find_learning_rate(
    net: Net,
    data: Any,
    *,
    rule: str = "adam",
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int | str = 100,
    seed: int = 0,
    **settings: Any,
) -> LearningRates:
    """Train a copy of a net for some steps while the learning rate climbs, and see where its loss falls.

    The net itself stays as it is: a training after this equals one without it, bit for bit.

    Args:
        net: whose copy is trained.
        data: what `Solver` takes.
        rule: the update rule that the rate is for.
        low, high: the first and the last rate; each step's is the same factor above the one before.
        steps: how many rates, at least 10.
        batch_size, seed: as for `Solver`.
        **settings: others of `Solver`, such as weight_decay=1e-4, or beta1=0.8 of the rule. Where nothing is said, the
            plain engine takes the steps, with one thread: so few are done before others are compiled.

    Returns:
        Rates and losses, and the rate to begin with. The run ends early where the loss has become 4 times its least.

    Raises:
        SettingError, ArrayError, ArrayTypeError: a setting out of its range, or data that do not fit the net.

    Convention: the rate suggested is a tenth of the one at which the running mean of the losses was least.

    Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017, section 3.3.

    Example:
        >>> from chainrule.nets import FullyConnectedNet
        >>> found = find_learning_rate(FullyConnectedNet([32], input_dim=64), "digits")
        >>> bool(1e-4 < found.suggested < 1e-1)
        True
    """
    low, high = (limited("lr", given, owner="find_learning_rate") for given in (low, high))
    if high <= low:
        raise SettingError(f"find_learning_rate: high must be above low; came low={low!r}, high={high!r}.")
    steps = whole(steps, "steps", owner="find_learning_rate", least=10)
    rates = np.geomspace(low, high, steps)
    solver = Solver(
        net.copy() if isinstance(net, Net) else net, data,
        **{
            "rule": rule, "batch_size": batch_size, "seed": seed, "engine": "plain", "threads": 1, "verbose": False,
            **settings,
        },
    )  # fmt: skip
    losses = _losses(solver, rates)
    rates = rates[: len(losses)]
    smooth = _running_mean(losses)
    return LearningRates(rates, losses, smooth, _suggested(rates, smooth), rule)


def _losses(solver: Solver, rates: np.ndarray) -> np.ndarray:
    """The loss of one step with each rate, up to where it is lost."""
    found: list[float] = []
    mean, least = 0.0, math.inf
    solver.task.schedule = {"kind": "constant"}
    solver.settings.prepare(solver.task)
    with blas_threads(solver.settings.threads):
        for step, rate in enumerate(rates, start=1):
            solver.task.lr = float(rate)
            records = solver.settings.steps(solver.task, 1, val_history=[], stop=lambda: False, measure=False)
            found += records.loss
            mean = SMOOTH * mean + (1 - SMOOTH) * found[-1]
            unbiased = mean / (1 - SMOOTH**step)
            least = min(least, unbiased)
            if records.fault or unbiased > LOST * least:
                break
    return np.array(found)


def _running_mean(losses: np.ndarray) -> np.ndarray:
    """Exponential, the zero that it starts from divided out; as long as the losses are finite."""
    means = np.empty(len(losses))
    mean = 0.0
    for i, loss in enumerate(losses):
        mean = SMOOTH * mean + (1 - SMOOTH) * loss
        means[i] = mean / (1 - SMOOTH ** (i + 1))
    return means


def _suggested(rates: np.ndarray, smooth: np.ndarray) -> float | None:
    best = int(np.nanargmin(smooth)) if np.isfinite(smooth).any() else 0
    return float(rates[best] / BACK) if best and smooth[best] < FELL * smooth[0] else None
