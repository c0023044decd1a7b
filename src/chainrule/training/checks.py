"""Two checks before a long training: can the net learn one batch by heart, and what would the training cost?"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.arrays import Array
from chainrule.core.errors import SettingError
from chainrule.core.html import paragraphs
from chainrule.core.numbers import whole
from chainrule.core.streams import key, permutation
from chainrule.datasets import load_data
from chainrule.losses import LOSSES
from chainrule.nets.net import Net
from chainrule.nets.summary import Summary
from chainrule.training.diagnosis import Finding, diagnose
from chainrule.training.solver import Solver

BY_HEART = {"accuracy": 1.0, "r2": 0.99}  # score from which a batch counts as learnt
LOOK = 10  # steps between two looks at the score


@dataclass(frozen=True, eq=False)
class OneBatch:
    """How a net did on one batch, again and again.

    Attributes:
        passed: whether it learnt the batch by heart.
        score: accuracy (or R²) on the batch at the end.
        metric: "accuracy" or "r2".
        rows: of the batch.
        losses: (T,) of every step, without regularization.
        fault: where a value was not finite, in words; None for none.
    """

    passed: bool
    score: float
    metric: str
    rows: int
    losses: np.ndarray
    fault: str | None

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        done = f"{self.metric} {self.score:.4g} on {self.rows} rows after {len(self.losses)} steps"
        loss = f"the loss went from {self.losses[0]:.3g} to {self.losses[-1]:.3g}"
        if self.passed:
            return f"The net learns a batch by heart: {done}; {loss}."
        why = f" ({self.fault})" if self.fault else ""
        return (
            f"The net does not learn a batch by heart: {done}; {loss}{why}. Look for labels that do not belong to "
            f"their rows, for equal rows with different labels, for inputs far from 1 in size, and for a learning rate "
            f"that is too low or too high (chainrule.find_learning_rate)."
        )

    def _repr_html_(self) -> str:
        return paragraphs([str(self)])


def overfit_one_batch(
    net: Net,
    data: Any,
    *,
    rule: str = "adam",
    lr: float | None = None,
    rows: int = 20,
    steps: int = 500,
    seed: int = 0,
    **settings: Any,
) -> OneBatch:
    """Train a copy of a net on one small batch alone, without dropout and penalties, until it knows the batch by heart.

    What cannot learn 20 rows by heart will not learn 20,000: data, loss or gradients are wrong, or the rate is.

    Args:
        net: whose copy is trained; it stays as it is.
        data: what `Solver` takes.
        rule, lr, seed: as for `Solver`.
        rows: how many, drawn from the training rows.
        steps: at most so many.
        **settings: others of `Solver`.

    Returns:
        Whether it did, and how; it is true where the net passed.

    Raises:
        SettingError, ArrayError, ArrayTypeError: a setting out of its range, or data that do not fit the net.

    Example:
        >>> from chainrule.nets import FullyConnectedNet
        >>> bool(overfit_one_batch(FullyConnectedNet([50], input_dim=64), "digits"))
        True
    """
    if not isinstance(net, Net):
        raise SettingError(f"overfit_one_batch: net must be a net of this library; came {type(net).__name__}.")
    rows, steps = (whole(n, name, owner="overfit_one_batch") for n, name in ((rows, "rows"), (steps, "steps")))
    seed = whole(seed, "seed", owner="overfit_one_batch", least=0)
    twin, loaded = net.copy(), load_data(data)
    twin.reg, twin.stages = 0.0, [stage for stage in net.stages if stage.layer.needs != "mask"]
    if twin.input.is_empty:
        twin.input = loaded.input_transform()
    X, y = _batch(loaded.X_train, loaded.y_train, rows, seed)
    solver = Solver(
        twin, {"X_train": X, "y_train": y},
        **{
            "rule": rule, "lr": lr, "batch_size": "all", "epochs": steps, "engine": "plain", "threads": 1, "seed": seed,
            "verbose": False, "callbacks": [_by_heart], **settings,
        },
    )  # fmt: skip
    history = solver.train()
    score = float(history.train_acc[-1]) if len(history.train_acc) else float("nan")
    return OneBatch(_learnt(history), score, history.metric, len(X), history.loss, history.fault)


def _batch(X: Array, y: Array, rows: int, seed: int) -> tuple[Array, Array]:
    chosen = np.sort(permutation(key(seed, "one batch"), len(X))[:rows])
    return X[chosen], y[chosen]


def _learnt(history: Any) -> bool:
    return bool(len(history.train_acc) and history.train_acc[-1] >= BY_HEART[history.metric] and not history.fault)


def _by_heart(solver: Solver) -> bool:
    return _learnt(solver.history)


@dataclass(frozen=True, eq=False)
class DryRun:
    """What a training would be, from its first steps.

    Attributes:
        summary: of the net.
        engine: that the training gets.
        slices, threads: as recorded with it.
        steps_per_epoch, steps: of the whole training.
        seconds: that the whole training would take, about, with its checks; compiling left out.
        first_loss: of the first batch, regularization included.
        chance_loss: of scores that are all equal; None for real targets.
        findings: what is wrong from the start, in words.
        fault: where a value was not finite; None for none.
    """

    summary: Summary
    engine: str
    slices: int
    threads: int
    steps_per_epoch: int
    steps: int
    seconds: float
    first_loss: float
    chance_loss: float | None
    findings: list[Finding]
    fault: str | None

    def describe(self) -> dict[str, Any]:
        """The figures as plain numbers and texts."""
        own = {name: value for name, value in vars(self).items() if name not in ("summary", "findings")}
        return {
            "parameters": self.summary.parameters,
            "bytes": self.summary.memory,
            **own,
            "findings": [vars(finding) for finding in self.findings],
        }

    def lines(self) -> list[str]:
        """The text of `str`, line by line."""
        chance = "" if self.chance_loss is None else f" (equal scores would give {self.chance_loss:.4g})"
        share = f"{self.slices} slices" if self.engine == "fused" else f"{self.threads} threads"
        return [
            str(self.summary),
            "",
            f"engine: {self.engine}, {share if max(self.slices, self.threads) > 1 else 'one thread'}",
            f"steps: {self.steps:,} ({self.steps_per_epoch:,} an epoch), about {_duration(self.seconds)}",
            f"first loss: {self.first_loss:.4g}{chance}",
            *([f"wrong: {self.fault}"] if self.fault else []),
            *(str(finding) for finding in self.findings),
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        return self.summary._repr_html_() + paragraphs(self.lines()[2:])


def dry_run(net: Net, data: Any, *, steps: int = 5, **settings: Any) -> DryRun:
    """Take a training's first steps with a copy of its net: whether everything fits, and what the whole would take.

    Args:
        net: whose copy is trained; it stays as it is.
        data: what `Solver` takes.
        steps: how many to take.
        **settings: of the `Solver` whose training is meant.

    Returns:
        Engine, steps, an estimate of the seconds, the first loss, and what is wrong from the start.

    Raises:
        SettingError, ArrayError, ArrayTypeError: what the training itself would refuse.

    Example:
        >>> from chainrule.nets import FullyConnectedNet
        >>> planned = dry_run(FullyConnectedNet([32], input_dim=64), "digits", epochs=3, batch_size=50)
        >>> planned.steps_per_epoch, planned.steps
        (28, 84)
    """
    steps = whole(steps, "steps", owner="dry_run")
    return tried(Solver(net.copy() if isinstance(net, Net) else net, data, **{"verbose": False, **settings}), steps)


def tried(solver: Solver, steps: int = 5) -> DryRun:
    """The first steps of a Solver that is then thrown away, with the net that it was given."""
    task, net, chosen = solver.task, solver.net, solver.settings
    planned, task.total_steps = task.total_steps, 1 + steps
    chosen.prepare(task)
    began = time.perf_counter()
    history = solver.train()
    looks = (time.perf_counter() - began - solver.seconds) / max(1, len(history.seconds))
    pace = (solver.seconds - float(history.seconds[0])) / steps if len(history.seconds) else 0.0
    return DryRun(
        summary=net.summary(),
        engine=chosen.engine,
        slices=chosen.slices,
        threads=chosen.threads,
        steps_per_epoch=task.steps_per_epoch,
        steps=planned,
        seconds=planned * pace + looks * (1 + planned // task.steps_per_epoch),
        first_loss=float(history.loss[0]),
        chance_loss=None if history.metric == "r2" else float(LOSSES[net.loss_name].chance(net.num_classes)),
        findings=diagnose(solver),
        fault=history.fault,
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.2g} seconds" if seconds < 10 else f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
