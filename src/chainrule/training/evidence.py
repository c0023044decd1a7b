"""What a training left behind, as the search for what went wrong looks at it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.streams import generator, key
from chainrule.initializers import INITIALIZERS
from chainrule.losses import LOSSES
from chainrule.optim.gradients import norm

if TYPE_CHECKING:
    from chainrule.training.solver import Solver

WILD = 3.0  # standard deviation of scores above which no usual initialization starts; He's gives about 1.4
BATCHES = 10  # drawn to see how far the loss of a single batch strays
ROWS = 200  # of such a batch at most
VANISHED = 1e-3  # share of the gradient left: after five sigmoid layers, which still learn; six or more hardly do
SMOOTH = 100  # rows whose mean loss tells something


@dataclass(frozen=True)
class Finding:
    """One thing that went wrong.

    Attributes:
        kind: a short name, such as "divergence".
        title: what it is, a sentence.
        measured: the figures it was seen from, a sentence.
        advice: what to try, with numbers where there are any.
        severity: "problem", or "hint" for what may be as it should.
    """

    kind: str
    title: str
    measured: str
    advice: str
    severity: str = "problem"

    def __str__(self) -> str:
        return f"{self.title}\n  Measured: {self.measured}\n  Try: {self.advice}"

    def _repr_html_(self) -> str:
        title, measured, advice = map(escape, (self.title, self.measured, self.advice))
        return f"<p><b>{title}</b><br>{measured}<br><i>Try:</i> {advice}</p>"


class Evidence:
    """Figures of a training, each computed once.

    Attributes:
        net, data, settings, history: the solver's.
        steps: taken or, the last one, found to be not finite.
        epochs: checks at an epoch's end.
    """

    def __init__(self, solver: "Solver") -> None:
        self.net, self.data, self.settings, self.history = solver.net, solver.data, solver.settings, solver.history
        self.batch_size, self.steps_per_epoch = solver.task.batch_size, solver.task.steps_per_epoch
        self.steps, self.epochs = len(self.history.loss), max(0, len(self.history.check_epoch) - 1)

    # -- how much was learnt -----------------------------------------------------------------------------------------

    @cached_property
    def baseline(self) -> float:
        """The score of a net that ignores its input: the share of the commonest class; 0 for R²."""
        y = np.asarray(self.data.y_train)
        return float(np.bincount(y.astype(np.int64)).max() / len(y)) if y.ndim == 1 else 0.0

    @cached_property
    def progress(self) -> float:
        """How far the score on training rows came from the baseline (0) to perfect (1); NaN before any epoch's end.

        Of R² it is the root, a correlation: real targets are noisy, and half of their variance is much.
        """
        if not self.epochs or self.baseline == 1:
            return float("nan")
        score = float(self.history.train_acc[-1])
        return (
            (score - self.baseline) / (1 - self.baseline) if self.metric == "accuracy" else math.sqrt(max(score, 0.0))
        )

    @property
    def metric(self) -> str:
        """The score's name in a sentence."""
        return "accuracy" if self.history.metric == "accuracy" else "R²"

    @property
    def learnt(self) -> str:
        """The score on training rows at the end, in words."""
        score = f"{self.metric} on training rows {self.history.train_acc[-1]:.3f}"
        return f"{score}, {self.baseline:.3f} for a net that ignores its input"

    @cached_property
    def gap(self) -> float:
        """By how much training rows score better than validation rows, two standard errors taken off; NaN without."""
        if "X_val" not in self.data or not self.epochs:
            return float("nan")
        train, val = float(self.history.train_acc[-1]), float(self.history.val_acc[-1])
        rows = len(self.data["X_val"])
        # Of a share; and of a mean square, which 1 - R² is proportional to.
        variance = val * (1 - val) if self.history.metric == "accuracy" else 2 * (1 - val) ** 2
        return train - val - 2 * float(np.sqrt(variance / rows))

    # -- the start ---------------------------------------------------------------------------------------------------

    @cached_property
    def first_squares(self) -> tuple[float, float]:
        """The sum of the squares of all weights at the start as the initializer promises it, and its standard error.

        Where a net has no initializer that is known, what it is now.
        """
        weights = [self.net.params[name] for name in self.net.weight_names]
        init: dict[str, Any] = dict(getattr(self.net, "init", {}))
        if not init:
            return sum(norm(W) ** 2 for W in weights), 0.0
        std = INITIALIZERS[init.pop("kind")].std
        drawn = [(W.size, std(W.shape, **init) ** 2) for W in weights]
        return sum(n * var for n, var in drawn), math.sqrt(sum(2 * n * var**2 for n, var in drawn))

    @cached_property
    def first_penalty(self) -> float:
        """The regularization in the first step's loss, at most; where weights were assigned, today's may be more."""
        if not self.net.reg:
            return 0.0
        drawn, error = self.first_squares
        now = sum(norm(self.net.params[name]) ** 2 for name in self.net.weight_names)
        return 0.5 * self.net.reg * max(drawn + 4 * error, now)

    @property
    def wild_start(self) -> bool:
        """Whether only far too large scores explain the first loss."""
        return bool(np.isfinite(self.first_loss)) and self.first_loss > self.wild_loss

    @property
    def first_loss(self) -> float:
        """The first step's loss without regularization, at least."""
        return float(self.history.loss[0]) - self.first_penalty

    @cached_property
    def chance(self) -> float:
        """The loss of scores that are all 0."""
        y = self.data.y_train[: 5 * ROWS]
        return self._loss_of(np.zeros((len(y), self.net.num_classes)), y)

    @cached_property
    def wild_loss(self) -> float:
        """The loss above which scores are wild: the highest of some batches of random scores of that size.

        Dropout multiplies the variance by 1/keep at every hidden layer, which is no fault of the initialization.
        """
        rng, y = generator(key(0, "diagnosis")), self.data.y_train
        scale = WILD * self.net.keep ** (-len(self.net.widths) / 2)
        if y.ndim == 2:
            scale *= max(1.0, float(np.sqrt(np.mean(y[: 5 * ROWS] ** 2))))
        losses = []
        for _ in range(BATCHES):
            rows = rng.integers(0, len(y), min(self.batch_size, ROWS))
            losses.append(self._loss_of(scale * rng.standard_normal((len(rows), self.net.num_classes)), y[rows]))
        return max(losses)

    def _loss_of(self, scores: np.ndarray, y: Any) -> float:
        return float(LOSSES[self.net.loss_name].forward(scores, y)[0])

    # -- layer by layer ----------------------------------------------------------------------------------------------

    @cached_property
    def signal(self) -> dict[str, np.ndarray]:
        """By hidden layer, (T,): the gradient that reached it, in units of the one at the top.

        The top is the scores or the last hidden layer, whichever has more: of a single score it may cancel by chance.

        Read off the biases (with a norm, its shifts, since it cancels the bias): their gradient is that of the layer's
        output, whatever the size of its input and of its weights, and no regularization is in it.
        """
        layers: list[tuple[str, str]] = []
        layer = shift = ""
        for stage in self.net.stages:
            if stage.params:
                layer, shift = layer or stage.name, stage.params[-1]
            if layer and stage.layer.kind == "activation":
                layers.append((layer, shift))
                layer = ""
        column = {name: self.history.grad_norms[:, i] for i, name in enumerate(self.history.param_names)}
        hidden = [(layer, column[name]) for layer, name in layers if name != shift]
        if not hidden:
            return {}
        top = np.maximum(column[shift], hidden[-1][1])
        with np.errstate(all="ignore"):  # of a training that diverged
            return {layer: size / top for layer, size in hidden}

    @property
    def lost_at_start(self) -> bool:
        """Whether the first step's gradient did not reach some layer."""
        return any(ratio[0] < VANISHED for ratio in self.signal.values())

    @property
    def first_update(self) -> float:
        """The greatest update ratio of the first step; 0 where there is none."""
        return float(np.nanmax(self.update_ratios[0], initial=0.0)) if len(self.update_ratios) else 0.0

    @property
    def norm(self) -> bool:
        """Whether the net has norm layers."""
        return any(stage.layer.kind == "norm" for stage in self.net.stages)

    @cached_property
    def update_ratios(self) -> np.ndarray:
        """(E, W) |change| / |value| of the weight matrices alone: biases start at 0, where a ratio means nothing."""
        columns = [self.history.param_names.index(name) for name in self.net.weight_names]
        return self.history.update_ratios[:, columns]

    @cached_property
    def usual_ratio(self) -> float:
        """The greatest over weight matrices of the median over epochs of their update ratio; NaN before any."""
        ratios = self.update_ratios[1:]
        known = ratios[:, np.isfinite(ratios).all(axis=0)] if len(ratios) else ratios
        return float(np.median(known, axis=0).max()) if known.size else float("nan")

    @cached_property
    def smooth_losses(self) -> np.ndarray:
        """The losses of the steps, averaged over blocks of at least `SMOOTH` rows: single rows differ too much."""
        length = min(max(1, -(-SMOOTH // self.batch_size)), self.steps)
        whole = self.history.loss[: self.steps // length * length]
        return whole.reshape(-1, length).mean(axis=1)


def plain(value: float) -> str:
    """Two digits, as a person writes them: 2200, 0.35, 4e-07."""
    return f"{float(f'{value:.2g}'):g}"


def percent(share: float) -> str:
    """98%."""
    return f"{share:.0%}"


def listed(values: dict[str, float], form: Callable[[float], str] = plain) -> str:
    """`affine1 0.5, affine2 0.3`; of many, the first and the last."""
    parts = [f"{name} {form(value)}" for name, value in values.items()]
    return ", ".join(parts if len(parts) <= 6 else [*parts[:3], "…", *parts[-2:]])
