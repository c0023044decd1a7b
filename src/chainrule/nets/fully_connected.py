"""Fully connected nets of any depth: {affine – [norm] – activation – [dropout]} × (L−1) – affine [– output activation]."""

from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.core.errors import SettingError, choose
from chainrule.core.numbers import float_dtype, real, whole
from chainrule.core.registry import check_options
from chainrule.core.streams import generator, key
from chainrule.initializers import INITIALIZERS
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.nets.chain import Stage
from chainrule.nets.net import Net

ACTIVATIONS = [name for name, layer in LAYERS.items() if layer.kind == "activation"]
NORMS = {name.removesuffix("_norm"): name for name, layer in LAYERS.items() if layer.kind == "norm"}


class FullyConnectedNet(Net):
    """A fully connected net.

    Args:
        hidden_dims: units of every hidden layer; an empty list makes a linear classifier.
        input_dim: features of a row, after the input transform.
        num_classes: scores of a row (for real targets, how many numbers are predicted).
        activation: one name, or one per hidden layer: relu, leaky_relu, sigmoid, tanh.
        norm: None, "batch" or "layer", between affine and activation of every hidden layer.
        keep: share of the hidden units that dropout keeps; 1 means no dropout.
        init: how weights are drawn: a name (he, xavier, normal, zeros), or a dict with options, such as
            {"kind": "xavier", "distribution": "uniform"}. Where not given: normal if `weight_scale` is, else he.
        weight_scale: the standard deviation of init="normal".
        reg: strength of the L2 penalty 0.5 * reg * sum(W * W).
        loss: "softmax", "svm" or "mse".
        output_activation: None, or an activation after the last affine layer.
        dtype: "float32" or "float64".
        seed: fixes weights and dropout masks.

    Weights are `W1, b1, ..., WL, bL`, each W of shape (fan_in, fan_out); norms add `gamma1, beta1, ...`. Biases and
    betas start at 0, gammas at 1. A layer's weights depend on seed, layer number and shape alone, so nets that differ
    elsewhere start alike.

    Raises:
        SettingError: an unknown name, or a number out of its range.
        ArrayTypeError: a size that is no whole number.

    Example:
        >>> net = FullyConnectedNet([100, 50], input_dim=64, num_classes=10, norm="batch")
        >>> net.params["W2"].shape
        (100, 50)
    """

    def __init__(
        self,
        hidden_dims: Any,
        *,
        input_dim: int = 3072,
        num_classes: int = 10,
        activation: Any = "relu",
        norm: str | None = None,
        keep: float = 1.0,
        init: Any = None,
        weight_scale: float | None = None,
        reg: float = 0.0,
        loss: str = "softmax",
        output_activation: str | None = None,
        dtype: Any = "float32",
        seed: int = 0,
    ) -> None:
        choose(loss, LOSSES, what="loss")
        if norm is not None:
            choose(norm, NORMS, what="norm")
        if output_activation is not None:
            choose(output_activation, ACTIVATIONS, what="output activation")
        super().__init__(
            input_dim=whole(input_dim, "input_dim", owner="net"),
            num_classes=whole(num_classes, "num_classes", owner="net"),
            loss=loss,
            reg=_number(reg, "reg", low=0.0),
            keep=_number(keep, "keep", low=0.0, high=1.0, low_open=True),
            dtype=float_dtype(dtype, owner="net").name,
            seed=whole(seed, "seed", owner="net", least=0),
        )
        self.hidden_dims = _sizes(hidden_dims)
        self.activation = _activations(activation, len(self.hidden_dims))
        self.norm, self.output_activation = norm, output_activation
        self.init = _initializer(init, weight_scale)
        self.stages = self._stages()
        self._draw()

    def _stages(self) -> list[Stage]:
        stages = []
        for i, activation in enumerate(self.activation, start=1):
            stages.append(Stage(f"affine{i}", LAYERS["affine"], (f"W{i}", f"b{i}")))
            if self.norm:
                row = LAYERS[NORMS[self.norm]]
                stages.append(Stage(f"{row.name}{i}", row, tuple(f"{name}{i}" for name in row.params)))
            stages.append(Stage(f"{activation}{i}", LAYERS[activation]))
            if self.keep < 1:
                stages.append(Stage(f"dropout{i}", LAYERS["dropout"]))
        last = len(self.hidden_dims) + 1
        stages.append(Stage(f"affine{last}", LAYERS["affine"], (f"W{last}", f"b{last}")))
        if self.output_activation:
            stages.append(Stage(f"{self.output_activation}{last}", LAYERS[self.output_activation]))
        return stages

    def _draw(self) -> None:
        options = {name: value for name, value in self.init.items() if name != "kind"}
        draw = INITIALIZERS[self.init["kind"]].draw
        sizes = [self.input_dim, *self.hidden_dims, self.num_classes]
        for i, shape in enumerate(pairwise(sizes), start=1):
            weights = draw(generator(key(self.seed, "weights", i)), shape, **options)
            self.params[f"W{i}"] = weights.astype(self.dtype)
            self.params[f"b{i}"] = np.zeros(shape[1], self.dtype)
            if self.norm and i <= len(self.hidden_dims):
                self.params[f"gamma{i}"] = np.ones(shape[1], self.dtype)
                self.params[f"beta{i}"] = np.zeros(shape[1], self.dtype)
        for stage in self.stages:
            if stage.layer.needs == "stats":
                width = self.params[stage.params[0]].shape[0]
                self.stats[stage.name] = (np.zeros(width, self.dtype), np.ones(width, self.dtype))

    def settings(self) -> dict[str, Any]:
        """The constructor's arguments; JSON-able."""
        return {
            "hidden_dims": self.hidden_dims,
            "input_dim": self.input_dim,
            "num_classes": self.num_classes,
            "activation": self.activation,
            "norm": self.norm,
            "keep": self.keep,
            "init": self.init,
            "reg": self.reg,
            "loss": self.loss_name,
            "output_activation": self.output_activation,
            "dtype": self.dtype.name,
            "seed": self.seed,
        }


