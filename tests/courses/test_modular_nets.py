"""The courses' nets and their gradient checks: printed losses and errors, params that are the truth, both generations."""

import copy
import io
import json
import re
from contextlib import redirect_stdout
from inspect import signature

import numpy as np
import pytest
from modular_courses import C147, CS182, CS231N, CS682, each_course, rel_error, small_net

from chainrule.core.errors import ArrayError, SettingError

LOSSES = {0: 2.300479089768492, 3.14: 7.052114776533016}
ERRORS = {
    0: (1.0252674471656573e-07, 2.2120479295080622e-05, 4.5623278736665505e-07, 4.6600944653202505e-09,
        2.085654276112763e-09, 1.689724888469736e-10),
    3.14: (1.409028728052923e-08, 6.86942277940646e-08, 2.131129859578198e-08, 1.4752427965311745e-08,
           1.7223751746766738e-09, 2.378772438198909e-10),
}  # fmt: skip


def errors_of(course, model, X, y, h=1e-5):
    """Every gradient's error, the numeric one through a function that ignores its argument."""
    check, (_, grads) = course.gradient_check.eval_numerical_gradient, model.loss(X, y)
    return {
        name: rel_error(check(lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=h), grads[name])
        for name in sorted(grads)
    }


@pytest.mark.parametrize("course", [CS231N, CS682])
def test_the_deep_net_of_seed_231_has_the_printed_losses_and_gradient_errors(course):
    X, y = np.random.randn(2, 15), np.random.randint(10, size=2)
    for reg, value in LOSSES.items():
        model = course.fc_net.FullyConnectedNet(
            [20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2, dtype=np.float64
        )
        assert model.loss(X, y)[0] == value
        errors = errors_of(course, model, X, y)
        assert list(errors) == ["W1", "W2", "W3", "b1", "b2", "b3"]
        if reg == 0:
            assert list(errors.values()) == list(ERRORS[0])
        else:
            assert all(error < 1e-7 for error in errors.values())
            assert errors["W2"] == ERRORS[3.14][1]


@each_course
def test_the_two_layer_net_of_the_fixed_weights(course):
    model = course.fc_net.TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7, weight_scale=1e-3)
    assert abs(model.params["W1"].std() - 1e-3) < 1e-4
    assert not model.params["b1"].any()
    model.params["W1"] = np.linspace(-0.7, 0.3, num=250).reshape(5, 50)
    model.params["b1"] = np.linspace(-0.1, 0.9, num=50)
    model.params["W2"] = np.linspace(-0.3, 0.4, num=350).reshape(50, 7)
    model.params["b2"] = np.linspace(-0.9, 0.1, num=7)
    X, y = np.linspace(-5.5, 4.5, num=15).reshape(5, 3).T, np.asarray([0, 5, 1])
    expected = [
        [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
        [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
        [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
    ]
    assert np.abs(model.loss(X) - expected).sum() < 1e-6
    assert abs(model.loss(X, y)[0] - 3.4702243556) < 1e-10
    printed = {
        0.0: {"W1": 1.83e-08, "W2": 3.12e-10, "b1": 9.83e-09, "b2": 4.33e-10},
        0.7: {"W1": 2.53e-07, "W2": 2.85e-08, "b1": 1.56e-08, "b2": 7.76e-10},
    }
    for reg, errors in printed.items():
        model.reg = reg
        got = errors_of(course, model, X, y)
        assert all(got[name] < 3 * error for name, error in errors.items())  # digits are the matrix products' rounding
    model.reg = 1.0
    assert abs(model.loss(X, y)[0] - 26.5948426952) < 1e-10


def test_constructor_arguments_of_both_generations():
    common = {"input_dim": 3072, "num_classes": 10, "reg": 0.0, "weight_scale": 1e-2, "dtype": np.float32, "seed": None}
    own = {
        CS231N.name: {"dropout_keep_ratio": 1, "normalization": None},
        CS682.name: {"dropout": 1, "normalization": None},
        CS182.name: {"dropout": 0, "use_batchnorm": False, "initialization": "random"},
        C147.name: {"dropout": 1, "use_batchnorm": False},
    }
    for course in (CS231N, CS682, CS182, C147):
        given = signature(course.fc_net.FullyConnectedNet).parameters
        assert next(iter(given)) == "hidden_dims"
        assert {n: p.default for n, p in given.items() if n != "hidden_dims"} == {**common, **own[course.name]}
        two = signature(course.fc_net.TwoLayerNet).parameters
        assert {name: p.default for name, p in two.items()} == {
            "input_dim": 3072, "hidden_dim": 100, "num_classes": 10, "weight_scale": 1e-3, "reg": 0.0,
        }  # fmt: skip


@each_course
def test_weights_are_drawn_in_order_and_cast(course):
    model = course.fc_net.FullyConnectedNet([5, 4], input_dim=6, num_classes=3, weight_scale=2e-2)
    after = np.random.rand()
    np.random.seed(231)
    for i, shape in enumerate(((6, 5), (5, 4), (4, 3)), start=1):
        assert np.array_equal(model.params[f"W{i}"], (2e-2 * np.random.randn(*shape)).astype(np.float32))
        assert np.array_equal(model.params[f"b{i}"], np.zeros(shape[1]))
        assert model.params[f"b{i}"].dtype == np.float32
    assert np.random.rand() == after  # nothing else was drawn


@each_course
def test_params_are_what_loss_uses_and_x_is_cast(course):
    model = small_net(course, dtype=np.float32)
    X, y = np.random.randint(0, 255, (3, 2, 3)).astype(np.uint8), np.array([0, 1, 3])
    scores = model.loss(X)
    assert scores.dtype == np.float32
    assert np.allclose(scores, model.loss(X.astype(float)))
    model.params["b3"][1] += 5
    assert np.allclose(model.loss(X)[:, 1], scores[:, 1] + 5, atol=1e-4)
    loss, grads = model.loss(X, y)
    assert type(loss) is float
    assert set(grads) == set(model.params)
    assert {grad.dtype for grad in grads.values()} == {np.dtype(np.float32)}
    json.dumps({"loss": loss})


@each_course
def test_reg_may_be_assigned_also_as_a_scalar_of_numpy(course):
    model, X, y = small_net(course, dtype=np.float32), np.random.randn(5, 6), np.array([0, 1, 2, 3, 0])
    plain, before = model.loss(X, y)
    model.reg = np.float64(0.5)
    loss, grads = model.loss(X, y)
    squares = sum((model.params[name] ** 2).sum() for name in ("W1", "W2", "W3"))
    assert loss == pytest.approx(plain + 0.25 * squares, rel=1e-6)
    assert grads["W2"].dtype == np.float32
    assert np.allclose(grads["W2"], before["W2"] + 0.5 * model.params["W2"], atol=1e-7)
    assert np.array_equal(grads["b2"], before["b2"])


def test_a_net_without_hidden_layers():
    model = CS231N.fc_net.FullyConnectedNet([], input_dim=6, num_classes=4, reg=0.1, dtype=np.float64)
    X, y = np.random.randn(5, 6), np.arange(5) % 4
    assert list(model.params) == ["W1", "b1"]
    assert all(error < 1e-6 for error in errors_of(CS231N, model, X, y).values())


def test_hidden_sizes_may_be_scalars_of_numpy():
    model = CS682.fc_net.TwoLayerNet(input_dim=4, hidden_dim=np.int64(7), num_classes=np.int64(3), reg=np.float64(0.1))
    assert model.params["W1"].shape == (4, 7)


# -- normalization and dropout in nets ---------------------------------------------------------------------------------


def normed(course, kind="batchnorm", **options):
    switch = {"normalization": kind} if course in (CS231N, CS682) else {"use_batchnorm": True}
    return small_net(course, **switch, **options)


@each_course
def test_batch_norm_in_a_net(course):
    model, X, y = normed(course, reg=0.1), np.random.randn(9, 6), np.arange(9) % 4
    assert list(model.params) == ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"]
    assert model.bn_params == [{"mode": "train"}, {"mode": "train"}]
    errors = errors_of(course, model, X, y)
    assert all(error < 1e-5 for name, error in errors.items() if name not in ("b1", "b2"))
    assert np.abs(model.loss(X, y)[1]["b1"]).max() < 1e-12
    model.loss(X)
    assert [param["mode"] for param in model.bn_params] == ["test", "test"]


@each_course
def test_running_statistics_start_at_zero_and_move_at_every_training_pass(course):
    model, X, y = normed(course), 3 * np.random.randn(50, 6) + 1, np.arange(50) % 4
    model.loss(X, y)
    hidden = X @ model.params["W1"] + model.params["b1"]
    assert np.allclose(model.bn_params[0]["running_mean"], 0.1 * hidden.mean(axis=0))
    assert np.allclose(model.bn_params[0]["running_var"], 0.1 * hidden.var(axis=0))
    for _ in range(200):
        model.loss(X, y)
    assert np.allclose(model.bn_params[0]["running_var"], hidden.var(axis=0))
    before = copy.deepcopy(model.bn_params[1]["running_mean"])
    one = model.loss(X[:1])  # test mode: a row alone
    assert np.allclose(one, model.loss(X)[:1])
    assert np.array_equal(model.bn_params[1]["running_mean"], before)


def test_bn_params_may_be_written_to():
    model, X = normed(CS231N), np.random.randn(4, 6)
    model.loss(X, np.arange(4))
    scores = model.loss(X)
    model.bn_params[0]["running_mean"] = model.bn_params[0]["running_mean"] + 1
    model.bn_params[1]["eps"] = 0.5
    changed = model.loss(X)
    assert not np.allclose(changed, scores)
    model.bn_params[1]["eps"] = 1e-5
    model.bn_params[0]["running_mean"] -= 1
    assert np.allclose(model.loss(X), scores)


def test_layer_norm_in_a_net():
    model, X, y = normed(CS682, "layernorm"), np.random.randn(5, 6), np.arange(5) % 4
    assert all(error < 1e-5 for error in errors_of(CS682, model, X, y).values())
    assert np.allclose(model.loss(X)[:1], model.loss(X[:1]))
    assert model.bn_params == []


DROPPING = {
    CS231N.name: {"dropout_keep_ratio": 0.75},
    CS682.name: {"dropout": 0.75},
    CS182.name: {"dropout": 0.25},
    C147.name: {"dropout": 0.75},
}


@each_course
def test_dropout_in_a_net(course):
    model, X, y = small_net(course, seed=123, **DROPPING[course.name]), np.random.randn(5, 6), np.arange(5) % 4
    assert model.dropout_param["seed"] == 123
    assert all(error < 1e-5 for error in errors_of(course, model, X, y).values())
    assert model.loss(X, y)[0] != small_net(course).loss(X, y)[0]
    del model.dropout_param["seed"]
    assert model.loss(X, y)[0] != model.loss(X, y)[0]
    assert np.array_equal(model.loss(X), model.loss(X))
    assert model.dropout_param["mode"] == "test"


@each_course
def test_masks_are_drawn_layer_by_layer_from_the_global_generator(course):
    model, X = small_net(course, **DROPPING[course.name]), np.random.randn(5, 6)
    state = np.random.get_state()
    model.loss(X, np.arange(5) % 4)
    after = np.random.rand()
    np.random.set_state(state)
    np.random.rand(5, 8)
    np.random.rand(5, 7)
    assert np.random.rand() == after


def test_what_means_no_dropout():
    for course, options in ((CS231N, {}), (CS682, {"dropout": 1}), (CS182, {"dropout": 0}), (C147, {"dropout": 0})):
        assert not small_net(course, **options).use_dropout
    with pytest.raises(SettingError, match="dropout_keep_ratio"):
        small_net(CS231N, dropout_keep_ratio=0)
    with pytest.raises(SettingError, match="dropout"):
        small_net(CS182, dropout=1)


# -- CS182's initializations -------------------------------------------------------------------------------------------


def test_initializations_of_cs182():
    net = CS182.fc_net.FullyConnectedNet
    he, random, zero = (net([50] * 10, initialization=kind) for kind in ("he", "random", "zero"))
    assert abs(he.params["W1"].std() / np.sqrt(2 / 3072) - 1) < 0.03
    assert abs(he.params["W2"].std() / 0.2 - 1) < 0.03
    assert abs(he.params["W11"].std() / 0.2 - 1) < 0.1  # the last layer too
    assert all(abs(random.params[f"W{i}"].std() / 0.01 - 1) < 0.03 for i in (1, 2))
    stds = [float(zero.params[f"W{i}"].std()) for i in range(1, 12)]
    assert stds == [0.0] * 11
    state = np.random.get_state()[1].copy()
    net([50], initialization="zero")
    assert np.array_equal(state, np.random.get_state()[1])
    X, y = np.random.randn(100, 3072), np.random.randint(10, size=100)
    assert zero.loss(X, y)[0] == pytest.approx(np.log(10), rel=1e-6)
    with pytest.raises(SettingError, match="he"):
        net([50], initialization="xavier")


# -- copies, and the library's net inside ------------------------------------------------------------------------------


def test_a_deep_copy_is_independent():
    model, X, y = normed(CS231N), np.random.randn(6, 6), np.arange(6) % 4
    model.loss(X, y)
    twin = copy.deepcopy(model)
    assert np.array_equal(twin.loss(X), model.loss(X))
    twin.params["W1"][:] = 0
    twin.loss(X, y)
    assert model.params["W1"].any()
    assert not np.array_equal(twin.bn_params[0]["running_mean"], model.bn_params[0]["running_mean"])


def test_the_librarys_net_is_inside():
    model, X, y = small_net(CS231N), np.random.randn(6, 6), np.arange(6) % 4
    assert model.net.params is model.params
    assert model.net.loss(X, y)[0] == pytest.approx(model.loss(X, y)[0], rel=1e-14)
    assert [moment.name for moment in model.net.trace(X, y)][:2] == ["affine1", "relu1"]


# -- gradient_check ----------------------------------------------------------------------------------------------------


@each_course
def test_numerical_gradients_move_x_in_place_and_print_when_verbose(course):
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    kept = x.copy()
    shown = io.StringIO()
    with redirect_stdout(shown):
        grad = course.gradient_check.eval_numerical_gradient(lambda _: (x**2).sum(), x)
    assert np.allclose(grad, 2 * kept)
    assert np.array_equal(x, kept)
    assert [line.split(") ")[0] + ")" for line in shown.getvalue().splitlines()] == [
        "(0, 0)",
        "(0, 1)",
        "(1, 0)",
        "(1, 1)",
    ]
    assert float(shown.getvalue().splitlines()[3].split(") ")[1]) == pytest.approx(8)
    df = np.random.randn(2, 2)
    assert np.allclose(course.gradient_check.eval_numerical_gradient_array(np.sin, x, df), np.cos(x) * df)


def test_blobs_and_nets_of_blobs():
    class Blob:
        def __init__(self, *shape):
            self.vals, self.diffs = np.random.randn(*shape), np.random.randn(*shape)

    a, b, out = Blob(2, 3), Blob(2, 3), Blob(2, 3)

    class Net:
        def forward(self):
            out.vals = a.vals * np.sin(b.vals)

    def f(a, b, out):
        out.vals[...] = a.vals * np.sin(b.vals)

    check = CS231N.gradient_check
    by_f = check.eval_numerical_gradient_blobs(f, (a, b), out)
    by_net = check.eval_numerical_gradient_net(Net(), (a, b), out)
    for got in (by_f, by_net):
        assert np.allclose(got[0], np.sin(b.vals) * out.diffs)
        assert np.allclose(got[1], a.vals * np.cos(b.vals) * out.diffs)


def test_sparse_checks_print_a_line_each(capsys):
    x = np.random.randn(3, 4)
    CS682.gradient_check.grad_check_sparse(lambda x: (x**3).sum(), x, 3 * x**2, num_checks=4)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    for line in lines:
        found = re.fullmatch(r"numerical: (\S+) analytic: (\S+), relative error: (\d\.\d{6}e[-+]\d+)", line)
        assert found
        assert found[1] == found[2]
        assert float(found[3]) < 1e-6
    CS682.gradient_check.grad_check_sparse(lambda x: 0.0, x, np.zeros((3, 4)), num_checks=1)
    assert capsys.readouterr().out == "numerical: 0.000000 analytic: 0.000000, relative error: 0.000000e+00\n"


def test_gradient_checks_name_what_is_wrong():
    check, x = CS231N.gradient_check, np.random.randn(2, 2)
    x.flags.writeable = False
    with pytest.raises(ArrayError, match="eval_numerical_gradient: x must be writable"):
        check.eval_numerical_gradient(np.sum, x)
    with pytest.raises(ArrayError, match=r"eval_numerical_gradient_array: df has shape \(3,\)"):
        check.eval_numerical_gradient_array(np.sin, x.copy(), np.ones(3))
    with pytest.raises(ArrayError, match="must return one number"):
        check.eval_numerical_gradient(np.sin, x.copy())
    with pytest.raises(TypeError, match="must be an array of floats"):
        check.eval_numerical_gradient(np.sum, np.array([1, 2]))
