"""What a training left behind, as the search for what went wrong looks at it."""

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
        """How far the score on training rows came from the baseline (0) to perfect (1); NaN before any epoch's end."""
        if not self.epochs or self.baseline == 1:
            return float("nan")
        return (float(self.history.train_acc[-1]) - self.baseline) / (1 - self.baseline)

    @property
    def metric(self) -> str:
        """The score's name in a sentence."""
        return "accuracy" if self.history.metric == "accuracy" else "R²"

    @cached_property
    def gap(self) -> float:
        """By how much training rows score better than validation rows, two standard errors taken off; NaN without."""
        if "X_val" not in self.data or not self.epochs:
            return float("nan")
        train, val = float(self.history.train_acc[-1]), float(self.history.val_acc[-1])
        rows = len(self.data["X_val"])
        if self.history.metric == "accuracy":
            error = np.sqrt(val * (1 - val) / rows)
        else:
            error = abs(1 - val) * np.sqrt(2 / rows)  # that of a mean square, which 1 - R² is proportional to
        return train - val - 2 * float(error)

    # -- the start ---------------------------------------------------------------------------------------------------

    @cached_property
    def first_norms(self) -> dict[str, float]:
        """The norm that every weight matrix was drawn with: what its initializer promises (exact enough, and known)."""
        init: dict[str, Any] = dict(getattr(self.net, "init", {}))
        weights = {name: self.net.params[name] for name in self.net.weight_names}
        if not init:
            return {name: norm(W) for name, W in weights.items()}
        std = INITIALIZERS[init.pop("kind")].std
        return {name: std(W.shape, **init) * float(W.size) ** 0.5 for name, W in weights.items()}

    @cached_property
    def first_penalty(self) -> float:
        """The regularization in the first step's loss; where weights were assigned, what it is now may be more."""
        if not self.net.reg:
            return 0.0
        now = {name: norm(self.net.params[name]) for name in self.net.weight_names}
        return max(0.5 * self.net.reg * sum(size**2 for size in sizes.values()) for sizes in (self.first_norms, now))

    @property
    def first_loss(self) -> float:
        """The first step's loss without regularization."""
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
        """By layer with an activation, (T,): the gradient that reached it, in units of the one at the scores.

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
        names, norms = self.history.param_names, self.history.grad_norms
        with np.errstate(all="ignore"):  # of a training that diverged
            return {
                layer: norms[:, names.index(name)] / norms[:, names.index(shift)]
                for layer, name in layers
                if name != shift
            }

    @cached_property
    def update_ratios(self) -> np.ndarray:
        """(E, W) |change| / |value| of the weight matrices alone: biases start at 0, where a ratio means nothing."""
        columns = [self.history.param_names.index(name) for name in self.net.weight_names]
        return self.history.update_ratios[:, columns]

    @cached_property
    def usual_ratio(self) -> float:
        """The greatest over weight matrices of the median over checks of their update ratio; NaN without checks."""
        ratios = self.update_ratios
        known = ratios[:, np.isfinite(ratios).all(axis=0)] if len(ratios) else ratios
        return float(np.median(known, axis=0).max()) if known.size else float("nan")


def listed(values: dict[str, float], form: str = ".2g") -> str:
    """`affine1 0.5, affine2 0.3`; of many, the first and the last."""
    parts = [f"{name} {value:{form}}" for name, value in values.items()]
    return ", ".join(parts if len(parts) <= 6 else [*parts[:3], "…", *parts[-2:]])
