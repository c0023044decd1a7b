"""Nets to and from PyTorch: the same scores and gradients to rounding, and a sentence for what no net can be."""

import sys

import numpy as np
import pytest
from random_nets import a_net

import chainrule as cr
from chainrule.core.errors import ArrayTypeError, MissingExtraError, SettingError
from chainrule.interop.torch import from_torch, to_torch
from chainrule.nets.input import Input


@pytest.mark.peers
@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-6), ("float64", 1e-14)])
@pytest.mark.parametrize("draw", range(20))
def test_scores_are_the_modules(draw, dtype, bound):
    import torch

    net = a_net(draw, dtype)
    X = np.random.default_rng(100 + draw).standard_normal((7, 6)).astype(dtype)
    module = to_torch(net)
    assert [name for name, _ in module.named_children() if name != "input"] == [stage.name for stage in net.stages]
    with torch.no_grad():
        theirs = module(torch.from_numpy(X)).numpy()
    scale = max(1.0, np.abs(theirs).max())
    assert theirs.dtype == dtype
    assert np.abs(theirs - net.scores(X)).max() <= bound * scale
    back = from_torch(module, loss=net.loss_name)
    assert back.settings() | {"init": None, "seed": 0} == net.settings() | {"init": None, "seed": 0}
    np.testing.assert_array_equal(back.params["W1"], net.params["W1"])
    assert np.abs(back.scores(X) - net.scores(X)).max() <= bound * scale


@pytest.mark.peers
@pytest.mark.parametrize("norm", [None, "batch", "layer"])
def test_gradients_in_training_mode_are_the_modules(norm):
    import torch

    rng = np.random.default_rng(5)
    net = cr.FullyConnectedNet([8, 5], input_dim=6, num_classes=4, norm=norm, activation="tanh", dtype="float64")
    X, y = rng.standard_normal((9, 6)), rng.integers(0, 4, 9)
    loss, grads = net.loss(X, y)
    module = to_torch(net).train()
    theirs = torch.nn.functional.cross_entropy(module(torch.from_numpy(X)), torch.from_numpy(y))
    theirs.backward()
    np.testing.assert_allclose(loss, theirs.item(), rtol=1e-12)
    for stage in net.stages:
        for name, value in zip(stage.params, module.get_submodule(stage.name).parameters()):
            theirs = value.grad.numpy()
            np.testing.assert_allclose(grads[name], theirs.T if theirs.ndim == 2 else theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.peers
def test_a_module_made_elsewhere_with_nested_parts_and_no_bias():
    from torch import nn, rand

    module = nn.Sequential(
        nn.Flatten(),
        nn.Sequential(nn.Linear(6, 5, bias=False), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.25)),
        nn.Linear(5, 3),
    )
    module.train()(rand(11, 6))
    net = from_torch(module, loss="svm", reg=0.1)
    X = np.random.default_rng(0).random((4, 6), dtype="float32")
    assert (net.keep, net.norm, net.loss_name, net.reg) == (0.75, "batch", "svm", 0.1)
    np.testing.assert_allclose(net.scores(X), module.eval()(as_tensor(X)).detach().numpy(), atol=1e-6)


def as_tensor(X):
    import torch

    return torch.from_numpy(X)


@pytest.mark.peers
def test_the_state_dict_fills_a_module_of_the_same_shape():
    net = a_net(4, "float32")
    state, other = to_torch(net).state_dict(), to_torch(a_net(4, "float32").copy())
    other.load_state_dict(state)
    assert set(state) >= {"affine1.weight", "affine1.bias"}
    assert tuple(state["affine1.weight"].shape) == net.params["W1"].shape[::-1]


@pytest.mark.peers
def test_what_no_net_can_be_is_named():
    from torch import nn

    cases = {
        "no layer of a fully connected net is a Conv2d": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(4, 2)),
        "no Linear layer": nn.Sequential(nn.ReLU()),
        r"came 0 \(Linear\)|came nothing": nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)),
        "LeakyReLU with negative_slope=0.2": nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 2)),
        "eps=0.001; nets have 1e-05": nn.Sequential(
            nn.Linear(3, 4), nn.BatchNorm1d(4, eps=1e-3), nn.ReLU(), nn.Linear(4, 2)
        ),
        "track_running_stats": nn.Sequential(
            nn.Linear(3, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.ReLU(), nn.Linear(4, 2)
        ),
        "the same norm and the same dropout in all": nn.Sequential(
            nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.LayerNorm(4), nn.ReLU(), nn.Linear(4, 2)
        ),
        "in this order; came 1": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.LayerNorm(4), nn.Linear(4, 2)),
    }
    for message, module in cases.items():
        with pytest.raises(SettingError, match=message):
            from_torch(module)
    with pytest.raises(ArrayTypeError, match="load_state_dict"):
        from_torch(cases["no Linear layer"].state_dict())


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for function in (to_torch, from_torch):
        with pytest.raises(MissingExtraError, match=r"chainrule\[torch\]"):
            function(a_net(0, "float32"))


@pytest.mark.peers
def test_categorical_columns_are_refused_in_words():
    from chainrule.nets.input import Column

    net = cr.FullyConnectedNet([3], input_dim=3, num_classes=2)
    net.input = Input(columns=(Column("size"), Column("colour", ("red", "blue"))))
    with pytest.raises(SettingError, match="one-hot"):
        to_torch(net)
    with pytest.raises(ArrayTypeError, match="a net of this library"):
        to_torch(3)
