"""Nets to and from PyTorch modules: the same scores to rounding, the same gradients in training mode."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError, MissingExtraError, SettingError
from chainrule.interop.modules import layer_of, module_of
from chainrule.nets.fully_connected import FullyConnectedNet
from chainrule.nets.net import Net


def _torch(caller: str) -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError(
            f"{caller} needs PyTorch, which is not installed: pip install 'chainrule[torch]' (a CPU build is enough)."
        ) from error
    return torch


def to_torch(net: Net) -> Any:
    """A net as a `torch.nn.Sequential`, ready to be trained on, saved or moved to a GPU.

    Its submodules have the names of the net's stages (`affine1`, `relu1`, ...), so `state_dict()` has keys such as
    `affine1.weight`, of shape (fan_out, fan_in): PyTorch's layout. A centre or scale of the net's input becomes a first
    module `input` with both as buffers.

    Args:
        net: any net of the library, without one-hot columns.

    Returns:
        A module in evaluation mode with copies of all parameters and running statistics, in the net's dtype. It takes
        (N, D) float rows, and returns scores (N, C).

    Convention: PyTorch's batch norm averages the unbiased variance and counts momentum as the share replaced; the running
        statistics are carried over as they are, and its further training follows PyTorch.

    Raises:
        MissingExtraError: PyTorch is not installed.
        SettingError: the net has categorical columns, or a layer that PyTorch has no module for.
    """
    torch = _torch("to_torch")
    if not isinstance(net, Net):
        raise ArrayTypeError(f"to_torch: a net of this library is wanted; came {type(net).__name__}.")
    if net.input.has_categories:
        raise SettingError(
            "to_torch: the net's input has categorical columns, which become one-hot features before the first layer; "
            "a module of numbers cannot read them. Export with to_onnx, which takes the codes, or code the columns first."
        )
    stages = OrderedDict((stage.name, module_of(stage, net, torch)) for stage in net.stages)
    if net.input.arrays():
        stages = OrderedDict([("input", _standardize(net, torch)), *stages.items()])
    return torch.nn.Sequential(stages).eval()


def _standardize(net: Net, torch: Any) -> Any:
    """(x - center) / scale as a module."""

    class Standardize(torch.nn.Module):
        """Rows as stored to a net's features: (x - center) / scale."""

        def __init__(self) -> None:
            super().__init__()
            for name, neutral in (("center", 0.0), ("scale", 1.0)):
                value = getattr(net.input, name)
                array = np.array(neutral if value is None else value, dtype=net.dtype)
                self.register_buffer(name, torch.from_numpy(array))

        def forward(self, x: Any) -> Any:
            return (x.flatten(1).to(self.center.dtype) - self.center) / self.scale

    return Standardize()


def from_torch(module: Any, *, loss: str = "softmax", reg: float = 0.0, seed: int = 0) -> FullyConnectedNet:
    """A net from a PyTorch module that is a chain of fully connected layers.

    Args:
        module: a `torch.nn.Sequential` (others may be nested in it) of Linear, then [BatchNorm1d or LayerNorm], an
            activation and [Dropout] for every hidden layer, and a last Linear, with an activation after it or none.
            Flatten and Identity are passed over. What `to_torch` returned is taken back with its input transform.
        loss: what the net is trained with from here on: "softmax", "svm" or "mse".
        reg: as for `FullyConnectedNet`.
        seed: fixes the dropout masks.

    Returns:
        A net with copies of all parameters and running statistics: the same scores as the module's in evaluation mode.

    Raises:
        MissingExtraError: PyTorch is not installed.
        ArrayTypeError: no module.
        SettingError: the chain is not one that a `FullyConnectedNet` can be; the message names the module.
    """
    torch = _torch("from_torch")
    if not isinstance(module, torch.nn.Module):
        raise ArrayTypeError(
            f"from_torch: a torch.nn.Module is wanted; came {type(module).__name__}. For a saved state dict, build the "
            f"module first and call its load_state_dict."
        )
    transform = None
    parts: list[tuple[str, str, Any]] = []
    for name, part in _leaves(module, torch):
        if type(part).__name__ == "Standardize" and not parts:
            transform = part
        elif (layer := layer_of(part, torch)) is not None:
            parts.append((name, layer, part))
    net = _skeleton(parts, loss=loss, reg=reg, seed=seed)
    for stage, (_, _, part) in zip(net.stages, parts, strict=True):
        _fill(net, stage, part)
    if transform is not None:
        center, scale = (getattr(transform, name).double().cpu().numpy() for name in ("center", "scale"))
        net.input = type(net.input)(center=center if center.ndim else None, scale=scale if (scale != 1).any() else None)
    return net