def _sizes(hidden_dims: Any) -> list[int]:
    if not isinstance(hidden_dims, list | tuple | np.ndarray):
        raise SettingError(
            f"net: hidden_dims must be a list of layer sizes such as [100, 100]; came {hidden_dims!r}. "
            f"For one hidden layer pass [{hidden_dims}]."
        )
    return [whole(size, f"hidden_dims[{i}]", owner="net") for i, size in enumerate(hidden_dims)]


def _activations(activation: Any, layers: int) -> list[str]:
    if not isinstance(activation, str | list | tuple):
        raise SettingError(
            f"net: activation must be one name, or a list with one per hidden layer; came {activation!r}."
        )
    names = [activation] * layers if isinstance(activation, str) else list(activation)
    for name in [activation] if isinstance(activation, str) else names:
        choose(name, ACTIVATIONS, what="activation")
    if len(names) != layers:
        raise SettingError(
            f"net: activation must be one name, or one per hidden layer; came {len(names)} for {layers} hidden layers."
        )
    return names


def _initializer(init: Any, weight_scale: float | None) -> dict[str, Any]:
    """The initializer as a dict with its kind and options."""
    if init is None:
        init = "he" if weight_scale is None else "normal"
    if not isinstance(init, str | dict):
        raise SettingError(f'net: init must be a name, or a dict with a "kind" and options; came {init!r}.')
    described = {"kind": init} if isinstance(init, str) else dict(init)
    kind = choose(described.get("kind", ""), INITIALIZERS, what="initializer, init")
    if weight_scale is not None:
        if kind != "normal":
            raise SettingError(
                f"net: weight_scale must come with init='normal', whose standard deviation it is; came init={kind!r}, "
                f"which finds its own. Leave one of the two out."
            )
        described["scale"] = _number(weight_scale, "weight_scale", low=0.0)
    check_options(
        INITIALIZERS[kind].draw,
        {name: value for name, value in described.items() if name != "kind"},
        what=f"option of init={kind!r}",
    )
    return described


def _number(value: Any, name: str, *, low: float, high: float = np.inf, low_open: bool = False) -> float:
    number = real(value)
    if number is None:
        raise SettingError(f"net: {name} must be a number; came {value!r}.")
    if not (low < number or (number == low and not low_open)) or not number <= high or number == np.inf:
        raise SettingError(
            f"net: {name} must be {'above' if low_open else 'at least'} {low:g}"
            + (f" and at most {high:g}" if high < np.inf else "")
            + f"; came {value!r}."
        )
    return number
