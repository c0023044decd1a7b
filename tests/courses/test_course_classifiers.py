"""The linear classifiers and the nearest neighbours of CS231n, CS682 and CS182."""

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.numeric import numeric_gradient, rel_error
from chainrule.courses.cs182 import classifiers as cs182
from chainrule.courses.cs231n import classifiers as cs231n
from chainrule.courses.cs231n.classifiers.linear_svm import svm_loss_naive, svm_loss_vectorized
from chainrule.courses.cs231n.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from chainrule.courses.cs682 import classifiers as cs682

N, D, C = 7, 5, 3
LOSSES = {
    "svm": (svm_loss_naive, svm_loss_vectorized, cs231n.LinearSVM),
    "softmax": (softmax_loss_naive, softmax_loss_vectorized, cs231n.Softmax),
}
each_loss = pytest.mark.parametrize("loss", LOSSES)


@pytest.fixture
def batch(rng):
    return rng.standard_normal((D, C)), rng.standard_normal((N, D)), rng.integers(0, C, N)


def by_hand(loss, W, X, y, reg):
    """The same in plain loops over rows and classes, from the definition."""
    total = 0.0
    for x, label in zip(X, y):
        s = x @ W
        if loss == "svm":
            total += sum(max(0.0, s[j] - s[label] + 1) for j in range(len(s)) if j != label)
        else:
            total -= np.log(np.exp(s[label]) / np.exp(s).sum())
    return total / len(X) + reg * np.sum(W**2)


@each_loss
@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_losses_are_means_and_the_penalty_has_no_half(loss, reg, batch):
    W, X, y = batch
    for function in LOSSES[loss][:2]:
        value, dW = function(W, X, y, reg)
        assert value == pytest.approx(by_hand(loss, W, X, y, reg), rel=1e-13)
        numeric = numeric_gradient(lambda _, f=function: f(W, X, y, reg)[0], W, h=1e-5, order=2)
        assert rel_error(dW, numeric) < 1e-7
        assert dW.shape == W.shape
        without = function(W, X, y, 0.0)[1]
        assert np.allclose(dW - without, 2 * reg * W, rtol=0, atol=1e-14)


@each_loss
def test_the_loop_and_the_product_agree(loss, batch):
    naive, vectorized, _ = LOSSES[loss]
    one, other = naive(*batch, 0.1), vectorized(*batch, 0.1)
    assert one[0] == pytest.approx(other[0], rel=1e-14)
    assert np.allclose(one[1], other[1], rtol=0, atol=1e-15)


@each_loss
def test_nothing_that_is_given_changes(loss, batch):
    kept = [array.copy() for array in batch]
    for function in LOSSES[loss][:2]:
        function(*batch, 0.1)
    assert all(np.array_equal(a, b) for a, b in zip(kept, batch))


def test_losses_of_no_weights():
    W, X, y = np.zeros((D, 10)), np.ones((4, D)), np.arange(4)
    assert svm_loss_naive(W, X, y, 5.0)[0] == pytest.approx(9)
    assert softmax_loss_vectorized(W, X, y, 5.0)[0] == pytest.approx(np.log(10))


def test_float32_stays(batch):
    W, X, y = batch
    _, dW = svm_loss_vectorized(W.astype("f4"), X.astype("f4"), y, 0.1)
    assert dW.dtype == np.float32
    assert svm_loss_naive(W, X.astype("f4"), y, 0.1)[1].dtype == np.float64


# -- training ----------------------------------------------------------------------------------------------------------


@each_loss
def test_training_draws_the_weights_then_one_batch_a_step(loss, rng):
    X, y = rng.standard_normal((30, D)), np.arange(30) % C
    model = LOSSES[loss][2]()
    np.random.seed(4)
    losses = model.train(X, y, learning_rate=0.1, reg=0.3, num_iters=3, batch_size=40)
    np.random.seed(4)
    W, expected = 0.001 * np.random.randn(D, C), []
    for _ in range(3):
        rows = np.random.choice(30, 40)
        value, dW = LOSSES[loss][1](W, X[rows], y[rows], 0.3)
        expected.append(value)
        W = W - 0.1 * dW
    assert losses == expected
    assert np.array_equal(model.W, W)
    assert np.array_equal(model.predict(X), np.argmax(X @ W, axis=1))
    assert model.loss(X, y, 0.3)[0] == LOSSES[loss][1](W, X, y, 0.3)[0]


