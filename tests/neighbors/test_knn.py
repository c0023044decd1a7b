"""The classifier: neighbours, votes, scores; what it takes and what it refuses."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArrayError, ArrayTypeError, ChainruleError, SettingError
from chainrule.neighbors import predict_labels


@pytest.fixture(scope="module")
def digits():
    return cr.load_data("digits")


@pytest.fixture(scope="module")
def knn(digits):
    return cr.KNN().fit(digits.X_train, digits.y_train)


def test_predictions_are_the_votes_of_all_distances(digits, knn):
    dists = knn.distances(digits.X_test)
    for k in (1, 4, 10):
        wanted = predict_labels(dists, digits.y_train, k)
        assert np.array_equal(knn.predict(digits.X_test, k), wanted)
        assert knn.score(digits.X_test, digits.y_test, k) == np.mean(wanted == digits.y_test) > 0.95
    near, rows = knn.kneighbors(digits.X_test, 3)
    assert np.array_equal(near, np.take_along_axis(dists, rows, axis=1))
    assert np.array_equal(near, np.sort(dists, axis=1)[:, :3])


@pytest.mark.parametrize("norm", ["l1", "max", 3, lambda v: np.abs(v).sum()])
def test_any_norm_finds_the_nearest_by_its_own_distances(norm, digits):
    knn = cr.KNN(3, norm=norm, memory_mb=1).fit(digits.X_train[:200], digits.y_train[:200])
    queries = digits.X_test[:20]
    wanted = predict_labels(knn.distances(queries), digits.y_train[:200], 3)
    assert np.array_equal(knn.predict(queries), wanted)
    same = knn.distances(queries[:2], norm="l1" if callable(norm) else norm, method="two_loops")
    np.testing.assert_allclose(knn.distances(queries[:2]), same, rtol=1e-13)


def test_agrees_with_scikit_learn(digits, knn):
    from sklearn.neighbors import KNeighborsClassifier

    for weights in ("uniform", "distance"):
        theirs = KNeighborsClassifier(7, weights=weights, algorithm="brute").fit(digits.X_train, digits.y_train)
        own = cr.KNN(7, weights=weights).fit(digits.X_train, digits.y_train)
        np.testing.assert_allclose(own.predict_proba(digits.X_test), theirs.predict_proba(digits.X_test), atol=1e-12)
        assert np.array_equal(own.predict(digits.X_test), theirs.predict(digits.X_test))


def test_labels_come_back_as_they_were_given():
    X = [[0.0], [1.0], [10.0]]
    assert cr.KNN(1).fit(X, ["b", "b", "a"]).predict([[9.0], [0.4]]).tolist() == ["a", "b"]
    assert cr.KNN(1).fit(X, [-5, -5, 7.0]).predict([[9.0], [0.4]]).tolist() == [7, -5]
    assert cr.KNN(2).fit(X, ["b", "a", "a"]).predict([[0.4]]).tolist() == ["a"]  # one vote each: the smaller label
    assert cr.KNN(3, weights="distance").fit(X, [1, 0, 0]).predict([[0.1]]).tolist() == [1]
    shares = cr.KNN(3).fit(X, ["b", "a", "a"]).predict_proba([[0.4]])
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3]])


def test_images_are_flattened_and_stay_bytes(rng):
    X = rng.integers(0, 256, (30, 3, 4, 4), dtype=np.uint8)
    knn = cr.KNN(1).fit(X, np.arange(30))
    assert knn.X.shape == (30, 48)
    assert np.shares_memory(knn.X, X)
    assert knn.predict(X[::-1]).tolist() == list(range(29, -1, -1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda knn: cr.KNN(0), SettingError, "k must be.*came 0"),
        (lambda knn: cr.KNN(2.5), ArrayTypeError, "k must be a whole number; came 2.5"),
        (lambda knn: cr.KNN(norm="l7"), SettingError, "unknown norm.*'l7'"),
        (lambda knn: cr.KNN(weights="near"), SettingError, "unknown weights.*'near'.*uniform, distance"),
        (lambda knn: cr.KNN().predict([[1]]), SettingError, r"training rows are needed first: KNN\(\)\.fit"),
        (lambda knn: cr.KNN().fit(np.ones((3, 2)), [0, 1]), ArrayError, "X has 3 rows but y has 2"),
        (lambda knn: cr.KNN().fit(np.ones((3, 2)), np.eye(3)), ArrayError, "argmax"),
        (lambda knn: cr.KNN().fit(np.ones((3, 2)), [0, 1, 0.5]), ChainruleError, "whole numbers or texts; came 0.5"),
        (lambda knn: knn.predict(np.ones((2, 63))), ArrayError, "must have 64, like the training rows"),
        (lambda knn: knn.predict(np.ones((64, 3))), ArrayError, r"Did you pass X\.T"),
        (lambda knn: knn.predict(np.ones((2, 64)), k=1438), ArrayError, "k must be at most 1437"),
        (lambda knn: knn.score(np.ones((2, 64)), ["a", "b"]), ArrayError, "labels must be of one kind"),
    ],
)
def test_what_cannot_be_used_is_said(call, error, message, knn):
    with pytest.raises(error, match=message):
        call(knn)


def test_the_figures_of_the_course(cifar10_folder):
    data = cr.load_data("cifar10", folder=cifar10_folder, num_train=5000, num_test=500)
    knn = cr.KNN().fit(data.X_train, data.y_train)
    dists = knn.distances(data.X_test)
    assert np.linalg.norm(dists) == pytest.approx(7892746.44, abs=0.005)
    assert [1 - knn.score(data.X_test, data.y_test, k) for k in (1, 3, 10)] == pytest.approx([0.736, 0.726, 0.728])
    near, rows = knn.kneighbors(data.X_test, 10)
    wanted = np.argsort(dists, axis=1, kind="stable")[:, :10]
    assert np.array_equal(rows, wanted)
    assert np.array_equal(near, np.take_along_axis(dists, wanted, axis=1))
