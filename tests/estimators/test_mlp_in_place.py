"""scikit-learn's own tests of its multilayer perceptron, run where they lie, with the library's estimators in its place."""

import importlib.util
from pathlib import Path
from unittest import mock

import mlp_names
import pytest
from sklearn import neural_network

LBFGS = "is about the solver lbfgs, or measured against what only lbfgs reaches; which is no update rule"
IDENTITY = "goes through the activation identity too, which makes no deeper net of a layer, so that it is no layer here"
TOLERANCE = "is about tol: here a training ends after its epochs, or by early stopping on validation rows"
WORDS = "asks for scikit-learn's own words or inner figures"
DIFFERENT = {
    "test_fit": f"{WORDS}: it sets weights and velocities of an estimator that was never fitted",
    "test_gradient": f"{WORDS}: the library's own gradients are checked in tests/test_registry.py",
    "test_lbfgs_classification": IDENTITY,
    "test_lbfgs_regression": IDENTITY,
    "test_lbfgs_classification_maxfun": LBFGS,
    "test_lbfgs_regression_maxfun": LBFGS,
    "test_partial_fit_errors": LBFGS,
    "test_learning_rate_warmstart": f"{WORDS}: the rate of invscaling, which is no schedule here",
    "test_adaptive_learning_rate": f"{WORDS}: the rate after a plateau of the training loss, not of validation",
    "test_nonfinite_params": "wants an error; here a warning names the value, and the last finite net stays",
    "test_shuffle": "is about rows in their own order, which is no way to draw batches here",
    "test_sparse_matrices": "is about sparse rows, which no net here takes",
    "test_tolerance": TOLERANCE,
    "test_n_iter_no_change": TOLERANCE,
    "test_n_iter_no_change_inf": TOLERANCE,
    "test_mlp_warm_start_no_convergence": f"{TOLERANCE}, and a warm start adds epochs",
    "test_mlp_diverging_loss": IDENTITY,
    "test_verbose_sgd": f"{WORDS}: progress goes to standard error here",
    "test_early_stopping_stratified": f"{WORDS}: here the message names the label itself",
    "test_mlp_partial_fit_after_fit": "wants partial_fit refused after early stopping; here it goes on from the best net",
    "test_mlp_vs_poisson_glm_equivalent": "is about the Poisson loss, which is no loss here",
}
LONG = {
    "test_early_stopping",
    "test_partial_fit_classification",
    "test_warm_start",
}  # thousands of epochs, without `tol`


def in_place():
    """The test functions of the installed scikit-learn, by name, with this library's estimators in their module."""
    names = {name: getattr(mlp_names, name) for name in ("MLPClassifier", "MLPRegressor")}
    path = Path(neural_network.__file__).parent / "tests" / "test_mlp.py"
    spec = importlib.util.spec_from_file_location("mlp_tests_in_place", path)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.multiple(neural_network, **names):
        spec.loader.exec_module(module)
    return {name: function for name, function in vars(module).items() if name.startswith("test_")}


THEIRS = in_place()
for name, function in THEIRS.items():
    if name not in DIFFERENT:
        globals()[name] = pytest.mark.long(function) if name in LONG else function


def test_every_test_of_scikit_learns_runs_or_is_listed_with_its_reason():
    assert set(DIFFERENT) | LONG <= set(THEIRS)
    assert len(set(THEIRS) - set(DIFFERENT)) >= 20
