"""Which PyTorch module stands for which layer, and how their arrays are laid out."""

from typing import Any

import numpy as np

from chainrule.core.errors import SettingError
from chainrule.interop.constants import EPS, SLOPE
from chainrule.nets.chain import Stage
from chainrule.nets.net import Net


def module_of(stage: Stage, net: Net, torch: Any) -> Any:
    """The module that does what the stage does, with the stage's arrays in it."""
    nn = torch.nn
    values = [net.params[name] for name in stage.params]
    match stage.layer.name:
        case "affine":
            module = nn.Linear(*values[0].shape)
            return filled(module, torch, weight=values[0].T, bias=values[1])
        case "batch_norm":
            mean, var = net.stats[stage.name]
            module = nn.BatchNorm1d(len(mean), eps=EPS)
            return filled(module, torch, weight=values[0], bias=values[1], running_mean=mean, running_var=var)
        case "layer_norm":
            return filled(nn.LayerNorm(len(values[0]), eps=EPS), torch, weight=values[0], bias=values[1])
        case "dropout":
            return nn.Dropout(1 - net.keep)
        case "relu" | "sigmoid" | "tanh":
            return {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[stage.layer.name]()
        case "leaky_relu":
            return nn.LeakyReLU(SLOPE)
    raise SettingError(f"to_torch: no PyTorch module is known for the layer {stage.layer.name!r} (stage {stage.name}).")


def filled(module: Any, torch: Any, **arrays: np.ndarray) -> Any:
    """The module with copies of the arrays as its parameters and buffers, in their dtype."""
    module.to(getattr(torch, next(iter(arrays.values())).dtype.name))
    with torch.no_grad():
        for name, value in arrays.items():
            getattr(module, name).copy_(torch.from_numpy(np.ascontiguousarray(value)))
    return module


def layer_of(module: Any, torch: Any) -> str | None:
    """The name of the layer that the module is; None for one that passes its input on (Identity, Flatten).

    Raises:
        SettingError: no layer does the same.
    """
    nn = torch.nn
    known = {nn.Linear: "affine", nn.BatchNorm1d: "batch_norm", nn.LayerNorm: "layer_norm", nn.ReLU: "relu"}
    known |= {nn.LeakyReLU: "leaky_relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh", nn.Dropout: "dropout"}
    if isinstance(module, nn.Identity | nn.Flatten):
        return None
    if type(module) not in known:
        raise SettingError(
            f"from_torch: no layer of a fully connected net is a {type(module).__name__}; known: Flatten, Identity, "
            f"{', '.join(kind.__name__ for kind in known)}."
        )
    reason = _difference(module, torch)
    if reason:
        raise SettingError(f"from_torch: {type(module).__name__} with {reason}.")
    return known[type(module)]


def _difference(module: Any, torch: Any) -> str | None:
    """Why the module does not compute what our layer of that kind does; None where it does."""
    nn = torch.nn
    if isinstance(module, nn.LeakyReLU) and module.negative_slope != SLOPE:
        return f"negative_slope={module.negative_slope:g}; nets have a slope of {SLOPE:g}"
    if isinstance(module, nn.BatchNorm1d | nn.LayerNorm) and module.eps != EPS:
        return f"eps={module.eps:g}; nets have {EPS:g}"
    if isinstance(module, nn.BatchNorm1d) and module.running_mean is None:
        return "track_running_stats=False; nets evaluate with running statistics"
    if isinstance(module, nn.LayerNorm) and len(module.normalized_shape) != 1:
        return f"normalized_shape={tuple(module.normalized_shape)}; nets normalize the features of a row"
    return None
