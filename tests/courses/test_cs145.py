"""CS145's packages: nearest neighbours and the two-layer net, to the last printed digit."""

import math

import numpy as np
import pytest

from chainrule import courses
from chainrule.core.numeric import rel_error
from chainrule.courses.cs145.data.gradient_check import eval_numerical_gradient
from chainrule.courses.cs145.data.vis_utils import visualize_grid
from chainrule.courses.cs145.hw3code import KNN
from chainrule.courses.cs145.hw3code.neural_net import TwoLayerNet

SCORES = [
    [-1.07260209, 0.05083871, -0.87253915],
    [-2.02778743, -0.10832494, -1.52641362],
    [-0.74225908, 0.15259725, -0.39578548],
    [-0.38172726, 0.10835902, -0.17328274],
    [-0.64417314, -0.18886813, -0.41106892],
]


@pytest.fixture
def toy():
    """The toy net of seed 0 and the toy rows of seed 1."""
    np.random.seed(0)
    net = TwoLayerNet(4, 10, 3, std=1e-1)
    np.random.seed(1)
    return net, 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])


# -- the net -----------------------------------------------------------------------------------------------------------


def test_parameters_lie_as_outputs_by_inputs_and_W1_is_drawn_first():
    np.random.seed(0)
    net = TwoLayerNet(4, 10, 3, std=1e-1)
    np.random.seed(0)
    W1, W2 = 1e-1 * np.random.randn(10, 4), 1e-1 * np.random.randn(3, 10)
    assert list(net.params) == ["W1", "b1", "W2", "b2"]
    assert np.array_equal(net.params["W1"], W1)
    assert np.array_equal(net.params["W2"], W2)
    assert np.array_equal(net.params["b1"], np.zeros(10))
    assert np.array_equal(net.params["b2"], np.zeros(3))
    assert all(value.dtype == np.float64 for value in net.params.values())


def test_the_standard_deviation_is_one_ten_thousandth_where_not_given():
    np.random.seed(3)
    W1 = TwoLayerNet(50, 40, 3).params["W1"]
    np.random.seed(3)
    assert np.array_equal(W1, 1e-4 * np.random.randn(40, 50))


def test_the_toy_scores(toy):
    net, X, _ = toy
    assert np.sum(np.abs(net.loss(X) - SCORES)) < 1e-7
    assert np.sum(np.abs(net.loss(X) - SCORES)) == pytest.approx(3.3812311957259755e-08, abs=1e-14)


def test_the_toy_loss(toy):
    net, X, y = toy
    loss, grads = net.loss(X, y, reg=0.05)
    assert abs(loss - 1.8973332763705641) < 1e-12
    assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in net.params.items()}


