"""Cross-validation of k: held-out rows never vote, all k come from one search, the folds are even and seeded."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ChainruleError
from chainrule.neighbors import CrossValidation, cross_validate
from chainrule.neighbors.cross_validation import fold_of


@pytest.fixture(scope="module")
def digits():
    data = cr.load_data("digits", num_train=300)
    return data.X_train, data.y_train


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_every_fold_is_predicted_from_the_others(weights, digits):
    X, y = digits
    found = cross_validate(X, y, ks=(1, 5, 20), folds=4, weights=weights, seed=3)
    part = fold_of(y, 4, 3)
    for row, k in zip(found.accuracy, found.ks):
        for fold in range(4):
            knn = cr.KNN(k, weights=weights).fit(X[part != fold], y[part != fold])
            assert row[fold] == knn.score(X[part == fold], y[part == fold])


def test_a_row_never_votes_for_itself():
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2  # each row's neighbours are of the other class
    assert cross_validate(X, y, ks=[1], folds=40).accuracy.max() == 0


def test_folds_are_even_in_size_and_class_and_follow_the_seed(rng):
    labels = np.repeat([0, 1, 2], [50, 30, 23])
    part = fold_of(labels, 5, 7)
    assert np.bincount(part).tolist() == [21, 21, 21, 20, 20]
    for label in range(3):
        counts = np.bincount(part[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert np.array_equal(part, fold_of(labels, 5, 7))
    assert not np.array_equal(part, fold_of(labels, 5, 8))


def test_the_table_and_the_best_k():
    found = CrossValidation((3, 1, 5), np.array([[0.5, 0.7], [0.7, 0.5], [0.2, 0.4]]))
    assert found.best_k == 1  # as good as 3, and smaller
    assert [row["k"] for row in found.table()] == [3, 1, 5]
    first = found.table()[0]
    assert first["mean"] == pytest.approx(0.6)
    assert first["std"] == pytest.approx(0.1)
    assert (first["fold1"], first["fold2"]) == (0.5, 0.7)
    assert "best: k = 1" in str(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "folds must be.*at least 2; came 1"),
        ({"folds": 11}, "folds must be at most 10"),
        ({"ks": []}, r"ks must be whole numbers such as \[1, 3, 5\]; came \[\]"),
        ({"ks": "1,3"}, "ks must be whole numbers"),
        ({"ks": [9]}, "k must be at most 8"),
        ({"ks": [1, 1]}, "each k must be named once"),
        ({"ks": [0]}, "k must be.*came 0"),
        ({"seed": -1}, "seed must be"),
        ({"y": [0] * 9}, "X has 10 rows but y has 9"),
    ],
)
def test_what_cannot_be_used_is_said(options, message):
    with pytest.raises(ChainruleError, match=message):
        cross_validate(**{"X": np.ones((10, 2)), "y": [0, 1] * 5, "ks": [1], "folds": 5, **options})