def _leaves(module: Any, torch: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The modules of a nest of Sequentials, in the order in which data flow."""
    if not isinstance(module, torch.nn.Sequential):
        yield name or type(module).__name__, module
        return
    for child, part in module.named_children():
        yield from _leaves(part, torch, f"{name}.{child}" if name else child)


def _skeleton(parts: list[tuple[str, str, Any]], *, loss: str, reg: float, seed: int) -> FullyConnectedNet:
    """A net whose stages are the parts; its numbers are still to be filled in."""
    affines = [part for _, layer, part in parts if layer == "affine"]
    if not affines:
        raise SettingError("from_torch: the module has no Linear layer, so it is no fully connected net.")
    cuts = [i for i, (_, layer, _) in enumerate(parts) if layer == "affine"]
    blocks = [parts[start + 1 : end] for start, end in zip(cuts, [*cuts[1:], len(parts)])]
    hidden = [_block(block) for block in blocks[:-1]]
    last = [layer for _, layer, _ in blocks[-1]]
    norms, rates = {norm for norm, _, _ in hidden}, {rate for _, _, rate in hidden}
    if cuts[0] or len(norms) > 1 or len(rates) > 1 or len(last) > 1 or not set(last) <= ACTIVATIONS:
        chain = " – ".join(type(part).__name__ for _, _, part in parts)
        raise SettingError(
            f"from_torch: a net is Linear – [norm] – activation – [Dropout] for every hidden layer, the same norm and the "
            f"same dropout in all, and a last Linear (with an activation or none); came {chain}."
        )
    return FullyConnectedNet(
        [part.out_features for part in affines[:-1]],
        input_dim=affines[0].in_features,
        num_classes=affines[-1].out_features,
        activation=[activation for _, activation, _ in hidden],
        norm=next(iter(norms), None),
        keep=1 - next(iter(rates), 0.0),
        output_activation=last[0] if last else None,
        init="zeros",
        loss=loss,
        reg=reg,
        seed=seed,
        dtype=str(affines[0].weight.dtype).removeprefix("torch."),
    )


ACTIVATIONS = {"relu", "leaky_relu", "sigmoid", "tanh"}
NORMS = {"batch_norm": "batch", "layer_norm": "layer"}


def _block(block: list[tuple[str, str, Any]]) -> tuple[str | None, str, float]:
    """(norm, activation, dropout rate) of what stands between two affine layers."""
    layers = [layer for _, layer, _ in block]
    norm = NORMS[layers[0]] if layers and layers[0] in NORMS else None
    rest = layers[1:] if norm else layers
    if not rest or rest[0] not in ACTIVATIONS or rest[1:] not in ([], ["dropout"]):
        names = ", ".join(f"{name} ({type(part).__name__})" for name, _, part in block) or "nothing"
        raise SettingError(
            f"from_torch: between two Linear layers a net has [norm] – activation – [Dropout], in this order; came {names}."
        )
    return norm, rest[0], block[-1][2].p if rest[1:] else 0.0


def _fill(net: FullyConnectedNet, stage: Any, part: Any) -> None:
    """Copy a module's arrays into the net's stage; a module without them leaves what a new net has."""

    def array(value: Any) -> np.ndarray:
        return np.array(value.detach().cpu().numpy(), dtype=net.dtype)

    if stage.layer.name == "affine":
        weights, bias = stage.params
        net.params[weights] = np.ascontiguousarray(array(part.weight).T)
        if part.bias is not None:
            net.params[bias] = array(part.bias)
        return
    for name, value in zip(stage.params, (getattr(part, "weight", None), getattr(part, "bias", None))):
        if value is not None:
            net.params[name] = array(value)
    if stage.layer.needs == "stats":
        net.stats[stage.name] = (array(part.running_mean), array(part.running_var))
