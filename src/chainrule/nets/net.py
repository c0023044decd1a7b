"""A net: parameters in a plain dict, a chain of stages, a loss, and the input transform that belongs to it."""

import copy
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core import tensorfile
from chainrule.core.arrays import Array, namespace
from chainrule.core.errors import ArrayError, OutputError, SettingError
from chainrule.core.html import paragraphs
from chainrule.core.numbers import float_dtype, whole
from chainrule.core.paths import path_of
from chainrule.core.rows import as_numbers
from chainrule.core.shapes import as_floats, as_integers, check_labels
from chainrule.core.streams import key
from chainrule.layers import dropout
from chainrule.losses import LOSSES, softmax
from chainrule.nets import chain
from chainrule.nets.chain import Stage
from chainrule.nets.input import Input
from chainrule.nets.score import score_of
from chainrule.nets.summary import Summary, summarize
from chainrule.nets.trace import Moment, Trace

PREDICT_ROWS = 250  # rows that predictions walk at a time, so that memory stays bounded


class Net:
    """What every net can do; a subclass builds `stages` and draws `params`.

    Attributes:
        params: every parameter by name, the only truth between calls: assign whole arrays or change single entries.
        stats: running (mean, variance) of every batch-norm stage, by stage name.
        stages: the chain, in the order of the data flow.
        input: the transform from stored rows to the chain's input.
        reg: strength of the L2 penalty 0.5 * reg * sum(W * W) on all weight matrices (no biases, no norm parameters).
    """

    def __init__(
        self, *, input_dim: int, num_classes: int, loss: str, reg: float, keep: float, dtype: str, seed: int
    ) -> None:
        self.input_dim, self.num_classes = input_dim, num_classes
        self.loss_name, self.reg, self.keep, self.seed = loss, reg, keep, seed
        self.dtype = np.dtype(dtype)
        self.params: dict[str, Array] = {}
        self.stats: dict[str, tuple[Array, Array]] = {}
        self.stages: list[Stage] = []
        self.input = Input()

    # -- one pass ----------------------------------------------------------------------------------------------------

    def loss(self, X: Array, y: Array | None = None, *, step: int = 0) -> Any:
        """Scores in evaluation mode, or the loss and every gradient in training mode.

        Nothing changes: running statistics move only in a training, and the dropout masks are a function of the net's
        seed and `step`, so the same call gives the same result.

        Args:
            X: (N, ...) rows as stored; `net.input` transforms them.
            y: None, (N,) integer labels, or for loss="mse" also (N, C) real targets.
            step: which dropout masks to use.

        Returns:
            Without y: scores (N, C). With y: the loss (a float, regularization included), and a dict with the gradient
            by every entry of `params`.

        Raises:
            ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
            ArrayTypeError: something that is no array of numbers.
        """
        if y is None:
            return self.scores(X)
        step = whole(step, "step", owner="net", least=0)
        x, y = self.prepared(X, y)
        value, grads, _ = self.gradients(x, y, self.masks(len(x), step=step))
        return float(value), grads

    def gradients(
        self, x: Array, y: Array, masks: dict[str, Array], weights: Array | None = None
    ) -> tuple[Any, dict[str, Array], list[tuple]]:
        """The loss, the gradients and the caches of one training pass over transformed and checked rows."""
        outputs, caches = chain.forward(self.stages, self.params, x, masks)
        value, dscores = LOSSES[self.loss_name].valued(outputs[-1], y, weights)
        _, grads = chain.backward(self.stages, caches, dscores)
        penalty, grads = self.regularized(grads)
        return value + penalty, {name: grads[name] for name in self.params}, caches

    def regularized(self, grads: dict[str, Array]) -> tuple[float, dict[str, Array]]:
        """The penalty 0.5 * reg * sum(W * W), and the gradients with reg * W added."""
        if not self.reg:
            return 0.0, grads
        xp = namespace(next(iter(grads.values())))
        penalty, total = 0.0, dict(grads)
        for name in self.weight_names:
            W = self.params[name]
            penalty = penalty + 0.5 * self.reg * xp.sum(W * W)
            total[name] = total[name] + self.reg * W
        return penalty, total

    def trace(self, X: Array, y: Array | None = None, *, step: int = 0) -> Trace:
        """Every stage's input, output, cache and gradients, by name and in order.

        With y the pass is the one that `loss(X, y)` makes (batch statistics, dropout masks of `step`); without, the one
        that `loss(X)` makes.
        """
        step = whole(step, "step", owner="net", least=0)
        if y is None:
            x, extras = self.prepared(X)[0], self.running
        else:
            x, y = self.prepared(X, y)
            extras = self.masks(len(x), step=step)
        return self.walked(x, y, extras)

    def walked(self, x: Array, y: Array | None, extras: dict[str, Any]) -> Trace:
        """The trace of a pass over transformed and checked rows, with the masks or statistics that its stages take."""
        stages = [stage for stage in self.stages if y is not None or stage.layer.needs != "mask"]
        outputs, caches = chain.forward(stages, self.params, x, extras)
        value = total = None
        dinputs: list[Any] = [None] * len(stages)
        data_grads: dict[str, Array] = {}
        grads: dict[str, Array] = {}
        dscores = None
        if y is not None:
            loss = LOSSES[self.loss_name]
            value, loss_cache = loss.forward(outputs[-1], y)
            dscores = loss.backward(loss_cache)
            dinputs, data_grads = chain.backward(stages, caches, dscores)
            penalty, grads = self.regularized(data_grads)
            value, total = float(value), float(value + penalty)
        moments = tuple(
            Moment(
                name=stage.name,
                layer=stage.layer.name,
                input=x if i == 0 else outputs[i - 1],
                output=outputs[i],
                cache=caches[i],
                params={name: self.params[name] for name in stage.params},
                doutput=dinputs[i + 1] if i + 1 < len(stages) else dscores,
                dinput=dinputs[i],
                dparams={name: data_grads[name] for name in stage.params if name in data_grads},
            )
            for i, stage in enumerate(stages)
        )
        return Trace(moments, outputs[-1], total, value, grads)

    # -- what a pass needs -------------------------------------------------------------------------------------------

    def prepared(self, X: Array, y: Array | None = None) -> tuple[Array, Array | None]:
        """Rows and targets as the chain takes them, checked against the net: the one place where shapes are checked."""
        x = self.input.apply(X, self.dtype)
        if len(x) == 0:
            raise ArrayError("net: X has no rows; at least one example is needed.")
        if x.shape[1] != self.input_dim:
            raise ArrayError(
                f"net: each row of X has {x.shape[1]} features but the net was built with input_dim={self.input_dim}; "
                f"X came with shape {tuple(X.shape)}. Is it the data set that the net is meant for?"
            )
        return (x, None) if y is None else (x, self._targets(y, len(x)))

    def _targets(self, y: Array, n: int) -> Array:
        if isinstance(y, list | tuple):
            y = as_numbers("net", "y", y)
        real = LOSSES[self.loss_name].real_targets and getattr(y, "ndim", 1) == 2
        if real:
            as_floats("net", "y", y)
            if tuple(y.shape) != (n, self.num_classes):
                raise ArrayError(
                    f"net: y has shape {tuple(y.shape)}; real targets of {n} rows must be ({n}, {self.num_classes})."
                )
            return namespace(y).astype(y, self.dtype)
        as_integers("net", "y", y)
        if tuple(y.shape) != (n,):
            raise ArrayError(f"net: y has shape {tuple(y.shape)} but X has {n} rows; labels must be ({n},).")
        check_labels("net", "y", y, self.num_classes)
        return y

    def masks(self, rows: int, *, step: int, seed: int | None = None) -> dict[str, Array]:
        """The dropout masks of a step, by stage name: a function of (seed, step, layer, element)."""
        seed = self.seed if seed is None else seed
        return {
            stage.name: dropout.sample(
                key(seed, "dropout", step, layer), (rows, self.widths[layer]), keep=self.keep, dtype=self.dtype
            )
            for layer, stage in enumerate(s for s in self.stages if s.layer.needs == "mask")
        }

    @property
    def running(self) -> dict[str, Any]:
        """What the stages take in evaluation mode: running statistics, by stage name."""
        return dict(self.stats)

    @property
    def widths(self) -> list[int]:
        """Units of every hidden layer."""
        return [int(self.params[name].shape[1]) for name in self.weight_names[:-1]]

    @property
    def weight_names(self) -> list[str]:
        """The weight matrices, in order: what regularization and weight decay act on."""
        return [name for name in self.params if name.startswith("W")]

    # -- using it ----------------------------------------------------------------------------------------------------

    def scores(self, X: Array) -> Array:
        """Scores (N, C) in evaluation mode, walked in blocks of rows."""
        X = as_numbers("net", "X", X)
        if X.ndim < 1 or len(X) <= PREDICT_ROWS:
            return self._scores(X)
        parts = [self._scores(X[i : i + PREDICT_ROWS]) for i in range(0, len(X), PREDICT_ROWS)]
        return namespace(parts[0]).concat(parts, axis=0)

    def _scores(self, X: Array) -> Array:
        stages = [stage for stage in self.stages if stage.layer.needs != "mask"]
        return chain.forward(stages, self.params, self.prepared(X)[0], self.running)[0][-1]

    def predict(self, X: Array) -> Array:
        """The class with the highest score, (N,) int64 (ties to the smaller label)."""
        scores = self.scores(X)
        return namespace(scores).argmax(scores, axis=1)

    def predict_proba(self, X: Array) -> Array:
        """Probabilities (N, C), rows that add up to 1; for nets with the softmax loss.

        Raises:
            SettingError: the net was trained with a loss whose scores are no log-probabilities.
        """
        if self.loss_name != "softmax":
            raise SettingError(
                f"predict_proba: the scores of a net with loss={self.loss_name!r} are no log-probabilities; "
                f"use net.loss(X) for the scores, or train with loss='softmax'."
            )
        return softmax.probabilities(self.scores(X))

    def score(self, X: Array, y: Array) -> float:
        """The share of right predictions for labels; R² (1 is perfect, 0 is predicting the mean) for real targets."""
        scores = self.scores(X)
        return score_of(scores, self._targets(y, len(scores)))

    def summary(self) -> Summary:
        """Shapes, parameters, multiply-adds and memory of every stage; print it."""
        return summarize(self)

    def copy(self, dtype: str | np.dtype | None = None) -> "Net":
        """An independent copy, in another dtype if one is given."""
        twin = copy.copy(self)
        twin.dtype = float_dtype(self.dtype if dtype is None else dtype, owner="net.copy")
        twin.params = {name: np.array(value, dtype=twin.dtype) for name, value in self.params.items()}
        twin.stats = {
            name: (np.array(mean, dtype=twin.dtype), np.array(var, dtype=twin.dtype))
            for name, (mean, var) in self.stats.items()
        }
        return twin

    # -- files -------------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """The constructor's arguments, from which the net can be built again; JSON-able."""
        raise NotImplementedError

    def tensors(self) -> dict[str, np.ndarray]:
        """Every array that belongs to the net, under the names of its file."""
        stats = {f"stats.{name}.{what}": pair[i] for name, pair in self.stats.items() for i, what in enumerate(STATS)}
        inputs = {f"input.{name}": value for name, value in self.input.arrays().items()}
        return {**{f"params.{name}": value for name, value in self.params.items()}, **stats, **inputs}

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the net as a safetensors file: parameters, running statistics, input transform and settings.

        Raises:
            OutputError: the file exists (and `overwrite` is false), or cannot be written.
        """
        path = path_of(path, owner="net.save")
        if path.exists() and not overwrite:
            raise OutputError(
                f"{path} exists; nothing is overwritten unless asked. Pass overwrite=True, or another name."
            )
        meta = {
            "kind": "net",
            "class": type(self).__name__,
            "settings": self.settings(),
            "input": self.input.describe(),
        }
        tensorfile.write(path, self.tensors(), meta)

    def __repr__(self) -> str:
        chain_of = " – ".join(stage.name for stage in self.stages)
        return f"{type(self).__name__}({self.input_dim} → {chain_of} → {self.num_classes}, loss={self.loss_name!r})"

    def _repr_html_(self) -> str:
        return paragraphs([repr(self)]) + self.summary()._repr_html_()


STATS = ("mean", "var")
