"""scikit-learn's own checks of what an estimator must do, every one of them."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import chainrule as cr

OURS = [cr.FullyConnectedClassifier(), cr.FullyConnectedRegressor(), cr.KNNClassifier()]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(OURS)
def test_it_passes(estimator, check):
    state = np.random.get_state()
    check(estimator)
    if "sample_order_invariance" in str(check):  # this check itself draws from NumPy's global generator
        np.random.set_state(state)


def names(estimator):
    """The names of the checks that scikit-learn has for an estimator."""
    return [getattr(check, "func", check).__name__ for _, check in estimator_checks_generator(estimator)]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        (cr.FullyConnectedClassifier(), MLPClassifier()),
        (cr.FullyConnectedRegressor(), MLPRegressor()),
        (cr.KNNClassifier(), KNeighborsClassifier()),
    ],
    ids=["classifier", "regressor", "neighbours"],
)
def test_at_least_as_many_checks_run_as_for_scikit_learns_own(own, theirs):
    assert len(names(own)) >= len(names(theirs))
    assert set(names(theirs)) - set(names(own)) <= {"check_sample_weight_equivalence_on_sparse_data"}  # no sparse rows
