"""The fully connected nets of the modular-network courses, thin over the library's own.

`model.net` is the library's net, with its trace, summary and gradient check; `model.params` is its very dict. What the
courses do otherwise is here: weights and masks from NumPy's global generator, running statistics and modes in dicts.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ChainruleError, SettingError, choose
from chainrule.core.numbers import whole
from chainrule.courses.modular.checks import number, said_by
from chainrule.courses.modular.dropout import draw_mask, keep_of
from chainrule.courses.modular.norms import EPS, eps_of, momentum_of, running_of
from chainrule.initializers import INITIALIZERS
from chainrule.layers import LAYERS, batch_norm
from chainrule.losses import LOSSES
from chainrule.nets import FullyConnectedNet, chain

NORMS = {None: None, "batchnorm": "batch", "layernorm": "layer"}
Draw = Callable[[tuple[int, int]], np.ndarray]


def normal(weight_scale: Any, *, owner: str = "FullyConnectedNet") -> Draw:
    """Standard normals from the global generator, times `weight_scale`."""
    scale = number(owner, "weight_scale", weight_scale, least=0)
    return lambda shape: INITIALIZERS["normal"].draw(np.random, shape, scale=scale)


def cross_entropy(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The softmax loss and its gradient by the scores.

    The loss is -log of the right classes' probabilities, as the courses' nets compute it, so that printed digits agree to
    the last; where such a probability rounded to 0 it is the library's, which is finite.
    """
    loss, cache = LOSSES["softmax"].forward(scores, y)
    right = cache[0][np.arange(len(y)), y]
    if (right > 0).all():
        loss = -np.sum(np.log(right)) / len(y)
    return float(loss), LOSSES["softmax"].backward(cache)


