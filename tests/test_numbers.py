"""Numbers against a reference of 50 digits, over inputs of every size."""

import copy
import re

import mpmath
import numpy as np
import pytest

from chainrule.core.errors import ArrayError
from chainrule.layers import batch_norm, layer_norm, sigmoid, tanh
from chainrule.losses import softmax
from chainrule.nets import FullyConnectedNet
from chainrule.training.solver import Solver

mpmath.mp.dps = 50
SCALES = (1e-300, 1e-8, 1.0, 30.0, 700.0, 1e5, 1e300)


def scores_of(rng, scale, rows=6, classes=5):
    """Random scores, rows of ties, rows with one far ahead, and rows moved by 2000."""
    scores = scale * rng.standard_normal((rows, classes))
    scores[1] = scale
    scores[2, 0] = 3 * abs(scores[2]).max()
    scores[3] += 2000
    return scores


def ulps(value, exact):
    """The distance in units of the last place of the exact value."""
    return abs(mpmath.mpf(float(value)) - exact) / mpmath.mpf(float(np.spacing(max(abs(float(exact)), 1e-300))))


def spread(row):
    """1 + max|x - max x|, the condition of a softmax."""
    return 1 + float(np.max(np.abs(row - np.max(row))))


@pytest.mark.promise("P4.3")
@pytest.mark.parametrize("scale", SCALES)
def test_the_softmax_loss_and_its_gradient(scale, rng):
    scores = scores_of(rng, scale)
    for i, row in enumerate(scores):
        label = i % len(row)
        value, cache = softmax.forward(row[None], np.array([label]))
        gradient = softmax.backward(cache)[0]
        shifted = [mpmath.mpf(float(x)) - mpmath.mpf(float(row.max())) for x in row]
        total = mpmath.fsum(mpmath.exp(x) for x in shifted)
        assert np.isfinite(value)
        loss = mpmath.log(total) - shifted[label]
        assert abs(mpmath.mpf(float(value)) - loss) <= 4 * np.spacing(1.0) * spread(row) * max(
            1, abs(loss) / spread(row)
        )
        for k, x in enumerate(shifted):
            p = mpmath.exp(x) / total
            exact = p - (k == label)
            assert abs(mpmath.mpf(float(gradient[k])) - exact) <= 4 * np.spacing(1.0) * spread(row)


@pytest.mark.promise("P4.3")
@pytest.mark.parametrize("scale", SCALES)
def test_probabilities(scale, rng):
    for row in scores_of(rng, scale):
        p = softmax.probabilities(row[None])[0]
        shifted = [mpmath.mpf(float(x)) - mpmath.mpf(float(row.max())) for x in row]
        total = mpmath.fsum(mpmath.exp(x) for x in shifted)
        for value, x in zip(p, shifted):
            exact = mpmath.exp(x) / total
            if exact > mpmath.mpf(10) ** -300:
                assert ulps(value, exact) <= 4 * spread(row)
            else:
                assert value <= 1e-299


@pytest.mark.promise("P4.4")
@pytest.mark.parametrize("scale", SCALES)
def test_sigmoid_and_tanh(scale, rng):
    x = np.concatenate([scale * rng.standard_normal(40), [0.0, scale, -scale]])[None]
    y, cache = sigmoid.forward(x)
    dx = sigmoid.backward(rng.standard_normal(x.shape), cache)
    t, _ = tanh.forward(x)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    for value, squashed, input_ in zip(y[0], t[0], x[0]):
        exact = 1 / (1 + mpmath.exp(-mpmath.mpf(float(input_))))
        if exact > mpmath.mpf(10) ** -300:
            assert ulps(value, exact) <= 4
        else:
            assert value <= 1e-299
        assert ulps(squashed, mpmath.tanh(mpmath.mpf(float(input_)))) <= 4


@pytest.mark.promise("P4.5")
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, 1e150])
@pytest.mark.parametrize("module", [batch_norm, layer_norm])
def test_norms(module, scale, rng):
    x = scale * rng.standard_normal((5, 5))
    ones, zeros = np.ones(5), np.zeros(5)
    y, _ = module.forward(x, ones, zeros)
    assert np.isfinite(y).all()
    lines, outputs = (x.T, y.T) if module is batch_norm else (x, y)
    for line, output in zip(lines, outputs):
        exact = [mpmath.mpf(float(value)) for value in line]
        mean = mpmath.fsum(exact) / 5
        std = mpmath.sqrt(mpmath.fsum((value - mean) ** 2 for value in exact) / 5 + mpmath.mpf("1e-5"))
        for value, got in zip(exact, output):
            assert abs(mpmath.mpf(float(got)) - (value - mean) / std) <= 16 * np.spacing(1.0) * max(
                1, float(abs(mean) / std)
            )


# -- float32, adversarial rows, and backwards ----------------------------------------------------------------------------

