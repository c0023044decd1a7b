"""Agreement with PyTorch: every layer and loss that it has too, the same code on its tensors, and a whole training."""

import numpy as np
import pytest

from chainrule.core.arrays import namespace
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.nets import FullyConnectedNet
from chainrule.training.solver import Solver

pytestmark = pytest.mark.peers
torch = pytest.importorskip("torch", reason="agreement with PyTorch needs torch")


def functional(name, x, *rest):
    """PyTorch's own operation of that name."""
    F = torch.nn.functional
    return {
        "affine": lambda: F.linear(x, rest[0].T, rest[1]),
        "relu": lambda: F.relu(x),
        "leaky_relu": lambda: F.leaky_relu(x, 0.01),
        "sigmoid": lambda: torch.sigmoid(x),
        "tanh": lambda: torch.tanh(x),
        "batch_norm": lambda: F.batch_norm(x, None, None, rest[0], rest[1], training=True, eps=1e-5),
        "layer_norm": lambda: F.layer_norm(x, x.shape[1:], rest[0], rest[1], eps=1e-5),
        "dropout": lambda: x * rest[0],
    }[name]()


def tensors(inputs, **options):
    return [torch.tensor(value, **options) for value in inputs.values()]


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_layers_agree_with_autograd(layer, rng):
    for _ in range(5):
        inputs = layer.sample(rng)
        theirs = tensors(inputs, requires_grad=True)
        y, cache = layer.forward(*inputs.values())
        dy = rng.standard_normal(y.shape)
        out = functional(layer.name, *theirs)
        out.backward(torch.tensor(dy))
        grads = layer.backward(dy, cache)
        np.testing.assert_allclose(y, out.detach().numpy(), rtol=1e-12, atol=1e-12)
        for ours, tensor in zip(grads if isinstance(grads, tuple) else (grads,), theirs):
            np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_the_same_code_runs_on_tensors(layer, rng):
    inputs = layer.sample(rng)
    y, cache = layer.forward(*inputs.values())
    y_t, cache_t = layer.forward(*tensors(inputs))
    assert namespace(y_t) is not np
    dy = rng.standard_normal(y.shape)
    ours, theirs = layer.backward(dy, cache), layer.backward(torch.tensor(dy), cache_t)
    np.testing.assert_allclose(y_t.numpy(), y, rtol=1e-14, atol=1e-14)
    for a, b in zip(ours if isinstance(ours, tuple) else (ours,), theirs if isinstance(theirs, tuple) else (theirs,)):
        np.testing.assert_allclose(b.numpy(), a, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_losses_agree_with_autograd(loss, rng):
    F = torch.nn.functional
    scores, target = loss.sample(rng).values()
    s, t = torch.tensor(scores, requires_grad=True), torch.tensor(target)
    classes = scores.shape[1]
    theirs = {
        "softmax": lambda: F.cross_entropy(s, t),
        "svm": lambda: F.multi_margin_loss(s, t) * classes,
        "mse": lambda: F.mse_loss(s, t) * classes / 2,
    }[loss.name]()
    theirs.backward()
    value, cache = loss.forward(scores, target)
    assert value == pytest.approx(theirs.item(), rel=1e-12, abs=0)
    np.testing.assert_allclose(loss.backward(cache), s.grad.numpy(), rtol=1e-12, atol=1e-14)
    on_tensors, cache = loss.forward(torch.tensor(scores), t)
    assert float(on_tensors) == pytest.approx(float(value), rel=1e-14, abs=0)
    np.testing.assert_allclose(loss.backward(cache).numpy(), s.grad.numpy(), rtol=1e-12, atol=1e-14)


def module_of(net):
    """The same net in PyTorch, with the same weights."""
    parts = []
    for stage in net.stages:
        if stage.layer.name == "affine":
            W, b = (torch.tensor(net.params[name]) for name in stage.params)
            linear = torch.nn.Linear(*W.shape, dtype=W.dtype)
            linear.weight.data, linear.bias.data = W.T.contiguous(), b
            parts.append(linear)
        elif stage.layer.name == "batch_norm":
            parts.append(torch.nn.BatchNorm1d(net.params[stage.params[0]].shape[0], dtype=torch.float64))
        elif stage.layer.name == "layer_norm":
            parts.append(torch.nn.LayerNorm(net.params[stage.params[0]].shape[0], dtype=torch.float64))
        else:
            parts.append({"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[stage.layer.name]())
    return torch.nn.Sequential(*parts)


@pytest.mark.parametrize("norm", [None, "batch", "layer"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_training_follows_pytorchs_step_by_step(norm, activation, rng):
    X, y = rng.standard_normal((60, 8)), rng.integers(0, 4, 60)
    net = FullyConnectedNet([16, 12], input_dim=8, num_classes=4, norm=norm, activation=activation, dtype="float64")
    module = module_of(net)
    solver = Solver(
        net, {"X_train": X, "y_train": y}, rule="adam", lr=1e-3, epochs=10, batch_size=20, verbose=False, restore=None
    )
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    losses = []
    for step in range(30):
        rows = solver.task.rows(step)
        loss = torch.nn.functional.cross_entropy(module(torch.tensor(X[rows])), torch.tensor(y[rows]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    history = solver.train()
    np.testing.assert_allclose(history.loss, losses, rtol=1e-9, atol=0)