class ModularNet:
    """affine – [norm] – ReLU – [dropout] for every hidden width, then affine, then the softmax loss.

    Args:
        hidden_dims: units of every hidden layer.
        input_dim: numbers of a row.
        num_classes: scores of a row.
        p: the dropout setting, in the course's convention; `no_dropout` are the values that mean none.
        normalization: None, "batchnorm" or "layernorm".
        reg: strength of the L2 penalty 0.5 * reg * sum(W * W) over all weight matrices; may be assigned later.
        dtype: what the net computes in; X is cast to it.
        seed: makes the dropout masks of every pass the same.
        draw: draws a weight matrix of a shape, float64.

    Attributes:
        params: W1, b1, ..., WL, bL (gamma1, beta1, ... with normalization): the arrays that `loss` uses.
        bn_params: with batch normalization one dict a hidden layer, see `batchnorm_forward`.
        dropout_param: with dropout, see `dropout_forward`.
        net: the library's net.
    """

    p_keeps = True  # whether dropout's p is the share that stays
    p_name = "dropout"

    def __init__(
        self,
        hidden_dims: Any,
        input_dim: int,
        num_classes: int,
        *,
        reg: float,
        dtype: Any,
        draw: Draw,
        p: float = 1,
        no_dropout: tuple[float, ...] = (1,),
        normalization: str | None = None,
        seed: int | None = None,
    ) -> None:
        choose(normalization, NORMS, what="normalization of FullyConnectedNet")  # type: ignore[arg-type]
        self.normalization = normalization
        self.use_dropout = not any(p is none or p == none for none in no_dropout)
        keep = keep_of("FullyConnectedNet", p, p_keeps=self.p_keeps, name=self.p_name) if self.use_dropout else 1.0
        with said_by(type(self).__name__):
            self.net = FullyConnectedNet(
                hidden_dims,
                input_dim=input_dim,
                num_classes=num_classes,
                norm=NORMS[normalization],
                keep=keep,
                init="zeros",
                dtype=dtype,
            )
        self.reg = reg
        self.num_layers = 1 + len(self.net.hidden_dims)
        sizes = [self.net.input_dim, *self.net.hidden_dims, self.net.num_classes]
        for i, shape in enumerate(pairwise(sizes), start=1):
            self.params[f"W{i}"] = draw(shape).astype(self.dtype)
        self._shapes = {name: value.shape for name, value in self.params.items()}
        hidden = range(self.num_layers - 1)
        self.bn_params: list[dict[str, Any]] = [{"mode": "train"} for _ in hidden] if self.use_batchnorm else []
        self.dropout_param: dict[str, Any] = {"mode": "train", "p": p} if self.use_dropout else {}
        if self.use_dropout and seed is not None:
            self.dropout_param["seed"] = seed

    @property
    def params(self) -> dict[str, np.ndarray]:
        """Every parameter by name: change entries, assign arrays, or assign another dict."""
        return self.net.params

    @params.setter
    def params(self, params: dict[str, np.ndarray]) -> None:
        """Take another dict of parameters."""
        self.net.params = params

    @property
    def reg(self) -> float:
        """Strength of the L2 penalty."""
        return self.net.reg

    @reg.setter
    def reg(self, reg: float) -> None:
        """Take another strength."""
        self.net.reg = number(type(self).__name__, "reg", reg, least=0)

    @property
    def dtype(self) -> np.dtype:
        """What the net computes in."""
        return self.net.dtype

    @property
    def use_batchnorm(self) -> bool:
        """Whether hidden layers have batch normalization."""
        return self.normalization == "batchnorm"

    def loss(self, X: Any, y: Any = None) -> Any:
        """Scores in test mode, or the loss and every gradient in training mode.

        Args:
            X: (N, d1, ..., dk) rows; cast to the net's dtype.
            y: None, or (N,) integer labels.

        Returns:
            Without y: scores (N, C). With y: the loss (a float, penalty included) and a dict with the gradient by
            every entry of `params`. Batch normalization's running statistics move on.

        Raises:
            ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
            ArrayTypeError: something that is no array of numbers.
        """
        for param in [*self.bn_params, *([self.dropout_param] if self.use_dropout else [])]:
            param["mode"] = "test" if y is None else "train"
        with self._own_words():
            self.put_stats()
            return self.net.scores(X) if y is None else self._loss(*self.net.prepared(X, y))

    @contextmanager
    def _own_words(self) -> Iterator[None]:
        """Errors name the course's net; what NumPy finds first in parameters of wrong shapes is said of the parameters."""
        owner = f"{type(self).__name__}.loss"
        try:
            with said_by(owner):
                yield
        except ChainruleError:
            raise
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            for name, shape in self._shapes.items():
                came = np.shape(self.params[name]) if name in self.params else None
                if came != shape or not isinstance(self.params[name], np.ndarray):
                    found = "is missing" if came is None else f"is {type(self.params[name]).__name__} of shape {came}"
                    raise ArrayError(
                        f"{owner}: params[{name!r}] {found}; it must be an array of shape {shape}."
                    ) from error
            raise

    def _loss(self, x: np.ndarray, y: Any) -> tuple[float, dict[str, np.ndarray]]:
        outputs, caches = chain.forward(self.net.stages, self.params, x, self._masks(len(x)))
        loss, dscores = cross_entropy(outputs[-1], y)
        dinputs, grads = chain.backward(self.net.stages[1:], caches[1:], dscores)
        # Nobody asks for the gradient by the rows, a third of the work: one row of W1 stands for all in its product.
        x, W1 = caches[0]
        _, grads["W1"], grads["b1"] = LAYERS["affine"].backward([*dinputs, dscores][0], (x, W1[:1]))
        penalty, grads = self.net.regularized(grads)
        self._move_stats(caches)
        return loss + float(penalty), {name: grads[name] for name in self.params}

    def _masks(self, rows: int) -> dict[str, np.ndarray]:
        """The dropout masks of a pass, by stage, drawn from the global generator in the order of the layers."""
        if not self.use_dropout:
            return {}
        param = self.dropout_param
        keep = keep_of("FullyConnectedNet", param["p"], p_keeps=self.p_keeps)
        return {
            f"dropout{i}": draw_mask(keep, (rows, width), self.dtype, seed=param.get("seed"))
            for i, width in enumerate(self.net.widths, start=1)
        }

    def _move_stats(self, caches: list[tuple]) -> None:
        by_name = {stage.name: cache for stage, cache in zip(self.net.stages, caches)}
        for i, param in enumerate(self.bn_params, start=1):
            momentum, name = momentum_of("FullyConnectedNet", param), f"batch_norm{i}"
            self.net.stats[name] = batch_norm.update.raw(self.net.stats[name], by_name[name], momentum=momentum)
        self.take_stats()

    def put_stats(self) -> None:
        """Give the library's net the running statistics and the eps of `bn_params`."""
        stages = {stage.name: stage for stage in self.net.stages}
        for i, param in enumerate(self.bn_params, start=1):
            name = f"batch_norm{i}"
            self.net.stats[name] = running_of("FullyConnectedNet", param, self.net.widths[i - 1], self.dtype)
            if param.get("eps", EPS) != stages[name].options.get("eps", EPS):
                stages[name].options["eps"] = eps_of("FullyConnectedNet", "bn_param", param)

    def take_stats(self) -> None:
        """Write the running statistics of the library's net into `bn_params`."""
        for i, param in enumerate(self.bn_params, start=1):
            param["running_mean"], param["running_var"] = self.net.stats[f"batch_norm{i}"]

    def __deepcopy__(self, memo: dict) -> "ModularNet":
        twin = copy.copy(self)
        twin.net = self.net.copy()  # type: ignore[assignment]
        twin.bn_params, twin.dropout_param = copy.deepcopy((self.bn_params, self.dropout_param), memo)
        return twin


class TwoLayerNet(ModularNet):
    """affine – ReLU – affine – softmax, in float64.

    Args:
        input_dim: numbers of a row.
        hidden_dim: hidden units.
        num_classes: scores of a row.
        weight_scale: standard deviation of the weights.
        reg: strength of the L2 penalty; may be assigned later.

    Raises:
        SettingError, ArrayTypeError: a size or a number that cannot be used.
    """

    def __init__(
        self,
        input_dim: int = 3 * 32 * 32,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float = 1e-3,
        reg: float = 0.0,
    ) -> None:
        hidden_dim = whole(hidden_dim, "hidden_dim", owner="TwoLayerNet")
        draw = normal(weight_scale, owner="TwoLayerNet")
        super().__init__([hidden_dim], input_dim, num_classes, reg=reg, dtype=np.float64, draw=draw)


def initializer(name: Any, weight_scale: Any) -> Draw:
    """CS182's initializations: 'random' (deviation weight_scale), 'he' (sqrt(2 / fan_in)), 'zero' (draws nothing)."""
    kinds = {"random": "normal", "he": "he", "zero": "zeros"}
    kind = kinds[choose(name, kinds, what="initialization of FullyConnectedNet")]
    if kind == "normal":
        return normal(weight_scale)
    return lambda shape: INITIALIZERS[kind].draw(np.random, shape)


def norm_of(use_batchnorm: Any) -> str | None:
    """The normalization that CS182's and C147's switch means."""
    if not isinstance(use_batchnorm, bool | np.bool_ | int):
        raise SettingError(f"FullyConnectedNet: use_batchnorm must be True or False; came {use_batchnorm!r:.60}.")
    return "batchnorm" if use_batchnorm else None