def test_the_loss_is_half_the_mean_squared_distance_and_half_the_penalty(toy):
    net, X, y = toy
    p, n = net.params, len(X)
    scores = np.maximum(0, X @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"]
    data = np.sum((scores - np.eye(3)[y]) ** 2) / (2 * n)
    assert np.allclose(net.loss(X), scores, rtol=1e-14, atol=0)
    assert net.loss(X, y)[0] == pytest.approx(data, rel=1e-14)
    penalty = 0.5 * 0.3 * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    assert net.loss(X, y, 0.3)[0] == pytest.approx(data + penalty, rel=1e-14)


def test_what_is_assigned_to_params_or_changed_in_place_counts(toy):
    net, X, _ = toy
    before = net.loss(X)
    net.params["b2"][1] += 1
    assert np.allclose(net.loss(X) - before, [0, 1, 0])
    net.params["W2"] = np.zeros((3, 10))
    assert np.array_equal(net.loss(X), np.tile([0.0, 1, 0], (5, 1)))


def test_a_loss_changes_nothing(toy):
    net, X, y = toy
    kept = {name: value.copy() for name, value in net.params.items()}
    state = np.random.get_state()[1].copy()
    first, again = net.loss(X, y, 0.1), net.loss(X, y, 0.1)
    assert first[0] == again[0]
    assert all(np.array_equal(first[1][name], again[1][name]) for name in kept)
    assert all(np.array_equal(net.params[name], kept[name]) for name in kept)
    assert np.array_equal(np.random.get_state()[1], state)


# -- its training ------------------------------------------------------------------------------------------------------


def toy_training(toy, **changes):
    _, X, y = toy
    np.random.seed(0)
    net = TwoLayerNet(4, 10, 3, std=1e-1)
    settings = {"learning_rate": 1e-1, "reg": 5e-6, "num_iters": 100, "verbose": False, **changes}
    return net, net.train(X, y, X, y, **settings)


def test_the_toy_training_ends_at_the_printed_loss(toy):
    net, history = toy_training(toy)
    assert history["loss_history"][-1] == 0.02950555626206818
    assert {name: len(values) for name, values in history.items()} == {
        "loss_history": 100,
        "train_acc_history": 100,
        "val_acc_history": 100,
    }
    assert np.array_equal(net.predict(toy[1]), toy[2])


def test_without_decay_or_with_fewer_draws_it_ends_elsewhere(toy):
    assert toy_training(toy, learning_rate_decay=1.0)[1]["loss_history"][-1] == pytest.approx(0.0123304, abs=5e-8)
    assert toy_training(toy, batch_size=5)[1]["loss_history"][-1] == pytest.approx(0.0677180, abs=5e-8)


def test_one_draw_with_replacement_a_step_and_nothing_else(toy):
    toy_training(toy, num_iters=3)
    after = np.random.get_state()
    np.random.seed(0)
    np.random.randn(10, 4)
    np.random.randn(3, 10)
    for _ in range(3):
        np.random.choice(5, 200)
    assert np.array_equal(np.random.get_state()[1], after[1])
    assert np.random.get_state()[2] == after[2]


def test_a_check_comes_after_the_step_and_before_the_decay(toy):
    _, X, y = toy
    net, history = toy_training(toy, num_iters=1, batch_size=7)
    np.random.seed(0)
    other = TwoLayerNet(4, 10, 3, std=1e-1)
    batch = np.random.choice(5, 7)
    loss, grads = other.loss(X[batch], y[batch], reg=5e-6)
    for name in grads:
        other.params[name] -= 1e-1 * grads[name]
    assert history["loss_history"] == [loss]
    assert history["train_acc_history"] == [np.mean(other.predict(X[batch]) == y[batch])]
    assert history["val_acc_history"] == [np.mean(other.predict(X) == y)]
    assert all(np.array_equal(net.params[name], other.params[name]) for name in grads)


@pytest.mark.parametrize(("rows", "batch_size", "checks"), [(490, 2, 5), (7, 2, 143), (9, 10, 1000)])
def test_iterations_per_epoch_are_a_float(rng, rows, batch_size, checks):
    X, y = rng.standard_normal((rows, 3)), rng.integers(0, 2, rows)
    net = TwoLayerNet(3, 4, 2)
    history = net.train(X, y, X, y, num_iters=1000, batch_size=batch_size)
    assert len(history["val_acc_history"]) == checks
    assert len(history["loss_history"]) == 1000
    assert checks == sum(it % max(rows / batch_size, 1) == 0 for it in range(1000))


def test_the_defaults_of_train(rng):
    X, y = rng.standard_normal((20, 3)), rng.integers(0, 2, 20)
    np.random.seed(2)
    one = TwoLayerNet(3, 4, 2).train(X, y, X, y)
    np.random.seed(2)
    other = TwoLayerNet(3, 4, 2).train(
        X, y, X, y, learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-5, num_iters=100, batch_size=200
    )
    assert one == other


def test_verbose_lines(rng, capsys):
    X, y = rng.standard_normal((20, 3)), rng.integers(0, 2, 20)
    losses = TwoLayerNet(3, 4, 2).train(X, y, X, y, num_iters=201, verbose=True)["loss_history"]
    assert capsys.readouterr().out.splitlines() == [f"iteration {it} / 201: loss {losses[it]}" for it in (0, 100, 200)]
    TwoLayerNet(3, 4, 2).train(X, y, X, y, num_iters=101)
    assert capsys.readouterr().out == ""


def test_a_training_that_diverges_ends_without_an_exception(rng):
    X, y = 1e3 * rng.standard_normal((20, 3)), rng.integers(0, 2, 20)
    net = TwoLayerNet(3, 4, 2, std=1.0)
    with np.errstate(all="ignore"):
        history = net.train(X, y, X, y, learning_rate=1e6)
    assert not math.isfinite(history["loss_history"][-1])
    assert history["val_acc_history"][-1] == np.mean(y == 0)  # a row of NaN counts as class 0


# -- nearest neighbours ------------------------------------------------------------------------------------------------


@pytest.fixture
def knn(rng):
    X = rng.integers(0, 256, (30, 48)).astype(float)
    model = KNN()
    model.train(X=X, y=rng.integers(0, 4, 30))
    return model, rng.integers(0, 256, (7, 48)).astype(float)


def test_distances_are_euclidean_and_equal_to_the_last_bit(knn):
    model, X = knn
    dists = model.compute_distances(X=X)
    assert dists.shape == (7, 30)
    assert dists[2, 5] == np.sqrt(np.sum((X[2] - model.X_train[5]) ** 2))
    assert np.linalg.norm(dists - model.compute_L2_distances_vectorized(X=X)) == 0.0


def test_a_norm_is_a_function_of_a_difference_vector(knn):
    model, X = knn
    dists = model.compute_distances(X=X, norm=lambda d: np.sum(np.abs(d)))
    assert np.array_equal(dists, np.abs(X[:, None] - model.X_train).sum(axis=2))


def test_votes_with_ties_to_the_smaller_label(knn):
    model, _ = knn
    model.y_train = np.array([3, 1, 1, 3, 0] + [2] * 25)
    dists = np.tile(np.arange(30.0), (2, 1))
    assert np.array_equal(model.predict_labels(dists), [3, 3])
    assert np.array_equal(model.predict_labels(dists, k=3), [1, 1])
    assert np.array_equal(model.predict_labels(dists, k=4), [1, 1])
    assert np.array_equal(model.predict_labels(dists, k=30), [2, 2])


# -- names -------------------------------------------------------------------------------------------------------------


def test_the_imports_of_the_notebook():
    names = {}
    with courses.activate("cs145"):
        for line in (
            "from data.data_utils import load_CIFAR10",
            "from hw3code import KNN",
            "from hw3code.neural_net import TwoLayerNet",
            "from data.gradient_check import eval_numerical_gradient",
            "from data.vis_utils import visualize_grid",
        ):
            exec(line, names)
    assert names["KNN"] is KNN
    assert names["TwoLayerNet"] is TwoLayerNet
    assert names["load_CIFAR10"].__module__.startswith("chainrule.courses")


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_the_toy_gradients_as_the_notebook_checks_them(toy, name):
    net, X, y = toy
    numeric = eval_numerical_gradient(lambda _: net.loss(X, y, reg=0.05)[0], net.params[name], verbose=False)
    assert rel_error(numeric, net.loss(X, y, reg=0.05)[1][name]) < 1e-8


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_visualize_grid(rng):
    images = rng.standard_normal((50, 32, 32, 3))
    wall = visualize_grid(images, padding=3)
    assert wall.shape == (277, 277, 3)
    for place in (0, 9, 49):
        y, x = 35 * (place // 8), 35 * (place % 8)
        low, high = images[place].min(), images[place].max()
        assert np.allclose(wall[y : y + 32, x : x + 32], 255 * (images[place] - low) / (high - low))
        assert not wall[y + 32 : y + 35, x : x + 32].any()
    assert not wall[245:].any()  # fifty images leave the eighth row empty
    assert not wall[210:242, 70:].any()


def test_visualize_grid_of_other_sizes(rng):
    wall = visualize_grid(rng.random((3, 2, 5, 1)), ubound=1.0, padding=0)
    assert wall.shape == (4, 10, 1)
    assert wall.max() == 1.0
    assert not wall[2:, 5:].any()
    assert not visualize_grid(np.full((1, 2, 2, 1), 7.0)).any()  # an image of one value