ADVERSARIAL = [
    [0.0, -0.0, 0.0],
    [1e300, -1e300, 1e300],
    [-1e300, -1e300, -1e300],
    [0.0, -745.13, -745.14],  # where exp leaves float64
    [0.0, -708.4, -1e-320],  # where it leaves the normal numbers
    [36.7, 0.0, -36.7],  # where 1 + exp(-x) is 1
    [1.0, np.nextafter(1.0, 2.0), np.nextafter(1.0, 0.0)],
    [5e-324, -5e-324, 0.0],
]
ADVERSARIAL32 = [
    [1.5e38, -1.5e38, 1.5e38],
    [0.0, -103.9, -104.0],
    [88.0, 0.0, -88.7],
    [1.0, np.nextafter(np.float32(1), np.float32(2)), 0.5],
    [1e-45, -1e-45, 0.0],
]


def exact_softmax(row):
    """Probabilities and losses by label, to 50 digits."""
    exact = [mpmath.mpf(float(x)) for x in row]
    terms = [mpmath.exp(x - max(exact)) for x in exact]
    total = mpmath.fsum(terms)
    return [term / total for term in terms], [mpmath.log(total) + (max(exact) - x) for x in exact]


@pytest.mark.promise("P4.7")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("source", ["adversarial", "random"])
def test_softmax_forward_and_backward_of_adversarial_rows(dtype, source, rng):
    eps = float(np.finfo(dtype).eps)
    rows = ADVERSARIAL32 + (ADVERSARIAL if dtype is np.float64 else [])
    if source == "random":
        rows = [10 ** rng.uniform(-3, 4) * rng.standard_normal(3) for _ in range(40)]
    for row in np.array(rows, dtype=dtype):
        exact, losses = exact_softmax(row)
        allowed = 4 * eps * spread(row.astype(np.float64))
        p = softmax.probabilities(row[None])[0]
        assert p.dtype == dtype
        assert abs(float(p.sum()) - 1) <= 4 * eps
        for label in range(3):
            value, cache = softmax.forward(row[None], np.array([label]))
            gradient = softmax.backward(cache)[0]
            assert np.isfinite(value)
            assert np.isfinite(gradient).all()
            assert abs(mpmath.mpf(float(value)) - losses[label]) <= allowed
            for k in range(3):
                assert abs(mpmath.mpf(float(p[k])) - exact[k]) <= allowed * exact[k] + np.finfo(dtype).tiny
                assert abs(mpmath.mpf(float(gradient[k])) - (exact[k] - (k == label))) <= allowed


@pytest.mark.promise("P4.8")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_forward_and_backward_everywhere(dtype, rng):
    largest, info = (1e300, np.finfo(dtype)) if dtype is np.float64 else (1e38, np.finfo(dtype))
    edges = [0.0, -0.0, 1e-30, 36.7, -36.7, 87.3, -87.3, 88.7, -103.9, 708.4, -708.4, -745.2, largest, -largest]
    x = np.concatenate([edges, 50 * rng.standard_normal(60)]).astype(dtype)[None]
    y, cache = sigmoid.forward(x)
    dx = sigmoid.backward(np.ones_like(x), cache)
    assert y.dtype == dx.dtype == dtype
    for value, slope, at in zip(y[0], dx[0], x[0]):
        exact = 1 / (1 + mpmath.exp(-mpmath.mpf(float(at))))
        assert abs(mpmath.mpf(float(value)) - exact) <= 4 * float(info.eps) * exact + float(info.tiny)
        # 1 - y loses digits near y = 1: right to a rounding of 1, as the slope is of a sum
        assert abs(mpmath.mpf(float(slope)) - exact * (1 - exact)) <= 4 * float(info.eps) * exact + float(info.tiny)


@pytest.mark.promise("P4.9")
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, 1e150])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("module", [batch_norm, layer_norm])
def test_norms_backward(module, dtype, scale, rng):
    scale = scale if dtype is np.float64 else min(scale, 1e15)
    x = (scale * rng.standard_normal((5, 5))).astype(dtype)
    ones, zeros = np.ones(5, dtype), np.zeros(5, dtype)
    dy = rng.standard_normal((5, 5)).astype(dtype)
    _, cache = module.forward(x, ones, zeros)
    dx, dgamma, dbeta = module.backward(dy, cache)
    assert all(np.isfinite(gradient).all() for gradient in (dx, dgamma, dbeta))
    lines, upstream, got = (x.T, dy.T, dx.T) if module is batch_norm else (x, dy, dx)
    eps = float(np.finfo(dtype).eps)
    for line, d, gradient in zip(lines, upstream, got):
        exact, flow = ([mpmath.mpf(float(value)) for value in values] for values in (line, d))
        mean = mpmath.fsum(exact) / 5
        std = mpmath.sqrt(mpmath.fsum((value - mean) ** 2 for value in exact) / 5 + mpmath.mpf("1e-5"))
        hats = [(value - mean) / std for value in exact]
        along = mpmath.fsum(a * b for a, b in zip(flow, hats)) / 5
        wanted = [(f - mpmath.fsum(flow) / 5 - hat * along) / std for f, hat in zip(flow, hats)]
        allowed = 64 * eps * max(abs(f) for f in flow) / std * max(1, abs(mean) / std)
        assert all(abs(mpmath.mpf(float(a)) - b) <= allowed for a, b in zip(gradient, wanted))


