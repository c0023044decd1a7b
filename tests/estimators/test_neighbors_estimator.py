"""Nearest neighbours with scikit-learn's interface."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

import chainrule as cr


def test_it_predicts_what_scikit_learns_own_predicts():
    X, y = load_digits(return_X_y=True)
    train, test = slice(0, 1000), slice(1000, 1300)
    for k in (1, 5):
        model = cr.KNNClassifier(k=k).fit(X[train], y[train])
        theirs = KNeighborsClassifier(k, algorithm="brute").fit(X[train], y[train])
        assert np.mean(model.predict(X[test]) == theirs.predict(X[test])) >= 0.99  # but for ties
        np.testing.assert_allclose(
            np.sort(model.kneighbors(X[test])[0]), np.sort(theirs.kneighbors(X[test])[0]), rtol=1e-9, atol=1e-9
        )


def test_a_grid_finds_k():
    X, y = load_digits(return_X_y=True)
    grid = GridSearchCV(cr.KNNClassifier(), {"k": [1, 200]}, cv=2).fit(X[:500], y[:500])
    assert grid.best_params_ == {"k": 1}


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_several_answers_a_row_are_voted_for_one_by_one(weights):
    X, y = load_digits(return_X_y=True)
    X, pair = X[:300], np.stack([y, np.where(y % 2, 7, 3)], axis=1)[:300]
    model = cr.KNNClassifier(weights=weights).fit(X, pair)
    for column, found in enumerate(model.predict_proba(X)):
        alone = cr.KNNClassifier(weights=weights).fit(X, pair[:, column])
        np.testing.assert_array_equal(found, alone.predict_proba(X))
        np.testing.assert_array_equal(model.predict(X)[:, column], alone.predict(X))
        np.testing.assert_array_equal(model.classes_[column], alone.classes_)
