"""Nets, rules and data of PyTorch's peers."""

from itertools import pairwise
from typing import Any

import torch
from torch import nn

from chainrule.bench.inputs import Inputs
from chainrule.bench.work import Compared, Training


class Features:
    """Rows in memory, as bytes that every step centres, or centred beforehand.

    Args:
        inputs: the files.
        form: "bytes" or "floats".
        name: which rows.
    """

    def __init__(self, inputs: Inputs, form: str, name: str = "X") -> None:
        self.is_bytes = form == "bytes"
        self.X = torch.from_numpy(inputs[name] if self.is_bytes else inputs.features(name))
        self.center = torch.from_numpy(inputs["center"]).float()
        self.factor = float(1 / inputs["scale"])

    def __getitem__(self, rows: Any) -> torch.Tensor:
        x = self.X[rows]
        return x.float().sub_(self.center).mul_(self.factor) if self.is_bytes else x


def net_of(work: Training | Compared, weights: dict[str, Any]) -> nn.Sequential:
    """The work's net with the given starting weights."""
    layers: list[nn.Module] = []
    sizes = [work.features, *work.hidden, work.classes]
    for i, (wide, out) in enumerate(pairwise(sizes), start=1):
        affine = nn.Linear(wide, out)
        with torch.no_grad():
            affine.weight.copy_(torch.from_numpy(weights[f"W{i}"].T.copy()))
            affine.bias.copy_(torch.from_numpy(weights[f"b{i}"]))
        layers.append(affine)
        if i <= len(work.hidden):
            layers += [nn.BatchNorm1d(out)] if work.norm else []
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def rule_of(name: str, params: Any, lr: float) -> torch.optim.Optimizer:
    """An update rule, fused where PyTorch offers that."""
    params = list(params)
    if name == "adam":
        return torch.optim.Adam(params, lr=lr, fused=True)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr, foreach=True)
    return torch.optim.SGD(params, lr=lr, momentum=0.9 if name == "momentum" else 0.0, fused=True)