def test_the_weights_are_drawn_by_the_first_training_alone(rng):
    X, y = rng.standard_normal((30, D)), np.arange(30) % C
    model = cs682.Softmax()
    assert model.W is None
    model.train(X, y, num_iters=5)
    after = model.W.copy()
    model.train(X, y, num_iters=0)
    assert np.array_equal(model.W, after)


def test_the_defaults_of_train(rng):
    X, y = rng.standard_normal((30, D)), np.arange(30) % C
    np.random.seed(2)
    one = cs182.LinearSVM().train(X, y)
    np.random.seed(2)
    other = cs182.LinearSVM().train(X, y, 1e-3, 1e-5, 100, 200, False)
    assert one == other
    assert len(one) == 100


def test_verbose_lines(rng, capsys):
    X, y = rng.standard_normal((30, D)), np.arange(30) % C
    losses = cs231n.LinearSVM().train(X, y, num_iters=201, verbose=True)
    assert capsys.readouterr().out.splitlines() == [
        f"iteration {it} / 201: loss {losses[it]:.6f}" for it in (0, 100, 200)
    ]
    cs231n.LinearSVM().train(X, y)
    assert capsys.readouterr().out == ""


def test_a_linear_problem_is_learnt(rng):
    y = np.arange(60) % C
    X = 5 * np.eye(C)[y] + rng.standard_normal((60, C))
    for model in (cs231n.LinearSVM(), cs231n.Softmax()):
        model.train(X, y, learning_rate=0.1, num_iters=200)
        assert np.mean(model.predict(X) == y) > 0.95


def test_what_was_not_trained_says_so(rng):
    with pytest.raises(ArrayError, match="train"):
        cs231n.Softmax().predict(rng.standard_normal((N, D)))
    with pytest.raises(NotImplementedError, match="LinearSVM or Softmax"):
        cs231n.LinearClassifier().loss(None, None, 0)
    for call in (lambda m: m.compute_distances_no_loops(np.ones((2, 3))), lambda m: m.predict_labels(np.ones((2, 3)))):
        with pytest.raises(ArrayError, match=r"train\(X, y\) must come first"):
            call(cs231n.KNearestNeighbor())


# -- nearest neighbours ------------------------------------------------------------------------------------------------


@pytest.fixture
def knn(rng):
    model = cs231n.KNearestNeighbor()
    model.train(rng.integers(0, 256, (30, 12)).astype(float), rng.integers(0, 4, 30))
    return model, rng.integers(0, 256, (8, 12)).astype(float)


def test_distances_by_two_one_and_no_loops(knn):
    model, X = knn
    two = model.compute_distances_two_loops(X)
    assert two.shape == (8, 30)
    assert two[3, 4] == np.sqrt(np.sum((X[3] - model.X_train[4]) ** 2))
    assert np.array_equal(two, model.compute_distances_one_loop(X))
    assert np.array_equal(two, model.compute_distances_no_loops(X))


def test_predictions_do_not_depend_on_the_loops(knn):
    model, X = knn
    wanted = model.predict_labels(model.compute_distances_two_loops(X), k=5)
    for loops in (0, 1, 2):
        assert np.array_equal(model.predict(X, k=5, num_loops=loops), wanted)
    assert np.array_equal(model.predict(model.X_train), model.y_train)
    with pytest.raises(SettingError, match="num_loops must be 0, 1 or 2; came 3"):
        model.predict(X, num_loops=3)


def test_ties_go_to_the_smaller_label():
    model = cs682.KNearestNeighbor()
    model.train(np.array([[0.0], [1], [2], [3]]), np.array([2, 1, 2, 1], dtype=np.int32))
    labels = model.predict_labels(np.array([[1.0, 2, 3, 4]]), k=4)
    assert np.array_equal(labels, [1])
    assert labels.dtype == np.int32
    assert np.array_equal(model.predict_labels(np.array([[1.0, 2, 3, 4]]), k=3), [2])


@pytest.mark.parametrize("package", [cs231n, cs682, cs182])
def test_every_course_has_the_four_classes(package):
    assert package.__all__ == ["KNearestNeighbor", "LinearClassifier", "LinearSVM", "Softmax"]
    for module in ("k_nearest_neighbor", "linear_classifier", "linear_svm", "softmax"):
        star = {}
        exec(f"from {package.__name__}.{module} import *", star)
        assert star["np"] is np