# -- a training that meets a value that is not finite --------------------------------------------------------------------


def training(rng, *, fault_at=None, plant=None, **settings):
    """A Solver on 24 rows, and a copy of its state as it was before each step."""
    X = rng.standard_normal((24, 4))
    arrays = {"X_train": X, "y_train": np.arange(24) % 3, "X_val": X[:6], "y_val": np.arange(6) % 3}
    net = settings.pop("net", {})
    own = FullyConnectedNet([6, 5], **{"input_dim": 4, "num_classes": 3, "dtype": "float64", **net})
    usual = {
        "rule": "sgd",
        "lr": 0.1,
        "epochs": 4,
        "batch_size": 8,
        "engine": "plain",
        "restore": None,
        "verbose": False,
    }
    seen = {}

    def sampler(**asked):
        step = asked["step"]
        if step == fault_at and step not in seen:
            plant(own)
        seen.setdefault(step, state(solver))
        return np.arange(8) + 8 * (step % 3)

    solver = Solver(own, arrays, **{**usual, "sampler": sampler, **settings})
    return solver, seen


def state(solver):
    return copy.deepcopy((solver.net.params, solver.net.stats, solver.task.state))


def equal(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[name], b[name]) for name in a)
    return all(map(equal, a, b)) if isinstance(a, tuple) else np.array_equal(a, b, equal_nan=True)


@pytest.mark.promise("P4.10")
@pytest.mark.parametrize(
    ("settings", "plant", "words"),
    [
        ({"lr": 1e200}, None, r"the output of affine\d is not finite at step [23] \(epoch 1\)"),
        ({"lr": 1.7e308, "net": {"reg": 100.0}}, None, r"the new value of \w+ is not finite at step 1 \(epoch 1\)"),
        ({}, ("W2", 1e308), r"the output of affine2 is not finite at step 6 \(epoch 2\)"),
        ({"net": {"loss": "mse"}}, ("b3", 1e200), r"the loss is not finite at step 6 \(epoch 2\)"),
        ({"net": {"reg": 1.0}}, ("W1", 1e160), r"the (loss|output of affine\d) is not finite at step 6 \(epoch 2\)"),
        ({"rule": "adam", "lr": 1e-3}, ("b1", np.nan), r"the output of affine1 is not finite at step 6 \(epoch 2\)"),
        ({"net": {"norm": "batch"}}, ("W1", 1e160), r"the running statistics of batch_norm1 is not finite at step 6"),
        ({"net": {"norm": "layer"}}, ("gamma1", np.inf), r"the output of layer_norm1 is not finite at step 6"),
    ],
)
def test_the_first_value_that_is_not_finite_is_named_and_the_last_good_state_kept(settings, plant, words, rng):
    planted = {"fault_at": 5, "plant": lambda net: net.params[plant[0]].fill(plant[1])} if plant else {}
    solver, seen = training(rng, **planted, **settings)
    history = solver.train()
    assert re.match(words, history.fault), history.fault
    assert solver.task.step == len(history.loss) - 1  # measured, and not taken
    assert equal(state(solver), seen[solver.task.step])
    assert not plant or all(np.isfinite(w).all() for name, w in solver.net.params.items() if name != plant[0])


@pytest.mark.promise("P4.10")
def test_a_gradient_that_overflows_is_named(rng):
    solver, seen = training(rng, fault_at=5, plant=steep, net={"loss": "mse"})
    assert solver.train().fault == "the gradient of b1 is not finite at step 6 (epoch 2)"
    assert equal(state(solver), seen[5])


def steep(net):
    """Outputs of every layer stay small enough; the way back multiplies 1e160 by 1e150."""
    for name, value in net.params.items():
        value[...] = {"W2": 1e150, "W3": 1e160, "b1": 1e-300}.get(name, 0.0)


@pytest.mark.promise("P4.10")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_data_that_are_not_finite_never_reach_a_step(value, rng):
    X = rng.standard_normal((12, 4))
    for part in ("X_train", "X_val"):
        arrays = {"X_train": X, "y_train": np.arange(12) % 3, "X_val": X[:6], "y_val": np.arange(6) % 3}
        arrays[part] = arrays[part].copy()
        arrays[part][3, 2] = value
        with pytest.raises(ArrayError, match=rf"{part} holds .* the first at \(3, 2\)"):
            Solver(FullyConnectedNet([6], input_dim=4, num_classes=3), arrays, verbose=False)


@pytest.mark.promise("P4.10")
def test_after_a_fault_the_best_net_comes_back_and_is_finite(rng):
    solver, _ = training(rng, fault_at=7, plant=lambda net: net.params["W2"].fill(1e308), restore="all")
    solver.train()
    assert solver.history.fault
    assert all(np.isfinite(value).all() for value in solver.net.params.values())
    assert np.isfinite(solver.net.loss(solver.data.X_val))[0].all()
