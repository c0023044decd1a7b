"""The courses' layers and losses: expected arrays, printed gradient errors, conventions, and what star imports bring."""

import numpy as np
import pytest
from modular_courses import C147, CS182, CS231N, CS682, each_course, rel_error

from chainrule.core.errors import SettingError
from chainrule.courses.modular.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array


def grid(start, stop, *shape):
    return np.linspace(start, stop, num=int(np.prod(shape))).reshape(shape)


def numeric(f, x, dout):
    return eval_numerical_gradient_array(f, x, dout)


@each_course
def test_affine_forward_of_the_fixed_input(course):
    out, cache = course.layers.affine_forward(grid(-0.1, 0.5, 2, 4, 5, 6), grid(-0.2, 0.3, 120, 3), grid(-0.3, 0.1, 3))
    expected = np.array([[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])
    assert rel_error(out, expected) == pytest.approx(9.769848469192957e-10, rel=1e-6)  # the matrix product's rounding
    assert [a.shape for a in cache] == [(2, 4, 5, 6), (120, 3), (3,)]


@each_course
def test_relu_forward_of_the_fixed_input(course):
    out, _ = course.layers.relu_forward(grid(-0.5, 0.5, 3, 4))
    expected = np.array(
        [[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]],
    )
    assert type(out) is np.ndarray
    assert rel_error(out, expected) == 4.999999798022158e-08


def test_gradient_errors_after_seed_231_are_the_printed_ones():
    layers = CS682.layers
    np.random.seed(231)
    x, w, b, dout = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5), np.random.randn(10, 5)

    def f(_):
        return layers.affine_forward(x, w, b)[0]

    got = layers.affine_backward(dout, layers.affine_forward(x, w, b)[1])
    errors = [rel_error(numeric(f, a, dout), g) for a, g in zip((x, w, b), got)]
    assert got[0].shape == x.shape
    assert errors == pytest.approx([5.399100368651805e-11, 9.904211865398145e-11, 2.4122867568119087e-11], rel=1e-9)
    np.random.seed(231)
    x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
    dx = layers.relu_backward(dout, layers.relu_forward(x)[1])
    assert rel_error(numeric(lambda x: layers.relu_forward(x)[0], x, dout), dx) == 3.2756349136310288e-12


def test_sandwich_gradient_errors_after_seed_231_are_the_printed_ones():
    np.random.seed(231)
    x, w, b, dout = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10), np.random.randn(2, 10)
    utils = CS682.layer_utils
    out, cache = utils.affine_relu_forward(x, w, b)

    def f(_):
        return utils.affine_relu_forward(x, w, b)[0]

    errors = [rel_error(numeric(f, a, dout), g) for a, g in zip((x, w, b), utils.affine_relu_backward(dout, cache))]
    assert out.min() == 0
    assert errors == pytest.approx([2.299579177309368e-11, 8.1620111105764925e-11, 7.826724021458994e-12], rel=1e-9)


def test_losses_after_seed_231_are_the_printed_ones():
    np.random.seed(231)
    x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    for loss_of, value, error in (
        (CS682.layers.svm_loss, 8.999602749096233, 1.4021566006651672e-09),
        (CS682.layers.softmax_loss, 2.302545844500738, 9.384673161989355e-09),
    ):
        loss, dx = loss_of(x, y)
        assert loss == value
        assert type(loss) is float
        got = rel_error(eval_numerical_gradient(lambda x, f=loss_of: f(x, y)[0], x, verbose=False), dx)
        assert got == pytest.approx(error, rel=1e-6)


@each_course
def test_a_probability_of_0_is_no_trouble(course):
    loss, dx = course.layers.softmax_loss(np.array([[0.0, 2000.0], [1.0, 1.0]]), np.array([0, 1]))
    assert loss == pytest.approx((2000 + np.log(2)) / 2, rel=1e-15)
    assert np.allclose(dx, [[-0.5, 0.5], [0.25, -0.25]], rtol=0, atol=1e-15)


# -- normalization -----------------------------------------------------------------------------------------------------


@each_course
def test_batch_norm_normalizes_and_keeps_running_statistics_in_its_dict(course):
    x, gamma, beta = 3 * np.random.randn(200, 3) + 5, np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    param = {"mode": "train"}
    out, _ = course.layers.batchnorm_forward(x, gamma, beta, param)
    assert np.allclose(out.mean(axis=0), beta)
    assert np.allclose(out.std(axis=0), gamma, rtol=1e-5)
    assert np.allclose(param["running_mean"], 0.1 * x.mean(axis=0))  # from zeros, momentum 0.9
    assert np.allclose(param["running_var"], 0.1 * x.var(axis=0))  # biased
    test, _ = course.layers.batchnorm_forward(x, gamma, beta, {**param, "mode": "test"})
    expected = gamma * (x - param["running_mean"]) / np.sqrt(param["running_var"] + 1e-5) + beta
    assert np.allclose(test, expected)


@each_course
def test_batch_norm_settings_are_heeded(course):
    x = np.random.randn(8, 2)
    param = {"mode": "train", "eps": 1.0, "momentum": 0.5, "running_mean": np.ones(2), "running_var": np.ones(2)}
    out, _ = course.layers.batchnorm_forward(x, np.ones(2), np.zeros(2), param)
    assert np.allclose(out, (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1))
    assert np.allclose(param["running_mean"], 0.5 + 0.5 * x.mean(axis=0))


