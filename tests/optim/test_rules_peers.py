"""The update rules, schedules and clipping against PyTorch's, step by step."""

import numpy as np
import pytest

from chainrule.optim import OPTIMIZERS
from chainrule.optim.gradients import clip_by_norm, norm
from chainrule.optim.schedules import learning_rate

pytestmark = pytest.mark.peers
STEPS = 20


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


PEERS = {
    "sgd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {"rate_inside": False}),
    "momentum inside": ("SGD", {"momentum": 0.9}, {"rate_inside": True}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {"rate_inside": False}),
    "nesterov inside": ("SGD", {"momentum": 0.9, "nesterov": True}, {"rate_inside": True}),
    "adagrad": ("Adagrad", {"eps": 1e-8}, {}),
    "rmsprop": ("RMSprop", {"alpha": 0.99, "eps": 1e-8}, {}),
    "adam": ("Adam", {}, {}),
    "adamw": ("AdamW", {"weight_decay": 0.1}, {"weight_decay": 0.1}),
}


@pytest.mark.parametrize("name", PEERS)
def test_rule_follows_pytorch(torch, name):
    peer, their_options, our_options = PEERS[name]
    rule = OPTIMIZERS[name.split()[0]]
    rng = np.random.default_rng(0)
    w = rng.standard_normal((4, 3))
    theirs = torch.nn.Parameter(torch.tensor(w))
    optimizer = getattr(torch.optim, peer)([theirs], lr=0.01, **their_options)
    state = rule.init(w)
    for step in range(STEPS):
        lr = 0.01 if "inside" in name else 0.01 * 0.9**step
        optimizer.param_groups[0]["lr"] = lr
        dw = rng.standard_normal((4, 3)) * 10.0 ** rng.integers(-3, 3, (4, 3))
        theirs.grad = torch.tensor(dw)
        optimizer.step()
        w, state = rule.step(w, dw, state, lr=lr, **our_options)
        np.testing.assert_allclose(w, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rule_gives_the_same_on_tensors(torch, name, dtype):
    rule = OPTIMIZERS[name]
    rng = np.random.default_rng(1)
    w = rng.standard_normal((4, 3)).astype(dtype)
    tensor, state = torch.tensor(w), rule.init(w)
    their_state = rule.init(tensor)
    for _ in range(3):
        dw = rng.standard_normal((4, 3)).astype(dtype)
        w, state = rule.step(w, dw, state, lr=0.01)
        tensor, their_state = rule.step(tensor, torch.tensor(dw), their_state, lr=0.01)
        assert str(tensor.dtype) == f"torch.{dtype}"
        np.testing.assert_allclose(tensor.numpy(), w, rtol=1e-6 if dtype == "float32" else 1e-14)


def rates(torch, make, steps, check=lambda scheduler, step: scheduler.step()):
    """The rate of each step under one of PyTorch's schedulers, whose base rate is 0.5."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler = make(optimizer)
    seen = []
    for step in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            check(scheduler, step)
    return np.array(seen)


def ours(schedule, steps, steps_per_epoch, history=()):
    return np.array(
        [
            learning_rate(
                schedule,
                0.5,
                step=step,
                steps_per_epoch=steps_per_epoch,
                total_steps=steps,
                val_history=history[: step // steps_per_epoch],
            )
            for step in range(steps)
        ]
    )


def test_schedules_follow_pytorch(torch):
    lr_scheduler = torch.optim.lr_scheduler
    pairs = [
        (lambda o: lr_scheduler.ExponentialLR(o, 0.9), {"kind": "exponential", "decay": 0.9}),
        (lambda o: lr_scheduler.StepLR(o, 3, 0.5), {"kind": "step", "every": 3, "factor": 0.5}),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 20, 0.05), {"kind": "cosine", "final": 0.1}),
        (
            lambda o: lr_scheduler.OneCycleLR(o, 0.5, 21, pct_start=7 / 21, div_factor=10, final_div_factor=100),
            {"kind": "one_cycle", "warm": 0.3, "start_divisor": 10, "final_divisor": 1000},
        ),
    ]
    for make, schedule in pairs:
        np.testing.assert_allclose(rates(torch, make, 21), ours(schedule, 21, 1), rtol=1e-12, err_msg=schedule["kind"])


def test_plateau_follows_pytorch(torch):
    history = [0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3005, 0.3, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]

    def make(optimizer):
        return torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode="max", factor=0.5, patience=2, threshold=1e-3, threshold_mode="abs", min_lr=0.04
        )

    theirs = rates(torch, make, 21, lambda scheduler, step: scheduler.step(history[step]))
    schedule = {"kind": "plateau", "factor": 0.5, "patience": 2, "threshold": 1e-3, "min_lr": 0.04}
    np.testing.assert_allclose(theirs, ours(schedule, 21, 1, history), rtol=1e-12)
    assert theirs[-1] == 0.04


def test_clipping_follows_pytorch_and_takes_tensors(torch):
    rng = np.random.default_rng(2)
    grads = {"W1": rng.standard_normal((4, 3)), "b1": rng.standard_normal(3)}
    parameters = [torch.nn.Parameter(torch.zeros(grad.shape, dtype=torch.float64)) for grad in grads.values()]
    for parameter, grad in zip(parameters, grads.values()):
        parameter.grad = torch.tensor(grad)
    theirs = torch.nn.utils.clip_grad_norm_(parameters, 1.5)
    clipped, length = clip_by_norm(grads, 1.5)
    assert length == pytest.approx(float(theirs), rel=1e-13)
    for parameter, name in zip(parameters, grads):
        np.testing.assert_allclose(parameter.grad.numpy(), clipped[name], rtol=1e-6)
    tensors, same = clip_by_norm({name: torch.tensor(grad) for name, grad in grads.items()}, 1.5)
    assert same == pytest.approx(length, rel=1e-14)
    np.testing.assert_allclose(tensors["W1"].numpy(), clipped["W1"], rtol=1e-14)
    assert norm(torch.full((10,), 1e30, dtype=torch.float32)) == pytest.approx(10**0.5 * 1e30, rel=1e-6)