@each_course
def test_norm_gradients(course):
    x, gamma, beta, dout = np.random.randn(4, 5), np.random.randn(5), np.random.randn(5), np.random.randn(4, 5)
    layers = course.layers
    for forward, backwards, param in (
        (layers.batchnorm_forward, (layers.batchnorm_backward, layers.batchnorm_backward_alt), {"mode": "train"}),
        (layers.layernorm_forward, (layers.layernorm_backward,), {}),
    ):

        def f(_, forward=forward, param=param):
            return forward(x, gamma, beta, dict(param))[0]

        _, cache = forward(x, gamma, beta, param)
        for backward in backwards:
            for array, grad in zip((x, gamma, beta), backward(dout, cache)):
                assert rel_error(numeric(f, array, dout), grad) < 1e-7


@each_course
def test_layer_norm_normalizes_rows(course):
    x = 7 * np.random.randn(3, 50) - 2
    out, _ = course.layers.layernorm_forward(x, np.ones(50), np.zeros(50), {})
    assert np.allclose(out.mean(axis=1), 0)
    assert np.allclose(out.std(axis=1), 1, rtol=1e-5)


@each_course
@pytest.mark.parametrize("norm", ["bn", "ln"])
def test_sandwiches_with_norm(course, norm):
    forward = getattr(course.layer_utils, f"affine_{norm}_relu_forward")
    backward = getattr(course.layer_utils, f"affine_{norm}_relu_backward")
    arrays = [
        np.random.randn(4, 2, 3),
        np.random.randn(6, 5),
        np.random.randn(5),
        np.random.randn(5),
        np.random.randn(5),
    ]
    dout = np.random.randn(4, 5)
    _, cache = forward(*arrays, {"mode": "train"})

    def f(_):
        return forward(*arrays, {"mode": "train"})[0]

    for i, (array, grad) in enumerate(zip(arrays, backward(dout, cache))):
        if norm == "bn" and i == 2:  # a shift before batch normalization changes nothing
            assert np.abs(grad).max() < 1e-12
        else:
            assert rel_error(numeric(f, array, dout), grad) < 1e-6


# -- dropout -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("course", [CS231N, CS682, C147])
def test_p_is_the_share_that_stays(course):
    x = np.full((300, 300), 10.0)
    out, (param, mask) = course.layers.dropout_forward(x, {"mode": "train", "p": 0.25})
    assert abs((out != 0).mean() - 0.25) < 0.01
    assert set(np.unique(out)) == {0, 40}
    assert param["p"] == 0.25
    assert mask.shape == x.shape


def test_p_is_the_share_that_drops_in_cs182():
    out, _ = CS182.layers.dropout_forward(np.full((300, 300), 10.0), {"mode": "train", "p": 0.25})
    assert abs((out == 0).mean() - 0.25) < 0.01
    assert out.max() == pytest.approx(10 / 0.75)


@each_course
def test_dropout_goes_back_through_the_same_mask_and_rests_in_test(course):
    x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
    param = {"mode": "train", "p": 0.6, "seed": 123}
    out, cache = course.layers.dropout_forward(x, param)

    def f(x):
        return course.layers.dropout_forward(x, param)[0]  # the seed makes the mask the same each time

    assert rel_error(numeric(f, x, dout), course.layers.dropout_backward(dout, cache)) < 1e-9
    assert not np.array_equal(out, x)
    test, cache = course.layers.dropout_forward(x, {**param, "mode": "test"})
    assert np.array_equal(test, x)
    assert np.array_equal(course.layers.dropout_backward(dout, cache), dout)


@each_course
def test_the_seed_of_dropout_reseeds_the_global_generator_and_nothing_else_does(course):
    course.layers.dropout_forward(np.ones((3, 4)), {"mode": "train", "p": 0.5, "seed": 9})
    after = np.random.rand()
    np.random.seed(9)
    np.random.rand(3, 4)
    assert np.random.rand() == after
    np.random.seed(9)
    course.layers.dropout_forward(np.ones((3, 4)), {"mode": "train", "p": 0.5})
    assert np.random.rand() == after


def test_float32_stays_float32():
    x = np.random.randn(3, 4).astype(np.float32)
    assert CS231N.layers.dropout_forward(x, {"mode": "train", "p": 0.5})[0].dtype == np.float32
    assert CS231N.layers.softmax_loss(x, np.zeros(3, int))[1].dtype == np.float32


def test_a_p_that_leaves_no_unit_is_refused():
    for course, p in ((CS231N, 0), (CS182, 1), (CS682, 1.5), (CS182, None)):
        with pytest.raises(SettingError, match="'p'"):
            course.layers.dropout_forward(np.ones((2, 2)), {"mode": "train", "p": p})


# -- star imports ------------------------------------------------------------------------------------------------------


@each_course
def test_star_imports_chain(course):
    layers, utils, nets = ({}, {}, {})
    for scope, module in ((layers, course.layers), (utils, course.layer_utils), (nets, course.fc_net)):
        scope.update({name: getattr(module, name) for name in module.__all__})
    assert set(layers) < set(utils) < set(nets)
    assert {"FullyConnectedNet", "TwoLayerNet", "np", "svm_loss", "softmax_loss", "affine_relu_forward"} <= set(nets)
    assert nets["np"] is np
    assert nets["dropout_forward"] is course.layers.dropout_forward
    assert not any(name.startswith("conv") for name in nets)  # convolutions come later; nothing stands in for them
